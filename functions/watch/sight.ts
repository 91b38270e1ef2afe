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
  /** When the last look was taken, and since when none was missing for a minute; null: never. */
  readonly lookedAt: number | null;
  readonly unbrokenSince: number | null;
}

export const blank: Sight = { passed: [], recorded: null, lookedAt: null, unbrokenSince: null };

/** A minute without looks restarts the stability clock. */
export const gapMilliseconds = 60_000;
/** Recorded again after so long without a change: with looks every 10 s each third one, so that a
 * container that starts anew finds a view that is at most 20 s older than the last look. */
const recordAgainMilliseconds = 25_000;

/** After a cold start the recorded view stands for the looks before, if it is recent. */
export function sightFrom(recorded: View | null, now: number, lookFailures: number): Sight {
  if (recorded === null || now - recorded.seenAt > gapMilliseconds) return { ...blank, recorded };
  const before = { healthy: [true], failing: [false], unknown: [] }[recorded.verdict];
  return {
    passed: Array(lookFailures - 1)
      .fill(before)
      .flat(),
    recorded,
    lookedAt: recorded.seenAt,
    unbrokenSince: recorded.since,
  };
}

/** `now`: ms since 1970, when the look was taken. */
export function seen(sight: Sight, look: Look, lookFailures: number, now: number): Sight {
  const { lookedAt, unbrokenSince } = sight;
  const unbroken = lookedAt !== null && now - lookedAt <= gapMilliseconds;
  return {
    ...sight,
    passed: [...sight.passed, look.passed].slice(-lookFailures),
    lookedAt: now,
    unbrokenSince: unbroken ? unbrokenSince : now,
  };
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
  if (now - recorded.seenAt < recordAgainMilliseconds) return null;
  return { ...view, since: Math.max(recorded.since, sight.unbrokenSince ?? now) };
}
