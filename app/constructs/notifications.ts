// The topic that pages people. Not encrypted with a key of ours: CloudWatch can't use the key
// alias/aws/sns, a key of our own is one more thing that can refuse a page in an outage, and what
// is sent (reasons, Regions, times) holds no customer data. In transit TLS is enforced.
import { Stack } from "aws-cdk-lib";
import { Effect, PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import { Construct } from "constructs";
import type { Config } from "../../core/config/schema.ts";
import { topicName } from "../../core/names.ts";

export class Notifications extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, config: Config) {
    super(scope, id);
    this.topic = new Topic(this, "Topic", {
      topicName: topicName(config),
      displayName: `Switchback ${config.application}`,
      enforceSSL: true,
    });
    for (const address of config.notify) {
      this.topic.addSubscription(new EmailSubscription(address));
    }
    this.letAlarmsPublish();
  }

  /** A topic with a policy of its own has lost SNS's default one, which let alarms publish. */
  private letAlarmsPublish(): void {
    const { account } = Stack.of(this);
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        sid: "AlarmsOfThisAccount",
        effect: Effect.ALLOW,
        principals: [new ServicePrincipal("cloudwatch.amazonaws.com")],
        actions: ["sns:Publish"],
        resources: [this.topic.topicArn],
        conditions: { StringEquals: { "aws:SourceAccount": account } },
      }),
    );
  }
}
