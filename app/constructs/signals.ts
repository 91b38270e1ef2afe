// What wakes on-signal: our own signals, AWS Health events, and canary alarms. Rules don't judge:
// which Health event counts is decided in code, where a test can hold it against AWS's samples.
import { type EventPattern, Match, Rule } from "aws-cdk-lib/aws-events";
import { LambdaFunction as LambdaTarget } from "aws-cdk-lib/aws-events-targets";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import type { Config } from "../../core/config/schema.ts";
import { canaryName, eventSource, signalDetailType } from "../../core/names.ts";

/** Of any vantage point: the witness hands its own on to both serving Regions. */
export function canaryAlarms(config: Config): EventPattern {
  return {
    source: ["aws.cloudwatch"],
    detailType: ["CloudWatch Alarm State Change"],
    detail: {
      alarmName: Match.prefix(`${canaryName(config)}-`),
      state: { value: ["ALARM"] },
    },
  };
}

export class Signals extends Construct {
  constructor(
    scope: Construct,
    id: string,
    private readonly config: Config,
    private readonly onSignal: LambdaFunction,
  ) {
    super(scope, id);
    this.route("signals", "watch, gate or reconcile: somebody should look", {
      source: [eventSource(config)],
      detailType: [signalDetailType],
    });
    this.route("health", "AWS Health events, also the copies of the backup Region", {
      source: ["aws.health"],
      detailType: ["AWS Health Event"],
    });
    if (!config.canaries) return;
    this.route("canaries", "A canary finds a Region failing", canaryAlarms(config));
  }

  private route(name: string, description: string, eventPattern: EventPattern): void {
    new Rule(this, name, {
      ruleName: `${this.config.application}-${name}`,
      description,
      eventPattern,
      targets: [new LambdaTarget(this.onSignal)],
    });
  }
}
