// What crosses between whoever wants a cloud assembly and the process that makes it.
import { z } from "zod";

export const orderSchema = z.object({
  appFile: z.string(),
  cwd: z.string(),
  /** Variables that the app reads. */
  environment: z.record(z.string(), z.string()),
});
export type Order = z.infer<typeof orderSchema>;

export const reportSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("synthesized") }),
  z.object({ kind: z.literal("broken"), why: z.string() }),
]);
export type Report = z.infer<typeof reportSchema>;
