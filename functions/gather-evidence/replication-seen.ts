// How far replication has come, both ways, and how much is being written: from what is readable in
// the tables themselves. The peer's table is asked with little patience; unread is null.
import type { Config, Region } from "../../core/config/schema.ts";
import { applicationKeys, shards } from "../../core/contracts/records.ts";
import type { RoutingState } from "../../core/contracts/routing-state.ts";
import { peerOf } from "../../core/names.ts";
import { isJournalled } from "../../core/writer.ts";
import type { ApplicationTable } from "../adapters/application-table.ts";
import type { Here } from "./gather-evidence.ts";

export interface ReplicationPorts {
  application(region: Region): Pick<ApplicationTable, "oldestHeartbeat" | "readJournal">;
  sleep(milliseconds: number): Promise<void>;
}

const peerMilliseconds = 1_500;
/** Journal entries this long before the newest heartbeat that has replicated: all of them are
 * likely to have, too. */
const rateWindowSeconds = 20;

export async function replicationSeen(
  ports: ReplicationPorts,
  config: Config,
  region: Region,
): Promise<Record<Region, number | null>> {
  const peer = peerOf(config, region);
  const late = ports.sleep(peerMilliseconds).then(() => null);
  const [ofPeer, ofOwn] = await Promise.all([
    beatSeen(ports, region, peer),
    Promise.race([beatSeen(ports, peer, region), late]),
  ]);
  return { [peer]: ofPeer, [region]: ofOwn };
}

function beatSeen(ports: ReplicationPorts, at: Region, of: Region): Promise<number | null> {
  return ports
    .application(at)
    .oldestHeartbeat(of)
    .catch(() => null);
}

/** Acknowledged or not, a journal entry was a write that somebody meant. null: unknown, as it is
 * where no journal is written. */
export async function writesPerSecond(
  ports: ReplicationPorts,
  { config, region }: Here,
  { active, epoch }: RoutingState,
  newestSeen: number | null,
): Promise<number | null> {
  if (newestSeen === null || !isJournalled(config)) return null;
  const from = newestSeen - rateWindowSeconds * 1_000;
  const hours = new Set([from, newestSeen].map((at) => Math.floor(at / 3_600_000)));
  const partitions = [...hours].flatMap((hour) =>
    shards.map((shard) => applicationKeys.journalPartition(active, epoch, shard, hour)),
  );
  try {
    const read = (pk: string) => ports.application(region).readJournal(pk, from, newestSeen);
    const entries = await Promise.all(partitions.map(read));
    return entries.flat().length / rateWindowSeconds;
  } catch {
    return null;
  }
}
