// CloudWatch: the drain lever's metric in the witness Region, what the canaries measured, and what
// the components of a Region count.
// What has no recent datapoint is null: missing is unknown, never 0.
import {
  GetMetricDataCommand,
  type MetricDataResult,
  PutMetricDataCommand,
} from "@aws-sdk/client-cloudwatch";
import type { Series } from "../../core/component-metrics.ts";
import type { MinuteValue } from "../../core/components.ts";
import type { Config, Region } from "../../core/config/schema.ts";
import type { LeverPosition } from "../../core/contracts/routing-state.ts";
import { drainMetric } from "../../core/names.ts";
import { bounded, cloudWatchIn } from "./clients.ts";

export interface DrainMetric {
  /** `at`: ms since 1970, the time of the strong read that the value rests on. */
  publish(region: Region, position: LeverPosition, at: number, seconds?: number): Promise<void>;
  /** As said in the newest of the last minutes; null: nothing was, or both positions were. */
  read(region: Region, now: number, seconds?: number): Promise<LeverPosition | null>;
}

export interface MetricQuery {
  readonly region: Region;
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Record<string, string>;
  readonly statistic: "Maximum" | "Average" | "Sum";
  readonly periodSeconds: number;
  readonly windowSeconds: number;
}
/** Values by the minute. Times are ms since 1970, whole minutes, `to` exclusive. */
export interface MinutesQuery {
  readonly region: Region;
  readonly series: readonly Series[];
  readonly from: number;
  readonly to: number;
}
export interface Datapoint {
  readonly at: number;
  readonly value: number;
}

const callSeconds = 5;
/** Reconcile republishes every minute: ten missed minutes say that nobody knows. */
const drainWindowSeconds = 600;

export function drainMetricOf(config: Config): DrainMetric {
  const { witness } = config.regions;
  return {
    async publish(region, position, at, seconds = callSeconds) {
      const command = new PutMetricDataCommand({
        Namespace: drainMetric.namespace,
        MetricData: [
          {
            MetricName: drainMetric.name,
            Dimensions: dimensionsOf(drainMetric.dimensions(config, region)),
            Timestamp: new Date(at),
            Value: position === "pulled" ? 1 : 0,
          },
        ],
      });
      await bounded(seconds, (options) => cloudWatchIn(witness).send(command, options));
    },
    async read(region, now, seconds = callSeconds) {
      const newest = await newestDatapoint(drainQuery(config, region), now, seconds);
      return newest === null ? null : positionOf(newest.value);
    },
  };
}

/** From a minute's average. Which of two positions was said last can't be told of a minute in which
 * both were: taken for either, a lever would be moved as if that moved nothing. */
export function positionOf(average: number): LeverPosition | null {
  if (average >= 1) return "pulled";
  return average <= 0 ? "released" : null;
}

function drainQuery(config: Config, region: Region): MetricQuery {
  return {
    region: config.regions.witness,
    namespace: drainMetric.namespace,
    name: drainMetric.name,
    dimensions: drainMetric.dimensions(config, region),
    statistic: "Average",
    periodSeconds: 60,
    windowSeconds: drainWindowSeconds,
  };
}

/** The newest period's value; null: no datapoint in the window. */
export async function newestDatapoint(
  query: MetricQuery,
  now: number,
  seconds: number = callSeconds,
): Promise<Datapoint | null> {
  const command = new GetMetricDataCommand({
    StartTime: new Date(now - query.windowSeconds * 1_000),
    // EndTime is exclusive; the running minute counts.
    EndTime: new Date(now + 60_000),
    ScanBy: "TimestampDescending",
    MetricDataQueries: [{ Id: "newest", ReturnData: true, MetricStat: statisticOf(query) }],
  });
  const answer = await bounded(seconds, (options) =>
    cloudWatchIn(query.region).send(command, options),
  );
  const result = answer.MetricDataResults?.[0];
  const at = result?.Timestamps?.[0]?.getTime();
  const value = result?.Values?.[0];
  return at === undefined || value === undefined ? null : { at, value };
}

/** One call: GetMetricData takes 500 metrics. */
export async function minutesOf(
  { region, series, from, to }: MinutesQuery,
  seconds: number,
): Promise<MinuteValue[][]> {
  const command = new GetMetricDataCommand({
    StartTime: new Date(from),
    EndTime: new Date(to),
    MetricDataQueries: series.map((each, i) => ({
      Id: `m${i}`,
      ReturnData: true,
      MetricStat: statisticOf({ ...each, periodSeconds: 60 }),
    })),
  });
  const answer = await bounded(seconds, (options) => cloudWatchIn(region).send(command, options));
  const results = new Map(answer.MetricDataResults?.map((result) => [result.Id, result]));
  return series.map((_, i) => minuteValues(results.get(`m${i}`)));
}

/** A result that is not complete is none: part of a count would look like less of it. */
export function minuteValues(result: MetricDataResult | undefined): MinuteValue[] {
  if (result?.StatusCode !== "Complete") return [];
  return (result.Timestamps ?? []).flatMap((time, i) => {
    const value = result.Values?.[i];
    return value === undefined ? [] : [{ at: time.getTime(), value }];
  });
}

function statisticOf(
  query: Omit<Series, "statistic"> & { statistic: string; periodSeconds: number },
) {
  return {
    Metric: {
      Namespace: query.namespace,
      MetricName: query.name,
      Dimensions: dimensionsOf(query.dimensions),
    },
    Period: query.periodSeconds,
    Stat: query.statistic,
  };
}

function dimensionsOf(dimensions: Readonly<Record<string, string>>) {
  return Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
}
