// The verdict on one run. Pass and fail are said only of a lab that worked, of customers who had
// something to lose, and of an end that everything had the time to reach: all else is inconclusive,
// which is neither. Beside the drill's own failures it demands that customers are served at rest.
import type { DrillRun } from "../run-drill.ts";

export type Verdict = "pass" | "fail" | "inconclusive";

export interface Judgement {
  readonly verdict: Verdict;
  /** A sentence each: what failed, or why nothing can be said. */
  readonly failures: readonly string[];
}

type Judged = Pick<DrillRun, "defects" | "cameToRest" | "histories" | "zero"> & {
  readonly result: Pick<DrillRun["result"], "failures" | "virtualSeconds" | "clients">;
};

/** Of the end of a run, in which no request may fail. */
const servedMilliseconds = 60_000;

export function judge(run: Judged): Judgement {
  const { defects, cameToRest, result } = run;
  const failures = result.failures.filter((sentence) => !defects.includes(sentence));
  if (defects.length > 0) return { verdict: "inconclusive", failures: [...defects, ...failures] };
  const unserved = cameToRest ? unservedAtRest(run) : [];
  const wrong = [...failures, ...unserved];
  if (wrong.length > 0) return { verdict: "fail", failures: wrong };
  const idle = nothingToSay(run);
  return idle.length > 0
    ? { verdict: "inconclusive", failures: idle }
    : { verdict: "pass", failures: [] };
}

function nothingToSay({ cameToRest, result }: Judged): string[] {
  const idle: string[] = [];
  if (result.clients.acknowledgedWrites === 0) {
    idle.push("Nothing was at stake: no write was ever acknowledged.");
  }
  if (!cameToRest) {
    idle.push("The run ended before everything had been quiet for 15 minutes.");
  }
  return idle;
}

function unservedAtRest({ histories, zero, result }: Judged): string[] {
  const end = zero + result.virtualSeconds * 1000;
  const last = histories
    .flatMap(({ requests }) => requests)
    .filter(({ at }) => at >= end - servedMilliseconds && at < end);
  const failed = last.filter(({ outcome }) => outcome === "failed").length;
  if (failed === 0) return [];
  return [
    `${failed} of the ${last.length} requests of the last minute failed, though all was well.`,
  ];
}
