// The scenario file, as a contract: shapes, defaults, and what this version refuses by name. What
// needs the merged configuration (Regions by role, heal ids) is checked in load.ts.
import { z } from "zod";
import { ownRequestsSchema } from "../clients/own-requests.ts";
import type { HinderedService } from "../kernel.ts";
import { duration } from "./duration.ts";

const regionName = z.string().min(1);
const share = z.number().min(0).max(1);

const regionDown = z.strictObject({ kind: z.literal("region-down"), region: regionName });
const endpoint = z.strictObject({
  kind: z.literal("endpoint"),
  region: regionName,
  mode: z.enum(["error", "slow", "wrong-body"]),
  share: share.optional(),
  seconds: duration.optional(),
  path: z.string().startsWith("/").optional(),
});
const partition = z.strictObject({
  kind: z.literal("partition"),
  between: z.tuple([regionName, regionName]),
  oneWay: z.boolean().optional(),
});
const canarySilent = z.strictObject({ kind: z.literal("canary-silent"), region: regionName });
/** One that the app doesn't call is accepted, and hits nothing. */
const hinderedServices = [
  "dynamodb",
  "lambda",
  "apigateway",
  "states",
  "events",
  "cloudwatch",
  "synthetics",
  "sns",
  "sqs",
  "ssm",
  "sts",
  "scheduler",
] as const satisfies readonly HinderedService[];
const serviceModes = ["unreachable", "error", "throttle", "slow", "no-dns"] as const;
const hindered = { share: share.optional(), seconds: duration.optional() };
const route53ControlPlane = z.strictObject({
  kind: z.literal("route53-control-plane"),
  mode: z.enum(serviceModes),
  ...hindered,
});
const service = z.strictObject({
  kind: z.literal("service"),
  region: regionName,
  service: z.enum(hinderedServices),
  mode: z.enum(serviceModes),
  ...hindered,
});
const healthApi = z.strictObject({
  kind: z.literal("health-api"),
  mode: z.enum([...serviceModes, "no-support-plan"]),
  ...hindered,
});
const deleteStage = z.strictObject({ kind: z.literal("delete-stage"), region: regionName });
const deleteBasePathMapping = z.strictObject({
  kind: z.literal("delete-base-path-mapping"),
  region: regionName,
});

const eventDelay = z.strictObject({
  kind: z.literal("event-delay"),
  region: regionName,
  seconds: duration,
  duplicates: z.int().min(0).max(9).optional(),
});

/** Fault kinds of the format that this version doesn't build: refused by name, never ignored. */
export const faultsNotBuilt = ["replication", "clock-skew"] as const;

const faultShapes = [
  regionDown,
  endpoint,
  partition,
  canarySilent,
  route53ControlPlane,
  service,
  healthApi,
  deleteStage,
  deleteBasePathMapping,
  eventDelay,
] as const;
const faultKinds: string[] = faultShapes.map((one) => one.shape.kind.value);

export const faultSchema = z.discriminatedUnion("kind", faultShapes, {
  error: (issue) => unknownKind(issue.input),
});

function unknownKind(input: unknown): string | undefined {
  if (input === null || typeof input !== "object" || !("kind" in input)) {
    return `must be a fault with a kind: ${faultKinds.join(", ")}`;
  }
  const kind = String(input.kind);
  if (faultKinds.includes(kind)) return undefined;
  return faultsNotBuilt.some((known) => known === kind)
    ? `fault kind "${kind}" is not built yet`
    : `unknown fault kind "${kind}"; there are: ${faultKinds.join(", ")}`;
}

const operatorSchema = z.strictObject({
  command: z.enum(["failover", "failback", "approve", "reject", "pause", "resume"], {
    error: (issue) =>
      issue.input === "abort"
        ? 'command "abort" is not built yet'
        : "must be failover, failback, approve, reject, pause or resume",
  }),
  mode: z.enum(["planned", "forced"]).optional(),
  /** Failover: the Region to take out. Failback: the one that comes back. */
  region: regionName.optional(),
  dryRun: z.boolean().optional(),
  by: z.string().min(1).optional(),
  reason: z.string().optional(),
  within: duration.optional(),
});

const timeToken = z.strictObject({ $at: z.enum(["iso", "rfc1123"]) });
const healthEventSchema = z.union([
  z.strictObject({ file: z.string().min(1) }),
  z.looseObject({ detail: z.looseObject({}), region: regionName }),
]);

const notBuilt = (name: string) =>
  z.undefined({ error: `step "${name}" is not built yet` }).optional();

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

const actionKeys = ["fault", "heal", "healthEvent", "operator", "set"] as const;

export const stepSchema = z
  .strictObject({
    at: duration,
    id: z.string().min(1).optional(),
    note: z.string().optional(),
    fault: faultSchema.optional(),
    heal: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]).optional(),
    healthEvent: healthEventSchema.optional(),
    operator: operatorSchema.optional(),
    crash: notBuilt("crash"),
    set: setSchema.optional(),
  })
  .superRefine((step, context) => {
    const present = actionKeys.filter((key) => step[key] !== undefined);
    if (present.length === 1 || "crash" in step) return;
    context.addIssue({
      code: "custom",
      message:
        present.length === 0
          ? `has no action; exactly one of ${actionKeys.join(", ")} is needed`
          : `has ${present.length} actions (${present.join(", ")}); exactly one is allowed`,
    });
  });

const traffic = z
  .strictObject({
    clients: z.int().min(0).default(30),
    requestsPerSecond: z.number().min(0).default(3),
    writeShare: share.default(0.5),
    ignoresTtlShare: share.default(0.04),
    /** Places: any Region's code, or a role. */
    regions: z
      .array(
        z
          .string()
          .regex(
            /^([a-z]{2}(-[a-z]+)+-\d|primary|secondary|witness)$/,
            "must be a Region code like us-east-1, or a role",
          ),
      )
      .min(1)
      .default(["us-east-1"]),
    /** Of a team's own API; absent: the sample's orders, and events where there are any. */
    requests: ownRequestsSchema.optional(),
  })
  .prefault({});

const upperBound = z.number().min(0);

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
  seed: z.int().min(0).default(1),
  startsAt: z.iso.datetime({ offset: true }).default("2026-01-15T09:00:00Z"),
  traffic,
  timeline: z.array(stepSchema).default([]),
  until: duration,
  expect: expectSchema.prefault({}),
});

export type Scenario = z.infer<typeof scenarioSchema>;
export type Step = z.infer<typeof stepSchema>;
export type Fault = z.infer<typeof faultSchema>;
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
