// CloudWatch of all Regions: metrics, alarms that are evaluated every minute, their actions and
// events. An alarm's minute starts some seconds late, drawn once an alarm: docs silent, so that
// late datapoints of the minute before are in. While its Region is down nothing is evaluated.
import type { Region } from "../../../core/config/schema.ts";
import { delayOf, stops } from "../../faults/hindrances.ts";
import type { AwsService, DeployedResource, Json, Lab, ResourceModels } from "../../kernel.ts";
import type { Sns } from "../sns/sns.ts";
import { Alarm } from "./alarm.ts";
import { cloudWatchService } from "./api.ts";
import type { AlarmState } from "./evaluation.ts";
import { Metrics } from "./metrics.ts";

export type CloudWatchLab = Pick<
  Lab,
  "account" | "clock" | "random" | "log" | "network" | "putAwsEvent" | "hindrance"
>;

export interface CloudWatch {
  readonly service: AwsService;
  readonly models: ResourceModels;
  /** Lab.putMetric: from a service itself; lost while its Region is down. */
  putMetric: Lab["putMetric"];
  /** What the alarm's metric data says now, by Route 53's own evaluation. */
  metricVerdict(region: Region, alarmName: string): AlarmState;
}

const minute = 60_000;
/** ms after the minute. */
const evaluationDelay = { low: 6000, high: 20_000 };

export function createCloudWatch(
  lab: CloudWatchLab,
  sns: Pick<Sns, "publishAsService">,
): CloudWatch {
  const metrics = new Metrics(lab.clock, lab.random);
  const alarms = new Map<string, Alarm>();
  const keyOf = (region: Region, name: string) => `${region} ${name}`;
  const alarmModel = (resource: DeployedResource) => {
    const alarm = new Alarm(resource, lab.account, lab.clock.now());
    const key = keyOf(alarm.region, alarm.name);
    if (alarms.has(key)) throw new Error(`there is an alarm ${alarm.name} already`);
    alarms.set(key, alarm);
    everyMinute(lab, alarm, () => judge(lab, sns, alarm, metrics));
    return { ref: alarm.name, attributes: { Arn: alarm.arn } };
  };
  return {
    service: cloudWatchService(lab, metrics, () => [...alarms.values()]),
    models: { "AWS::CloudWatch::Alarm": alarmModel },
    putMetric(region, namespace, name, dimensions, value) {
      if (lab.network.isDown(region) || stops(lab.hindrance(region, "cloudwatch"))) return;
      metrics.count({ region, namespace, name, dimensions }, value, lab.clock.now());
    },
    metricVerdict(region, alarmName) {
      const alarm = alarms.get(keyOf(region, alarmName));
      if (alarm === undefined) throw new Error(`there is no alarm ${alarmName} in ${region}`);
      if (stops(lab.hindrance(region, "cloudwatch"))) return "INSUFFICIENT_DATA";
      return alarm.metricVerdict(metrics, lab.clock.now());
    },
  };
}

function everyMinute(
  { clock, random, network, hindrance }: CloudWatchLab,
  { name, region }: Alarm,
  run: () => void,
): void {
  const { low, high } = evaluationDelay;
  const offset = random.between(`cloudwatch:evaluation:${region}:${name}`, low, high);
  const arm = () => {
    const now = clock.now();
    const next = (Math.floor((now - offset) / minute) + 1) * minute + offset;
    clock.after(next - now, () => {
      arm();
      if (network.isDown(region)) return;
      const fault = hindrance(region, "cloudwatch");
      if (!stops(fault)) clock.after(delayOf(fault), run);
    });
  };
  arm();
}

function judge(
  lab: CloudWatchLab,
  sns: Pick<Sns, "publishAsService">,
  alarm: Alarm,
  metrics: Metrics,
): void {
  const verdict = alarm.verdict(metrics, lab.clock.now());
  if (verdict === null || verdict === alarm.state) return;
  const previous = { value: alarm.state, reason: alarm.reason, timestamp: stamp(alarm.changedAt) };
  alarm.state = verdict;
  alarm.reason = reasonOf(alarm);
  alarm.changedAt = lab.clock.now();
  const { name, region } = alarm;
  lab.log.emit("alarm-state", region, { alarm: name, from: previous.value, to: verdict });
  lab.putAwsEvent(region, stateChange(alarm, previous));
  for (const topicArn of alarm.actions(verdict)) page(lab, sns, alarm, previous.value, topicArn);
}

function page(
  lab: CloudWatchLab,
  sns: Pick<Sns, "publishAsService">,
  alarm: Alarm,
  previous: AlarmState,
  topicArn: string,
): void {
  const message = {
    subject: `${alarm.state}: "${alarm.name}" in ${alarm.region}`,
    message: JSON.stringify(notification(alarm, lab.account, previous)),
    by: { arn: "cloudwatch.amazonaws.com", kind: "service" } as const,
  };
  sns.publishAsService(topicArn, message, alarm.arn).then((taken) => {
    if (taken) return;
    lab.log.emit("alarm-action-failed", alarm.region, { alarm: alarm.name, action: topicArn });
  });
}

const stamp = (at: number) => new Date(at).toISOString().replace("Z", "+0000");

function reasonOf({ state, settings }: Alarm): string {
  const { MetricName, ComparisonOperator, Threshold } = settings;
  switch (state) {
    case "ALARM":
      return `Threshold Crossed: ${MetricName} was ${ComparisonOperator} ${Threshold}.`;
    case "OK":
      return `Threshold Crossed: ${MetricName} was not ${ComparisonOperator} ${Threshold}.`;
    case "INSUFFICIENT_DATA":
      return `Insufficient Data: no datapoints of ${MetricName} were received.`;
    default:
      return state satisfies never;
  }
}

/** Source: "Alarm events and EventBridge", sample of a state change. */
function stateChange(alarm: Alarm, previous: { [key: string]: Json }): { [key: string]: Json } {
  const { metric, settings } = alarm;
  const { namespace, name, dimensions } = metric;
  const metricStat = {
    metric: { namespace, name, dimensions: { ...dimensions } },
    period: settings.Period,
    stat: settings.Statistic,
  };
  return {
    "detail-type": "CloudWatch Alarm State Change",
    source: "aws.cloudwatch",
    resources: [alarm.arn],
    detail: {
      alarmName: alarm.name,
      configuration: {
        description: settings.AlarmDescription ?? "",
        metrics: [{ id: "m1", metricStat, returnData: true }],
      },
      previousState: previous,
      state: { value: alarm.state, reason: alarm.reason, timestamp: stamp(alarm.changedAt) },
    },
  };
}

/** What CloudWatch sends to a topic, without the members that nobody reads. */
function notification(alarm: Alarm, account: string, previous: AlarmState) {
  return {
    AlarmName: alarm.name,
    AlarmDescription: alarm.settings.AlarmDescription ?? null,
    AWSAccountId: account,
    NewStateValue: alarm.state,
    NewStateReason: alarm.reason,
    StateChangeTime: stamp(alarm.changedAt),
    Region: alarm.region,
    AlarmArn: alarm.arn,
    OldStateValue: previous,
  };
}
