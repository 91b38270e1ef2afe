// Reads the write-ahead journal and the items that it announces, in whichever serving Region and
// always strongly: what a replica does not have, it does not have.
import type { z } from "zod";
import type { Config, Region } from "../../core/config/schema.ts";
import {
  applicationKeys,
  journalEntrySchema,
  type Stamp,
  shards,
  stampSchema,
} from "../../core/contracts/records.ts";
import { applicationTableName } from "../../core/names.ts";
import { type Key, type Table, tableIn } from "./table.ts";

export interface JournalPartition {
  readonly writer: Region;
  readonly epoch: number;
  /** Of the entries' time, since 1970. */
  readonly hour: number;
}

/** What an entry announces: that `key` is about to be written as `version`. */
export type Announcement = z.infer<typeof announcementSchema>;

export interface Journal {
  /** Entries of all shards from that time on (ms since 1970), as they stand in `region`. */
  entries(region: Region, partition: JournalPartition, from: number): Promise<Announcement[]>;
  /** Who wrote the item last, as seen in `region`; null: it isn't there. */
  stampOf(region: Region, key: Key): Promise<Stamp | null>;
}

const announcementSchema = journalEntrySchema.pick({ at: true, key: true, version: true });
/** As the gate writes them: digits enough for ms until the year 33658, so that sk sorts by time. */
const timeDigits = 15;

export const journalTime = (at: number) => String(Math.floor(at)).padStart(timeDigits, "0");
export const journalHour = (at: number) => Math.floor(at / 3_600_000);

export function journal(config: Config): Journal {
  return journalOn((region) => tableIn(region, applicationTableName(config)));
}

export function journalOn(tableOf: (region: Region) => Table): Journal {
  return {
    async entries(region, { writer, epoch, hour }, from) {
      const found = await Promise.all(
        shards.map((shard) => {
          const pk = applicationKeys.journalPartition(writer, epoch, shard, hour);
          return tableOf(region).list({ pk, from: journalTime(from) }, announcementSchema);
        }),
      );
      return found.flat();
    },
    stampOf: (region, key) => tableOf(region).read(key, stampSchema),
  };
}
