// Starts watch every minute. A start that fails is not repeated: a late one would only overlap
// with the next, which looks at the same things.
import { Duration } from "aws-cdk-lib";
import { Rule, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction as LambdaTarget } from "aws-cdk-lib/aws-events-targets";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import type { Config } from "../../core/config/schema.ts";

export class WatchSchedule extends Construct {
  constructor(scope: Construct, id: string, config: Config, watch: LambdaFunction) {
    super(scope, id);
    new Rule(this, "Rule", {
      ruleName: `${config.application}-watch`,
      description: "Starts watch every minute",
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [new LambdaTarget(watch, { retryAttempts: 0, maxEventAge: Duration.minutes(1) })],
    });
    watch.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(1) });
  }
}
