// The one place where an alarm that pages is made. Each alarm's name is a heading of the runbook,
// its description says what it means, and each says what silence means and why.
import { Duration } from "aws-cdk-lib";
import {
  Alarm,
  ComparisonOperator,
  Metric,
  type MetricProps,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { StateMachine } from "aws-cdk-lib/aws-stepfunctions";
import { Construct } from "constructs";
import type { Config, Region } from "../../core/config/schema.ts";
import { groupOf } from "../../core/names.ts";

export interface PagingAlarm {
  readonly name: string;
  readonly description: string;
  readonly metric: MetricProps;
  /** Alarm at or above (or, with `below`, under) this. */
  readonly threshold: number;
  readonly below?: boolean;
  readonly periods?: number;
  readonly silenceMeans: TreatMissingData;
}

export class Alarms extends Construct {
  constructor(
    scope: Construct,
    id: string,
    private readonly config: Config,
    private readonly topic: ITopic,
  ) {
    super(scope, id);
  }

  add(alarm: PagingAlarm): Alarm {
    const made = new Alarm(this, alarm.name, {
      alarmName: alarm.name,
      alarmDescription: alarm.description,
      metric: new Metric(alarm.metric),
      threshold: alarm.threshold,
      comparisonOperator: alarm.below
        ? ComparisonOperator.LESS_THAN_THRESHOLD
        : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: alarm.periods ?? 1,
      treatMissingData: alarm.silenceMeans,
    });
    made.addAlarmAction(new SnsAction(this.topic));
    return made;
  }

  /** Runs that ended without switching what they had begun to switch. */
  runs(machine: StateMachine): void {
    const run = (metricName: string) => ({
      namespace: "AWS/States",
      metricName,
      dimensionsMap: { StateMachineArn: machine.stateMachineArn },
      statistic: "Sum",
      period: Duration.minutes(1),
    });
    this.add({
      name: `${this.config.application}-switch-failed`,
      description:
        "A run of region-switch failed: the switch was undone, or stopped half-way and the next " +
        "run takes over. Missing data is not breaching: no run, no failure.",
      metric: run("ExecutionsFailed"),
      threshold: 1,
      silenceMeans: TreatMissingData.NOT_BREACHING,
    });
    this.add({
      name: `${this.config.application}-switch-timed-out`,
      description:
        "A run of region-switch used up its time. Its lease has lapsed long before. Missing data " +
        "is not breaching: no run, no time-out.",
      metric: run("ExecutionsTimedOut"),
      threshold: 1,
      silenceMeans: TreatMissingData.NOT_BREACHING,
    });
  }

  watch(watch: LambdaFunction): void {
    const ofWatch = (metricName: string) => ({
      namespace: "AWS/Lambda",
      metricName,
      dimensionsMap: { FunctionName: watch.functionName },
      statistic: "Sum",
      period: Duration.minutes(1),
    });
    this.add({
      name: `${this.config.application}-watch-failing`,
      description:
        "watch fails in this Region, five minutes in a row: its views go stale and count as " +
        "unknown. Missing data is not breaching: an absent watch has an alarm of its own.",
      metric: ofWatch("Errors"),
      threshold: 1,
      periods: 5,
      silenceMeans: TreatMissingData.NOT_BREACHING,
    });
    this.add({
      name: `${this.config.application}-watch-silent`,
      description:
        "watch was not started in this Region for five minutes: a vantage point is gone. Missing " +
        "data is breaching: Lambda publishes nothing while nothing runs, and that is the fault.",
      metric: ofWatch("Invocations"),
      threshold: 1,
      below: true,
      periods: 5,
      silenceMeans: TreatMissingData.BREACHING,
    });
  }

  /** Published by watch each minute, in CloudWatch's embedded format, which adds the function. */
  archive(region: Region): void {
    this.add({
      name: `${this.config.application}-archive-behind`,
      description:
        "Runs of this Region have ended and are not in its archive, fifteen minutes in a row. " +
        "Missing data is not breaching: a silent watch has an alarm of its own.",
      metric: {
        namespace: "Switchback",
        metricName: "UnarchivedRuns",
        dimensionsMap: { service: "watch", Group: groupOf(this.config), Region: region },
        statistic: "Minimum",
        period: Duration.minutes(1),
      },
      threshold: 1,
      periods: 15,
      silenceMeans: TreatMissingData.NOT_BREACHING,
    });
  }
}
