// Reads back, in this Region, what the other one's journal announced since the mark, and moves the
// mark: a planned switch then has only the last minute to drain. Done for a passive source too,
// which wrote nothing, so that its mark is fresh when it becomes active.
import type { Config, Region } from "../../core/config/schema.ts";
import type { RoutingState } from "../../core/contracts/routing-state.ts";
import { peerOf } from "../../core/names.ts";
import { bounded } from "../adapters/clients.ts";
import type { ControlTable } from "../adapters/control-table.ts";
import { firstMark, type JournalReader, readBack } from "../read-back.ts";

export interface MarkPorts {
  readonly config: Config;
  readonly region: Region;
  readonly control: Pick<ControlTable, "readHeartbeats" | "readMark" | "putMark">;
  readonly application: (region: Region) => JournalReader;
}

const budgetSeconds = 10;
/** An hour is a few queries across Regions; after a long outage the mark catches up in steps, each
 * within the budget. */
const stepMilliseconds = 6 * 3_600_000;
/** An announced write may be in flight for the gate's deadline and a second more. */
const inFlightSeconds = 1;

export async function advanceMark(ports: MarkPorts, routing: RoutingState): Promise<void> {
  const { config, control } = ports;
  const source = peerOf(config, ports.region);
  // The source's own clock says how far its journal is complete: what it stamped long enough
  // before a heartbeat had been journalled, or given up, when that heartbeat was written.
  const heartbeat = (await control.readHeartbeats())[source] ?? null;
  if (heartbeat === null) return;
  const complete = heartbeat - (config.writeDeadlineSeconds + inFlightSeconds) * 1_000;
  const mark = (await control.readMark(source)) ?? firstMark(source, complete);
  const until = Math.min(complete, mark.at + stepMilliseconds);
  if (until <= mark.at) return;
  const { mark: next } = await bounded(budgetSeconds, () =>
    readBack(
      { source: ports.application(source), target: ports.application(ports.region) },
      { source, mark, throughEpoch: routing.epoch, until },
    ),
  );
  // A step that stops before the end says nothing of later entries of the older epochs.
  const epoch = until < complete ? mark.epoch : next.epoch;
  await control.putMark({ ...next, epoch });
}
