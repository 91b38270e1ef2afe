import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  PutDashboardCommand,
  PutMetricDataCommand,
} from "@aws-sdk/client-cloudwatch";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { installClock, type LabClock } from "../../../../lab/clock.ts";
import { Hindrances } from "../../../../lab/faults/hindrances.ts";
import type { AwsRequest, Json, Network } from "../../../../lab/kernel.ts";
import { createEventLog } from "../../../../lab/log.ts";
import { createNetwork } from "../../../../lab/network.ts";
import { createRandom } from "../../../../lab/random.ts";
import {
  type CloudWatch,
  createCloudWatch,
} from "../../../../lab/services/cloudwatch/cloudwatch.ts";
import { account, inProcess, settled } from "../in-process.ts";

const zero = Date.UTC(2026, 0, 15, 9);
const region = "us-east-2";
const topic = `arn:aws:sns:${region}:${account}:orders-notifications`;

let clock: LabClock;
let network: Network;
let hindrances: Hindrances;
let cloudwatch: CloudWatch;
let log: ReturnType<typeof createEventLog>;
let events: { region: string; event: { [key: string]: Json } }[];
let pages: { topicArn: string; subject: string | null }[];

beforeEach(() => {
  clock = installClock({ zero });
  const random = createRandom(1);
  network = createNetwork(clock, random);
  hindrances = new Hindrances(random);
  const hindrance = hindrances.meets.bind(hindrances);
  log = createEventLog(clock);
  events = [];
  pages = [];
  const putAwsEvent = (to: string, event: { [key: string]: Json }) =>
    events.push({ region: to, event });
  cloudwatch = createCloudWatch(
    { account, clock, random, log, network, putAwsEvent, hindrance },
    {
      publishAsService: async (topicArn, { subject }) => {
        pages.push({ topicArn, subject });
        return true;
      },
    },
  );
});
afterEach(() => clock.uninstall());

const client = () => new CloudWatchClient(inProcess(cloudwatch.service, region));
const now = <T>(operation: Promise<T>) => settled(clock, operation);
const dimensions = [
  { Name: "Group", Value: "orders" },
  { Name: "Region", Value: "us-east-1" },
];
const put = (value: number, at: number) =>
  client().send(
    new PutMetricDataCommand({
      Namespace: "Switchback",
      MetricData: [
        { MetricName: "Drain", Dimensions: dimensions, Value: value, Timestamp: new Date(at) },
      ],
    }),
  );

const drain = {
  AlarmName: "drain",
  Namespace: "Switchback",
  MetricName: "Drain",
  Dimensions: dimensions,
  Statistic: "Maximum",
  Period: 60,
  EvaluationPeriods: 1,
  Threshold: 1,
  ComparisonOperator: "GreaterThanOrEqualToThreshold",
  TreatMissingData: "ignore",
};
const addAlarm = (properties: { [name: string]: Json } = {}) =>
  cloudwatch.models["AWS::CloudWatch::Alarm"]?.({
    stack: "witness",
    region,
    logicalId: "Alarm",
    type: "AWS::CloudWatch::Alarm",
    properties: { ...drain, ...properties },
  });

describe("metrics", () => {
  const query = (ScanBy: "TimestampAscending" | "TimestampDescending") =>
    client().send(
      new GetMetricDataCommand({
        StartTime: new Date(zero),
        EndTime: new Date(zero + 600_000),
        ScanBy,
        MetricDataQueries: [
          {
            Id: "q",
            MetricStat: {
              Metric: { Namespace: "Switchback", MetricName: "Drain", Dimensions: dimensions },
              Period: 60,
              Stat: "Maximum",
            },
          },
        ],
      }),
    );

  it("are given back by the minute, in the order asked for", async () => {
    await put(1, zero + 5000);
    await put(0, zero + 6000);
    await put(0, zero + 65_000);
    await clock.runUntil(zero + 70_000);
    const newest = (await now(query("TimestampDescending"))).MetricDataResults?.[0];
    expect(newest?.Values).toEqual([0, 1]);
    expect(newest?.Timestamps).toEqual([new Date(zero + 60_000), new Date(zero)]);
    expect((await now(query("TimestampAscending"))).MetricDataResults?.[0]?.Values).toEqual([1, 0]);
  });

  it("of services are counted together until they are visible, and keep their statistics", async () => {
    for (const value of [0, 1, 5]) {
      cloudwatch.putMetric(region, "AWS/Lambda", "Errors", { FunctionName: "f" }, value);
    }
    await clock.runUntil(zero + 30_000);
    cloudwatch.putMetric(region, "AWS/Lambda", "Errors", { FunctionName: "f" }, 2);
    await clock.runUntil(zero + 60_000);
    const answer = await now(
      client().send(
        new GetMetricStatisticsCommand({
          Namespace: "AWS/Lambda",
          MetricName: "Errors",
          Dimensions: [{ Name: "FunctionName", Value: "f" }],
          StartTime: new Date(zero),
          EndTime: new Date(zero + 60_000),
          Period: 60,
          Statistics: ["Sum", "SampleCount", "Minimum", "Maximum", "Average"],
        }),
      ),
    );
    expect(answer.Datapoints).toMatchObject([
      { Sum: 8, SampleCount: 4, Minimum: 0, Maximum: 5, Average: 2 },
    ]);
  });

  it("are not visible at once", async () => {
    await put(1, zero);
    expect((await query("TimestampAscending")).MetricDataResults?.[0]?.Values).toEqual([]);
  });

  it("keep sets, counts and other dimensions apart", async () => {
    const MetricName = "Latency";
    const Dimensions = [{ Name: "Path", Value: "/" }];
    await client().send(
      new PutMetricDataCommand({
        Namespace: "N",
        MetricData: [
          { MetricName, Dimensions, Values: [1, 4], Counts: [2, 1] },
          { MetricName, Value: 100 },
        ],
      }),
    );
    await clock.runUntil(zero + 10_000);
    const answer = await now(
      client().send(
        new GetMetricStatisticsCommand({
          Namespace: "N",
          MetricName,
          Dimensions,
          StartTime: new Date(zero),
          EndTime: new Date(zero + 60_000),
          Period: 60,
          Statistics: ["Average", "Sum", "SampleCount", "Minimum", "Maximum"],
        }),
      ),
    );
    expect(answer.Datapoints).toEqual([
      {
        Timestamp: new Date(zero),
        Average: 2,
        Sum: 6,
        SampleCount: 3,
        Minimum: 1,
        Maximum: 4,
      },
    ]);
  });

  it("need the namespace to be allowed", () => {
    const request: AwsRequest = {
      service: "monitoring",
      region,
      method: "POST",
      path: "/",
      query: {},
      headers: { "x-amz-target": "GraniteServiceVersion20100801.PutMetricData" },
      body: '{"Namespace":"Switchback","MetricData":[{"MetricName":"Drain","Value":1}]}',
      principal: { arn: "a", kind: "role" },
      from: { region },
    };
    expect(cloudwatch.service.demands(request)).toEqual([
      {
        action: "cloudwatch:PutMetricData",
        resource: "*",
        context: { "cloudwatch:namespace": "Switchback" },
      },
    ]);
  });

  it("are all that is modelled: dashboards are refused by name", async () => {
    const dashboard = new PutDashboardCommand({ DashboardName: "d", DashboardBody: "{}" });
    await expect(now(client().send(dashboard))).rejects.toMatchObject({
      name: "UnknownOperationException",
    });
  });
});

describe("an alarm", () => {
  it("changes state some seconds after the minute, once, with its event and its action", async () => {
    await addAlarm({ AlarmActions: [topic] });
    await put(1, zero + 5000);
    await clock.runUntil(zero + 65_900);
    expect(events).toEqual([]);
    await clock.runUntil(zero + 240_000);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      region,
      event: {
        source: "aws.cloudwatch",
        "detail-type": "CloudWatch Alarm State Change",
        resources: [`arn:aws:cloudwatch:${region}:${account}:alarm:drain`],
        detail: {
          alarmName: "drain",
          previousState: { value: "INSUFFICIENT_DATA" },
          state: { value: "ALARM" },
          configuration: {
            metrics: [
              {
                metricStat: {
                  metric: {
                    namespace: "Switchback",
                    name: "Drain",
                    dimensions: { Group: "orders", Region: "us-east-1" },
                  },
                  period: 60,
                  stat: "Maximum",
                },
              },
            ],
          },
        },
      },
    });
    expect(pages).toEqual([{ topicArn: topic, subject: 'ALARM: "drain" in us-east-2' }]);
    const shown = await now(client().send(new DescribeAlarmsCommand({ AlarmNames: ["drain"] })));
    expect(shown.MetricAlarms?.[0]?.StateValue).toBe("ALARM");
  });

  it("is not evaluated while its Region is down", async () => {
    await addAlarm({ TreatMissingData: "breaching" });
    network.setDown(region, true);
    await clock.runUntil(zero + 300_000);
    expect(log.events).toEqual([]);
    network.setDown(region, false);
    await clock.runUntil(zero + 400_000);
    expect(log.events.map(({ kind, detail }) => [kind, detail.to])).toEqual([
      ["alarm-state", "ALARM"],
    ]);
  });

  it("is not evaluated while CloudWatch is hindered there, and Route 53 sees no data", async () => {
    await addAlarm({ TreatMissingData: "breaching" });
    await put(0, zero);
    await clock.runUntil(zero + 5500);
    expect(cloudwatch.metricVerdict(region, "drain")).toBe("OK");
    const hinder = () =>
      hindrances.add(region, "cloudwatch", { mode: "error", share: 1, seconds: 0 });
    const healFirst = hinder();
    expect(cloudwatch.metricVerdict(region, "drain")).toBe("INSUFFICIENT_DATA");
    const of = { Group: "orders", Region: "us-east-1" };
    cloudwatch.putMetric(region, "Switchback", "Drain", of, 1);
    await clock.runUntil(zero + 11_000);
    healFirst();
    expect(cloudwatch.metricVerdict(region, "drain")).toBe("OK");
    const heal = hinder();
    await clock.runUntil(zero + 300_000);
    expect(log.events).toEqual([]);
    heal();
    await clock.runUntil(zero + 400_000);
    expect(log.events.map(({ detail }) => detail.to)).toEqual(["ALARM"]);
  });

  it("sees a period of five minutes slide by the minute", async () => {
    await addAlarm({ Period: 300 });
    await put(1, zero + 70_000);
    await clock.runUntil(zero + 150_000);
    expect(events).toHaveLength(1);
  });

  it("is refused with settings that are not modelled", () => {
    expect(() => addAlarm({ ExtendedStatistic: "p99" })).toThrow("ExtendedStatistic");
  });
});

describe("Route 53's reading of an alarm's metric", () => {
  const verdict = () => cloudwatch.metricVerdict(region, "drain");

  it("follows the running minute and not the alarm's state", async () => {
    await addAlarm();
    expect(verdict()).toBe("INSUFFICIENT_DATA");
    await put(1, zero + 100);
    await clock.runUntil(zero + 5200);
    expect(verdict()).toBe("ALARM");
    await clock.runUntil(zero + 61_000);
    await put(0, zero + 61_000);
    await clock.runUntil(zero + 66_100);
    expect(verdict()).toBe("OK");
  });

  it("has insufficient data when none came for some minutes", async () => {
    await addAlarm();
    await put(1, zero);
    await clock.runUntil(zero + 179_000);
    expect(verdict()).toBe("ALARM");
    await clock.runUntil(zero + 241_000);
    expect(verdict()).toBe("INSUFFICIENT_DATA");
  });
});
