// The same application without its controller: what a team has whose two Regions stand behind plain
// Route 53 records, each with a check of its endpoint. Nothing watches, nobody is woken, no lever
// has a say, and both Regions write, since nothing is there that could fence one.
import { z } from "zod";
import type { Config } from "../../core/config/schema.ts";
import { functionName } from "../../core/names.ts";
import type { DeployedResource, Json, ResourceModels } from "../kernel.ts";

/** Everything that the controller does begins in one of these: all others are called by them. */
const beginnings = ["watch", "on-signal"];

type Properties = DeployedResource["properties"];

/** The models with which a lab is built that has no controller. */
export function disarmed(config: Config, models: ResourceModels): ResourceModels {
  const endpoints = new EndpointChecks();
  const changed = (type: string, change: (properties: Properties) => Properties) => {
    const model = models[type];
    if (model === undefined) throw new Error(`the lab has no model of ${type}`);
    return (resource: DeployedResource) =>
      model({ ...resource, properties: change(resource.properties) });
  };
  const healthCheck = changed("AWS::Route53::HealthCheck", (properties) => properties);
  return {
    ...models,
    "AWS::Synthetics::Canary": ({ properties }) => {
      const name = String(properties.Name);
      return { ref: name, attributes: { Id: name, State: "STOPPED" } };
    },
    "AWS::Events::Rule": changed("AWS::Events::Rule", (rule) => silenced(config, rule)),
    "AWS::Lambda::Function": changed("AWS::Lambda::Function", writingAnywhere),
    "AWS::Route53::HealthCheck": async (resource) => {
      const created = await healthCheck(resource);
      endpoints.learn(created.ref, resource.properties);
      return created;
    },
    "AWS::Route53::RecordSet": changed("AWS::Route53::RecordSet", (record) =>
      endpoints.without(record),
    ),
  };
}

const targets = z.array(z.looseObject({ Arn: z.string() }));

/** Rules that start the controller; those of the application go on. */
function silenced(config: Config, rule: Properties): Properties {
  const names = beginnings.map((folder) => functionName(config, folder));
  const arns = targets.safeParse(rule.Targets).data?.map(({ Arn }) => Arn) ?? [];
  const starts = arns.some((arn) => names.includes(arn.split(":")[6] ?? ""));
  return starts ? { ...rule, State: "DISABLED" } : rule;
}

const environment = z.looseObject({
  Variables: z.looseObject({ SWITCHBACK_CONFIG: z.string() }),
});
const configuration = z.record(z.string(), z.json());

/** A function is told its configuration as JSON: there, any Region writes. */
function writingAnywhere(properties: Properties): Properties {
  const given = environment.safeParse(properties.Environment).data;
  if (given === undefined) return properties;
  const config = configuration.parse(JSON.parse(given.Variables.SWITCHBACK_CONFIG));
  const told = JSON.stringify({ ...config, writes: "any-region" });
  const Variables = { ...given.Variables, SWITCHBACK_CONFIG: told };
  return { ...properties, Environment: z.json().parse({ ...given, Variables }) };
}

const endpointConfig = z.looseObject({ Type: z.enum(["HTTPS", "HTTPS_STR_MATCH"]) });
const calculatedConfig = z.looseObject({
  Type: z.literal("CALCULATED"),
  ChildHealthChecks: z.array(z.string()),
});

/** A Region's record carries a check of its endpoint and levers; here, its endpoint's alone. */
class EndpointChecks {
  readonly #endpoints = new Set<string>();
  readonly #endpointOf = new Map<string, string>();

  learn(id: string, { HealthCheckConfig: config }: Properties): void {
    if (endpointConfig.safeParse(config).success) this.#endpoints.add(id);
    const calculated = calculatedConfig.safeParse(config).data;
    const endpoint = calculated?.ChildHealthChecks.find((child) => this.#endpoints.has(child));
    if (endpoint !== undefined) this.#endpointOf.set(id, endpoint);
  }

  without(record: Properties): Properties {
    const endpoint = this.#endpointOf.get(String(record.HealthCheckId));
    const HealthCheckId: Json | undefined = endpoint ?? record.HealthCheckId;
    return HealthCheckId === undefined ? record : { ...record, HealthCheckId };
  }
}
