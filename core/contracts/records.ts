// Items of the two tables besides the routing state and the orders. Key functions are the only
// place where a key is spelled.
//
// Control table (MRSC; pk, sk): one partition per group; heartbeats, Health events, approvals and
// ledgers apart.
// Application table (MREC; pk, sk): orders, journal, heartbeats, the canaries' items.
import * as z from "zod";

const group = (name: string) => `group#${name}`;

export const controlKeys = {
  routing: (name: string) => ({ pk: group(name), sk: "routing" }),
  /** One a serving Region: how long it could still write. A partition of its own, so that IAM can
   * let customers' requests write it and nothing beside it. */
  heartbeat: (name: string, region: string) => ({ pk: `heartbeat#${name}`, sk: region }),
  /** One a vantage point and serving Region: its current view. */
  view: (name: string, vantage: string, serving: string) => ({
    pk: group(name),
    sk: `view#${vantage}#${serving}`,
  }),
  /** One a Health event ARN and day of its update: what has not been updated for 24 hours counts
   * no more and need not be read, and this table deletes nothing. */
  health: (name: string, updatedAt: number, eventArn: string) => ({
    pk: `health#${name}#${new Date(updatedAt).toISOString().slice(0, 10)}`,
    sk: eventArn,
  }),
  /** One an approval; the id is the execution's start, which sorts, its name, and the number of the
   * question in it. */
  approval: (name: string, id: string) => ({ pk: `approval#${name}`, sk: id }),
  /** A planned claim of the epoch after it is coming: gates are to read more often. */
  notice: (name: string) => ({ pk: group(name), sk: "notice" }),
  /** One an execution that an operator wants stopped: it is read where the run can stop safely. A
   * partition of its own, so that IAM can let operators write it and nothing beside it. */
  abort: (name: string, execution: string) => ({ pk: `abort#${name}`, sk: execution }),
  /** Names the approval that was asked last: the condition that keeps one open per group. */
  question: (name: string) => ({ pk: group(name), sk: "question" }),
  /** Health-check ids as the routing stack created them, copied here by reconcile. */
  checks: (name: string) => ({ pk: group(name), sk: "checks" }),
  /** Up to when every journal entry of a source has been read back at the other Region. */
  mark: (name: string, source: string) => ({ pk: group(name), sk: `mark#${source}` }),
  /** One a promotion that followed no drain, by its epoch: what the switch left behind. */
  divergence: (name: string, epoch: number) => ({
    pk: `divergence#${name}`,
    sk: String(epoch).padStart(8, "0"),
  }),
  /** The items of such a report, a step's findings a page. */
  divergencePage: (name: string, epoch: number, page: number) => ({
    pk: `divergence#${name}#${epoch}`,
    sk: String(page).padStart(6, "0"),
  }),
  /** Up to when every ended run of a Region's machine is in its archive. */
  archived: (name: string, region: string) => ({ pk: group(name), sk: `archived#${region}` }),
  /** The last page sent about leaving a Region (null: about none), so that holds page on change
   * only. Where both serve both may be accused, and what is said of one is no news of the other. */
  page: (name: string, source: string | null) => ({
    pk: group(name),
    sk: source === null ? "page" : `page#${source}`,
  }),
  ledger: (execution: string, sequence: number) => ({
    pk: `ledger#${execution}`,
    sk: String(sequence).padStart(6, "0"),
  }),
};

/** Heartbeat shards and journal shards of a writing Region: enough that one hot or lagging
 * partition shows, few enough that a beat is four small writes. */
export const shards = [0, 1, 2, 3] as const;

export const applicationKeys = {
  order: (id: string) => ({ pk: `order#${id}`, sk: "order" }),
  canary: (vantage: string, serving: string) => ({
    pk: `canary#${vantage}#${serving}`,
    sk: "canary",
  }),
  event: (id: string) => ({ pk: `event#${id}`, sk: "event" }),
  canaryEvent: (vantage: string, serving: string) => ({
    pk: `canary#${vantage}#${serving}`,
    sk: "event",
  }),
  heartbeat: (region: string, shard: number | "*") => ({
    pk: `heartbeat#${region}#${shard}`,
    sk: "heartbeat",
  }),
  /** How many writes a Region began to hold in the window of that number. */
  held: (region: string, window: number) => ({
    pk: `held#${region}`,
    sk: String(window).padStart(12, "0"),
  }),
  /** Journal partition of a writer: a Region, an epoch, a shard, an hour (bounds its size). */
  journalPartition: (region: string, epoch: number, shard: number, hour: number) =>
    `journal#${region}#${epoch}#${shard}#${hour}`,
  /** What a Region's writes of an item replaced, where that was of another epoch. `digest`: of the
   * item's address. */
  replacements: (region: string, digest: string) => `journal#${region}#replaced#${digest}`,
};

/** Control-table heartbeat of a serving Region; `at` is ms since 1970 on that Region's clock. */
export const heartbeatSchema = z.object({ region: z.string(), at: z.number() });

/** Of the epoch that it names, and of no other. `at`: ms since 1970, for people. */
export const noticeSchema = z.object({ epoch: z.int(), at: z.number() });

export const viewVerdict = z.enum(["healthy", "failing", "unknown"]);
/** What a vantage point sees of a serving Region. Written when it changes, and `seenAt` about every
 * 30 s, so that a minute without looks restarts the stability clock. Times: ms since 1970. */
export const viewSchema = z.object({
  vantage: z.string(),
  serving: z.string(),
  verdict: viewVerdict,
  /** Since when the verdict holds without interruption. */
  since: z.number(),
  seenAt: z.number(),
  /** The failing step and what it answered, in words; empty while healthy. */
  detail: z.string(),
});

export const checkIdsSchema = z.record(
  z.string(),
  z.strictObject({
    endpoint: z.string(),
    switch: z.string(),
    drain: z.string(),
    region: z.string(),
  }),
);

export const approvalSchema = z.object({
  id: z.string(),
  group: z.string(),
  status: z.enum(["pending", "approved", "rejected", "lapsed"]),
  taskToken: z.string(),
  /** Where the waiting execution runs: SendTaskSuccess goes to this Region. */
  region: z.string(),
  executionArn: z.string(),
  /** Who asked for the run; absent: nobody, it is automatic. */
  requestedBy: z.string().optional(),
  epoch: z.int(),
  direction: z.string(),
  /** Region that would be left, or beside which another is brought back. */
  source: z.string(),
  because: z.array(z.string()),
  blockedBy: z.array(z.string()),
  lossBoundSeconds: z.number().nullable(),
  /** Writes in that window by the recent rate; null: unknown. */
  estimatedWrites: z.number().nullable().optional(),
  /** Divergence reports that approving acknowledges, each in words, and their hashes. */
  divergence: z.array(z.string()).optional(),
  divergenceHash: z.string().optional(),
  askedAt: z.number(),
  expiresAt: z.number(),
  answeredAt: z.number().nullable(),
  answeredBy: z.string().nullable(),
});

/** An operator's wish that one run stop, and never more than a wish. `at`: ms since 1970. */
export const abortSchema = z.object({
  execution: z.string(),
  by: z.string(),
  reason: z.string(),
  at: z.number(),
});

/** What the run says of it: ledger, log, outcome. */
export function abortInWords({ by, reason }: Abort): string {
  return `${by} asked to abort${reason === "" ? "" : `: ${reason}`}.`;
}

/** The journal outlives any outage that a drain would follow; TTL then removes it. */
export const journalDays = 7;

/** An item of a replicated table: the table's name in the configuration ("application": the
 * application table), and the key attributes by name. */
export const itemAddressSchema = z.object({
  table: z.string().default("application"),
  key: z.record(z.string(), z.string()),
});

/** An entry of the write-ahead journal in the application table, written just before its item.
 * sk: zero-padded ms since 1970, then the version. `expiresAt` (s) is the table's TTL attribute. */
export const journalEntrySchema = z.object({
  pk: z.string(),
  sk: z.string(),
  at: z.number(),
  ...itemAddressSchema.shape,
  version: z.string(),
  expiresAt: z.number(),
  /** What was written, as JSON without key and stamp, where that costs nothing (an entry's first
   * KiB is one write unit); an update's holds its changes. Absent: it was larger. */
  copy: z.string().optional(),
  /** The write's condition did not hold: it was never made. */
  withdrawn: z.boolean().optional(),
});

/** That a write replaced one of another epoch: so its writer's Region had seen that one. Written
 * just after the item, among the journal's partitions of its Region; sk is the version. */
export const replacementSchema = z.object({
  version: z.string(),
  replaced: z.string(),
  expiresAt: z.number(),
});

/** Who wrote an item: on every item of the application table. */
export const stampSchema = z.object({
  writerRegion: z.string(),
  writerEpoch: z.int(),
  writtenAt: z.number(),
  version: z.string(),
});

/** Every journal entry of `source` with an older epoch, or with this epoch and a time up to `at`
 * (ms since 1970, source's clock), has been read back at the other Region. */
export const markSchema = z.object({ source: z.string(), epoch: z.int(), at: z.number() });

/** What was said last, in the words that decide whether the next one says anything new, and when.
 * ms since 1970. `record`: hash of the ledger's entry that it told of. */
export const pageSchema = z.object({
  subject: z.string(),
  at: z.number(),
  record: z.string().optional(),
});

export type Mark = z.infer<typeof markSchema>;
export type Page = z.infer<typeof pageSchema>;
export type Heartbeat = z.infer<typeof heartbeatSchema>;
export type Verdict = z.infer<typeof viewVerdict>;
export type View = z.infer<typeof viewSchema>;
export type CheckIds = z.infer<typeof checkIdsSchema>;
export type Abort = z.infer<typeof abortSchema>;
export type Approval = z.infer<typeof approvalSchema>;
export type ItemAddress = z.infer<typeof itemAddressSchema>;
export type JournalEntry = z.infer<typeof journalEntrySchema>;
export type Replacement = z.infer<typeof replacementSchema>;
export type ReplacementItem = Replacement & { readonly pk: string; readonly sk: string };
export type Stamp = z.infer<typeof stampSchema>;
