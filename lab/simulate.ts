// `npm run simulate`: draws whole disasters, runs them in the lab, and says what broke. Faces only:
// what is drawn, run and judged is in hunter/.
import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { whyNotWritable } from "./command-line.ts";
import { projectRoot } from "./deploy/project-root.ts";
import { stopSyntheses, synthesize } from "./deploy/synthesis.ts";
import { type Disaster, drawDisaster, minutesMin, type ScenarioFile } from "./hunter/draw.ts";
import {
  assemblies,
  hunt,
  type SimulationResult,
  simulationResult,
  succeeded,
} from "./hunter/hunt.ts";
import { type Hunters, hunters } from "./hunter/hunters.ts";
import { plants } from "./hunter/plants.ts";
import { type Caught, catchPlanted } from "./hunter/self-test.ts";
import { shrinkFirst } from "./hunter/shrink-first.ts";
import { disasterInWords, reportInWords } from "./hunter/words.ts";
import { readWorlds, type World } from "./hunter/worlds.ts";
import { fromCaller } from "./scenarios/load.ts";

interface Options {
  runs: number;
  seed: number;
  minutes: number;
  workers: number;
  twice: number;
  json?: boolean;
  selfTest?: boolean;
  shrink?: boolean;
  worlds?: World[];
  write?: string;
}

const minutesUsual = 36;
const seedsPerHunt = 1000;
/** With room for the seeds of a hunt's runs, which are numbers too. */
const seedMax = 9_000_000_000_000;
const selfTestRuns = 200;
const examples = `
The seeds of the runs: with one run, --seed itself; with more, seed × 1000, seed × 1000 + 1, and so
on. Run 3 of --seed 7 is run 7003, and --runs 1 --seed 7003 makes it again, exactly.

A run passes, or fails (an invariant was violated, an event lost, a call denied, customers unserved
at rest), or is inconclusive: the lab itself hit a limit or broke, nobody ever had a write
acknowledged, or the end came before all was at rest and before it had to be (15 quiet minutes). A
run in four goes on to its end; the others stop after five minutes at rest.

Examples:
  npm run simulate -- --runs 40 --seed 7             forty disasters, a worker a core
  npm run simulate -- --runs 1 --seed 7003           that one again
  npm run simulate -- --runs 1 --seed 7003 --write disaster.json
                                                     and as a scenario for npm run drill
  npm run simulate -- --runs 10 --seed 7 --twice 10  each twice, the logs compared
  npm run simulate -- --runs 1 --seed 7003 --shrink  a smaller one that fails alike, as a scenario
  npm run simulate -- --self-test                    can it find what is known to be there?
  npm run --silent simulate -- --runs 40 --seed 7 --json

Exit status: 0 none failed, at most 2 % inconclusive; 1 not; 2 the call is wrong.`;

const inJson = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

function worldsNamed(text: string): World[] {
  const [known, names] = [readWorlds(), text.split(",")];
  const unknown = names.filter((name) => !known.some((world) => world.name === name));
  if (unknown.length === 0) return known.filter(({ name }) => names.includes(name));
  const all = known.map(({ name }) => name).join(", ");
  throw new InvalidArgumentError(`there is no ${unknown.join(", ")}; there are: ${all}`);
}

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
  .option("--seed <n>", "what they are drawn from", whole(0, seedMax), 1)
  .option("--minutes <n>", "longest virtual length of a run", whole(minutesMin, 240), minutesUsual)
  .option("--workers <n>", "runs at once; as many as there are cores", whole(1, 64), cores)
  .option(
    "--twice <n>",
    "make the first so many runs twice, and compare the logs",
    whole(0, 1000),
    0,
  )
  .option("--write <file>", "with --runs 1: write the disaster as a scenario file", fromCaller)
  .option("--worlds <names>", "draw from these configurations alone", worldsNamed)
  .option("--shrink", "find a smaller disaster that fails as the first failure did, and write it")
  .option("--self-test", "plant classic bugs, one at a time, and see each caught within 200 runs")
  .option("--json", "print only the result, as JSON, on stdout")
  .addHelpText("after", examples)
  .exitOverride()
  .action((options: Options) => main(options));

const baseConfig: unknown = JSON.parse(
  readFileSync(join(projectRoot, "switchback.config.json"), "utf8"),
);

const assemblyOf = assemblies(baseConfig, (config) =>
  synthesize(config, () => say("Synthesizing …")),
);

type Draws = Pick<Options, "runs" | "seed" | "minutes" | "worlds">;

function drawn({ runs, seed, minutes, worlds = readWorlds() }: Draws): Disaster[] {
  const drawing = { longest: minutes, baseConfig, worlds };
  const seeds =
    runs === 1 ? [seed] : Array.from({ length: runs }, (_, run) => seed * seedsPerHunt + run);
  return seeds.map((one) => drawDisaster(one, drawing));
}

/** What a self-test chooses itself, or has no use for. */
const notInSelfTest = ["runs", "twice", "shrink", "write"] as const;

function refuseCall({ runs, seed, selfTest, write }: Options): void {
  const refuse = (why: string) => program.error(`error: ${why}`, { exitCode: 2 });
  const given = notInSelfTest.filter((name) => program.getOptionValueSource(name) === "cli");
  if (selfTest && given.length > 0) {
    refuse(`--self-test goes without ${given.map((name) => `--${name}`).join(", ")}`);
  }
  if (runs > 1 && seed > seedMax / seedsPerHunt) {
    refuse(`--seed is at most ${seedMax / seedsPerHunt} here`);
  }
  if (write === undefined) return;
  if (runs !== 1) refuse("--write needs --runs 1");
  const why = whyNotWritable(write);
  if (why !== null) refuse(`--write: ${why}`);
}

async function main(options: Options): Promise<void> {
  refuseCall(options);
  if (options.selfTest) return selfTest(options);
  const disasters = drawn(options);
  if (options.write !== undefined) {
    for (const { scenario } of disasters) writeFileSync(options.write, inJson(scenario));
  }
  const result = await withCrew((crew) => hunted(disasters, options, crew));
  process.stdout.write(options.json ? inJson(result) : inWords(result));
  process.exitCode = succeeded(result) ? 0 : 1;
}

/** Workers keep this process alive: whatever happens, they end. */
async function withCrew<T>(work: (crew: Hunters) => Promise<T>, tidy = () => {}): Promise<T> {
  const crew = hunters();
  leaveNothingBehind(() => {
    crew.stop();
    stopSyntheses();
    tidy();
  });
  try {
    return await work(crew);
  } finally {
    crew.stop();
  }
}

async function hunted(
  disasters: readonly Disaster[],
  options: Options,
  crew: Hunters,
): Promise<SimulationResult> {
  const startedAt = performance.now();
  let ended = 0;
  const finished = await hunt(disasters, {
    crew,
    lanes: Math.min(options.workers, disasters.length),
    twice: options.twice,
    assemblyOf,
    onStart: (disaster) => say(disasterInWords(disaster)),
    onEnd: ({ disaster, report }) => {
      ended += 1;
      say(`${reportInWords(disaster.seed, report)} (${ended} of ${disasters.length})`);
    },
  });
  const minutes = options.minutes === minutesUsual ? "" : ` --minutes ${options.minutes}`;
  const worlds = options.worlds?.map(({ name }) => name).join(",");
  const words = worlds === undefined ? minutes : `${minutes} --worlds ${worlds}`;
  if (options.shrink) {
    const write = (name: string, scenario: ScenarioFile) => {
      const file = fromCaller(name);
      writeFileSync(file, inJson(scenario));
      return file;
    };
    await shrinkFirst(finished, { crew, assemblyOf, say, write });
  }
  const wallMilliseconds = Math.round(performance.now() - startedAt);
  return simulationResult(finished, { seed: options.seed, words, wallMilliseconds });
}

async function selfTest({ seed, minutes, workers, worlds, json }: Options): Promise<void> {
  const disasters = drawn({ runs: selfTestRuns, seed, minutes, ...(worlds && { worlds }) });
  const caught: Caught[] = [];
  let remove = () => {};
  const onGarden = (removeGarden: () => void) => {
    remove = removeGarden;
  };
  await withCrew(
    async (crew) => {
      const settings = { crew, lanes: workers, baseConfig, say, assemblyOf, onGarden };
      for (const bug of plants) {
        const one = await catchPlanted(bug, disasters, settings);
        caught.push(one);
        if (!json) process.stdout.write(caughtInWords(one));
      }
    },
    () => remove(),
  );
  if (json) process.stdout.write(inJson(caught));
  process.exitCode = caught.every(({ afterRuns }) => afterRuns !== null) ? 0 : 1;
}

function caughtInWords({ bug, afterRuns, seed, failures }: Caught): string {
  if (afterRuns === null) return `Escaped: a controller that ${bug}, in ${selfTestRuns} runs.\n`;
  const how = failures.map((why) => `  ${why}\n`).join("");
  return `Caught after ${afterRuns} runs (seed ${seed}): a controller that ${bug}.\n${how}`;
}

function leaveNothingBehind(tidy: () => void): void {
  for (const [signal, status] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    process.once(signal, () => {
      tidy();
      // Not at once: a synthesis under way listens, too, and has a draft to remove.
      setImmediate(() => process.exit(status));
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
