// The verdict on one run. Pass and fail are said only of a lab that worked, of customers who had
// something to lose, and of an end that everything had the time to reach: all else is inconclusive,
// which is neither. Beside the drill's own failures it demands that customers are served at rest.
import { restMilliseconds as quietMilliseconds } from "../../core/invariants.ts";
import type { DrillRun } from "../run-drill.ts";

export type Verdict = "pass" | "fail" | "inconclusive";

export interface Judgement {
  readonly verdict: Verdict;
  /** A sentence each: what failed, or why nothing can be said. */
  readonly failures: readonly string[];
}

type Judged = Pick<DrillRun, "defects" | "quiet" | "endedAt" | "histories"> & {
  readonly result: Pick<DrillRun["result"], "failures" | "clients">;
};

/** So long after the last disturbance everything has to be at rest; a run that is at rest earlier
 * need not wait for it, but must have been so for a while. */
export const restSeconds = 300;
/** Of the end of a run, in which no request may fail. */
const servedMilliseconds = 60_000;

export function judge(run: Judged): Judgement {
  const { defects, result } = run;
  const failures = result.failures.filter((sentence) => !defects.includes(sentence));
  if (defects.length > 0) return { verdict: "inconclusive", failures: [...defects, ...failures] };
  const unserved = isOver(run) ? unservedAtRest(run) : [];
  const wrong = [...failures, ...unserved];
  if (wrong.length > 0) return { verdict: "fail", failures: wrong };
  const idle = nothingToSay(run);
  return idle.length > 0
    ? { verdict: "inconclusive", failures: idle }
    : { verdict: "pass", failures: [] };
}

function isOver({ quiet: { forMilliseconds, restMilliseconds } }: Judged): boolean {
  return forMilliseconds >= quietMilliseconds || restMilliseconds >= restSeconds * 1000;
}

function nothingToSay(run: Judged): string[] {
  const idle: string[] = [];
  if (run.result.clients.acknowledgedWrites === 0) {
    idle.push("Nothing was at stake: no write was ever acknowledged.");
  }
  if (!isOver(run)) {
    idle.push("The run ended before all was at rest, and before it had to be.");
  }
  return idle;
}

const wasUnserved = "requests of the last minute failed, though all was well.";

/** Judged by the hunter alone: no drill fails for it. */
export const isHuntersOwn = (failure: string) => failure.endsWith(wasUnserved);

/** Of those who honour TTLs: the others may still ask a Region that was left. */
function unservedAtRest({ histories, endedAt }: Judged): string[] {
  const last = histories
    .filter(({ ignoresTtl }) => !ignoresTtl)
    .flatMap(({ requests }) => requests)
    .filter(({ at }) => at >= endedAt - servedMilliseconds && at < endedAt);
  const failed = last.filter(({ outcome }) => outcome === "failed").length;
  if (failed === 0) return [];
  return [`${failed} of the ${last.length} ${wasUnserved}`];
}
