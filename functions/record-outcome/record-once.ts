// The ledger's entry of an outcome, made once: an attempt that dies after it is followed by another
// one with the same input, which finds the entry and goes by its times. The chain is read strongly.
import { type RunOutcome, runOutcomeSchema } from "../../core/contracts/steps.ts";
import type { Ledger, ReadLedger } from "../adapters/ledger.ts";

export interface RecordPorts {
  readonly ledger: Ledger;
  readonly readLedger: ReadLedger;
}

export interface Recorded {
  readonly outcome: RunOutcome;
  /** The entry's hash: its name in what is told of it. */
  readonly hash: string;
  /** False: an earlier attempt had made the entry. */
  readonly isNew: boolean;
}

/** A run that is redriven may come to another outcome, or to the same for another cause: the
 * sentence says both, and each has an entry of its own. */
export async function recordOnce(
  { ledger, readLedger }: RecordPorts,
  execution: string,
  outcome: RunOutcome,
): Promise<Recorded> {
  const { epoch, sentence } = outcome;
  for (const entry of await readLedger(execution)) {
    if (entry.kind !== "outcome" || entry.sentence !== sentence) continue;
    const made = runOutcomeSchema.safeParse(entry.detail).data;
    if (made?.epoch === epoch) return { outcome: made, hash: entry.hash, isNew: false };
  }
  const detail = { ...outcome };
  const note = { execution, epoch: epoch ?? 0, kind: "outcome", sentence, detail } as const;
  const { hash } = await ledger.append(note);
  return { outcome, hash, isNew: true };
}
