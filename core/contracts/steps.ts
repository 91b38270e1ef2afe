// Payloads of the region-switch machine: its input, each step's input and output, and its output.
// Each function's input is a pick of `run`, `request` and the outputs of earlier steps. The
// machine passes them through unchanged, so its history shows them whole.
import * as z from "zod";
import { divergenceSummarySchema } from "./divergence.ts";
import { evidenceSchema, lookSchema } from "./evidence.ts";
import { direction, planSchema, switchMode } from "./routing-state.ts";

/** The machine's input. `direction` may be left out for automatic runs: away from the active. */
export const switchRequestSchema = z.strictObject({
  direction: direction.optional(),
  mode: switchMode,
  requestedBy: z.string().min(1),
  /** Active-active: which Region a failover takes out or a failback brings back. Left out: the
   * primary, or the Region that is out. */
  region: z.string().optional(),
  reason: z.string().optional(),
  /** What woke an automatic run, e.g. "watch:us-west-2 failing us-east-1". */
  signal: z.string().optional(),
  /** When that was seen, ms since 1970, by the clock of whoever saw it. */
  signalAt: z.number().optional(),
  dryRun: z.boolean().optional(),
});

/** From the context object of the execution. */
export const runSchema = z.object({ executionArn: z.string(), startedAt: z.string() });

export const lossBoundSchema = z.object({
  /** Window of acknowledged writes that may be missing at the target; null: unknown. */
  seconds: z.number().nullable(),
  /** Writes in that window by the recent rate; null: unknown. */
  estimatedWrites: z.number().nullable(),
  /** ms since 1970, source's clock: when the source can last have acknowledged a write. */
  stopBound: z.number().nullable(),
  newestAtTarget: z.number().nullable(),
  /** By how many ms at most the source's clock is ahead of the decider's; null: unknown. */
  sourceAhead: z.number().nullable().optional(),
});

export const decisionSchema = z.object({
  kind: z.enum(["go", "ask", "hold"]),
  because: z.array(z.string()),
  blockedBy: z.array(z.string()),
  /** Names of what an approval or forced mode waived. */
  waived: z.array(z.string()),
  /** One sentence a reason, then one summary: log line, ledger, notification. */
  sentences: z.array(z.string()),
  /** What would be done; null when there is nothing to do. */
  plan: planSchema.nullable(),
  /** "take-over": the recorded plan of a lapsed lease is finished or undone. */
  intent: z.enum(["switch", "take-over"]),
  lossBound: lossBoundSchema,
  /** Changes nothing: the request is a dry run, or automation is "shadow". */
  dryRun: z.boolean(),
  /** Pages people (hold with a veto, ask). */
  page: z.boolean(),
  decidedAt: z.number(),
  /** From the evidence, for the claim's condition. */
  epoch: z.int(),
  automation: z.string(),
  /** Newest look that vouches for the target, ms since 1970; null: none. */
  vouchedAt: z.number().nullable(),
  /** Of a take-over: the source is vouched for, or its levers are known to be restored. */
  sourceReady: z.boolean().optional(),
  /** Of a return: divergence reports that nobody has acknowledged. */
  divergence: z.array(divergenceSummarySchema).default([]),
  /** What an approval acknowledges: their hashes; empty: none. */
  divergenceHash: z.string().default(""),
  /** Who approved with them before their eyes; null: nobody, or they are not waived. */
  divergenceReadBy: z.string().nullable().default(null),
});

/** What SendTaskSuccess carries for a pending approval. */
export const approvalAnswerSchema = z.object({
  approved: z.boolean(),
  by: z.string(),
  reason: z.string().optional(),
  /** Reason codes that were named in the question; only these are waived. */
  waives: z.array(z.string()),
  /** What was asked about, as the machine adds; another plan is another question. */
  plan: planSchema.optional(),
  /** The loss bound that was shown and when it was decided, ms since 1970, as the machine adds.
   * null: it was shown to be unknown; absent: what was shown isn't known. */
  lossBoundSeconds: z.number().nullable().optional(),
  decidedAt: z.number().optional(),
  /** Which divergence reports were shown, as the machine adds; others are unread. */
  divergenceHash: z.string().optional(),
});

/** The gates of that epoch's writer have been told that a claim is coming; `at`: when that was
 * known to be written, ms since 1970, claimer's clock. */
const noticedSchema = z.object({ epoch: z.int(), at: z.number() });

export const claimSchema = z.discriminatedUnion("claimed", [
  /** `again`: no other run acts, and it is to be decided again on fresh evidence. */
  z.object({
    claimed: z.literal(false),
    why: z.string(),
    again: z.boolean(),
    /** Nothing is lost: the source's gates have been told, and the claim is to be made once all of
     * them have read so. */
    noticed: noticedSchema.optional(),
  }),
  z.object({
    claimed: z.literal(true),
    epoch: z.int(),
    /** When the claim was known to be written, ms since 1970, claimer's clock: no gate that reads
     * later is open. The routing state's own `claimedAt` is from before the write. */
    claimedAt: z.number(),
    plan: planSchema,
    intent: z.enum(["switch", "take-over", "undo"]),
    /** Where to go on: a take-over of a promoted switch, and any with writes any-region, has only
     * levers and record left; "restore" undoes: levers as before, and the source becomes the writer
     * again. */
    next: z.enum(["fence", "levers", "restore"]),
    /** The writer changes: false with writes any-region, and where both serve and the other one
     * than the writer is taken out or brought back. */
    promotes: z.boolean(),
    /** The target had been promoted before this claim (matters for an undo: fence and drain
     * the other way first). */
    promoted: z.boolean(),
    lossBound: lossBoundSchema,
    /** How old a reading may be at most that keeps a gate of an older epoch open; default:
     * writeLeaseSeconds. */
    gateLeaseSeconds: z.number().optional(),
  }),
]);

export const fenceSchema = z.object({
  /** Seconds to wait until no gate of an older epoch can be open. */
  waitSeconds: z.number(),
  fencedAt: z.number(),
});

export const drainSchema = z.object({
  drained: z.boolean(),
  missing: z.int().nullable(),
  checked: z.int(),
  detail: z.string(),
});

export const promotionSchema = z.object({ writer: z.string(), promotedAt: z.number() });

export const leverOutcome = z.enum(["effective", "accepted", "failed", "untouched"]);
export const shiftSchema = z.object({
  /** Levers accepted as the plan demands, and the name servers answer as they should. */
  shifted: z.boolean(),
  /** The name servers answer exactly the Regions that are to serve. */
  answered: z.boolean(),
  /** Nothing had to be released, and what had to be pulled was accepted: it takes effect, whether
   * that was seen or not. */
  latched: z.boolean(),
  /** At least one lever was accepted. */
  accepted: z.boolean(),
  /** All levers stood as desired before the round: what DNS answers is no longer of our doing. */
  stood: z.boolean(),
  levers: z.object({ switch: leverOutcome, drain: leverOutcome }),
  dnsAnswers: z.array(z.string()).nullable(),
  vouchedAt: z.number().nullable(),
  shiftedAt: z.number().nullable(),
  route53Calls: z.int(),
  detail: z.string(),
});

export const verificationSchema = z.object({
  verified: z.boolean(),
  answers: z.array(z.object({ vantage: z.string(), region: z.string().nullable() })),
});

export const outcomeKind = z.enum([
  "switched",
  "held",
  "not-approved",
  "superseded",
  "dry-run",
  "undone",
  "failed",
]);

/** The machine's output: what `history` and the drill's result are made of. Times: ms since 1970.*/
export const runOutcomeSchema = z.object({
  outcome: outcomeKind,
  sentence: z.string(),
  plan: planSchema.nullable(),
  epoch: z.int().nullable(),
  requestedBy: z.string(),
  signalAt: z.number().nullable(),
  decidedAt: z.number().nullable(),
  claimedAt: z.number().nullable(),
  promotedAt: z.number().nullable(),
  shiftedAt: z.number().nullable(),
  completedAt: z.number(),
  lossBoundSeconds: z.number().nullable(),
  writePauseSeconds: z.number().nullable(),
  levers: z.object({ switch: leverOutcome, drain: leverOutcome }),
  because: z.array(z.string()),
  blockedBy: z.array(z.string()),
});

export const stepInputs = {
  "gather-evidence": z.object({ run: runSchema, request: switchRequestSchema }),
  decide: z.object({
    run: runSchema,
    request: switchRequestSchema,
    evidence: evidenceSchema,
    approval: approvalAnswerSchema.nullable(),
  }),
  "request-approval": z.object({
    run: runSchema,
    request: switchRequestSchema,
    evidence: evidenceSchema,
    decision: decisionSchema,
    question: z.int(),
    taskToken: z.string(),
  }),
  "claim-epoch": z.object({
    run: runSchema,
    request: switchRequestSchema,
    decision: decisionSchema,
    /** "undo": un-fence after a failed step of this execution. */
    intent: z.enum(["switch", "take-over", "undo"]),
    noticed: noticedSchema.nullable().default(null),
  }),
  "fence-source": z.object({ run: runSchema, claim: claimSchema }),
  "check-drain": z.object({ run: runSchema, claim: claimSchema, round: z.int() }),
  "promote-target": z.object({ run: runSchema, claim: claimSchema }),
  "shift-traffic": z.object({
    run: runSchema,
    claim: claimSchema,
    vouchedAt: z.number().nullable(),
    round: z.int(),
  }),
  "verify-shift": z.object({ run: runSchema, claim: claimSchema, round: z.int() }),
  "record-outcome": z.object({
    run: runSchema,
    request: switchRequestSchema,
    outcome: outcomeKind,
    why: z.string(),
    decision: decisionSchema.nullable(),
    claim: claimSchema.nullable(),
    promotion: promotionSchema.nullable(),
    /** The last one of the run; of the way back, once that has begun. */
    drain: drainSchema.nullable().default(null),
    shift: shiftSchema.nullable(),
    verification: verificationSchema.nullable(),
  }),
} as const;

/** The look function: `looks` walks, `spacingSeconds` apart, of each serving Region; with
 * `publicName`, one call of the public name instead. */
export const lookRequestSchema = z.object({
  looks: z.int().min(1).max(10),
  spacingSeconds: z.number(),
  publicName: z.boolean().optional(),
});
export const lookAnswerSchema = z.object({
  vantage: z.string(),
  at: z.number(),
  looks: z.array(lookSchema),
  /** X-Region that the public name answered; null: no answer. Only with `publicName`. */
  publicName: z.string().nullable(),
});
export type SwitchRequest = z.infer<typeof switchRequestSchema>;
export type Run = z.infer<typeof runSchema>;
export type LossBound = z.infer<typeof lossBoundSchema>;
export type Decision = z.infer<typeof decisionSchema>;
export type ApprovalAnswer = z.infer<typeof approvalAnswerSchema>;
export type Claim = z.infer<typeof claimSchema>;
export type Fence = z.infer<typeof fenceSchema>;
export type Drain = z.infer<typeof drainSchema>;
export type Promotion = z.infer<typeof promotionSchema>;
export type Shift = z.infer<typeof shiftSchema>;
export type Verification = z.infer<typeof verificationSchema>;
export type RunOutcome = z.infer<typeof runOutcomeSchema>;
export type LookRequest = z.infer<typeof lookRequestSchema>;
export type LookAnswer = z.infer<typeof lookAnswerSchema>;
