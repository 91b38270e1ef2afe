// A smaller disaster that still fails in the same way: delta debugging over what happens, then
// fewer customers and an earlier end. Every trial is a whole run, so their number is bounded; what
// was found by then counts.
import { parseDuration } from "../scenarios/duration.ts";
import type { ScenarioFile } from "./draw.ts";
import type { StepFile } from "./draw-events.ts";
import type { Report } from "./orders.ts";

export interface Shrunk {
  readonly scenario: ScenarioFile;
  /** Of its own run. */
  readonly failures: readonly string[];
  readonly runs: number;
}

export interface ShrinkSettings {
  readonly runsMax: number;
  readonly run: (scenario: ScenarioFile) => Promise<Report>;
  readonly say: (text: string) => void;
}

/** A fault goes with its heals; every other step alone. */
type Unit = readonly StepFile[];

export async function shrink(
  scenario: ScenarioFile,
  failures: readonly string[],
  { runsMax, run, say }: ShrinkSettings,
): Promise<Shrunk> {
  let [runs, smallestFailures] = [0, failures];
  const kinds = new Set(failures.map(kindOf));
  const stillFails = async (candidate: ScenarioFile) => {
    if (runs >= runsMax) return false;
    runs += 1;
    const report = await run(candidate);
    const same = report.verdict === "fail" && report.failures.some((why) => kinds.has(kindOf(why)));
    const left = candidate.timeline?.length ?? 0;
    say(`Shrinking, trial ${runs} of at most ${runsMax}: ${left} steps, ${report.verdict}`);
    if (same) smallestFailures = report.failures;
    return same;
  };
  const { base, units } = unitsOf(scenario.timeline ?? []);
  const withUnits = (kept: readonly Unit[]) => ({
    ...scenario,
    timeline: [...kept.flat(), ...base],
  });
  const kept = await fewest(units, (few) => stillFails(withUnits(few)));
  let smallest: ScenarioFile = withUnits(kept);
  for (const simpler of [calmer, shorter]) {
    const candidate = simpler(smallest);
    if (candidate !== null && (await stillFails(candidate))) smallest = candidate;
  }
  return { scenario: smallest, failures: smallestFailures, runs };
}

/** Of an invariant its name; of anything else its words without their numbers. */
export function kindOf(failure: string): string {
  return /^Invariant ([a-z-]+):/.exec(failure)?.[1] ?? failure.replaceAll(/[\d.]+/g, "0");
}

/** What heals everything stays: without it nothing has to come to rest. */
function unitsOf(timeline: readonly StepFile[]): { base: StepFile[]; units: Unit[] } {
  const base = timeline.filter(({ heal }) => heal === "all");
  const heals = timeline.filter(({ heal }) => heal !== undefined && heal !== "all");
  const units = timeline
    .filter(({ heal }) => heal === undefined)
    .map((step) => [step, ...heals.filter(({ heal }) => step.fault && heal === step.id)]);
  return { base, units };
}

/** Zeller's ddmin, by complements: halves are left out first, then quarters, then single ones. */
export async function fewest<T>(
  all: readonly T[],
  stillFails: (few: readonly T[]) => Promise<boolean>,
): Promise<readonly T[]> {
  let kept = all;
  for (let chunks = 2; kept.length > 0; ) {
    const size = Math.ceil(kept.length / chunks);
    const smaller = await firstThat(complements(kept, size), stillFails);
    if (smaller !== null) {
      kept = smaller;
      chunks = Math.max(2, chunks - 1);
    } else if (size === 1) return kept;
    else chunks = Math.min(kept.length, chunks * 2);
  }
  return kept;
}

function complements<T>(all: readonly T[], size: number): (readonly T[])[] {
  const starts = Array.from({ length: Math.ceil(all.length / size) }, (_, index) => index * size);
  return starts.map((start) => [...all.slice(0, start), ...all.slice(start + size)]);
}

async function firstThat<T>(
  candidates: readonly T[],
  holds: (candidate: T) => Promise<boolean>,
): Promise<T | null> {
  for (const candidate of candidates) if (await holds(candidate)) return candidate;
  return null;
}

function calmer(scenario: ScenarioFile): ScenarioFile | null {
  const traffic = { ...scenario.traffic, clients: 5, requestsPerSecond: 0.3 };
  return scenario.traffic?.requestsPerSecond === 0.3 ? null : { ...scenario, traffic };
}

/** What remains may have its last word long before the end. */
function shorter(scenario: ScenarioFile): ScenarioFile | null {
  const lasts = (scenario.timeline ?? []).map(
    ({ at, operator }) => (parseDuration(at) ?? 0) + (parseDuration(operator?.within ?? 0) ?? 0),
  );
  const until = Math.max(0, ...lasts) + 18 * 60;
  return until < (parseDuration(scenario.until) ?? 0) ? { ...scenario, until } : null;
}
