// What a run without the controller noted down: enough to tell, of any outage, what clients saw. It
// crosses from one process to the other, hence a schema.
import { z } from "zod";

const instant = z.number();

const disturbanceSchema = z.object({
  at: instant,
  /** Null: it never ended. */
  until: instant.nullable(),
  regions: z.array(z.string()),
});

const requestSchema = z.object({
  at: instant,
  endedAt: instant,
  outcome: z.enum(["ok", "failed", "missing"]),
  region: z.string().nullable(),
  kind: z.enum(["write", "read", "list"]),
});

export const baselineRecordSchema = z.object({
  /** All times are ms since 1970; this is 0s. */
  zero: instant,
  endedAt: instant,
  /** Faults, and variables that somebody set, in order. */
  disturbances: z.array(disturbanceSchema),
  /** Regions that clients were sent to, from when on. The first: before anything happened. */
  answers: z.array(z.object({ at: instant, regions: z.array(z.string()) })).min(1),
  histories: z.array(
    z.object({
      client: z.int(),
      ignoresTtl: z.boolean(),
      requests: z.array(requestSchema).readonly(),
    }),
  ),
});

export type BaselineRecord = z.infer<typeof baselineRecordSchema>;
export type Disturbance = z.infer<typeof disturbanceSchema>;
