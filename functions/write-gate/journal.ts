// Versions, and the journal entry that announces a write: in which Region, epoch, shard and hour,
// and of which item in which version.
import { createHash } from "node:crypto";
import {
  applicationKeys,
  type ItemAddress,
  type JournalEntry,
  journalDays,
  type Stamp,
  shards,
} from "../../core/contracts/records.ts";
import { addressText } from "../../core/tables.ts";
import { journalSortKey } from "../adapters/application-table.ts";

/** Sorts as text: a later epoch's write is the newer one whatever the clocks say, then by time.
 * The request's id makes it unique, with a number where one request writes several items. */
export function versionOf(epoch: number, at: number, requestId: string, number: number): string {
  const base = `${String(epoch).padStart(8, "0")}.${String(at).padStart(15, "0")}.${requestId}`;
  return number === 0 ? base : `${base}.${String(number).padStart(3, "0")}`;
}

export function journalEntry(address: ItemAddress, stamp: Stamp): JournalEntry {
  const { writerRegion, writerEpoch, writtenAt: at, version } = stamp;
  const hour = Math.floor(at / 3_600_000);
  return {
    pk: applicationKeys.journalPartition(writerRegion, writerEpoch, shardOf(address), hour),
    sk: journalSortKey(at, version),
    at,
    ...address,
    version,
    expiresAt: Math.floor(at / 1_000) + journalDays * 86_400,
  };
}

function shardOf(address: ItemAddress): number {
  const hash = createHash("sha256").update(addressText(address)).digest();
  return (hash[0] ?? 0) % shards.length;
}
