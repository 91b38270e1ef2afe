// Reads back at one Region what the journal of the other announced: the verified drain, and the
// mark that keeps it short. A marker item would prove nothing, since MREC keeps no order between
// items; so every announced item is read, by table, key and version.
import type { Region } from "../core/config/schema.ts";
import {
  applicationKeys,
  type ItemAddress,
  type JournalEntry,
  journalDays,
  type Mark,
  shards,
} from "../core/contracts/records.ts";
import { versionParts } from "../core/divergence.ts";
import { addressText } from "../core/tables.ts";
import type { ApplicationTable } from "./adapters/application-table.ts";

export type JournalReader = Pick<ApplicationTable, "readJournal" | "readVersions">;

export interface ReadBackPorts {
  /** The application table as it stands in the Region that wrote. */
  readonly source: JournalReader;
  /** ... and where it must have arrived. */
  readonly target: JournalReader;
}

export interface ReadBackOrder {
  readonly source: Region;
  /** Everything before it has been read back already. */
  readonly mark: Mark;
  /** Newest epoch in which the source may have written. */
  readonly throughEpoch: number;
  /** Announcements up to then; later ones may still be in flight. null: all there are, since no
   * gate is open any more. */
  readonly until: number | null;
  /** What the source's clock, which stamps announcements, shows by now at the latest. Times here
   * are ms since 1970 on that clock. */
  readonly clock: number;
  /** Stops the reading: nobody waits for it any more. */
  readonly signal?: AbortSignal;
}

export interface ReadBack {
  /** Keys that were compared. */
  readonly checked: number;
  /** Keys whose newest write at the source is not at the target. */
  readonly missing: number;
  /** Up to where nothing is missing. */
  readonly mark: Mark;
}

export interface Announced {
  readonly entry: JournalEntry;
  readonly epoch: number;
}

/** A part of one Region's journal. Times are ms since 1970 on its clock. */
export interface JournalSpan {
  readonly region: Region;
  readonly epochs: { readonly first: number; readonly last: number };
  readonly shards: readonly number[];
  readonly from: number;
  readonly until: number;
  /** What the Region's clock shows by now at the latest. */
  readonly clock: number;
  readonly signal?: AbortSignal | undefined;
}

/** A writer whose clock is ahead may have begun the next hour. */
const clockMarginMilliseconds = 60_000;
/** What TTL removes is gone without a trace: an hour before that the journal is no proof. */
const journalLastsMilliseconds = journalDays * 86_400_000 - 3_600_000;

/** Why what the journal still holds proves nothing; null: it does. */
export function unprovable(source: Region, mark: Mark | null, clock: number): string | null {
  if (mark === null) return `There is no mark of ${source}: nothing says where to begin reading.`;
  if (clock - mark.at <= journalLastsMilliseconds) return null;
  const since = new Date(mark.at).toISOString();
  return (
    `What ${source} has written has not been read back since ${since}, and its journal goes back ` +
    `${journalDays} days only.`
  );
}

export async function readBack(ports: ReadBackPorts, order: ReadBackOrder): Promise<ReadBack> {
  const announced = await announcedSince(ports.source, order);
  const newest = newestByKey(announced);
  const missing = await missingKeys(ports, newest);
  return { checked: newest.size, missing: missing.size, mark: markOf(order, announced, missing) };
}

function announcedSince(source: JournalReader, order: ReadBackOrder): Promise<Announced[]> {
  const { source: region, mark, throughEpoch, until, clock, signal } = order;
  return readAnnounced(source, {
    region,
    epochs: { first: mark.epoch, last: throughEpoch },
    shards,
    from: mark.at,
    until: until ?? Number.MAX_SAFE_INTEGER,
    clock: until ?? clock,
    signal,
  });
}

/** Epoch by epoch, and hour by hour in each. */
export async function readAnnounced(
  reader: Pick<JournalReader, "readJournal">,
  { region, epochs, shards: wanted, from, until, clock, signal }: JournalSpan,
): Promise<Announced[]> {
  const found: Announced[] = [];
  const lastHour = hourOf(clock + clockMarginMilliseconds);
  for (let epoch = epochs.first; epoch <= epochs.last; epoch += 1) {
    for (let hour = hourOf(from); hour <= lastHour; hour += 1) {
      if (signal?.aborted) throw new Error("Nobody waits for this reading any more.");
      const entries = await Promise.all(
        wanted.map((shard) => {
          const pk = applicationKeys.journalPartition(region, epoch, shard, hour);
          return reader.readJournal(pk, from, until);
        }),
      );
      for (const entry of entries.flat()) found.push({ entry, epoch });
    }
  }
  return found;
}

const hourOf = (at: number) => Math.floor(at / 3_600_000);

function newestByKey(announced: readonly Announced[]): Map<string, JournalEntry> {
  const newest = new Map<string, JournalEntry>();
  for (const { entry } of announced) {
    const key = addressText(entry);
    const known = newest.get(key);
    if (known === undefined || known.at <= entry.at) newest.set(key, entry);
  }
  return newest;
}

/** An announced write that was never made must not hold the drain for ever: where the target lacks
 * the announced version, what the source really holds decides. Of an item that is written again and
 * again the target may show a later write of that writer's already, and the source one still later:
 * what was announced has been replaced in both. */
async function missingKeys(
  ports: ReadBackPorts,
  newest: ReadonlyMap<string, JournalEntry>,
): Promise<Set<string>> {
  const there = await ports.target.readVersions([...newest.values()].map(addressOfEntry));
  const doubtful = [...newest].filter(([key, { version }]) => {
    const shown = there.get(key);
    return shown !== version && !isLaterOfItsEpoch(shown, version);
  });
  const here = await ports.source.readVersions(doubtful.map(([, entry]) => addressOfEntry(entry)));
  const missing = doubtful.filter(([key]) => here.has(key) && here.get(key) !== there.get(key));
  return new Set(missing.map(([key]) => key));
}

function isLaterOfItsEpoch(shown: string | undefined, announced: string): boolean {
  const [later, earlier] = [versionParts(shown ?? ""), versionParts(announced)];
  return later !== null && earlier?.epoch === later.epoch && earlier.at < later.at;
}

const addressOfEntry = ({ table, key }: JournalEntry): ItemAddress => ({ table, key });

/** The mark stops before the first announcement of a key that is missing: under the first epoch and
 * from the first time of any, since epochs overlap for seconds where a claim leaves the writer. */
function markOf(
  order: ReadBackOrder,
  announced: readonly Announced[],
  missing: ReadonlySet<string>,
): Mark {
  const { source, throughEpoch } = order;
  if (missing.size === 0) return { source, epoch: throughEpoch, at: order.until ?? order.clock };
  const lacking = announced.filter(({ entry }) => missing.has(addressText(entry)));
  return lacking.reduce<Mark>(
    (mark, { epoch, entry }) => ({
      source,
      epoch: Math.min(mark.epoch, epoch),
      at: Math.min(mark.at, entry.at),
    }),
    { source, epoch: Infinity, at: Infinity },
  );
}
