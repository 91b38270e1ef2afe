// What stands in the archive, and under which keys: the entries of a chain as they are in the
// ledger, and last a record of the run, made from them alone, so that whoever writes it writes the
// same. Its presence says that the chain is complete up to the entry whose number it has: a run
// that was stopped, archived and redriven goes on with its chain, and gets another record.
import type { LedgerEntry } from "./ledger.ts";

export interface ArchiveObject {
  readonly key: string;
  readonly body: string;
}

/** Below it all objects of a group. */
export const archivePrefix = (group: string) => `${group}/`;
/** Bundles that an operator has put there. */
export const bundlePrefix = (group: string) => `${archivePrefix(group)}bundles/`;

/** Of an execution's ARN its name; of reconcile's chains, "reconcile/REGION/MINUTE", all. */
function chainName(execution: string): string {
  return execution.startsWith("arn:")
    ? `runs/${execution.split(":").at(-1) ?? execution}`
    : execution;
}

/** Entries first, the record last. `entries`: all of one chain, in order; none: nothing. */
export function archiveObjects(
  group: string,
  region: string,
  entries: readonly LedgerEntry[],
): ArchiveObject[] {
  const last = entries.at(-1);
  if (last === undefined) return [];
  const folder = `${archivePrefix(group)}${chainName(last.execution)}`;
  const numbered = (sequence: number) => String(sequence).padStart(6, "0");
  const object = (name: string, value: object) => ({
    key: `${folder}/${name}.json`,
    body: `${JSON.stringify(value, null, 2)}\n`,
  });
  return [
    ...entries.map((entry) => object(`ledger-${numbered(entry.sequence)}`, entry)),
    object(`record-${numbered(last.sequence)}`, recordOf(group, region, entries, last)),
  ];
}

function recordOf(
  group: string,
  region: string,
  entries: readonly LedgerEntry[],
  last: LedgerEntry,
) {
  const outcome = entries.findLast(({ kind }) => kind === "outcome");
  return {
    format: "switchback-archive/1",
    ...{ group, region, execution: last.execution },
    entries: entries.length,
    /** Of the chain's end: what the entries must verify to. */
    hash: last.hash,
    firstAt: new Date(entries[0]?.at ?? last.at).toISOString(),
    lastAt: new Date(last.at).toISOString(),
    sentences: entries.map(({ sentence }) => sentence),
    /** null: the run ended without recording one. */
    outcome: outcome?.detail ?? null,
  };
}
