// An alarm as its template says, and its metric read by its settings: by CloudWatch (complete
// periods, sliding by the minute) and by Route 53, which evaluates the metric data itself.
import { z } from "zod";
import type { Region } from "../../../core/config/schema.ts";
import type { DeployedResource } from "../../kernel.ts";
import { type AlarmState, evaluate, extraPeriods, missingDataTreatments } from "./evaluation.ts";
import { type Metric, type Metrics, statistics } from "./metrics.ts";

const comparisons = {
  GreaterThanOrEqualToThreshold: (value: number, threshold: number) => value >= threshold,
  GreaterThanThreshold: (value: number, threshold: number) => value > threshold,
  LessThanThreshold: (value: number, threshold: number) => value < threshold,
  LessThanOrEqualToThreshold: (value: number, threshold: number) => value <= threshold,
};
export const comparisonNames = [
  "GreaterThanOrEqualToThreshold",
  "GreaterThanThreshold",
  "LessThanThreshold",
  "LessThanOrEqualToThreshold",
] as const;

const actions = z
  .array(z.string().regex(/^arn:aws:sns:/, "the lab models only SNS topics as alarm actions"))
  .default([]);

/** Strict: metric math, percentiles and whatever else is missing here is refused by name. */
const alarmProperties = z.strictObject({
  AlarmName: z.string().optional(),
  AlarmDescription: z.string().optional(),
  Namespace: z.string(),
  MetricName: z.string(),
  Dimensions: z.array(z.strictObject({ Name: z.string(), Value: z.string() })).default([]),
  Statistic: z.enum(statistics),
  Period: z.coerce.number().multipleOf(60),
  EvaluationPeriods: z.coerce.number().int(),
  DatapointsToAlarm: z.coerce.number().int().optional(),
  Threshold: z.coerce.number(),
  ComparisonOperator: z.enum(comparisonNames),
  TreatMissingData: z.enum(missingDataTreatments).default("missing"),
  ActionsEnabled: z.boolean().default(true),
  AlarmActions: actions,
  OKActions: actions,
  InsufficientDataActions: actions,
  Tags: z.unknown().optional(),
});
type Properties = z.infer<typeof alarmProperties>;

const minute = 60_000;

export class Alarm {
  readonly name: string;
  readonly arn: string;
  readonly region: Region;
  readonly metric: Metric;
  readonly settings: Properties;
  state: AlarmState = "INSUFFICIENT_DATA";
  reason = "Unchecked: Initial alarm creation";
  /** Virtual ms since 1970. */
  changedAt: number;

  constructor(resource: DeployedResource, account: string, now: number) {
    const settings = alarmProperties.parse(resource.properties);
    this.settings = settings;
    this.region = resource.region;
    this.name = settings.AlarmName ?? `${resource.stack}-${resource.logicalId}`;
    this.arn = `arn:aws:cloudwatch:${this.region}:${account}:alarm:${this.name}`;
    this.changedAt = now;
    this.metric = {
      region: this.region,
      namespace: settings.Namespace,
      name: settings.MetricName,
      dimensions: Object.fromEntries(settings.Dimensions.map(({ Name, Value }) => [Name, Value])),
    };
  }

  /** By CloudWatch, at that instant; null: the state stays. */
  verdict(metrics: Metrics, now: number): AlarmState | null {
    const { EvaluationPeriods, DatapointsToAlarm, TreatMissingData, Period } = this.settings;
    const period = Period * 1000;
    const end = Math.floor(now / minute) * minute;
    const values: (boolean | null)[] = [];
    for (let back = EvaluationPeriods + extraPeriods; back >= 1; back -= 1) {
      values.push(this.#breaching(metrics, end - back * period, end - (back - 1) * period));
    }
    const rules = {
      evaluationPeriods: EvaluationPeriods,
      datapointsToAlarm: DatapointsToAlarm ?? EvaluationPeriods,
      treatMissingData: TreatMissingData,
    };
    return evaluate(rules, values);
  }

  /** By Route 53: the newest N periods that have data, within the evaluation range. Documented:
   * it reads the data stream, not the alarm's state, and knows no M out of N. Docs silent on the
   * running period; for a maximum or minimum the lab counts it, since its data already tells. */
  metricVerdict(metrics: Metrics, now: number): AlarmState {
    const { EvaluationPeriods, DatapointsToAlarm, Period, Statistic } = this.settings;
    if ((DatapointsToAlarm ?? EvaluationPeriods) !== EvaluationPeriods) {
      throw new Error(`Route 53 supports no M out of N: ${this.name}`);
    }
    const period = Period * 1000;
    const running = Statistic === "Maximum" || Statistic === "Minimum" ? 1 : 0;
    const end = (Math.floor(now / period) + running) * period;
    const values: boolean[] = [];
    const oldest = EvaluationPeriods + extraPeriods + running;
    for (let back = 1; back <= oldest && values.length < EvaluationPeriods; back += 1) {
      const value = this.#breaching(metrics, end - back * period, end - (back - 1) * period);
      if (value !== null) values.push(value);
    }
    if (values.length < EvaluationPeriods) return "INSUFFICIENT_DATA";
    return values.every(Boolean) ? "ALARM" : "OK";
  }

  actions(state: AlarmState): readonly string[] {
    const { settings } = this;
    if (!settings.ActionsEnabled) return [];
    switch (state) {
      case "ALARM":
        return settings.AlarmActions;
      case "OK":
        return settings.OKActions;
      case "INSUFFICIENT_DATA":
        return settings.InsufficientDataActions;
      default:
        return state satisfies never;
    }
  }

  #breaching(metrics: Metrics, from: number, to: number): boolean | null {
    const { Statistic, ComparisonOperator, Threshold } = this.settings;
    const value = metrics.value(this.metric, Statistic, from, to);
    return value === null ? null : comparisons[ComparisonOperator](value, Threshold);
  }
}
