// What the console's server and its page say to each other: the state that is pushed, a run that is
// watched, and every request, each parsed on arrival. Nothing here can open AWS: no credential, no
// task token, no address of the lab. Times are ms since 1970, by the deployment's clocks.
import { z } from "zod";
import { labStateSchema } from "../../core/contracts/lab-control.ts";
import { viewVerdict } from "../../core/contracts/records.ts";
import {
  automation,
  direction,
  leverPair,
  planSchema,
} from "../../core/contracts/routing-state.ts";
import { runOutcomeSchema } from "../../core/contracts/steps.ts";

export const csrfHeader = "x-csrf-token";
export const paths = {
  session: "/api/session",
  events: "/api/events",
  switch: "/api/switch",
  answer: "/api/answer",
  abort: "/api/abort",
  automation: "/api/automation",
  history: "/api/history",
  runs: "/api/runs",
  lab: "/api/lab",
} as const;

const time = z.number().nullable();
const standing = z.enum(["pulled", "released", "unknown"]);

const approvalShown = z.object({
  id: z.string(),
  region: z.string(),
  executionArn: z.string(),
  epoch: z.int(),
  direction: z.string(),
  source: z.string(),
  target: z.string(),
  blockedBy: z.array(z.string()),
  sentences: z.array(z.string()),
  lossBoundSeconds: z.number().nullable(),
  /** What an approval acknowledges to have read, in words. */
  divergence: z.array(z.string()).optional(),
  askedAt: z.number(),
  expiresAt: z.number(),
  /** Of all that an answer agrees to. */
  hash: z.string(),
});

const statusSchema = z.object({
  at: z.number(),
  epoch: z.int().nullable(),
  active: z.string().nullable(),
  serving: z.array(z.string()),
  writer: z.string().nullable(),
  writes: z.enum(["single-region", "any-region"]),
  phase: z.enum(["steady", "switching"]).nullable(),
  latched: z.boolean().nullable(),
  automation: automation.nullable(),
  automationChange: z.object({ by: z.string(), at: z.number(), reason: z.string() }).nullable(),
  plan: planSchema.nullable(),
  lease: z.object({ executionArn: z.string(), until: z.number() }).nullable(),
  levers: z.record(
    z.string(),
    z.object({
      desired: leverPair.nullable(),
      standing: z.object({ switch: standing, drain: standing }),
    }),
  ),
  vantagePoints: z.array(
    z.object({
      vantage: z.string(),
      sees: z.array(
        z.object({
          serving: z.string(),
          verdict: viewVerdict,
          since: time,
          seenAt: time,
          detail: z.string(),
        }),
      ),
    }),
  ),
  approvals: z.array(approvalShown),
  /** `executions` null: that Region could not be asked. */
  runs: z.array(z.object({ region: z.string(), executions: z.array(z.string()).nullable() })),
  /** What a switch that did not drain left behind and nobody has read; null: not known. */
  divergence: z.array(z.object({ epoch: z.int(), words: z.string() })).nullable(),
  regions: z.array(
    z.object({ region: z.string(), answered: z.boolean(), why: z.string().nullable() }),
  ),
});

export const factsSchema = z.object({
  /** By serving Region: requests that its API answered, by whole minutes, newest last; null: its
   * CloudWatch could not be asked. */
  traffic: z.record(
    z.string(),
    z.array(z.object({ at: z.number(), requests: z.number() })).nullable(),
  ),
  /** By source: how far its peer has what it wrote. */
  replication: z.record(
    z.string(),
    z.object({
      to: z.string(),
      /** Age of the oldest of its heartbeats as its peer shows it; null: not seen. */
      lagSeconds: z.number().nullable(),
      /** Window that a switch away from it could lose now; null: unknown. */
      lossBoundSeconds: z.number().nullable(),
      /** While somebody looked: oldest first. */
      series: z.array(z.object({ at: z.number(), lagSeconds: z.number().nullable() })),
    }),
  ),
  alarms: z.array(
    z.object({ region: z.string(), name: z.string(), reason: z.string(), since: time }),
  ),
  health: z.array(
    z.object({
      region: z.string(),
      service: z.string(),
      code: z.string(),
      updatedAt: z.number(),
      counts: z.boolean(),
      why: z.string(),
    }),
  ),
  /** What could not be read of all this, in words. */
  unknown: z.array(z.string()),
});

export const stateSchema = z.object({
  deployment: z
    .object({
      kind: z.enum(["lab", "aws"]),
      words: z.string(),
      application: z.string(),
      domain: z.string(),
      topology: z.enum(["active-passive", "active-active"]),
      primary: z.string(),
      secondary: z.string(),
      witness: z.string(),
      rpoSeconds: z.number(),
      stabilitySeconds: z.number(),
    })
    .nullable(),
  /** Who asks, as STS says; null: not known yet. */
  me: z.string().nullable(),
  status: statusSchema.nullable(),
  /** Why the status is not of now; null: it is. */
  silent: z.string().nullable(),
  /** Real seconds since the status was read; null: never. */
  ageSeconds: z.number().nullable(),
  facts: factsSchema.nullable(),
  /** null: on AWS, or while the lab starts. */
  lab: labStateSchema.nullable(),
});
export type ConsoleState = z.infer<typeof stateSchema>;
export type Deployment = NonNullable<ConsoleState["deployment"]>;
export type ShownStatus = z.infer<typeof statusSchema>;
export type Facts = z.infer<typeof factsSchema>;
export type ApprovalShown = z.infer<typeof approvalShown>;

export const stepNames = [
  "gather",
  "decide",
  "approve",
  "claim",
  "fence",
  "drain",
  "shift",
  "promote",
  "verify",
  "record",
  "undo",
] as const;
export type StepName = (typeof stepNames)[number];

export const runSchema = z.object({
  executionArn: z.string(),
  name: z.string(),
  region: z.string(),
  /** As Step Functions says. */
  status: z.string(),
  entries: z.array(
    z.object({
      at: z.number(),
      kind: z.enum(["who", "seen", "why", "changed", "fault", "end"]),
      sentence: z.string(),
    }),
  ),
  /** Traffic moves beside the fence, and nothing is drained. */
  parallel: z.boolean(),
  steps: z.array(
    z.object({
      name: z.enum(stepNames),
      state: z.enum(["ahead", "current", "done", "failed", "skipped"]),
      at: time,
    }),
  ),
  /** The machine's own name of where it stands; null: it has ended. */
  standsIn: z.string().nullable(),
  decision: z
    .object({
      kind: z.enum(["go", "ask", "hold"]),
      because: z.array(z.string()),
      blockedBy: z.array(z.string()),
      waived: z.array(z.string()),
      sentences: z.array(z.string()),
      plan: planSchema.nullable(),
      /** "at most 18 s of acknowledged writes" */
      loss: z.string(),
    })
    .nullable(),
  outcome: runOutcomeSchema.pick({ outcome: true, sentence: true, blockedBy: true }).nullable(),
});
export type RunShown = z.infer<typeof runSchema>;

/** What the stream's `run` event holds. */
export const runEventSchema = z.object({
  wanted: z.string(),
  run: runSchema.nullable(),
  /** Why it could not be read. */
  why: z.string().nullable(),
});
export type RunEvent = z.infer<typeof runEventSchema>;

export const sessionSchema = z.object({ csrf: z.string() });
export const errorSchema = z.object({ error: z.string() });
export const startedSchema = z.object({ executionArn: z.string(), name: z.string() });
/** What was done, and what was said on the way. */
export const doneSchema = z.object({ message: z.string(), notes: z.array(z.string()) });

export const historySchema = z.object({
  switches: z.array(
    z.object({
      executionArn: z.string(),
      name: z.string(),
      direction: direction.nullable(),
      mode: z.string().nullable(),
      from: z.string().nullable(),
      to: z.string().nullable(),
      epoch: z.int().nullable(),
      status: z.string(),
      requestedBy: z.string(),
      completedAt: time,
      lossBoundSeconds: z.number().nullable(),
      writePauseSeconds: z.number().nullable(),
      sentence: z.string(),
    }),
  ),
  unknown: z.array(z.string()),
});
export type ShownHistory = z.infer<typeof historySchema>;

const reason = z.string().max(500).optional();
/** An execution's name or ARN: what Step Functions allows in either. */
export const executionName = z
  .string()
  .regex(/^[A-Za-z0-9:_.-]{1,300}$/, "must be an execution's name or ARN");

export const requests = {
  switch: z.strictObject({
    direction,
    mode: z.enum(["planned", "forced"]),
    dryRun: z.boolean(),
    region: z.string().max(30).optional(),
    reason,
  }),
  answer: z.strictObject({
    id: z.string().min(1).max(300),
    hash: z.string().regex(/^[0-9a-f]{64}$/, "must be the hash that was shown"),
    approved: z.boolean(),
    reason,
  }),
  abort: z.strictObject({ execution: executionName, reason }),
  automation: z.strictObject({ command: z.enum(["pause", "resume", "arm", "shadow"]), reason }),
  events: z.strictObject({ run: executionName.optional() }),
  history: z.strictObject({ since: z.string().max(40).default("7d") }),
} as const;
