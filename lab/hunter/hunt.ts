// Runs drawn disasters and counts: one synthesis for each world, a worker a core, the verdicts in
// the order of the seeds. A run that is repeated must leave the same log, byte for byte.
import { mergedConfig } from "../../core/config/load.ts";
import type { Config } from "../../core/config/schema.ts";
import type { Disaster } from "./draw.ts";
import type { Hunters } from "./hunters.ts";
import type { Report } from "./orders.ts";
import { replayOf } from "./words.ts";

export interface SimulationResult {
  readonly runs: number;
  readonly seed: number;
  readonly passed: number;
  readonly failed: number;
  readonly inconclusive: number;
  readonly wallMilliseconds: number;
  readonly faultsDrawn: { readonly [kind: string]: number };
  readonly firstFailure?: { seed: number; failures: readonly string[]; replay: string };
}

export interface Finished {
  readonly disaster: Disaster;
  readonly report: Report;
}

export interface HuntSettings {
  readonly crew: Pick<Hunters, "run">;
  readonly assemblyOf: (disaster: Disaster) => Promise<string>;
  /** Runs at once. */
  readonly lanes: number;
  /** How many of the first runs are made twice. */
  readonly twice: number;
  readonly onStart?: (disaster: Disaster) => void;
  readonly onEnd?: (finished: Finished) => void;
  /** No further run is begun. */
  readonly enough?: (finished: Finished) => boolean | Promise<boolean>;
}

/** What breaks the hunt itself rejects, once no run is under way any more. */
export async function hunt(
  disasters: readonly Disaster[],
  settings: HuntSettings,
): Promise<Finished[]> {
  const finished: (Finished | null)[] = [];
  const waiting = [...disasters.entries()];
  let over = false;
  const one = async (index: number, disaster: Disaster) => {
    settings.onStart?.(disaster);
    const report = await runOne(disaster, settings, index < settings.twice);
    finished[index] = { disaster, report };
    settings.onEnd?.({ disaster, report });
    const enough = (await settings.enough?.({ disaster, report })) ?? false;
    over ||= enough;
  };
  const lane = async () => {
    try {
      for (let next = waiting.shift(); next !== undefined && !over; next = waiting.shift()) {
        await one(...next);
      }
    } catch (error) {
      over = true;
      throw error;
    }
  };
  const lanes = await Promise.allSettled(Array.from({ length: settings.lanes }, lane));
  for (const ended of lanes) {
    if (ended.status === "rejected") throw ended.reason;
  }
  return finished.flatMap((one) => one ?? []);
}

async function runOne(
  disaster: Disaster,
  { crew, assemblyOf }: HuntSettings,
  twice: boolean,
): Promise<Report> {
  const { seed, scenario, patient } = disaster;
  const order = { scenario, seed, patient, folder: await assemblyOf(disaster) };
  const report = await crew.run(order);
  return twice ? compared(report, await crew.run(order)) : report;
}

/** Two logs of one run differ: whatever else the run showed, nothing it shows can be replayed.
 * Where one of the two didn't end, a failure of the other still counts. */
export function compared(one: Report, other: Report): Report {
  if (one.logSha256 === null || other.logSha256 === null) {
    const failed = [one, other].find(({ verdict }) => verdict === "fail");
    return failed ?? (one.logSha256 === null ? one : other);
  }
  if (one.logSha256 === other.logSha256) return one;
  const why = `${differentLogs}: ${one.logSha256}, ${other.logSha256}.`;
  return { ...one, verdict: "fail", failures: [why, ...one.failures] };
}

const differentLogs = "Two runs of this seed left different logs";

export const leftDifferentLogs = ({ failures }: Report) =>
  failures.some((why) => why.startsWith(differentLogs));

/** One synthesis for each configuration, one at a time. */
export function assemblies(
  baseConfig: unknown,
  synthesized: (config: Config) => Promise<string>,
): HuntSettings["assemblyOf"] {
  const known = new Map<string, Promise<string>>();
  let last: Promise<unknown> = Promise.resolve();
  return ({ world, scenario }) => {
    const parsed = mergedConfig(baseConfig, scenario.config);
    if (!parsed.ok) throw new Error(`${world}: ${JSON.stringify(parsed.faults)}`);
    const key = JSON.stringify(parsed.config);
    const made = known.get(key) ?? last.then(() => synthesized(parsed.config));
    known.set(key, made);
    last = made.catch(() => {});
    return made;
  };
}

/** How often each kind of fault, crashes among them, was drawn, commonest first. */
export function faultsDrawn(disasters: readonly Disaster[]): SimulationResult["faultsDrawn"] {
  const counts = new Map<string, number>();
  for (const { scenario } of disasters) {
    for (const { fault, crash } of scenario.timeline ?? []) {
      const kind = fault?.kind ?? (crash === undefined ? null : "crash");
      if (kind !== null) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
  }
  return Object.fromEntries([...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)));
}

export function simulationResult(
  finished: readonly Finished[],
  { seed, words, wallMilliseconds }: { seed: number; words: string; wallMilliseconds: number },
): SimulationResult {
  const count = (verdict: Report["verdict"]) =>
    finished.filter(({ report }) => report.verdict === verdict).length;
  const first = finished.find(({ report }) => report.verdict === "fail");
  return {
    runs: finished.length,
    seed,
    passed: count("pass"),
    failed: count("fail"),
    inconclusive: count("inconclusive"),
    wallMilliseconds,
    faultsDrawn: faultsDrawn(finished.map(({ disaster }) => disaster)),
    ...(first === undefined
      ? {}
      : {
          firstFailure: {
            seed: first.disaster.seed,
            failures: first.report.failures,
            replay: replayOf(first.disaster.seed, words),
          },
        }),
  };
}

/** More of them and a hunt has shown too little. */
const inconclusiveShareMax = 0.02;

export const succeeded = ({ runs, failed, inconclusive }: SimulationResult) =>
  failed === 0 && inconclusive <= runs * inconclusiveShareMax;
