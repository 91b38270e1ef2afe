import { ListTopicsCommand, PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { installClock, type LabClock } from "../../../../lab/clock.ts";
import { Hindrances } from "../../../../lab/faults/hindrances.ts";
import { createIam } from "../../../../lab/iam.ts";
import type { Json } from "../../../../lab/kernel.ts";
import { createEventLog } from "../../../../lab/log.ts";
import { createRandom } from "../../../../lab/random.ts";
import { createSns, type Sns } from "../../../../lab/services/sns/sns.ts";
import { account, callerArn, inProcess, settled } from "../in-process.ts";

const region = "us-east-1";
const topicArn = `arn:aws:sns:${region}:${account}:orders-notifications`;
const alarmArn = `arn:aws:cloudwatch:${region}:${account}:alarm:a`;

let clock: LabClock;
let sns: Sns;
let hindrances: Hindrances;
let log: ReturnType<typeof createEventLog>;

beforeEach(() => {
  clock = installClock({ zero: Date.UTC(2026, 0, 15, 9) });
  log = createEventLog(clock);
  const iam = createIam({ account, clock, log });
  hindrances = new Hindrances(createRandom(1));
  const hindrance = hindrances.meets.bind(hindrances);
  sns = createSns({ account, log, iam, random: createRandom(1), hindrance });
});
afterEach(() => clock.uninstall());

const create = (type: string, properties: { [name: string]: Json }) =>
  sns.models[type]?.({ stack: "region", region, logicalId: "R", type, properties });
const topic = (more: { [name: string]: Json } = {}) =>
  create("AWS::SNS::Topic", { TopicName: "orders-notifications", ...more });
const letAlarmsPublish = (sourceAccount = account) =>
  create("AWS::SNS::TopicPolicy", {
    Topics: [topicArn],
    PolicyDocument: {
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: "cloudwatch.amazonaws.com" },
          Action: "sns:Publish",
          Resource: topicArn,
          Condition: { StringEquals: { "aws:SourceAccount": sourceAccount } },
        },
        {
          Effect: "Deny",
          Principal: "*",
          Action: "sns:Publish",
          Resource: topicArn,
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
      ],
    },
  });
const page = () =>
  settled(
    clock,
    sns.publishAsService(
      topicArn,
      {
        subject: "s",
        message: "m",
        by: { arn: "cloudwatch.amazonaws.com", kind: "service" },
      },
      alarmArn,
    ),
  );
const client = () => new SNSClient(inProcess(sns.service, region));

describe("a topic", () => {
  it("takes a message and logs it", async () => {
    await topic();
    const message = 'two\n"lines" & <more>';
    const command = new PublishCommand({ TopicArn: topicArn, Subject: "Held", Message: message });
    expect((await client().send(command)).MessageId).toMatch(/^[0-9a-f-]{36}$/);
    expect(log.events).toMatchObject([
      {
        kind: "notification",
        region,
        detail: { topic: "orders-notifications", subject: "Held", message, by: callerArn },
      },
    ]);
  });

  it("takes an alarm's message only when its policy allows it", async () => {
    await topic();
    expect(await page()).toBe(false);
    await letAlarmsPublish("999999999999");
    expect(await page()).toBe(false);
    await letAlarmsPublish();
    expect(await page()).toBe(true);
    expect(log.events.filter(({ kind }) => kind === "notification")).toHaveLength(1);
  });

  it("takes no alarm's message while SNS is hindered", async () => {
    await topic();
    await letAlarmsPublish();
    hindrances.add(region, "sns", { mode: "throttle", share: 1, seconds: 0 });
    expect(await page()).toBe(false);
  });

  it("encrypted with AWS's own key takes no alarm's message", async () => {
    await topic({ KmsMasterKeyId: "alias/aws/sns" });
    await letAlarmsPublish();
    expect(await page()).toBe(false);
  });

  it("that does not exist is an error, and so is what is not modelled", async () => {
    const command = new PublishCommand({ TopicArn: topicArn, Message: "m" });
    await expect(client().send(command)).rejects.toMatchObject({ name: "NotFoundException" });
    await expect(client().send(new ListTopicsCommand({}))).rejects.toMatchObject({
      name: "UnknownOperationException",
    });
  });
});
