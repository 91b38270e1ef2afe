// Heartbeats of a serving Region: into the control table (how long it could still write) and into
// every shard of the application table (how far replication has come). Each says its time before
// it is sent, so that a slow write can only look older than it is.
import type { Region } from "../../core/config/schema.ts";
import type { ApplicationTable } from "../adapters/application-table.ts";
import type { ControlTable } from "../adapters/control-table.ts";

export interface BeatPorts {
  readonly control: Pick<ControlTable, "beat" | "findRouting">;
  readonly application: Pick<ApplicationTable, "beat">;
  /** ms since 1970. */
  readonly now: () => number;
}

/** `known`: as reconcile has read it; a container's first beat comes before that, and reads it. A
 * heartbeat is no customer's write and is not fenced by the epoch. Fails when one of the two
 * failed, after both have been tried. */
export async function beat(
  region: Region,
  known: { epoch: number },
  ports: BeatPorts,
): Promise<void> {
  if (known.epoch === 0) {
    const routing = await ports.control.findRouting().catch(() => null);
    known.epoch = Math.max(known.epoch, routing?.epoch ?? 0);
  }
  const at = ports.now();
  const version = `heartbeat.${at}`;
  const stamp = { writerRegion: region, writerEpoch: known.epoch, writtenAt: at, version };
  const results = await Promise.allSettled([
    ports.control.beat(region, at),
    ports.application.beat(at, stamp),
  ]);
  for (const result of results) if (result.status === "rejected") throw result.reason;
}
