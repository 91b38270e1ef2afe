// Appends to the ledger: one hash chain per execution, each entry conditional on its place being
// free, so that two invocations of one execution can't write the same place. The chain's end is
// read strongly each time; an entry is written before what it announces happens.
import { createHash } from "node:crypto";
import * as z from "zod";
import type { Config, Region } from "../../core/config/schema.ts";
import {
  firstPrevious,
  type LedgerEntry,
  ledgerBytes,
  ledgerEntrySchema,
} from "../../core/contracts/ledger.ts";
import { controlKeys } from "../../core/contracts/records.ts";
import { TransientFault } from "../../core/errors.ts";
import { controlTableName } from "../../core/names.ts";
import { type Table, tableIn } from "./table.ts";

export interface LedgerNote {
  /** Execution ARN, or "reconcile/<region>/<minute>" for what no execution did. */
  readonly execution: string;
  readonly epoch: number;
  readonly kind: LedgerEntry["kind"];
  readonly sentence: string;
  readonly detail: Record<string, unknown>;
}

export interface Ledger {
  /** Appends in the order of the calls, also when they are made together. */
  append(note: LedgerNote): Promise<LedgerEntry>;
}

/** Of one execution, in order, as this Region's replica holds it. */
export type ReadLedger = (execution: string) => Promise<LedgerEntry[]>;

/** Another invocation of the same execution may take a place; more than that is a defect. */
const attemptsMax = 5;

export function ledger(config: Config, region: Region, now: () => number): Ledger {
  return ledgerOn(tableIn(region, controlTableName(config)), now);
}

export function ledgerReader(config: Config, region: Region): ReadLedger {
  const table = tableIn(region, controlTableName(config));
  return (execution) => table.list({ pk: controlKeys.ledger(execution, 1).pk }, ledgerEntrySchema);
}

export function ledgerOn(table: Table, now: () => number): Ledger {
  const ends = new Map<string, LedgerEntry>();
  let queue: Promise<unknown> = Promise.resolve();
  const append = async (note: LedgerNote): Promise<LedgerEntry> => {
    for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
      const last = ends.get(note.execution) ?? (await lastOf(table, note.execution));
      const entry = entryAfter(last, note, now());
      if (await claimPlace(table, entry)) {
        ends.set(note.execution, entry);
        return entry;
      }
      ends.delete(note.execution);
    }
    throw new TransientFault(`The ledger of ${note.execution} is being written by another.`);
  };
  return {
    append(note) {
      const mine = queue.then(() => append(note));
      queue = mine.catch(() => undefined);
      return mine;
    },
  };
}

async function lastOf(table: Table, execution: string): Promise<LedgerEntry | null> {
  const { pk } = controlKeys.ledger(execution, 1);
  const [last] = await table.list({ pk, newest: 1 }, ledgerEntrySchema);
  return last ?? null;
}

function entryAfter(last: LedgerEntry | null, note: LedgerNote, at: number): LedgerEntry {
  const open = {
    ...note,
    detail: plainDetail.parse(JSON.parse(JSON.stringify(note.detail))),
    at,
    sequence: (last?.sequence ?? 0) + 1,
    previous: last?.hash ?? firstPrevious,
  };
  return { ...open, hash: createHash("sha256").update(ledgerBytes(open)).digest("hex") };
}

/** As the table gives it back: without undefined members, so that the hash verifies. */
const plainDetail = z.record(z.string(), z.unknown());

async function claimPlace(table: Table, entry: LedgerEntry): Promise<boolean> {
  const key = controlKeys.ledger(entry.execution, entry.sequence);
  if (await table.put(key, entry, { expression: "attribute_not_exists(pk)" })) return true;
  // Our own attempt may have been written before its answer was lost.
  const stored = await table.read(key, ledgerEntrySchema);
  return stored?.hash === entry.hash;
}
