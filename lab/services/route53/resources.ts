// CloudFormation's Route 53 types as the zone and the checks. What a template says beyond what is
// modelled is refused by name: a record that would be answered wrongly is worse than none.
import { z } from "zod";
import { normalName, type Routing, type ZoneRecord } from "../../dns/records.ts";
import type { Zone } from "../../dns/zone.ts";
import type { CreatedResource, DeployedResource, ResourceModels } from "../../kernel.ts";
import { checkConfigSchema } from "./check-config.ts";
import type { HealthChecks } from "./health-checks.ts";

const flag = z.union([z.boolean(), z.enum(["true", "false"]).transform((text) => text === "true")]);

const recordSchema = z.strictObject({
  Name: z.string(),
  Type: z.enum(["A", "AAAA", "TXT", "CNAME"]),
  HostedZoneId: z.string(),
  SetIdentifier: z.string().optional(),
  Failover: z.enum(["PRIMARY", "SECONDARY"]).optional(),
  Region: z.string().optional(),
  HealthCheckId: z.string().optional(),
  TTL: z.coerce.number().int().min(0).optional(),
  ResourceRecords: z.array(z.string()).optional(),
  Comment: z.string().optional(),
  AliasTarget: z
    .strictObject({
      DNSName: z.string(),
      HostedZoneId: z.string(),
      EvaluateTargetHealth: flag.default(false),
    })
    .optional(),
});

const healthCheckSchema = z.strictObject({
  HealthCheckConfig: checkConfigSchema,
  HealthCheckTags: z.array(z.strictObject({ Key: z.string(), Value: z.string() })).default([]),
});

/** `added` runs after each record. */
export function route53Models(zone: Zone, checks: HealthChecks, added: () => void): ResourceModels {
  const records = (resource: DeployedResource) => createRecord(resource, zone, added);
  return {
    "AWS::Route53::HealthCheck": (resource) => createHealthCheck(resource, checks),
    "AWS::Route53::RecordSet": records,
  };
}

function createHealthCheck(resource: DeployedResource, checks: HealthChecks): CreatedResource {
  const properties = parsed(resource, healthCheckSchema);
  const tag = properties.HealthCheckTags.find((one) => one.Key === "Name");
  const check = checks.create(tag?.Value ?? resource.logicalId, properties.HealthCheckConfig);
  return { ref: check.id, attributes: { HealthCheckId: check.id } };
}

function createRecord(resource: DeployedResource, zone: Zone, added: () => void): CreatedResource {
  const properties = parsed(resource, recordSchema);
  if (properties.HostedZoneId !== zone.id) {
    throw new Error(`${resource.logicalId}: hosted zone ${properties.HostedZoneId} does not exist`);
  }
  const routing = routingOf(properties);
  if (routing.kind !== "simple" && properties.SetIdentifier === undefined) {
    throw new Error(`${resource.logicalId}: a ${routing.kind} record needs a SetIdentifier`);
  }
  const { AliasTarget: target, ResourceRecords: values = [] } = properties;
  if ((target === undefined) === (values.length === 0)) {
    throw new Error(`${resource.logicalId}: needs either ResourceRecords or an AliasTarget`);
  }
  const record: ZoneRecord = {
    name: normalName(properties.Name),
    type: properties.Type,
    setIdentifier: properties.SetIdentifier ?? null,
    routing,
    healthCheckId: properties.HealthCheckId ?? null,
    ttlSeconds: target === undefined ? (properties.TTL ?? 300) : null,
    values: values.map(properties.Type === "TXT" ? unquoted : (value) => value),
    alias: target === undefined ? null : aliasOf(target),
  };
  zone.add(record);
  added();
  return { ref: record.name, attributes: {} };
}

function routingOf(properties: z.infer<typeof recordSchema>): Routing {
  if (properties.Failover !== undefined) return { kind: "failover", role: properties.Failover };
  if (properties.Region !== undefined) return { kind: "latency", region: properties.Region };
  return { kind: "simple" };
}

const aliasOf = (target: NonNullable<z.infer<typeof recordSchema>["AliasTarget"]>) => ({
  dnsName: normalName(target.DNSName),
  hostedZoneId: target.HostedZoneId,
  evaluateTargetHealth: target.EvaluateTargetHealth,
});

const unquoted = (value: string) => value.replace(/^"(.*)"$/, "$1");

function parsed<T extends z.ZodType>(resource: DeployedResource, schema: T): z.infer<T> {
  const result = schema.safeParse(resource.properties);
  if (result.success) return result.data;
  const faults = result.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw new Error(`${resource.type} ${resource.logicalId} is not modelled: ${faults.join("; ")}`);
}
