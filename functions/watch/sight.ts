// What a vantage point has seen of one serving Region lately, and the view that follows: pure. The
// last looks decide as fresh looks do (all failed: failing; all passed: healthy; else unknown), so
// that one failed look interrupts stability and three wake an evaluation.
import type { Look } from "../../core/contracts/evidence.ts";
import type { Verdict, View } from "../../core/contracts/records.ts";

export interface Sight {
  /** Whether each of the last looks passed, newest last; at most lookFailures of them. */
  readonly passed: readonly boolean[];
  /** As recorded in the control table; null: never. */
  readonly recorded: View | null;
}

/** A view that was not confirmed for so long begins anew: a minute, and half of one for looks that
 * take their time. */
export const confirmedWithinMilliseconds = 90_000;
/** Recorded again after so long without a change: with looks every 10 s, at least once a minute. */
const recordAgainMilliseconds = 50_000;

/** After a cold start the recorded view stands for the looks before, if it is recent. */
export function sightFrom(recorded: View | null, now: number, lookFailures: number): Sight {
  if (recorded === null || now - recorded.seenAt > confirmedWithinMilliseconds) {
    return { passed: [], recorded };
  }
  const before = { healthy: [true], failing: [false], unknown: [] }[recorded.verdict];
  return {
    passed: Array(lookFailures - 1)
      .fill(before)
      .flat(),
    recorded,
  };
}

export function seen(sight: Sight, look: Look, lookFailures: number): Sight {
  return { ...sight, passed: [...sight.passed, look.passed].slice(-lookFailures) };
}

export function verdictOf(sight: Sight, lookFailures: number): Verdict {
  if (sight.passed.length < lookFailures) return "unknown";
  if (sight.passed.every((passed) => passed)) return "healthy";
  return sight.passed.some((passed) => passed) ? "unknown" : "failing";
}

/** The view as it is to be recorded, or null when the recorded one will do for now. */
export function viewToRecord(
  sight: Sight,
  look: Look,
  where: { readonly vantage: string; readonly now: number; readonly lookFailures: number },
): View | null {
  const { vantage, now } = where;
  const verdict = verdictOf(sight, where.lookFailures);
  const { recorded } = sight;
  const detail = look.passed ? "" : `${look.failedStep ?? "look"}: ${look.detail}`;
  const view = { vantage, serving: look.serving, verdict, seenAt: now, detail };
  if (recorded === null || recorded.verdict !== verdict) return { ...view, since: now };
  const gap = now - recorded.seenAt;
  if (gap < recordAgainMilliseconds) return null;
  return { ...view, since: gap > confirmedWithinMilliseconds ? now : recorded.since };
}
