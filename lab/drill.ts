// `npm run drill`: one scenario, in the lab, told as a story. Faces only: what is run is in
// run-drill.ts, what is said in report/.
import { existsSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { Command, CommanderError, Option } from "commander";
import { drillWithBaseline, isDisturbed, type Order } from "./baseline/beside.ts";
import { seedRange, wholeNumber, whyNotWritable } from "./command-line.ts";
import { projectRoot } from "./deploy/project-root.ts";
import { sampleApp, synthesize } from "./deploy/synthesis.ts";
import { type Asked, runMany } from "./many/run-many.ts";
import { Progress } from "./report/progress.ts";
import { paint, printSeeds, printStory } from "./report/screen.ts";
import {
  findScenario,
  fromCaller,
  type LoadedScenario,
  loadScenario,
  ScenarioRefused,
  shippedScenarios,
} from "./scenarios/load.ts";

interface Options {
  seed?: number;
  seeds?: number[];
  all?: boolean;
  json?: boolean;
  list?: boolean;
  app?: string;
  assembly?: string;
  baseline: boolean;
  lateBaseline?: boolean;
  log?: string;
}

const defaultScenario = "regional-outage";
const configName = "switchback.config.json";
const examples = `
Examples:
  npm run drill                                    the default: outage, failover, failback
  npm run drill -- gray-failure                    a shipped scenario by name
  npm run drill -- my-scenario.json --seed 7       a file of yours, with other chances
  npm run drill -- planned-switch --seeds 1-20     a result a seed, a worker a core
  npm run drill -- --all --no-baseline             every shipped scenario, a result each
  npm run drill -- my-scenario.json --app my/app.ts   an application of your own
  npm run --silent drill -- sick-target --json     the result as JSON on stdout

Exit status: 0 every expectation met, no invariant violated; 1 not; 2 the call or file is wrong.`;

const program = new Command("npm run drill --")
  .description("Runs a scenario against the synthesized app in the lab, on virtual time.")
  .argument(
    "[scenario]",
    `a file, or the name of a shipped scenario (default: "${defaultScenario}")`,
  )
  .option("--seed <n>", "seed of every chance in the lab", wholeNumber)
  .option("--seeds <a-b>", "run each seed of the range", seedRange)
  .option("--all", "run every shipped scenario, the longest first")
  .option("--json", "print only the result, as JSON, on stdout")
  .option("--list", "list the shipped scenarios")
  .option("--app <file>", "a CDK app of your own, with its switchback.config.json beside it")
  .option("--assembly <folder>", "use this cloud assembly, don't synthesize", fromCaller)
  .option("--no-baseline", "leave out what Route 53 alone would have done (simulated, too)")
  .addOption(new Option("--late-baseline", "not beside the drill, but after it").hideHelp())
  .option("--log <file>", "write all that happened in the lab, a JSON line an event", fromCaller)
  .addHelpText("after", examples)
  .exitOverride()
  .action((scenario: string | undefined, options: Options) => main(scenario, options));

async function main(name: string | undefined, options: Options): Promise<void> {
  if (options.list) return list(options.json === true);
  refuseCall(name, options);
  const app = options.app === undefined ? sampleApp : fromCaller(options.app);
  if (!existsSync(app)) throw new ScenarioRefused(app, ["there is no such file"]);
  const { assembly } = options;
  if (assembly !== undefined && !existsSync(join(assembly, "manifest.json"))) {
    throw new ScenarioRefused(assembly, ["is no cloud assembly: there is no manifest.json in it"]);
  }
  const configFile = join(app === sampleApp ? projectRoot : dirname(app), configName);
  const progress = new Progress(process.stderr);
  if (options.all || options.seeds) {
    const files = options.all ? shippedFiles() : [findScenario(name ?? defaultScenario)];
    return many(files, { app, configFile }, options, progress);
  }
  const file = findScenario(name ?? defaultScenario);
  const loaded = loadScenario(file, configFile);
  const folder = options.assembly ?? (await assemblyOf(loaded, app, progress));
  await one(loaded, { file, configFile, folder }, options, progress);
}

function refuseCall(name: string | undefined, options: Options): void {
  const { seed, seeds, all, log, assembly } = options;
  const refuse = (why: string) => program.error(why, { exitCode: 2 });
  if (seed !== undefined && seeds !== undefined) refuse("give --seed or --seeds, not both");
  if (all && seed !== undefined) refuse("with --all give --seeds, like --seeds 7-7");
  if (all && name !== undefined) refuse("give a scenario or --all, not both");
  if (all && assembly !== undefined) refuse("--assembly is for one scenario, not for --all");
  if (log !== undefined && (all || seeds)) refuse("--log is for one drill");
  const unwritable = log === undefined ? null : whyNotWritable(log);
  if (unwritable !== null) refuse(`--log: ${unwritable}`);
}

function shippedFiles(): string[] {
  return shippedScenarios()
    .sort((a, b) => b.virtualSeconds - a.virtualSeconds)
    .map(({ name }) => findScenario(name));
}

async function assemblyOf(
  loaded: LoadedScenario,
  app: string,
  progress: Progress,
): Promise<string> {
  const sentence = "Synthesizing the app (once for each configuration and state of the sources)";
  const folder = await synthesize(loaded.config, () => progress.start(sentence), app);
  progress.done();
  return folder;
}

async function one(
  loaded: LoadedScenario,
  files: Omit<Order, "seed">,
  options: Options,
  progress: Progress,
): Promise<void> {
  const seed = options.seed ?? loaded.scenario.seed;
  progress.start(`Running ${loaded.scenario.name}, seed ${seed}`);
  // Who asks for help, for many drills or for nonsense waits for no lab to load.
  const { runDrill } = await import("./run-drill.ts");
  const drill = () => runDrill(loaded, { seed, folder: files.folder, progress });
  const late = options.lateBaseline === true || availableParallelism() < 2;
  const run =
    options.baseline && isDisturbed(loaded.scenario)
      ? await drillWithBaseline({ ...files, seed }, drill, { late, progress })
      : await drill();
  progress.done();
  if (options.log)
    writeFileSync(options.log, run.events.map((e) => `${JSON.stringify(e)}\n`).join(""));
  if (options.json) process.stdout.write(`${JSON.stringify(run.result, null, 2)}\n`);
  else printStory(run, process.stdout, paint(process.stdout));
  process.exitCode = run.result.passed ? 0 : 1;
}

async function many(
  files: readonly string[],
  { app, configFile }: { readonly app: string; readonly configFile: string },
  options: Options,
  progress: Progress,
): Promise<void> {
  // One synthesis at a time; most are there already.
  let last: Promise<unknown> = Promise.resolve();
  const asked = files.flatMap((file): Asked[] => {
    const loaded = loadScenario(file, configFile);
    const { name, seed: own } = loaded.scenario;
    const assembly = () => {
      const made = last.then(() => options.assembly ?? synthesize(loaded.config, () => {}, app));
      last = made.catch(() => {});
      return made;
    };
    return (options.seeds ?? [own]).map((seed) => ({ name, file, seed, assembly }));
  });
  const what = files.length > 1 ? "drills" : "seeds";
  progress.start(`Running ${asked.length} ${what}`);
  const { results, broken } = await runMany(asked, {
    ...{ configFile, baseline: options.baseline },
    workers: Math.min(availableParallelism(), asked.length),
    onResult: (_result, done) => progress.say(`${done} of ${asked.length} ${what}`),
  });
  progress.done();
  if (options.json) {
    process.stdout.write(`[\n${results.map((r) => JSON.stringify(r)).join(",\n")}\n]\n`);
  } else printSeeds(results, process.stdout, paint(process.stdout));
  for (const { name, seed, why } of broken) {
    process.stderr.write(`${name}, seed ${seed}, broke: ${why}\n`);
  }
  const passed = broken.length === 0 && results.every((result) => result.passed);
  process.exitCode = broken.some(({ refused }) => refused) ? 2 : passed ? 0 : 1;
}

function list(json: boolean): void {
  const scenarios = shippedScenarios();
  if (json) return void process.stdout.write(`${JSON.stringify(scenarios, null, 2)}\n`);
  const width = Math.max(...scenarios.map(({ name }) => name.length));
  for (const { name, description } of scenarios) {
    process.stdout.write(`${name.padEnd(width)}  ${description}\n`);
  }
}

program.parseAsync().catch((error: unknown) => {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
    return;
  }
  const refused = error instanceof ScenarioRefused;
  const text = error instanceof Error ? (refused ? error.message : error.stack) : String(error);
  process.stderr.write(`${text}\n`);
  process.exitCode = refused ? 2 : 1;
});
