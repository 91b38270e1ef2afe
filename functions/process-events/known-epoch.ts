// The epoch as known here, for stamps: read now and then, and kept where it can't be read. A Region
// that is cut off from the control table still finishes the events that it accepted.
import type { ControlTable } from "../adapters/control-table.ts";

/** 0: never read; then each batch tries. `tick`: ms on a monotonic clock. A later read that fails
 * is not repeated before its time, so that a cut-off Region's batches don't all wait for it. */
export function epochWithin(
  seconds: number,
  control: Pick<ControlTable, "findRouting">,
  tick: () => number,
): () => Promise<number> {
  let known = 0;
  let readAt: number | null = null;
  return async () => {
    const now = tick();
    if (readAt !== null && now - readAt < seconds * 1_000) return known;
    const routing = await control.findRouting().catch(() => null);
    known = Math.max(known, routing?.epoch ?? 0);
    readAt = known > 0 ? now : null;
    return known;
  };
}
