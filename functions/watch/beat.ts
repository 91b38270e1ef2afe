// Heartbeats of a serving Region: into the control table (how long it could still write) and into
// every shard of the application table (how far replication has come). Each says its time before
// it is sent, so that a slow write can only look older than it is.
import type { Region } from "../../core/config/schema.ts";
import type { ApplicationTable } from "../adapters/application-table.ts";
import type { ControlTable } from "../adapters/control-table.ts";

export interface BeatPorts {
  readonly control: Pick<ControlTable, "beat">;
  readonly application: Pick<ApplicationTable, "beat">;
  /** ms since 1970. */
  readonly now: () => number;
}

/** `epoch`: as last read; a heartbeat is no customer's write and is not fenced by it. Fails when
 * one of the two failed, after both have been tried. */
export async function beat(region: Region, epoch: number, ports: BeatPorts): Promise<void> {
  const at = ports.now();
  const version = `heartbeat.${at}`;
  const stamp = { writerRegion: region, writerEpoch: epoch, writtenAt: at, version };
  const results = await Promise.allSettled([
    ports.control.beat(region, at),
    ports.application.beat(at, stamp),
  ]);
  for (const result of results) if (result.status === "rejected") throw result.reason;
}
