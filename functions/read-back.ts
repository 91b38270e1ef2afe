// Reads back at one Region what the journal of the other announced: the verified drain, and the
// mark that keeps it short. A marker item would prove nothing, since MREC keeps no order between
// items; so every announced key is read, by key and version.
import type { Region } from "../core/config/schema.ts";
import type { Mark } from "../core/contracts/records.ts";
import { type Announcement, type Journal, journalHour } from "./adapters/journal.ts";

export interface ReadBackOrder {
  readonly source: Region;
  readonly target: Region;
  /** Everything before it has been read back already. */
  readonly mark: Mark;
  /** Newest epoch in which the source may have written. */
  readonly throughEpoch: number;
  /** Announcements up to then (ms since 1970); later ones may still be in flight. */
  readonly until: number;
}

export interface ReadBack {
  /** Keys that were compared. */
  readonly checked: number;
  /** Keys whose newest write at the source is not at the target. */
  readonly missing: number;
  /** Up to where nothing is missing. */
  readonly mark: Mark;
}

interface Announced extends Announcement {
  readonly epoch: number;
}

/** Reads in flight at once: enough to check a thousand keys in a second or two, few enough that a
 * replica's other readers don't notice. */
const readsAtOnce = 25;
/** A writer whose clock is ahead may have begun the next hour. */
const clockMarginMilliseconds = 60_000;

export async function readBack(journal: Journal, order: ReadBackOrder): Promise<ReadBack> {
  const announced = await announcedSince(journal, order);
  const newest = [...newestByKey(announced).values()];
  const missing: Announced[] = [];
  for (let start = 0; start < newest.length; start += readsAtOnce) {
    const some = newest.slice(start, start + readsAtOnce);
    const arrived = await Promise.all(some.map((each) => hasArrived(journal, order, each)));
    missing.push(...some.filter((_, index) => arrived[index] !== true));
  }
  return {
    checked: newest.length,
    missing: missing.length,
    mark: markOf(order, announced, missing),
  };
}

async function announcedSince(journal: Journal, order: ReadBackOrder): Promise<Announced[]> {
  const { mark, source, throughEpoch, until } = order;
  const found: Announced[] = [];
  const lastHour = journalHour(until + clockMarginMilliseconds);
  for (let epoch = mark.epoch; epoch <= throughEpoch; epoch += 1) {
    for (let hour = journalHour(mark.at); hour <= lastHour; hour += 1) {
      const partition = { writer: source, epoch, hour };
      const entries = await journal.entries(source, partition, mark.at);
      for (const entry of entries) if (entry.at <= until) found.push({ ...entry, epoch });
    }
  }
  return found;
}

function newestByKey(announced: readonly Announced[]): Map<string, Announced> {
  const newest = new Map<string, Announced>();
  for (const each of announced) {
    const name = `${each.key.pk} ${each.key.sk}`;
    const known = newest.get(name);
    if (known === undefined || known.at <= each.at) newest.set(name, each);
  }
  return newest;
}

/** An announced write that was never made must not hold the drain for ever: where the target lacks
 * the version, what the source really holds decides. */
async function hasArrived(
  journal: Journal,
  { source, target }: ReadBackOrder,
  announced: Announced,
): Promise<boolean> {
  const there = await journal.stampOf(target, announced.key);
  if (there?.version === announced.version) return true;
  if (there !== null && there.writtenAt > announced.at) return true;
  const here = await journal.stampOf(source, announced.key);
  if (here === null) return true;
  return there?.version === here.version || (there?.writtenAt ?? 0) > here.writtenAt;
}

/** The announcement that misses first stops the mark: every older key has its newest write there
 * or later in this very list. */
function markOf(
  order: ReadBackOrder,
  announced: readonly Announced[],
  missing: readonly Announced[],
): Mark {
  const { source, throughEpoch, until } = order;
  if (missing.length === 0) return { source, epoch: throughEpoch, at: until };
  const keys = new Set(missing.map(({ key }) => `${key.pk} ${key.sk}`));
  const first = announced
    .filter(({ key }) => keys.has(`${key.pk} ${key.sk}`))
    .reduce((a, b) => (b.epoch < a.epoch || (b.epoch === a.epoch && b.at < a.at) ? b : a));
  return { source, epoch: first.epoch, at: first.at };
}
