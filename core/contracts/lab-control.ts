// What a live lab tells a console and takes from it, over HTTP on loopback, guarded by a token that
// stands in .switchback/lab.json. Here, since lab and operator must agree and may not import each
// other. What a fault looks like only the lab knows: it hands out the JSON schema.
import * as z from "zod";

/** Path of each; all but the first are POST. */
export const labControlPaths = {
  state: "/state",
  faults: "/faults",
  heal: "/heal",
  speed: "/speed",
  play: "/play",
} as const;

export const labBucketSeconds = 5;

const recovery = z.object({ p50: z.number().nullable(), p99: z.number().nullable() });

/** What clients felt, from the first failure that followed quiet. */
export const labOutageSchema = z.object({
  /** ms since 1970, virtual: when the newest fault before it began, or the first failed request. */
  impactAt: z.number(),
  /** null: it goes on. */
  endedAt: z.number().nullable(),
  failedRequests: z.int(),
  /** Clients that honour TTLs; null: not all have recovered yet. */
  rtoSeconds: recovery,
  recoveredClients: z.int(),
  clients: z.int(),
});

export const labStateSchema = z.object({
  /** ms since 1970, virtual. */
  now: z.number(),
  speed: z.number(),
  faults: z.array(
    z.object({
      id: z.string(),
      words: z.string(),
      regions: z.array(z.string()),
      since: z.number(),
    }),
  ),
  clients: z.object({
    requests: z.int(),
    failed: z.int(),
    acknowledgedWrites: z.int(),
    /** null: no request ended in the last minute. */
    successShareLastMinute: z.number().nullable(),
  }),
  /** Requests that ended in each span of `labBucketSeconds`, oldest first; the last may grow. */
  buckets: z.array(
    z.object({
      at: z.number(),
      failed: z.int(),
      /** Good answers, by the Region that gave them. */
      good: z.record(z.string(), z.int()),
    }),
  ),
  outage: labOutageSchema.nullable(),
  /** The story's last lines, oldest first. */
  story: z.array(
    z.object({
      at: z.number(),
      region: z.string().nullable(),
      text: z.string(),
      tone: z.enum(["bad", "good", "key", "plain"]),
    }),
  ),
  /** The shipped ones; `why`: what keeps one from being played in this lab. */
  scenarios: z.array(
    z.object({ name: z.string(), description: z.string(), why: z.string().nullable() }),
  ),
  /** JSON schema of a fault. */
  faultSchema: z.json(),
});
export type LabState = z.infer<typeof labStateSchema>;
export type LabOutage = z.infer<typeof labOutageSchema>;

export const labRequests = {
  /** The fault's own shape is checked by the lab. */
  faults: z.strictObject({ fault: z.json() }),
  heal: z.strictObject({ id: z.string().min(1).max(200) }),
  speed: z.strictObject({ speed: z.number().positive().max(10_000) }),
  play: z.strictObject({ scenario: z.string().regex(/^[a-z0-9-]+$/, "must be a scenario's name") }),
} as const;

/** What each change answers, refused or done. */
export const labAnswerSchema = z.object({ ok: z.boolean(), message: z.string() });
export type LabAnswer = z.infer<typeof labAnswerSchema>;
