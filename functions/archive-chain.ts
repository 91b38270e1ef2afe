// Copies one chain of the ledger to this Region's archive. Entries go side by side and the record
// last, so that a record never stands for a chain that is not there. Repeating it changes nothing.
import type { Config, Region } from "../core/config/schema.ts";
import { archiveObjects } from "../core/contracts/archive.ts";
import { groupOf } from "../core/names.ts";
import type { Archive } from "./adapters/archive.ts";
import type { ReadLedger } from "./adapters/ledger.ts";

export interface ArchivePorts {
  readonly readLedger: ReadLedger;
  readonly archive: Archive;
}

/** A chain has some twenty entries; a switch that waited for days may have some hundred. */
const sideBySide = 10;

/** Answers how many objects are new. */
export async function archiveChain(
  { readLedger, archive }: ArchivePorts,
  { config, region }: { readonly config: Config; readonly region: Region },
  execution: string,
): Promise<number> {
  const objects = archiveObjects(groupOf(config), region, await readLedger(execution));
  const record = objects.pop();
  if (record === undefined) return 0;
  let written = 0;
  for (let from = 0; from < objects.length; from += sideBySide) {
    const portion = objects.slice(from, from + sideBySide);
    const put = await Promise.all(portion.map((object) => archive.put(object)));
    written += put.filter((isNew) => isNew).length;
  }
  return written + ((await archive.put(record)) ? 1 : 0);
}
