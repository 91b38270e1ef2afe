// A refusing gate wakes an evaluation, at most every ten seconds a container: under load it would
// otherwise put an event for every refused write. It waits for the put (a container may be frozen
// once it has answered) but never fails: reconcile wakes the next run anyway.
import type { Region } from "../../core/config/schema.ts";

export type Wake = (why: string, active: Region | null) => Promise<void>;

const everyMilliseconds = 10_000;

export interface Refusals {
  /** Since the last time, this one included. */
  readonly count: number;
  readonly why: string;
  readonly active: Region | null;
}

/** `put` must be bounded; `tick` is ms on a monotonic clock. */
export function everyTenSeconds(
  put: (refusals: Refusals) => Promise<void>,
  tick: () => number,
): Wake {
  let last: number | null = null;
  let count = 0;
  return async (why, active) => {
    const now = tick();
    count += 1;
    if (last !== null && now - last < everyMilliseconds) return;
    last = now;
    const refusals = { count, why, active };
    count = 0;
    await put(refusals).catch(() => undefined);
  };
}
