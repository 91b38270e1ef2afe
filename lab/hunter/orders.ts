// What crosses between the hunter and its workers: a drawn scenario to run, and what came of it.
import { z } from "zod";

export const orderSchema = z.object({
  /** A scenario file's content. */
  scenario: z.unknown(),
  seed: z.int(),
  /** See Disaster. */
  patient: z.boolean(),
  /** Cloud assembly. */
  folder: z.string(),
});
export type Order = z.infer<typeof orderSchema>;

export const reportSchema = z.object({
  verdict: z.enum(["pass", "fail", "inconclusive"]),
  failures: z.array(z.string()).readonly(),
  /** Null: the run didn't end. */
  logSha256: z.string().nullable(),
  wallMilliseconds: z.number(),
});
export type Report = z.infer<typeof reportSchema>;
