// The witness Region has no on-signal and no machine: what its canary finds goes to the default
// buses of both serving Regions, whose rules wake on-signal with it. To both, since one of them may
// be down, and the passive one acts.
import { Stack } from "aws-cdk-lib";
import { EventBus, Rule } from "aws-cdk-lib/aws-events";
import { EventBus as BusTarget } from "aws-cdk-lib/aws-events-targets";
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import type { Config } from "../../core/config/schema.ts";
import { servingRegions } from "../../core/names.ts";
import { canaryAlarms } from "./signals.ts";

export class CanaryRelay extends Construct {
  constructor(scope: Construct, id: string, config: Config) {
    super(scope, id);
    const { partition, account } = Stack.of(this);
    const buses = servingRegions(config).map((region) => ({
      region,
      arn: `arn:${partition}:events:${region}:${account}:event-bus/default`,
    }));
    const role = this.role(buses.map(({ arn }) => arn));
    new Rule(this, "Rule", {
      ruleName: `${config.application}-canaries`,
      description: "A canary of the witness finds a Region failing: told to both serving Regions",
      eventPattern: canaryAlarms(config),
      targets: buses.map(({ region, arn }) => {
        const bus = EventBus.fromEventBusArn(this, `Bus-${region}`, arn);
        return new BusTarget(bus, { role });
      }),
    });
  }

  private role(buses: string[]): Role {
    const put = new PolicyStatement({ actions: ["events:PutEvents"], resources: buses });
    return new Role(this, "Role", {
      assumedBy: new ServicePrincipal("events.amazonaws.com"),
      description: "EventBridge: puts the witness canary's alarms on the serving Regions' buses",
      inlinePolicies: { access: new PolicyDocument({ statements: [put] }) },
    });
  }
}
