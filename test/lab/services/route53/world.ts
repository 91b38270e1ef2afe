// Route 53 with the app's checks and names, before two web servers that answer as told.
import { installClock } from "../../../../lab/clock.ts";
import { createInternet } from "../../../../lab/internet.ts";
import type { Json } from "../../../../lab/kernel.ts";
import { createEventLog } from "../../../../lab/log.ts";
import { createNetwork } from "../../../../lab/network.ts";
import { createRandom } from "../../../../lab/random.ts";
import { createRoute53 } from "../../../../lab/services/route53/route53.ts";
import { createWeb } from "../../../../lab/web.ts";

export const zero = Date.UTC(2026, 0, 15, 9, 0, 0);
const zoneId = "Z0123456789EXAMPLE";
const addresses: { readonly [region: string]: string } = {
  "us-east-1": "192.0.2.10",
  "us-west-2": "192.0.2.20",
};

export type Alarm = "OK" | "ALARM" | "INSUFFICIENT_DATA";

export function createWorld(seed = 1) {
  const clock = installClock({ zero });
  const random = createRandom(seed);
  const network = createNetwork(clock, random);
  const web = createWeb(clock, network, createInternet(clock, network));
  const log = createEventLog(clock);
  /** What a test changes: answers by Region, alarms by name. */
  const status: { [region: string]: number } = { "us-east-1": 200, "us-west-2": 200 };
  const alarms: { [name: string]: Alarm } = { switch: "INSUFFICIENT_DATA", drain: "OK" };
  const probes = { count: 0 };
  for (const [region, address] of Object.entries(addresses)) {
    web.listen(address, region, async () => {
      probes.count += 1;
      return { status: status[region] ?? 200, headers: {}, body: "ok" };
    });
  }
  const route53 = createRoute53({
    clock,
    random,
    log,
    network,
    web,
    zone: { id: zoneId, name: "example.com" },
    aliasAddresses: (dnsName) => {
      const region = Object.keys(addresses).find((one) => dnsName.includes(one)) ?? "";
      return [addresses[region] ?? ""];
    },
    metricVerdict: (_region, name) => alarms[name] ?? "INSUFFICIENT_DATA",
  });

  const create = async (type: string, logicalId: string, properties: { [key: string]: Json }) => {
    const model = route53.models[type];
    if (model === undefined) throw new Error(`no model of ${type}`);
    const place = { stack: "routing", region: "us-east-2", logicalId, type };
    return (await model({ ...place, properties })).ref;
  };
  const check = (name: string, HealthCheckConfig: { [key: string]: Json }) =>
    create("AWS::Route53::HealthCheck", name, { HealthCheckConfig });
  const record = (logicalId: string, properties: { [key: string]: Json }) =>
    create("AWS::Route53::RecordSet", logicalId, { HostedZoneId: zoneId, ...properties });
  const seconds = (count: number) => clock.runUntil(clock.now() + count * 1000);
  const answered = () => route53.nameServers.answer("_region.example.com", "TXT", "us-east-1");
  const events = (kind: string) => log.events.filter((event) => event.kind === kind);
  const parts = { clock, network, web, log, route53, status, alarms, probes };
  return { ...parts, check, record, seconds, answered: () => answered().values[0], events };
}
export type World = ReturnType<typeof createWorld>;

export const alias = (region: string): Json => ({
  DNSName: `d-0123456789.execute-api.${region}.amazonaws.com`,
  HostedZoneId: "Z1UJRXOUMOOFQ8",
  EvaluateTargetHealth: false,
});

export const endpointConfig: { [key: string]: Json } = {
  Type: "HTTPS",
  FullyQualifiedDomainName: "us-east-1.api.example.com",
  ResourcePath: "/health",
  RequestInterval: 10,
  FailureThreshold: 3,
};
export const metricConfig = (alarm: string, InsufficientDataHealthStatus: string) => ({
  Type: "CLOUDWATCH_METRIC",
  AlarmIdentifier: { Name: alarm, Region: "us-east-2" },
  InsufficientDataHealthStatus,
});

/** The app's active-passive routing: endpoint, switch, drain, region, and the marker's records. */
export async function deployRouting(world: World) {
  await world.record("Own", {
    Name: "us-east-1.api.example.com.",
    Type: "A",
    AliasTarget: alias("us-east-1"),
  });
  const endpoint = await world.check("endpoint", endpointConfig);
  const lever = await world.check("switch", metricConfig("switch", "Healthy"));
  const drain = await world.check("drain", metricConfig("drain", "LastKnownStatus"));
  const region = await world.check("region", {
    Type: "CALCULATED",
    ChildHealthChecks: [endpoint, lever, drain],
    HealthThreshold: 3,
  });
  const marker = { Name: "_region.example.com", Type: "TXT", TTL: "10" };
  await world.record("Primary", {
    ...marker,
    SetIdentifier: "primary",
    Failover: "PRIMARY",
    HealthCheckId: region,
    ResourceRecords: ['"us-east-1"'],
  });
  await world.record("Secondary", {
    ...marker,
    SetIdentifier: "secondary",
    Failover: "SECONDARY",
    ResourceRecords: ['"us-west-2"'],
  });
  return { endpoint, switch: lever, drain, region };
}
