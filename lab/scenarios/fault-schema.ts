// The faults of a scenario, one shape a kind. What needs the merged configuration (Regions by role)
// is checked in load.ts; what each of them does is in lab/faults.
import { z } from "zod";
import type { HinderedService } from "../kernel.ts";
import { duration, signedDuration } from "./duration.ts";

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
  duplicates: z.int().min(0).max(99).optional(),
});

/** Of the tables that replicate asynchronously (MREC), in one direction. */
const replication = z.strictObject({
  kind: z.literal("replication"),
  from: regionName,
  to: regionName,
  mode: z.enum(["paused", "slow"]),
  seconds: duration.optional(),
});
const clockSkew = z.strictObject({
  kind: z.literal("clock-skew"),
  region: regionName,
  /** Above zero the Region's clocks are fast, below zero slow. */
  seconds: signedDuration,
});

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
  replication,
  clockSkew,
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
  return `unknown fault kind "${kind}"; there are: ${faultKinds.join(", ")}`;
}

export type Fault = z.infer<typeof faultSchema>;
