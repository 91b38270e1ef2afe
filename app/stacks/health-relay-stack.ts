// The backup Region of AWS Health, where it serves nothing: one rule, so that the copies which are
// delivered there reach the Regions that act on them.
import { Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import type { Config, Region } from "../../core/config/schema.ts";
import { HealthRelay } from "../constructs/health-relay.ts";

export interface HealthRelayStackProps extends StackProps {
  readonly config: Config;
  readonly backupRegion: Region;
}

export class HealthRelayStack extends Stack {
  constructor(scope: Construct, id: string, props: HealthRelayStackProps) {
    super(scope, id, props);
    new HealthRelay(this, "HealthRelay", props.config, props.backupRegion);
  }
}
