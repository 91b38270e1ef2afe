// Numbers of one invocation, written to its log in CloudWatch's embedded metric format: no call
// that could fail or be throttled while a switch runs.
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import type { Config } from "../core/config/schema.ts";
import { groupOf } from "../core/names.ts";

/** By metric name; what is null was not measured and is left out. Names end in their unit. */
export type Measures = Readonly<Record<string, number | null>>;
export type Measure = (measures: Measures, dimensions: Readonly<Record<string, string>>) => void;

const namespace = "Switchback";

export function measureFor(config: Config): Measure {
  return (measures, dimensions) => {
    const metrics = new Metrics({ namespace, defaultDimensions: { Group: groupOf(config) } });
    metrics.addDimensions({ ...dimensions });
    for (const [name, value] of Object.entries(measures)) {
      if (value !== null) metrics.addMetric(name, unitOf(name), value);
    }
    metrics.publishStoredMetrics();
  };
}

function unitOf(name: string) {
  return name.endsWith("Seconds") ? MetricUnit.Seconds : MetricUnit.Count;
}
