// Tells people, through the topic of this function's own Region: another Region's may be the one
// that is down. The topic's ARN is derived from the execution's, so that nothing is looked up.
import { PublishCommand } from "@aws-sdk/client-sns";
import type { Config, Region } from "../../core/config/schema.ts";
import { InvariantViolated } from "../../core/errors.ts";
import type { Mail } from "../../core/mails/mail.ts";
import { topicName } from "../../core/names.ts";
import { bounded, snsIn } from "./clients.ts";

export interface Notifications {
  send(executionArn: string, mail: Mail): Promise<void>;
}

const callSeconds = 5;

export function notifications(config: Config, region: Region): Notifications {
  return {
    async send(executionArn, { subject, lines }) {
      const command = new PublishCommand({
        TopicArn: topicArn(config, region, executionArn),
        Subject: subject,
        Message: lines.join("\n"),
      });
      await bounded(callSeconds, (options) => snsIn(region).send(command, options));
    },
  };
}

/** arn:PARTITION:states:REGION:ACCOUNT:execution:MACHINE:NAME names partition and account. */
export function topicArn(config: Config, region: Region, executionArn: string): string {
  const [, partition, , , account] = executionArn.split(":");
  if (partition === undefined || account === undefined) {
    throw new InvariantViolated(`Not an execution's ARN: ${executionArn}.`);
  }
  return `arn:${partition}:sns:${region}:${account}:${topicName(config)}`;
}
