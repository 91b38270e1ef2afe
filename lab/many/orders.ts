// What crosses between a sweep and its workers: a scenario to drill, and what came of it.
import { z } from "zod";
import { drillResultSchema } from "../report/result.ts";

export const orderSchema = z.object({
  file: z.string(),
  configFile: z.string(),
  /** Cloud assembly. */
  folder: z.string(),
  seed: z.int(),
  /** What Route 53 alone would have done, too. */
  baseline: z.boolean(),
});
export type Order = z.infer<typeof orderSchema>;

export const reportSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("result"), result: drillResultSchema }),
  /** `refused`: the scenario was found wrong, as only the deployed assembly may show. */
  z.object({ kind: z.literal("broken"), why: z.string(), refused: z.boolean() }),
]);
export type Report = z.infer<typeof reportSchema>;
