// CloudWatch's API, as the SDK speaks it: JSON 1.0 under the old name of the service. Times on the
// wire are seconds since 1970.
import { z } from "zod";
import type { AwsRequest, AwsService, Demand, Lab } from "../../kernel.ts";
import { jsonService, operation, ServiceFault } from "../json-service.ts";
import type { Alarm } from "./alarm.ts";
import { type Metric, type Metrics, type StatisticSet, statistics } from "./metrics.ts";

const dimensionsSchema = z
  .array(z.strictObject({ Name: z.string(), Value: z.string() }))
  .default([])
  .transform((list) => Object.fromEntries(list.map(({ Name, Value }) => [Name, Value])));
const period = z.int().min(60).multipleOf(60);

const datumSchema = z.strictObject({
  MetricName: z.string(),
  Dimensions: dimensionsSchema,
  Timestamp: z.number().optional(),
  Value: z.number().optional(),
  Values: z.array(z.number()).optional(),
  Counts: z.array(z.number()).optional(),
  StatisticValues: z
    .strictObject({
      SampleCount: z.number(),
      Sum: z.number(),
      Minimum: z.number(),
      Maximum: z.number(),
    })
    .optional(),
  Unit: z.string().optional(),
  StorageResolution: z.literal(60).optional(),
});
const putSchema = z.strictObject({
  Namespace: z.string(),
  MetricData: z.array(datumSchema).min(1).max(1000),
});
const getDataSchema = z.strictObject({
  MetricDataQueries: z.array(
    z.strictObject({
      Id: z.string(),
      Label: z.string().optional(),
      ReturnData: z.boolean().default(true),
      MetricStat: z.strictObject({
        Metric: z.strictObject({
          Namespace: z.string(),
          MetricName: z.string(),
          Dimensions: dimensionsSchema,
        }),
        Period: period,
        Stat: z.enum(statistics),
        Unit: z.string().optional(),
      }),
    }),
  ),
  StartTime: z.number(),
  EndTime: z.number(),
  ScanBy: z.enum(["TimestampDescending", "TimestampAscending"]).default("TimestampDescending"),
  MaxDatapoints: z.int().optional(),
});
const getStatisticsSchema = z.strictObject({
  Namespace: z.string(),
  MetricName: z.string(),
  Dimensions: dimensionsSchema,
  StartTime: z.number(),
  EndTime: z.number(),
  Period: period,
  Statistics: z.array(z.enum(statistics)).min(1),
  Unit: z.string().optional(),
});
const describeSchema = z.strictObject({
  AlarmNames: z.array(z.string()).optional(),
  AlarmNamePrefix: z.string().optional(),
  StateValue: z.string().optional(),
  MaxRecords: z.int().optional(),
});

export function cloudWatchService(
  lab: Pick<Lab, "account" | "clock">,
  metrics: Metrics,
  alarms: () => readonly Alarm[],
): AwsService {
  const anything = (action: string) => (): Demand[] => [
    { action: `cloudwatch:${action}`, resource: "*" },
  ];
  const put = operation(
    putSchema,
    ({ Namespace }) => [
      {
        action: "cloudwatch:PutMetricData",
        resource: "*",
        context: { "cloudwatch:namespace": Namespace },
      },
    ],
    ({ Namespace, MetricData }, { region }) => {
      for (const datum of MetricData) putDatum(metrics, region, Namespace, datum, lab.clock.now());
      return {};
    },
  );
  const describe = operation(
    describeSchema,
    (_input, { region }) => [
      {
        action: "cloudwatch:DescribeAlarms",
        resource: `arn:aws:cloudwatch:${region}:${lab.account}:alarm:*`,
      },
    ],
    (input, { region }) => ({
      MetricAlarms: alarms()
        .filter((alarm) => alarm.region === region && selected(alarm, input))
        .map(described),
      CompositeAlarms: [],
    }),
  );
  return jsonService({
    name: "monitoring",
    version: "1.0",
    operations: {
      PutMetricData: put,
      GetMetricData: operation(getDataSchema, anything("GetMetricData"), (input, request) =>
        metricData(metrics, input, request),
      ),
      GetMetricStatistics: operation(
        getStatisticsSchema,
        anything("GetMetricStatistics"),
        (input, request) => metricStatistics(metrics, input, request),
      ),
      DescribeAlarms: describe,
    },
  });
}

function putDatum(
  metrics: Metrics,
  region: string,
  namespace: string,
  datum: z.infer<typeof datumSchema>,
  now: number,
): void {
  const metric = { region, namespace, name: datum.MetricName, dimensions: datum.Dimensions };
  const at = datum.Timestamp === undefined ? now : datum.Timestamp * 1000;
  for (const set of setsOf(datum)) metrics.put(metric, set, at);
}

function setsOf(datum: z.infer<typeof datumSchema>): StatisticSet[] {
  const { Value, Values, Counts, StatisticValues: given } = datum;
  if (given !== undefined) {
    const { Sum: sum, SampleCount: count, Minimum: minimum, Maximum: maximum } = given;
    return [{ sum, count, minimum, maximum }];
  }
  const values = Values ?? (Value === undefined ? [] : [Value]);
  if (values.length === 0) {
    throw new ServiceFault("MissingParameterException", "a datum has no value");
  }
  return values.map((value, index) => {
    const count = Counts?.[index] ?? 1;
    return { sum: value * count, count, minimum: value, maximum: value };
  });
}

function metricData(
  metrics: Metrics,
  input: z.infer<typeof getDataSchema>,
  { region }: AwsRequest,
): object {
  const results = input.MetricDataQueries.filter(({ ReturnData }) => ReturnData).map((query) => {
    const { Metric: named, Period, Stat } = query.MetricStat;
    const metric = metricOf(region, named);
    const [from, to] = [input.StartTime * 1000, input.EndTime * 1000];
    const found = metrics.datapoints(metric, Stat, Period * 1000, from, to);
    if (input.ScanBy === "TimestampDescending") found.reverse();
    const shown = found.slice(0, input.MaxDatapoints ?? 100_800);
    return {
      Id: query.Id,
      Label: query.Label ?? named.MetricName,
      Timestamps: shown.map(({ at }) => at / 1000),
      Values: shown.map(({ value }) => value),
      StatusCode: "Complete",
    };
  });
  return { MetricDataResults: results, Messages: [] };
}

function metricStatistics(
  metrics: Metrics,
  input: z.infer<typeof getStatisticsSchema>,
  { region }: AwsRequest,
): object {
  const metric = metricOf(region, input);
  const points = new Map<number, { [name: string]: number }>();
  for (const statistic of input.Statistics) {
    const [from, to] = [input.StartTime * 1000, input.EndTime * 1000];
    for (const { at, value } of metrics.datapoints(
      metric,
      statistic,
      input.Period * 1000,
      from,
      to,
    )) {
      points.set(at, { ...points.get(at), Timestamp: at / 1000, [statistic]: value });
    }
  }
  return { Label: input.MetricName, Datapoints: [...points.values()] };
}

function metricOf(
  region: string,
  named: { Namespace: string; MetricName: string; Dimensions: Metric["dimensions"] },
): Metric {
  const { Namespace: namespace, MetricName: name, Dimensions: dimensions } = named;
  return { region, namespace, name, dimensions };
}

function selected(alarm: Alarm, wanted: z.infer<typeof describeSchema>): boolean {
  const { AlarmNames, AlarmNamePrefix, StateValue } = wanted;
  if (AlarmNames !== undefined && !AlarmNames.includes(alarm.name)) return false;
  if (AlarmNamePrefix !== undefined && !alarm.name.startsWith(AlarmNamePrefix)) return false;
  return StateValue === undefined || alarm.state === StateValue;
}

function described(alarm: Alarm): object {
  const { Tags: _tags, ...settings } = alarm.settings;
  return {
    ...settings,
    AlarmName: alarm.name,
    AlarmArn: alarm.arn,
    StateValue: alarm.state,
    StateReason: alarm.reason,
    StateUpdatedTimestamp: alarm.changedAt / 1000,
  };
}
