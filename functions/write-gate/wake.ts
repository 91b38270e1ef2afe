// A refusing gate wakes an evaluation, at most every ten seconds a container: under load it would
// otherwise put an event for every refused write. It waits for the put (a container may be frozen
// once it has answered) but never fails: reconcile wakes the next run anyway.
import type { Region } from "../../core/config/schema.ts";

export type Wake = (why: string, active: Region | null) => Promise<void>;

const everyMilliseconds = 10_000;

/** `put` must be bounded; `tick` is ms on a monotonic clock. */
export function everyTenSeconds(put: Wake, tick: () => number): Wake {
  let last: number | null = null;
  return async (why, active) => {
    const now = tick();
    if (last !== null && now - last < everyMilliseconds) return;
    last = now;
    await put(why, active).catch(() => undefined);
  };
}
