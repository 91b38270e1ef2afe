// The routing state: one item per group in the control table. It says which Region is active, who
// may write, and who holds the right to change that.
import * as z from "zod";

export const leverPosition = z.enum(["pulled", "released"]);
export const leverPair = z.strictObject({ switch: leverPosition, drain: leverPosition });
export const switchMode = z.enum(["automatic", "planned", "forced"]);
export const direction = z.enum(["failover", "failback"]);
export const automation = z.enum(["armed", "approval", "shadow", "paused"]);

export const planSchema = z.strictObject({
  direction,
  mode: switchMode,
  source: z.string(),
  target: z.string(),
  /** Regions that serve before it and after it, the primary first. */
  before: z.array(z.string()),
  after: z.array(z.string()),
});

export const routingStateSchema = z.strictObject({
  group: z.string(),
  /** Starts at 1, +1 with every claim. */
  epoch: z.int().min(1),
  /** The Region that surely serves: in active-active the primary while both do. */
  active: z.string(),
  /** The Region whose gate may be open; null while a switch is between fence and promotion, and
   * always with writes any-region, where every gate is. */
  writer: z.string().nullable(),
  phase: z.enum(["steady", "switching"]),
  /** Desired position by Region, for Regions that have levers. Written before they are touched. */
  levers: z.record(z.string(), leverPair),
  /** What was last attempted with the switch lever, by Region, recorded before the attempt; an
   * attempt to pull counts as pulled until a release was read back. */
  switchAttempted: z.record(z.string(), leverPosition),
  plan: planSchema.nullable(),
  /** Execution that may act, and until when (ms since 1970). */
  lease: z.strictObject({ executionArn: z.string(), until: z.number() }).nullable(),
  automation,
  automationChange: z
    .strictObject({
      by: z.string(),
      at: z.number(),
      reason: z.string(),
      /** ms since 1970: then reconcile sets `then` again. Absent: it lasts. */
      until: z.number().optional(),
      /** What holds from then on. Always beside `until`. */
      afterwards: automation.optional(),
    })
    .nullable(),
  /** When the current epoch was claimed, ms since 1970, on the claimer's clock. */
  claimedAt: z.number(),
  /** When an automatic switch last made its target serve (cool-down), ms since 1970. */
  automaticSwitchAt: z.number().nullable(),
});

export type LeverPosition = z.infer<typeof leverPosition>;
export type LeverPair = z.infer<typeof leverPair>;
export type SwitchMode = z.infer<typeof switchMode>;
export type Direction = z.infer<typeof direction>;
export type Automation = z.infer<typeof automation>;
export type Plan = z.infer<typeof planSchema>;
export type RoutingState = z.infer<typeof routingStateSchema>;
