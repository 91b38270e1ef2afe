// A health check's configuration in Route 53's own words (the API and CloudFormation spell it
// alike), parsed. Texts are taken where numbers and booleans are meant, since XML has nothing else.
// Types that the app doesn't use (HTTP, TCP, RECOVERY_CONTROL, …) are refused by name.
// https://docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html
import { z } from "zod";

/** Where Route 53's checkers stand; a check without Regions of its own is probed from all. */
export const checkerRegions = [
  "us-east-1",
  "us-west-1",
  "us-west-2",
  "eu-west-1",
  "ap-southeast-1",
  "ap-southeast-2",
  "ap-northeast-1",
  "sa-east-1",
] as const;

const flag = z.union([z.boolean(), z.enum(["true", "false"]).transform((text) => text === "true")]);
const count = (low: number, high: number) => z.coerce.number().int().min(low).max(high);
const common = { Inverted: flag.default(false), Disabled: flag.default(false) };

const endpoint = {
  ...common,
  FullyQualifiedDomainName: z.string().min(1).max(255),
  Port: count(443, 443).default(443),
  ResourcePath: z.string().max(255).default("/"),
  RequestInterval: count(10, 30).default(30),
  FailureThreshold: count(1, 10).default(3),
  EnableSNI: flag.default(true),
  MeasureLatency: flag.default(false),
  Regions: z
    .array(z.enum(checkerRegions))
    .min(3)
    .default([...checkerRegions]),
};

export const checkConfigSchema = z.discriminatedUnion("Type", [
  z.strictObject({ Type: z.literal("HTTPS"), ...endpoint }),
  z.strictObject({
    Type: z.literal("HTTPS_STR_MATCH"),
    ...endpoint,
    SearchString: z.string().min(1).max(255),
  }),
  z.strictObject({
    Type: z.literal("CALCULATED"),
    ...common,
    ChildHealthChecks: z.array(z.string()).max(255),
    HealthThreshold: count(0, 256),
  }),
  z.strictObject({
    Type: z.literal("CLOUDWATCH_METRIC"),
    ...common,
    AlarmIdentifier: z.strictObject({ Name: z.string(), Region: z.string() }),
    InsufficientDataHealthStatus: z
      .enum(["Healthy", "Unhealthy", "LastKnownStatus"])
      .default("LastKnownStatus"),
  }),
]);

/** What UpdateHealthCheck may change. Type, interval and latency graphs are for life; changing
 * Regions would move checkers, which isn't modelled and refused as InvalidInput. */
export const checkUpdateSchema = z.strictObject({
  HealthCheckVersion: z.coerce.number().int().min(1).optional(),
  ResetElements: z
    .array(z.enum(["ChildHealthChecks", "FullyQualifiedDomainName", "ResourcePath"]))
    .optional(),
  Inverted: flag.optional(),
  Disabled: flag.optional(),
  FullyQualifiedDomainName: z.string().optional(),
  Port: z.coerce.number().optional(),
  ResourcePath: z.string().optional(),
  SearchString: z.string().optional(),
  FailureThreshold: z.coerce.number().optional(),
  EnableSNI: flag.optional(),
  ChildHealthChecks: z.array(z.string()).optional(),
  HealthThreshold: z.coerce.number().optional(),
  AlarmIdentifier: z.strictObject({ Name: z.string(), Region: z.string() }).optional(),
  InsufficientDataHealthStatus: z.string().optional(),
});

export type CheckConfig = z.infer<typeof checkConfigSchema>;
export type EndpointConfig = Extract<CheckConfig, { Type: "HTTPS" | "HTTPS_STR_MATCH" }>;
export type MetricConfig = Extract<CheckConfig, { Type: "CLOUDWATCH_METRIC" }>;
export type CheckUpdate = z.infer<typeof checkUpdateSchema>;

/** The configuration after an update: what the request omits stays. Null: it makes no sense. */
export function updatedConfig(config: CheckConfig, update: CheckUpdate): CheckConfig | null {
  const { HealthCheckVersion: _version, ResetElements: reset, ...changes } = update;
  const kept = Object.entries(config).filter(([key]) => !reset?.some((one) => one === key));
  const cleared = reset?.includes("ChildHealthChecks") ? { ChildHealthChecks: [] } : {};
  const parsed = checkConfigSchema.safeParse({
    ...Object.fromEntries(kept),
    ...cleared,
    ...changes,
  });
  return parsed.success ? parsed.data : null;
}
