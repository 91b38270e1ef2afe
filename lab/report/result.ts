// The result of a drill, as a contract for machines: everything in it was measured in the lab, or
// said by the machine's own output where it names a bound. Times are virtual seconds since 0s.
import { z } from "zod";

const seconds = z.number();
const percentiles = z.object({ p50: seconds.nullable(), p99: seconds.nullable() });
const leverOutcome = z.enum(["effective", "accepted", "failed", "untouched"]);

export const baselineSchema = z.object({
  /** Nothing on AWS ran without its controller to find this out. */
  simulated: z.literal(true),
  rtoSeconds: percentiles,
  rtoSecondsAll: percentiles,
  /** Client requests that failed in the outage. */
  failed: z.int(),
  /** When Route 53 stopped sending clients to the Region; null: not before it healed. */
  movedAt: seconds.nullable(),
  /** When the faults behind the outage had ended; null: they stood to the end. */
  healedAt: seconds.nullable(),
});

export const switchResultSchema = z.object({
  direction: z.enum(["failover", "failback"]),
  mode: z.enum(["automatic", "planned", "forced"]),
  from: z.string(),
  to: z.string(),
  /** Regions that serve after it; only in active-active. */
  serving: z.array(z.string()).optional(),
  epoch: z.int().nullable(),
  executionArn: z.string(),
  status: z.string(),
  requestedBy: z.string(),
  impactAt: seconds.nullable(),
  signalAt: seconds.nullable(),
  decidedAt: seconds.nullable(),
  shiftedAt: seconds.nullable(),
  completedAt: seconds.nullable(),
  rtoSeconds: percentiles,
  rtoSecondsAll: percentiles,
  /** The same outage with Route 53 alone; null: no outage, or not measured. */
  baseline: baselineSchema.nullable(),
  lossBoundSeconds: z.number().nullable(),
  lostWrites: z.int(),
  writePauseSeconds: z.number().nullable(),
  levers: z.object({ switch: leverOutcome, drain: leverOutcome }),
  route53ControlPlaneCalls: z.int(),
  stateTransitions: z.int(),
  because: z.array(z.string()),
});

export const decisionResultSchema = z.object({
  at: seconds,
  executionArn: z.string(),
  kind: z.enum(["go", "ask", "hold"]),
  because: z.array(z.string()),
  blockedBy: z.array(z.string()),
});

export const drillResultSchema = z.object({
  scenario: z.string(),
  seed: z.int(),
  passed: z.boolean(),
  failures: z.array(z.string()),
  virtualSeconds: seconds,
  wallMilliseconds: z.number(),
  logSha256: z.string(),
  activeRegion: z.string(),
  /** Regions that serve at the end; only in active-active. */
  serving: z.array(z.string()).optional(),
  epoch: z.int(),
  switches: z.array(switchResultSchema),
  decisions: z.array(decisionResultSchema),
  clients: z.object({
    requests: z.int(),
    failed: z.int(),
    acknowledgedWrites: z.int(),
    lostWrites: z.int(),
    failedDuringPlanned: z.int(),
  }),
  invariants: z.array(z.object({ name: z.string(), checked: z.int(), violated: z.int() })),
  /** Why there is no baseline although there was an outage; only where that is so. */
  baselineFailure: z.string().optional(),
  denied: z.array(z.object({ principal: z.string(), action: z.string(), resource: z.string() })),
});

export type Baseline = z.infer<typeof baselineSchema>;
export type SwitchResult = z.infer<typeof switchResultSchema>;
export type DecisionResult = z.infer<typeof decisionResultSchema>;
export type DrillResult = z.infer<typeof drillResultSchema>;
