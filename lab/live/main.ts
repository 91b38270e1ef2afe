// `npm run lab`, and with the console `npm start`: a live lab until Ctrl-C. Addresses first, then
// the story as it happens. Face only: the lab is in live-lab.ts, the console a process of its own.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CommanderError } from "commander";
import { projectRoot } from "../deploy/project-root.ts";
import { synthesize } from "../deploy/synthesis.ts";
import { labRoles } from "../people.ts";
import { formatClock } from "../report/clock-words.ts";
import { Progress } from "../report/progress.ts";
import { tell } from "../report/story.ts";
import {
  checkScenario,
  findScenario,
  fromCaller,
  type LoadedScenario,
  loadScenario,
  ScenarioRefused,
} from "../scenarios/load.ts";
import { labProgram, type Options } from "./command-line.ts";
import { type ConsoleProcess, startConsoleProcess } from "./console-process.ts";
import { openControl } from "./control.ts";
import {
  LabRunning,
  refuseSecondLab,
  removeLabFile,
  updateLabFile,
  writeLabFile,
} from "./lab-file.ts";
import { type LiveLab, startLiveLab } from "./live-lab.ts";

const program = labProgram(main);

async function main(options: Options): Promise<void> {
  refuseSecondLab(options.labFile);
  // The lab's own time replaces this process's later on.
  const startedAt = new Date();
  const loaded = load(options);
  // It says its address first, and shows that the lab is starting until it has.
  const face = options.console ? await startConsoleProcess(options) : null;
  const progress = new Progress(process.stderr);
  const folder = await synthesize(loaded.config, () => progress.start("Synthesizing the app"));
  progress.start("Deploying and warming up");
  const live = await startLiveLab({
    loaded,
    folder,
    seed: options.seed ?? loaded.scenario.seed,
    speed: options.speed,
    zero: Math.floor(performance.timeOrigin + performance.now()),
    onBehind: (seconds) => print(`behind by ${seconds.toFixed(1)} s: too fast for this machine`),
  });
  progress.done();
  await serve(live, options, { startedAt, face });
}

const configFileOf = ({ config }: Options): string =>
  config === undefined ? join(projectRoot, "switchback.config.json") : fromCaller(config);

function load(options: Options): LoadedScenario {
  const { scenario } = options;
  const file = configFileOf(options);
  if (!existsSync(file)) throw new ScenarioRefused(file, ["there is no such file"]);
  if (scenario !== undefined) return loadScenario(findScenario(scenario), file);
  return checkScenario(quiet, file, jsonOf(file));
}

/** The application with its clients, and nothing that breaks. `until` is not heeded. */
const quiet = {
  name: "live",
  description: "Nothing breaks by itself.",
  traffic: { regions: ["primary"] },
  until: "1m",
};

function jsonOf(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ScenarioRefused(file, [`is not readable JSON: ${why}`]);
  }
}

interface Start {
  readonly startedAt: Date;
  readonly face: ConsoleProcess | null;
}

async function serve(live: LiveLab, options: Options, { startedAt, face }: Start): Promise<void> {
  const { addresses, credentials, config } = live;
  const { labFile } = options;
  const remove = () => removeLabFile(labFile);
  const { control, door } = await openControl(live, configFileOf(options));
  try {
    const said = {
      pid: process.pid,
      startedAt: startedAt.toISOString(),
      speed: live.speed,
      ...addresses,
      credentials,
      roles: Object.fromEntries(labRoles.map((role) => [role, live.credentialsOf(role)])),
      config,
      console: face?.url ?? null,
      control,
    };
    writeLabFile(labFile, said);
    live.onSpeed((now) => updateLabFile(labFile, { ...said, speed: now }));
    process.once("exit", remove);
    process.once("SIGINT", () => live.stop()).once("SIGTERM", () => live.stop());
    sayWhere(live);
    tellStory(live);
    await live.run();
  } finally {
    live.stop();
    door.close();
    face?.stop();
    remove();
  }
  // What the lab's application still waits for would hold the process.
  process.exit(0);
}

function sayWhere({ addresses: { awsEndpoint, api, dns }, config, speed }: LiveLab): void {
  const { name } = config.domain;
  print(`AWS endpoint  ${awsEndpoint}   (keys in .switchback/lab.json)`);
  print(`API           ${api}   curl -H 'Host: ${name}' ${api}/health`);
  print(`DNS           ${dns.host}:${dns.port}   dig @${dns.host} -p ${dns.port} ${name}`);
  print(`speed ${speed}; Ctrl-C ends it\n`);
}

function tellStory(live: LiveLab): void {
  const zero = live.now;
  live.onEvent((event) => {
    const line = tell(event, live.config);
    if (line === null) return;
    const clock = formatClock((event.at - zero) / 1000);
    print(`${clock}  ${(line.region ?? "").padEnd(15)} ${line.text}`);
  });
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

program.parseAsync().catch((error: unknown) => {
  if (error instanceof CommanderError) {
    process.exit(error.exitCode === 0 ? 0 : 2);
  }
  const isExpected = error instanceof ScenarioRefused || error instanceof LabRunning;
  const text = error instanceof Error ? (isExpected ? error.message : error.stack) : String(error);
  process.stderr.write(`${text}\n`);
  process.exit(error instanceof ScenarioRefused ? 2 : 1);
});
