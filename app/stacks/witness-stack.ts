// The third Region: a vantage point that serves no traffic, and the alarms behind the levers,
// which must outlive either serving Region.
import { Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import type { Config } from "../../core/config/schema.ts";
import type { Bundles } from "../bundles.ts";
import { Alarms } from "../constructs/alarms.ts";
import { JourneyCanary } from "../constructs/canary.ts";
import { CanaryRelay } from "../constructs/canary-relay.ts";
import { witnessFolders } from "../constructs/function-catalogue.ts";
import { Functions } from "../constructs/functions.ts";
import { LeverAlarms } from "../constructs/lever-alarms.ts";
import { Notifications } from "../constructs/notifications.ts";
import { WatchSchedule } from "../constructs/schedule.ts";

export interface WitnessStackProps extends StackProps {
  readonly config: Config;
  readonly bundles: Bundles;
}

export class WitnessStack extends Stack {
  constructor(scope: Construct, id: string, props: WitnessStackProps) {
    super(scope, id, props);
    const { config, bundles } = props;
    const region = config.regions.witness;
    const folders = witnessFolders;
    new LeverAlarms(this, "Levers", config);
    const functions = new Functions(this, "Functions", { config, region, bundles, folders });
    const { topic } = new Notifications(this, "Notifications", config);
    const alarms = new Alarms(this, "Alarms", config, topic);
    alarms.watch(functions.of("watch"));
    new WatchSchedule(this, "WatchSchedule", config, functions.of("watch"));
    if (!config.canaries) return;
    new JourneyCanary(this, "Journey", { config, region, bundles, alarms });
    new CanaryRelay(this, "CanaryRelay", config);
  }
}
