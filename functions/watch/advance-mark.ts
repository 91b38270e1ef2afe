// Reads back, in this Region, what the other one's journal announced since the mark, and moves the
// mark: a planned switch then has only the last minute to drain. Done for a passive source too,
// which wrote nothing, so that its mark is fresh when it becomes active.
import type { Config, Region } from "../../core/config/schema.ts";
import type { Mark } from "../../core/contracts/records.ts";
import type { RoutingState } from "../../core/contracts/routing-state.ts";
import { peerOf } from "../../core/names.ts";
import { bounded } from "../adapters/clients.ts";
import type { ControlTable } from "../adapters/control-table.ts";
import type { Measure } from "../metrics.ts";
import { type JournalReader, type ReadBack, readBack, unprovable } from "../read-back.ts";

export interface MarkPorts {
  readonly config: Config;
  readonly region: Region;
  readonly control: Pick<ControlTable, "readHeartbeats" | "readMark" | "putMark">;
  readonly application: (region: Region) => JournalReader;
  readonly measure: Measure;
}

const budgetSeconds = 10;
/** An hour is a few queries across Regions; after a long outage the mark catches up in steps, each
 * within the budget: half as long after one that was not, twice as long after one that was. */
const longestStepMilliseconds = 6 * 3_600_000;
const shortestStepMilliseconds = 60_000;
/** An announced write may be in flight for the gate's deadline and a second more. */
const inFlightSeconds = 1;

/** What the container remembers. */
export interface Stride {
  milliseconds: number;
  /** The routing state's at the step before this one. */
  epoch: number | null;
}
export const fullStride = (): Stride => ({ milliseconds: longestStepMilliseconds, epoch: null });

/** Fails when the step did not fit, or the mark is too old to prove anything. */
export async function advanceMark(
  ports: MarkPorts,
  routing: RoutingState,
  stride: Stride,
): Promise<void> {
  const { config, control } = ports;
  const source = peerOf(config, ports.region);
  const settled = stride.epoch;
  stride.epoch = routing.epoch;
  // The source's own clock says how far its journal is complete: what it stamped long enough
  // before a heartbeat had been journalled, or given up, when that heartbeat was written.
  const heartbeat = (await control.readHeartbeats())[source] ?? null;
  if (heartbeat === null) return;
  const complete = heartbeat - (config.writeDeadlineSeconds + inFlightSeconds) * 1_000;
  const mark = await control.readMark(source);
  ports.measure({ MarkAgeSeconds: mark && (complete - mark.at) / 1_000 }, { Source: source });
  const why = unprovable(source, mark, complete);
  if (mark === null || why !== null) throw new Error(why ?? "");
  const until = Math.min(complete, mark.at + stride.milliseconds);
  if (until <= mark.at) return;
  const { mark: next } = await readStep(ports, { source, mark, until }, routing.epoch, stride);
  // A step that stops before the end says nothing of later entries of the older epochs. Nor does
  // one soon after a claim that left the writer in place: its gates go by the older one then.
  const isSettled = until === complete && settled !== null;
  const epoch = isSettled ? Math.max(mark.epoch, Math.min(next.epoch, settled)) : mark.epoch;
  await control.putMark({ ...next, epoch });
}

async function readStep(
  ports: MarkPorts,
  step: { source: Region; mark: Mark; until: number },
  throughEpoch: number,
  stride: Stride,
): Promise<ReadBack> {
  const tables = {
    source: ports.application(step.source),
    target: ports.application(ports.region),
  };
  try {
    const read = await bounded(budgetSeconds, ({ abortSignal: signal }) =>
      readBack(tables, { ...step, throughEpoch, clock: step.until, signal }),
    );
    stride.milliseconds = Math.min(longestStepMilliseconds, stride.milliseconds * 2);
    return read;
  } catch (error) {
    stride.milliseconds = Math.max(shortestStepMilliseconds, stride.milliseconds / 2);
    throw error;
  }
}
