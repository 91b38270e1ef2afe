// The ledger: append-only entries in the control table, one hash chain per execution (or per
// reconcile run). An entry is written before what it announces happens.
import * as z from "zod";

export const ledgerKind = z.enum([
  "decision",
  "approval-asked",
  "notice",
  "claim",
  "fence",
  "drain",
  "promote",
  "pull-lever",
  "release-lever",
  "undo",
  "abort",
  "automation",
  "outcome",
  "divergence",
]);

export const ledgerEntrySchema = z.object({
  execution: z.string(),
  sequence: z.int().min(1),
  /** ms since 1970, clock of the writing function. */
  at: z.number(),
  epoch: z.int(),
  kind: ledgerKind,
  /** One sentence for people. */
  sentence: z.string(),
  /** For claim, promote, undo: the routing state as it is about to be; for levers: region and
   * lever. */
  detail: z.record(z.string(), z.unknown()),
  /** Hash of the entry before; 64 zeros for the first. */
  previous: z.string(),
  /** SHA-256 hex of ledgerBytes(). */
  hash: z.string(),
});
export type LedgerEntry = z.infer<typeof ledgerEntrySchema>;

/** The bytes an entry's hash covers: all fields but the hash, keys sorted at every depth. */
export function ledgerBytes(entry: Omit<LedgerEntry, "hash">): string {
  return canonical(entry);
}

/** JSON with keys sorted at every depth and undefined members left out. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${members.map(([k, v]) => `${JSON.stringify(k)}:${canonical(v)}`).join(",")}}`;
  }
  return JSON.stringify(value) ?? "null";
}

export const firstPrevious = "0".repeat(64);
