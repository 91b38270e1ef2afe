// The scenario file, as a contract: shapes, defaults, and what this version refuses by name. The
// faults are in fault-schema.ts; what needs the merged configuration (Regions by role, heal ids) is
// checked in load.ts.
import { z } from "zod";
import { ownRequestsSchema } from "../clients/own-requests.ts";
import { duration } from "./duration.ts";
import { faultSchema } from "./fault-schema.ts";

const regionName = z.string().min(1);
export const placePattern = /^([a-z]{2}(-[a-z]+)+-\d|primary|secondary|witness)$/;
const share = z.number().min(0).max(1);

const operatorSchema = z.strictObject({
  command: z.enum(["failover", "failback", "approve", "reject", "pause", "resume", "abort"], {
    error: "must be failover, failback, approve, reject, pause, resume or abort",
  }),
  mode: z.enum(["planned", "forced"]).optional(),
  /** Failover: the Region to take out. Failback: the one that comes back. */
  region: regionName.optional(),
  dryRun: z.boolean().optional(),
  by: z.string().min(1).optional(),
  reason: z.string().optional(),
  within: duration.optional(),
});

export const timeToken = z.strictObject({ $at: z.enum(["iso", "rfc1123"]) });
const healthEventSchema = z.union([
  z.strictObject({ file: z.string().min(1) }),
  z.looseObject({ detail: z.looseObject({}), region: regionName }),
]);

/** Lambda's rule for names; a number is written as its text. */
const setSchema = z.strictObject({
  function: z.string().min(1),
  region: regionName,
  env: z
    .record(
      z.string().regex(/^[a-zA-Z][a-zA-Z0-9_]+$/, "must be the name of a variable"),
      z.union([z.string(), z.number().transform(String)], { error: "must be a string" }),
    )
    .refine((env) => Object.keys(env).length > 0, "must name a variable"),
});

/** What dies half way. */
const crashSchema = z.union(
  [
    z
      .literal("region-switch")
      .describe("The running execution is stopped where it is, as by StopExecution."),
    z.strictObject({
      function: z.string().min(1),
      region: regionName,
      invocation: z
        .int()
        .min(1)
        .describe(
          "Which invocation dies, after its side effects and before it returns: counted from " +
            "this step on, retries included; 1 is the first that begins after it.",
        ),
    }),
  ],
  {
    error: (issue) =>
      issue.code === "invalid_union"
        ? 'must be "region-switch", or { function, region, invocation }, invocation from 1 on'
        : undefined,
  },
);

export const actionKeys = ["fault", "heal", "healthEvent", "operator", "crash", "set"] as const;

/** That there is one action, and no more, is checked in step-meaning.ts. */
export const stepSchema = z.strictObject({
  at: duration,
  id: z.string().min(1).optional(),
  note: z.string().optional(),
  fault: faultSchema.optional(),
  heal: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
    .transform((ids) => (Array.isArray(ids) && ids.includes("all") ? "all" : ids))
    .optional(),
  healthEvent: healthEventSchema.optional(),
  operator: operatorSchema.optional(),
  crash: crashSchema.optional(),
  set: setSchema.optional(),
});

const traffic = z
  .strictObject({
    clients: z.int().min(0).default(30),
    requestsPerSecond: z.number().min(0).default(3),
    writeShare: share.default(0.5),
    ignoresTtlShare: share.default(0.04),
    /** Places: any Region's code, or a role. */
    regions: z
      .array(z.string().regex(placePattern, "must be a Region code like us-east-1, or a role"))
      .min(1)
      .default(["us-east-1"]),
    /** Of a team's own API; absent: the sample's orders, and events where there are any. */
    requests: ownRequestsSchema.optional(),
  })
  .prefault({});

const upperBound = z.number().min(0);
const seedWords = `must be a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`;

export const expectSchema = z.strictObject({
  activeRegion: regionName.optional(),
  failovers: z.int().min(0).optional(),
  failbacks: z.int().min(0).optional(),
  noSwitch: z
    .array(
      z
        .tuple([duration, duration])
        .refine(([from, to]) => from <= to, "must end no earlier than it begins"),
    )
    .optional(),
  switchWithin: z
    .strictObject({
      direction: z.enum(["failover", "failback"]),
      after: duration,
      within: duration,
    })
    .optional(),
  rtoSeconds: z.strictObject({ p50: upperBound.optional(), p99: upperBound.optional() }).optional(),
  lostWrites: upperBound.optional(),
  failedRequestsPlanned: upperBound.optional(),
  decisions: z
    .array(
      z.strictObject({
        kind: z.enum(["go", "hold", "ask"]),
        because: z.array(z.string()).optional(),
        blockedBy: z.array(z.string()).optional(),
      }),
    )
    .optional(),
  pendingApprovals: z.int().min(0).optional(),
  route53ControlPlaneCalls: upperBound.optional(),
});

export const scenarioSchema = z.strictObject({
  $schema: z.string().optional(),
  name: z.string().regex(/^[a-z0-9-]+$/, "must be of a-z, 0-9 and -"),
  description: z.string().min(1),
  config: z.record(z.string(), z.unknown()).default({}),
  seed: z.int(seedWords).min(0, seedWords).default(1),
  startsAt: z.iso.datetime({ offset: true }).default("2026-01-15T09:00:00Z"),
  traffic,
  timeline: z.array(stepSchema).default([]),
  until: duration,
  expect: expectSchema.prefault({}),
});

export type Scenario = z.infer<typeof scenarioSchema>;
export type Step = z.infer<typeof stepSchema>;
export type CrashStep = z.infer<typeof crashSchema>;
export type SetStep = z.infer<typeof setSchema>;
export type OperatorCommand = z.infer<typeof operatorSchema>;
export type Expectations = z.infer<typeof expectSchema>;

/** The instant in the format that a `$at` token names. */
export function atToken(token: unknown, instant: number): string | null {
  const parsed = timeToken.safeParse(token);
  if (!parsed.success) return null;
  const date = new Date(instant);
  return parsed.data.$at === "iso"
    ? date.toISOString().replace(/\.\d{3}Z$/, "Z")
    : date.toUTCString();
}
