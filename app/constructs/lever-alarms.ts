// The alarms behind the levers, in the witness Region: with them in the other serving Region, that
// Region's death would hold its partner out. Route 53 reads an alarm's metric by the settings that
// the alarm had when the health check was made, so a name carries the hash of its settings: a
// changed setting is a new alarm and, in the routing stack, a health check that names it.
import { createHash } from "node:crypto";
import { CfnAlarm, type CfnAlarmProps } from "aws-cdk-lib/aws-cloudwatch";
import { Construct } from "constructs";
import type { Config, Region } from "../../core/config/schema.ts";
import { drainMetric, leverRegions } from "../../core/names.ts";

export type Lever = "switch" | "drain";

type Settings = Omit<CfnAlarmProps, "alarmName" | "alarmDescription">;

/** Maximum of a minute, one of one: a single 1 drains, and the next minute's 0 restores. */
function drainSettings(config: Config, region: Region): Settings {
  return {
    namespace: drainMetric.namespace,
    metricName: drainMetric.name,
    dimensions: Object.entries(drainMetric.dimensions(config, region)).map(([name, value]) => ({
      name,
      value,
    })),
    statistic: "Maximum",
    period: 60,
    evaluationPeriods: 1,
    datapointsToAlarm: 1,
    threshold: 1,
    comparisonOperator: "GreaterThanOrEqualToThreshold",
    // Silence changes nothing, as in the health check (LastKnownStatus).
    treatMissingData: "ignore",
  };
}

/** Its metric is never published: the check's raw status is constant, and Inverted decides. */
function switchSettings(config: Config, region: Region): Settings {
  return {
    ...drainSettings(config, region),
    metricName: "NeverPublished",
    treatMissingData: "missing",
  };
}

export function leverSettings(config: Config, lever: Lever, region: Region): Settings {
  return lever === "drain" ? drainSettings(config, region) : switchSettings(config, region);
}

export function leverAlarmName(config: Config, lever: Lever, region: Region): string {
  const settings = JSON.stringify(leverSettings(config, lever, region));
  const hash = createHash("sha256").update(settings).digest("hex").slice(0, 8);
  return `${config.application}-${lever}-${region}-${hash}`;
}

const descriptions: Record<Lever, string> = {
  drain: "1 takes the Region out of service, 0 lets it in. Read by Route 53; pages nobody.",
  switch: "Never has data, on purpose: Inverted of its health check decides. Pages nobody.",
};

/** No actions: these alarms are read by Route 53 and page nobody. */
export class LeverAlarms extends Construct {
  constructor(scope: Construct, id: string, config: Config) {
    super(scope, id);
    for (const region of leverRegions(config)) {
      for (const lever of ["switch", "drain"] as const) {
        new CfnAlarm(this, `${lever}-${region}`, {
          ...leverSettings(config, lever, region),
          alarmName: leverAlarmName(config, lever, region),
          alarmDescription: descriptions[lever],
        });
      }
    }
  }
}
