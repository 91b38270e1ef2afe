// The one schema of switchback.config.json. Every key is documented here, and the JSON Schema
// beside it is generated from this file. What a value must satisfy beyond its shape is checked in
// checks.ts, so that all faults of a file can be reported together.
import { z } from "zod";

const region = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "must be a Region code like us-east-1");
const seconds = z.number().positive();

export const configSchema = z.strictObject({
  $schema: z.string().optional(),
  application: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,23}$/, "must be 1 to 24 of a-z, 0-9 and -, starting with a letter"),
  domain: z.strictObject({
    name: z.string().min(1),
    hostedZoneName: z.string().min(1),
    hostedZoneId: z.string().regex(/^Z[A-Z0-9]{1,31}$/, "must be a hosted zone id like Z0123ABC"),
  }),
  regions: z.strictObject({ primary: region, secondary: region, witness: region }),
  topology: z.enum(["active-passive", "active-active"]).default("active-passive"),
  workloads: z
    .array(z.enum(["api", "events"]))
    .min(1)
    .default(["api"]),
  frontend: z.boolean().default(false),
  writes: z.enum(["single-region", "any-region"]).default("single-region"),
  coordination: z.enum(["strong", "eventual"]).default("strong"),
  writeLeaseSeconds: seconds.default(5),
  writeDeadlineSeconds: seconds.default(2),
  drain: z.enum(["verified", "heartbeats"]).default("verified"),
  automation: z.enum(["armed", "approval", "shadow", "paused"]).default("armed"),
  canaries: z.boolean().default(true),
  objectives: z
    .strictObject({ rtoSeconds: seconds.default(180), rpoSeconds: seconds.default(30) })
    .prefault({}),
  detection: z
    .strictObject({
      quorum: z.int().min(1).default(2),
      lookSeconds: seconds.default(10),
      lookFailures: z.int().min(1).default(3),
      stepTimeoutSeconds: seconds.default(5),
      heartbeatSeconds: seconds.default(10),
      endpointIntervalSeconds: z.literal([10, 30]).default(10),
      endpointFailures: z.int().min(1).max(10).default(3),
      canaryIntervalSeconds: seconds.default(300),
      healthServices: z
        .array(z.string())
        .default(["APIGATEWAY", "DYNAMODB", "LAMBDA", "MULTIPLE_SERVICES"]),
    })
    .prefault({}),
  policy: z
    .strictObject({
      onLossUnknown: z.enum(["ask", "hold", "proceed"]).default("ask"),
      approvalTimeoutSeconds: seconds.default(900),
      cooldownSeconds: z.number().min(0).default(3600),
      stabilitySeconds: z.number().min(0).default(1800),
    })
    .prefault({}),
  approval: z.strictObject({ twoPerson: z.boolean().default(false) }).prefault({}),
  notify: z.array(z.email()).default([]),
});

/** A checked configuration, every default filled in. */
export type Config = z.infer<typeof configSchema>;
export type Region = string;
export type Role = "primary" | "secondary" | "witness";
