// AWS Health delivers an event in the impaired Region and, as a copy, in a backup Region. The first
// may be too ill to pass it on, and the passive Region is the one that acts: so whoever receives
// one hands it to the default buses of the other Regions that serve. Only what AWS delivered here
// is handed on, not what was handed here: the envelope keeps the Region of its delivery, and two
// serving Regions would play ball for ever. Copies are harmless: issues are stored by their ARN,
// and a minute's runs have one name.
import { Stack } from "aws-cdk-lib";
import { EventBus, Rule } from "aws-cdk-lib/aws-events";
import { EventBus as BusTarget } from "aws-cdk-lib/aws-events-targets";
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import type { Config, Region } from "../../core/config/schema.ts";
import { servingRegions } from "../../core/names.ts";

export class HealthRelay extends Construct {
  /** `region`: where it stands, a serving Region or the backup Region. */
  constructor(scope: Construct, id: string, config: Config, region: Region) {
    super(scope, id);
    const { partition, account } = Stack.of(this);
    const serving = servingRegions(config);
    const buses = serving
      .filter((other) => other !== region)
      .map((other) => ({
        region: other,
        arn: `arn:${partition}:events:${other}:${account}:event-bus/default`,
      }));
    const role = this.role(buses.map(({ arn }) => arn));
    new Rule(this, "Rule", {
      ruleName: `${config.application}-health-relay`,
      description: "AWS Health events about a serving Region: told to the other serving Regions",
      eventPattern: {
        source: ["aws.health"],
        detailType: ["AWS Health Event"],
        region: [region],
        detail: { eventRegion: serving },
      },
      targets: buses.map((bus) => {
        const target = EventBus.fromEventBusArn(this, `Bus-${bus.region}`, bus.arn);
        return new BusTarget(target, { role });
      }),
    });
  }

  private role(buses: string[]): Role {
    const put = new PolicyStatement({ actions: ["events:PutEvents"], resources: buses });
    return new Role(this, "Role", {
      assumedBy: new ServicePrincipal("events.amazonaws.com"),
      description: "EventBridge: hands AWS Health's events to the serving Regions' buses",
      inlinePolicies: { access: new PolicyDocument({ statements: [put] }) },
    });
  }
}
