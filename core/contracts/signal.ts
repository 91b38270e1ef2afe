// Our own event on the default bus of a serving Region: somebody should look. It carries no
// verdict; the run that it wakes gathers fresh evidence itself.
import * as z from "zod";

export const signalSchema = z.object({
  /** watch: three failed looks; reconcile: a vote stands or a lease lapsed; gate: a write was
   * refused; canary: an alarm; health: an AWS Health event was stored. */
  kind: z.enum(["watch", "reconcile", "gate", "canary", "health"]),
  from: z.string(),
  /** Region that the signal is about. */
  against: z.string(),
  detail: z.string(),
  at: z.number(),
});
export type Signal = z.infer<typeof signalSchema>;
