// A ledger as it is stored, read entry by entry: what is no entry is named and the rest is judged
// all the same, since somebody who tampers with one leaves the others.
import { type LedgerEntry, ledgerEntrySchema } from "../../core/contracts/ledger.ts";
import { ledgerFaults } from "../../core/invariants.ts";

export interface ReadEntries {
  readonly entries: readonly LedgerEntry[];
  /** One sentence for each item that is no entry. */
  readonly unreadable: readonly string[];
}

export function readEntries(items: readonly unknown[]): ReadEntries {
  const entries: LedgerEntry[] = [];
  const unreadable = items.flatMap((item, index) => {
    const read = ledgerEntrySchema.safeParse(item);
    if (read.success) entries.push(read.data);
    const paths = read.error?.issues.map(({ path }) => path.join(".")).join(", ");
    return read.success ? [] : [`Item ${index + 1} of the ledger is no entry (${paths}).`];
  });
  return { entries, unreadable };
}

/** Every fault of one run's ledger. `ended`: it came to its end, which is an entry. */
export function faultsOfLedger(
  items: readonly unknown[],
  execution: string,
  ended: boolean,
  sha256: (bytes: string) => string,
): string[] {
  const { entries, unreadable } = readEntries(items);
  const foreign = entries
    .filter((entry) => entry.execution !== execution)
    .map((entry) => `Ledger entry ${entry.sequence} is of ${entry.execution}.`);
  const isOpen = ended && entries.at(-1)?.kind !== "outcome";
  const cut = isOpen ? [`The ledger of ${execution} ends before its outcome.`] : [];
  return [...unreadable, ...foreign, ...ledgerFaults(entries, sha256), ...cut];
}
