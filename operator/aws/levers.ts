// How the levers stand, read where they are: the switch from Route 53, the drain from the witness
// Region's CloudWatch. Either may be unreachable for hours; then that one lever is unknown.
import { GetMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { GetHealthCheckCommand } from "@aws-sdk/client-route-53";
import type { Config, Region } from "../../core/config/schema.ts";
import type { CheckIds } from "../../core/contracts/records.ts";
import { drainMetric, leverRegions } from "../../core/names.ts";
import { within } from "./asking.ts";
import type { Clients } from "./clients.ts";

export type Standing = "pulled" | "released" | "unknown";
export interface LeversStanding {
  readonly switch: Standing;
  readonly drain: Standing;
}

/** Reconcile republishes every minute: ten missed minutes say that nobody knows. */
const drainWindowMilliseconds = 600_000;

/** `now`: ms since 1970 by the deployment's clocks. Never throws. */
export async function leversStanding(
  clients: Clients,
  config: Config,
  checks: CheckIds | null,
  now: number,
): Promise<Record<Region, LeversStanding>> {
  const pairs = leverRegions(config).map(async (region) => {
    const unknown = () => "unknown" as const;
    const [ofSwitch, ofDrain] = await Promise.all([
      switchOf(clients, config, checks?.[region]?.switch).catch(unknown),
      drainOf(clients, config, region, now).catch(unknown),
    ]);
    return [region, { switch: ofSwitch, drain: ofDrain }] as const;
  });
  return Object.fromEntries(await Promise.all(pairs));
}

async function switchOf(
  clients: Clients,
  config: Config,
  id: string | undefined,
): Promise<Standing> {
  if (id === undefined) return "unknown";
  const { witness } = config.regions;
  const command = new GetHealthCheckCommand({ HealthCheckId: id });
  const answer = await within(witness, (options) => clients.dns(witness).send(command, options));
  if (answer.HealthCheck === undefined) return "unknown";
  // Route 53 leaves Inverted out where it was never set.
  return answer.HealthCheck.HealthCheckConfig?.Inverted === true ? "pulled" : "released";
}

async function drainOf(
  clients: Clients,
  config: Config,
  region: Region,
  now: number,
): Promise<Standing> {
  const { witness } = config.regions;
  const dimensions = Object.entries(drainMetric.dimensions(config, region));
  const Metric = {
    Namespace: drainMetric.namespace,
    MetricName: drainMetric.name,
    Dimensions: dimensions.map(([Name, Value]) => ({ Name, Value })),
  };
  const command = new GetMetricDataCommand({
    StartTime: new Date(now - drainWindowMilliseconds),
    // EndTime is exclusive; the running minute counts.
    EndTime: new Date(now + 60_000),
    ScanBy: "TimestampDescending",
    MetricDataQueries: [
      { Id: "newest", ReturnData: true, MetricStat: { Metric, Period: 60, Stat: "Average" } },
    ],
  });
  const answer = await within(witness, (o) => clients.metrics(witness).send(command, o));
  const average = answer.MetricDataResults?.[0]?.Values?.[0];
  // Both positions were said in that minute: which came last can't be told.
  if (average === undefined || (average > 0 && average < 1)) return "unknown";
  return average >= 1 ? "pulled" : "released";
}
