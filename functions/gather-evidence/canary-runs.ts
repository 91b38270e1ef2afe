// The newest Synthetics run of each vantage point for each serving Region, from its step metric.
// No datapoint within two intervals is unknown.
import type { Config, Region } from "../../core/config/schema.ts";
import type { CanaryRun } from "../../core/contracts/evidence.ts";
import type { Verdict } from "../../core/contracts/records.ts";
import { canaryName, canaryVerdictStep, servingRegions, vantageRegions } from "../../core/names.ts";
import type { Datapoint, MetricQuery } from "../adapters/cloudwatch.ts";

export interface CanaryPorts {
  newestDatapoint(query: MetricQuery, now: number, seconds: number): Promise<Datapoint | null>;
  now(): number;
}

const askSeconds = 3;

export async function canaryRuns(ports: CanaryPorts, config: Config): Promise<CanaryRun[]> {
  if (!config.canaries) return [];
  const pairs = vantageRegions(config).flatMap((vantage) =>
    servingRegions(config).map((serving) => ({ vantage, serving })),
  );
  return Promise.all(
    pairs.map(async ({ vantage, serving }) => {
      const query = queryOf(config, vantage, serving);
      const newest = await ports.newestDatapoint(query, ports.now(), askSeconds).catch(() => null);
      return { vantage, serving, verdict: verdictOf(newest), at: newest?.at ?? null };
    }),
  );
}

function queryOf(config: Config, vantage: Region, serving: Region): MetricQuery {
  return {
    region: vantage,
    namespace: "CloudWatchSynthetics",
    name: "SuccessPercent",
    dimensions: { CanaryName: canaryName(config), StepName: canaryVerdictStep(serving) },
    statistic: "Average",
    periodSeconds: 60,
    windowSeconds: 2 * config.detection.canaryIntervalSeconds,
  };
}

function verdictOf(newest: Datapoint | null): Verdict {
  if (newest === null) return "unknown";
  if (newest.value >= 100) return "healthy";
  return newest.value <= 0 ? "failing" : "unknown";
}
