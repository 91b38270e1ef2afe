// Versions, and the journal entry that announces a write: in which Region, epoch, shard and hour,
// and of which item in which version; with a copy of what is written where that costs nothing, so
// that a write which the last writer discards can still be read.
import { createHash } from "node:crypto";
import * as z from "zod";
import {
  applicationKeys,
  type ItemAddress,
  type JournalEntry,
  journalDays,
  type ReplacementItem,
  type Stamp,
  shards,
  stampSchema,
} from "../../core/contracts/records.ts";
import { addressText } from "../../core/tables.ts";
import { journalSortKey } from "../adapters/application-table.ts";

/** Sorts as text: a later epoch's write is the newer one whatever the clocks say, then by time.
 * The request's id makes it unique, with a number where one request writes several items. */
export function versionOf(epoch: number, at: number, requestId: string, number: number): string {
  const base = `${String(epoch).padStart(8, "0")}.${String(at).padStart(15, "0")}.${requestId}`;
  return number === 0 ? base : `${base}.${String(number).padStart(3, "0")}`;
}

/** `written`: what the item is made of, or an update's changes. */
export function journalEntry(
  address: ItemAddress,
  stamp: Stamp,
  written: Readonly<Record<string, unknown>>,
): JournalEntry {
  const { writerRegion, writerEpoch, writtenAt: at, version } = stamp;
  const hour = Math.floor(at / 3_600_000);
  const entry = {
    pk: applicationKeys.journalPartition(writerRegion, writerEpoch, shardOf(address), hour),
    sk: journalSortKey(at, version),
    at,
    ...address,
    version,
    expiresAt: expiryOf(at),
  };
  return { ...entry, ...copyBeside(entry, written) };
}

/** That a write replaced one that its writer's epoch had not made. */
export function replacementEntry(
  address: ItemAddress,
  { writerRegion, writtenAt, version }: Stamp,
  replaced: string,
): ReplacementItem {
  const pk = applicationKeys.replacements(writerRegion, digestOf(address).toString("hex"));
  return { pk, sk: version, version, replaced, expiresAt: expiryOf(writtenAt) };
}

const expiryOf = (at: number) => Math.floor(at / 1_000) + journalDays * 86_400;

/** DynamoDB counts writes by the KiB: an entry that stays below costs no more for its copy. JSON
 * is never shorter than what DynamoDB counts, but for numbers, and there is some room for those. */
const entryBytesMax = 960;

const json = z.json();

function copyBeside(
  entry: JournalEntry,
  written: Readonly<Record<string, unknown>>,
): { copy?: string } {
  const known = new Set([...Object.keys(entry.key), ...Object.keys(stampSchema.shape)]);
  const rest = Object.fromEntries(Object.entries(written).filter(([name]) => !known.has(name)));
  // Sets and bytes are no JSON, and half a copy would be worse than none.
  if (!json.safeParse(rest).success) return {};
  const copy = JSON.stringify(rest);
  const bytes = Buffer.byteLength(JSON.stringify(entry)) + Buffer.byteLength(copy);
  return bytes <= entryBytesMax ? { copy } : {};
}

export function digestOf(address: ItemAddress): Buffer {
  return createHash("sha256").update(addressText(address)).digest();
}

function shardOf(address: ItemAddress): number {
  return (digestOf(address)[0] ?? 0) % shards.length;
}
