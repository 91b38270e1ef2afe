// Hands events on to the default buses of other Regions: one rule, and a role that may put events
// on those buses and nothing else. What is handed on, and why, is said where a relay is made.
import { Stack } from "aws-cdk-lib";
import { EventBus, type EventPattern, Rule } from "aws-cdk-lib/aws-events";
import { EventBus as BusTarget } from "aws-cdk-lib/aws-events-targets";
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import type { Region } from "../../core/config/schema.ts";

export interface BusRelayProps {
  readonly ruleName: string;
  readonly description: string;
  readonly eventPattern: EventPattern;
  /** Whose default buses receive the events. */
  readonly into: readonly Region[];
}

export class BusRelay extends Construct {
  constructor(scope: Construct, id: string, props: BusRelayProps) {
    super(scope, id);
    const { into, ...rule } = props;
    const { partition, account } = Stack.of(this);
    const buses = into.map((region) => ({
      region,
      arn: `arn:${partition}:events:${region}:${account}:event-bus/default`,
    }));
    const put = new PolicyStatement({
      actions: ["events:PutEvents"],
      resources: buses.map(({ arn }) => arn),
    });
    const role = new Role(this, "Role", {
      assumedBy: new ServicePrincipal("events.amazonaws.com"),
      description: `EventBridge: puts what ${props.ruleName} matches on other Regions' buses`,
      inlinePolicies: { access: new PolicyDocument({ statements: [put] }) },
    });
    new Rule(this, "Rule", {
      ...rule,
      targets: buses.map(({ region, arn }) => {
        const bus = EventBus.fromEventBusArn(this, `Bus-${region}`, arn);
        return new BusTarget(bus, { role });
      }),
    });
  }
}
