// `npm run bench`: how much real time the default drill costs, and on what. Each run is its own
// process, as a drill is: loading is measured too, and nothing is warm from the run before. The
// profile is taken in one more run, since profiling slows what it looks at.
import { spawnSync } from "node:child_process";
import { Session } from "node:inspector/promises";
import { join } from "node:path";
import Table from "cli-table3";
import { Command, InvalidArgumentError, Option } from "commander";
import { z } from "zod";
import { projectRoot } from "./deploy/project-root.ts";
import { synthesize } from "./deploy/synthesis.ts";
import { Progress } from "./report/progress.ts";
import { runDrill } from "./run-drill.ts";
import { findScenario, loadScenario } from "./scenarios/load.ts";

const measuredSchema = z.object({
  passed: z.boolean(),
  logSha256: z.string(),
  /** Real seconds from the process's start until virtual time starts, and from then to the end. */
  startSeconds: z.number(),
  drillSeconds: z.number(),
  /** Of all threads, user and system; depends less than the others on who else computes. */
  cpuSeconds: z.number(),
  memoryMegabytes: z.number(),
  clockEvents: z.number(),
  sdkCalls: z.number(),
  requests: z.number(),
  /** Self time in seconds by part; null where no profile was asked for. */
  profile: z.record(z.string(), z.number()).nullable(),
});
type Measured = z.infer<typeof measuredSchema>;

interface Options {
  runs: number;
  json?: boolean;
  profile: boolean;
  /** Set in the processes that this one starts: folder of the assembly. */
  measure?: string;
}

function positive(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError("must be a whole number above 0");
  return Number(text);
}

const scenario = () =>
  loadScenario(findScenario("regional-outage"), join(projectRoot, "switchback.config.json"));

const program = new Command("npm run bench --")
  .description("Runs the default drill a few times and tells what it cost.")
  .option("--runs <n>", "how many runs", positive, 3)
  .option("--no-profile", "leave out the run that is profiled")
  .option("--json", "print every run as JSON, on stdout")
  .addOption(new Option("--measure <folder>").hideHelp())
  .action(async (options: Options) => {
    if (options.measure === undefined) await bench(options);
    else process.stdout.write(JSON.stringify(await measure(options.measure, options.profile)));
  });

async function bench(options: Options): Promise<void> {
  const progress = new Progress(process.stderr);
  const folder = await synthesize(scenario().config, () => progress.start("Synthesizing the app"));
  const runs: Measured[] = [];
  for (let run = 1; run <= options.runs; run += 1) {
    progress.start(`Run ${run} of ${options.runs}`);
    runs.push(measureApart(folder, false));
  }
  if (options.profile) progress.start("Profiling one more");
  const profile = options.profile ? measureApart(folder, true).profile : null;
  progress.done();
  if (options.json) process.stdout.write(`${JSON.stringify({ runs, profile }, null, 2)}\n`);
  else process.stdout.write(`${runsTable(runs)}\n${profile ? `${profileTable(profile)}\n` : ""}`);
}

function measureApart(folder: string, profiled: boolean): Measured {
  const script = join(projectRoot, "lab/bench.ts");
  const words = ["--import", "tsx", script, "--measure", folder];
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    profiled ? words : [...words, "--no-profile"],
    { cwd: projectRoot, encoding: "utf8", maxBuffer: 1 << 24 },
  );
  if (status !== 0) throw new Error(`The drill broke (exit status ${status}):\n${stderr}`);
  return measuredSchema.parse(JSON.parse(stdout));
}

async function measure(folder: string, profiled: boolean): Promise<Measured> {
  const loaded = scenario();
  const session = new Session();
  let [startedAt, sdkCalls] = [0, 0];
  let clockEvents = () => 0;
  if (profiled) {
    session.connect();
    await session.post("Profiler.enable");
    await session.post("Profiler.start");
  }
  const { result, events } = await runDrill(loaded, {
    seed: loaded.scenario.seed,
    folder,
    progress: new Progress(process.stderr),
    onStart(lab) {
      startedAt = performance.now();
      clockEvents = () => lab.clock.fired;
      lab.calls.intercept(() => {
        sdkCalls += 1;
        return null;
      });
    },
  });
  const endedAt = performance.now();
  const { user, system } = process.cpuUsage();
  return {
    passed: result.passed,
    logSha256: result.logSha256,
    startSeconds: startedAt / 1000,
    drillSeconds: (endedAt - startedAt) / 1000,
    cpuSeconds: (user + system) / 1e6,
    memoryMegabytes: Math.round(process.resourceUsage().maxRSS / 1024),
    clockEvents: clockEvents(),
    sdkCalls,
    requests: events.filter(({ kind }) => kind === "request").length,
    profile: profiled ? await profileOf(session) : null,
  };
}

async function profileOf(session: Session): Promise<Record<string, number>> {
  const { profile } = await session.post("Profiler.stop");
  const parts = new Map(profile.nodes.map(({ id, callFrame }) => [id, partOf(callFrame)]));
  const seconds: Record<string, number> = {};
  profile.samples?.forEach((id, index) => {
    const part = parts.get(id) ?? "unknown";
    seconds[part] = (seconds[part] ?? 0) + (profile.timeDeltas?.[index] ?? 0) / 1e6;
  });
  return seconds;
}

/** Whose code it is, by where it was loaded from. */
function partOf({ url, functionName }: { url: string; functionName: string }): string {
  if (url === "") return functionName.startsWith("(") ? functionName : "V8";
  if (url.startsWith("node:")) return "Node.js";
  if (url.includes("/var/task/")) return "the app's bundles";
  const [, library] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url) ?? [];
  if (library !== undefined) return /^@(aws-sdk|smithy)/.test(library) ? "AWS SDK" : library;
  const [, part] = /\/lab\/((?:services\/)?[^/]+)/.exec(url) ?? [];
  return part === undefined ? "core" : `lab/${part}`;
}

function runsTable(runs: readonly Measured[]): string {
  const table = new Table({
    head: ["run", "start s", "drill s", "CPU s", "MB", "events/s", "SDK calls", "requests", "log"],
    style: { head: [], border: [] },
  });
  runs.forEach((run, index) => {
    table.push([
      `${index + 1}${run.passed ? "" : " (failed)"}`,
      run.startSeconds.toFixed(1),
      run.drillSeconds.toFixed(1),
      run.cpuSeconds.toFixed(1),
      String(run.memoryMegabytes),
      String(Math.round(run.clockEvents / run.drillSeconds)),
      String(run.sdkCalls),
      String(run.requests),
      run.logSha256.slice(0, 12),
    ]);
  });
  return table.toString();
}

/** Parts under a hundredth of the time are summed up. */
function profileTable(profile: Record<string, number>): string {
  const total = Object.values(profile).reduce((sum, seconds) => sum + seconds, 0);
  const parts = Object.entries(profile).sort(([, a], [, b]) => b - a);
  const shown = parts.filter(([, seconds]) => seconds >= total / 100);
  const rest = total - shown.reduce((sum, [, seconds]) => sum + seconds, 0);
  const table = new Table({ head: ["part", "s", "%"], style: { head: [], border: [] } });
  for (const [part, seconds] of [...shown, ["everything else", rest] as const]) {
    table.push([part, seconds.toFixed(1), String(Math.round((100 * seconds) / total))]);
  }
  return table.toString();
}

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
});
