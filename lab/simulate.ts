// `npm run simulate`: draws whole disasters, runs them in the lab, and says what broke. Faces only:
// what is drawn, run and judged is in hunter/.
import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { projectRoot } from "./deploy/project-root.ts";
import { Crew } from "./hunter/crew.ts";
import { type Disaster, drawDisaster, minutesMin } from "./hunter/draw.ts";
import {
  assemblies,
  hunt,
  type SimulationResult,
  simulationResult,
  succeeded,
} from "./hunter/hunt.ts";
import { disasterInWords, reportInWords } from "./hunter/words.ts";
import { fromCaller } from "./scenarios/load.ts";

interface Options {
  runs: number;
  seed: number;
  minutes: number;
  workers: number;
  twice: number;
  json?: boolean;
  write?: string;
}

const minutesUsual = 40;
const seedsPerHunt = 1000;
const examples = `
The seeds of the runs: with one run, --seed itself; with more, seed × 1000, seed × 1000 + 1, and so
on. Run 3 of --seed 7 is run 7003, and --runs 1 --seed 7003 makes it again, exactly.

A run passes, or fails (an invariant was violated, an event lost, a call denied, customers unserved
at rest), or is inconclusive: the lab itself hit a limit or broke, nobody ever had a write
acknowledged, or the end came before everything had been quiet for 15 minutes.

Examples:
  npm run simulate -- --runs 40 --seed 7             forty disasters, a worker a core
  npm run simulate -- --runs 1 --seed 7003           that one again
  npm run simulate -- --runs 1 --seed 7003 --write disaster.json
                                                     and as a scenario for npm run drill
  npm run simulate -- --runs 10 --seed 7 --twice 10  each twice, the logs compared
  npm run --silent simulate -- --runs 40 --seed 7 --json

Exit status: 0 none failed, at most 2 % inconclusive; 1 not; 2 the call is wrong.`;

const inJson = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
const say = (text: string) => void process.stderr.write(`${text}\n`);

function whole(low: number, high: number) {
  return (text: string): number => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= low && number <= high) return number;
    throw new InvalidArgumentError(`must be a whole number from ${low} to ${high}`);
  };
}

const cores = availableParallelism();
const program = new Command("npm run simulate --")
  .description("Draws disasters, runs them against the synthesized app in the lab, and judges.")
  .option("--runs <n>", "how many disasters", whole(1, seedsPerHunt), 20)
  .option("--seed <n>", "what they are drawn from", whole(0, 9_000_000), 1)
  .option("--minutes <n>", "longest virtual length of a run", whole(minutesMin, 240), minutesUsual)
  .option("--workers <n>", "runs at once (default: one a core)", whole(1, 64), cores)
  .option(
    "--twice <n>",
    "make the first so many runs twice, and compare the logs",
    whole(0, 1000),
    0,
  )
  .option("--write <file>", "with --runs 1: write the disaster as a scenario file")
  .option("--json", "print only the result, as JSON, on stdout")
  .addHelpText("after", examples)
  .exitOverride()
  .action((options: Options) => main(options));

const baseConfig: unknown = JSON.parse(
  readFileSync(join(projectRoot, "switchback.config.json"), "utf8"),
);

function drawn({ runs, seed, minutes }: Options): Disaster[] {
  const drawing = { longest: minutes, baseConfig };
  const seeds =
    runs === 1 ? [seed] : Array.from({ length: runs }, (_, run) => seed * seedsPerHunt + run);
  return seeds.map((one) => drawDisaster(one, drawing));
}

async function main(options: Options): Promise<void> {
  const startedAt = performance.now();
  const disasters = drawn(options);
  if (options.write !== undefined) {
    if (options.runs !== 1) program.error("error: --write needs --runs 1", { exitCode: 2 });
    const file = fromCaller(options.write);
    for (const { scenario } of disasters) writeFileSync(file, inJson(scenario));
  }
  const crew = new Crew();
  leaveNothingBehind(crew);
  let ended = 0;
  const finished = await hunt(disasters, {
    crew,
    lanes: Math.min(options.workers, disasters.length),
    twice: options.twice,
    assemblyOf: assemblies(baseConfig, undefined, () => say("Synthesizing …")),
    onStart: (disaster) => say(disasterInWords(disaster)),
    onEnd: ({ disaster, report }) => {
      ended += 1;
      say(`${reportInWords(disaster.seed, report)} (${ended} of ${disasters.length})`);
    },
  });
  crew.stop();
  const minutes = options.minutes === minutesUsual ? "" : ` --minutes ${options.minutes}`;
  const wallMilliseconds = Math.round(performance.now() - startedAt);
  const result = simulationResult(finished, { seed: options.seed, minutes, wallMilliseconds });
  process.stdout.write(options.json ? inJson(result) : inWords(result));
  process.exitCode = succeeded(result) ? 0 : 1;
}

function leaveNothingBehind(crew: Crew): void {
  for (const [signal, status] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    process.once(signal, () => {
      crew.stop();
      process.exit(status);
    });
  }
}

function inWords(result: SimulationResult): string {
  const { runs, passed, failed, inconclusive, firstFailure } = result;
  const drawn = Object.entries(result.faultsDrawn).map(([kind, count]) => `${count} ${kind}`);
  const lines = [
    `${runs} runs: ${passed} passed, ${failed} failed, ${inconclusive} inconclusive, ` +
      `${Math.round(result.wallMilliseconds / 1000)} s.`,
    `Faults drawn: ${drawn.join(", ")}.`,
  ];
  if (firstFailure) {
    lines.push(`First failure, seed ${firstFailure.seed}:`);
    lines.push(...firstFailure.failures.map((why) => `  ${why}`));
    lines.push(`Again: ${firstFailure.replay}`);
  }
  return `${lines.join("\n")}\n`;
}

program.parseAsync().catch((error: unknown) => {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
    return;
  }
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
});
