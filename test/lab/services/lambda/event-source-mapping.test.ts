import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Json } from "../../../../lab/kernel.ts";
import { eventSourceMappings } from "../../../../lab/services/lambda/event-source-mapping.ts";
import { createSqs, type Sqs } from "../../../../lab/services/sqs/sqs.ts";
import {
  account,
  allow,
  deployFunction,
  resource,
  roleArn,
  type SmallLab,
  smallLab,
  zero,
} from "../../small-lab.ts";

const queueArn = `arn:aws:sqs:us-east-1:${account}:work`;
const mayPoll = ["sqs:ReceiveMessage", "sqs:DeleteMessage"];

let lab: SmallLab;
let sqs: Sqs;

beforeEach(async () => {
  lab = smallLab();
  sqs = createSqs(lab.lab);
  lab.calls.register(sqs.service);
  await sqs.models["AWS::SQS::Queue"]?.(
    resource("AWS::SQS::Queue", "Work", { QueueName: "work", VisibilityTimeout: 60 }),
  );
});
afterEach(() => lab.close());

/** Prints each batch; messages that say so fail. */
const source = `exports.handler = async ({ Records }) => {
  console.log(JSON.stringify(Records));
  if (Records.some(({ body }) => body === "throw")) throw new Error("broken");
  const failed = Records.filter(({ body }) => body === "fail");
  return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
};`;

async function map(more: { [name: string]: Json } = {}): Promise<string> {
  const FunctionName = await deployFunction(lab, "process", source, { Timeout: 10 });
  const models = eventSourceMappings({
    lab: lab.lab,
    functions: {
      arnOf: (...name) => lab.lambda.arnOf(...name),
      settingsOf: (arn) => lab.lambda.settingsOf(arn),
      invoke: (arn, payload) => lab.lambda.invoke(arn, payload),
    },
    queue: sqs.queue,
  });
  const properties = {
    FunctionName,
    EventSourceArn: queueArn,
    BatchSize: 10,
    FunctionResponseTypes: ["ReportBatchItemFailures"],
    ...more,
  };
  const type = "AWS::Lambda::EventSourceMapping";
  await models[type]?.(resource(type, "Mapping", properties));
  return FunctionName;
}

const send = (body: string) => sqs.queue(queueArn)?.send(body, "events.amazonaws.com");
const waiting = () => (sqs.queue(queueArn)?.messages() ?? []).map(({ body }) => body);
const batches = (functionArn: string) =>
  lab.lambda.linesOf(functionArn).map((line) => {
    const records: { body: string }[] = JSON.parse(line);
    return records.map(({ body }) => body);
  });
const toSecond = (second: number) => lab.clock.runUntil(zero + second * 1000);

describe("an event source mapping", () => {
  it("hands messages to the function in AWS's shape, and deletes them", async () => {
    lab.iam.addPolicy(roleArn, allow(mayPoll, queueArn));
    const functionArn = await map();
    send("hello");
    await toSecond(2);
    const [line = ""] = lab.lambda.linesOf(functionArn);
    expect(JSON.parse(line)).toEqual([
      {
        messageId: expect.any(String),
        receiptHandle: expect.any(String),
        body: "hello",
        attributes: {
          ApproximateReceiveCount: "1",
          SentTimestamp: String(zero),
          SenderId: "events.amazonaws.com",
          ApproximateFirstReceiveTimestamp: expect.any(String),
        },
        messageAttributes: {},
        md5OfBody: "5d41402abc4b2a76b9719d911017c592",
        eventSource: "aws:sqs",
        eventSourceARN: queueArn,
        awsRegion: "us-east-1",
      },
    ]);
    expect(waiting()).toEqual([]);
  });

  it("leaves what failed, and hands it out again after the visibility timeout", async () => {
    lab.iam.addPolicy(roleArn, allow(mayPoll, queueArn));
    send("fine");
    send("fail");
    const functionArn = await map();
    await toSecond(30);
    expect(waiting()).toEqual(["fail"]);
    await toSecond(65);
    expect(batches(functionArn)).toEqual([["fine", "fail"], ["fail"]]);
  });

  it("leaves the whole batch when the function throws", async () => {
    lab.iam.addPolicy(roleArn, allow(mayPoll, queueArn));
    send("fine");
    send("throw");
    await map();
    await toSecond(30);
    expect(waiting()).toEqual(["fine", "throw"]);
  });

  it("takes no more at once than the batch size, and goes on until nothing is left", async () => {
    lab.iam.addPolicy(roleArn, allow(mayPoll, queueArn));
    for (let count = 0; count < 25; count += 1) send(String(count));
    const functionArn = await map();
    await toSecond(5);
    expect(batches(functionArn).map((bodies) => bodies.length)).toEqual([10, 10, 5]);
    expect(waiting()).toEqual([]);
  });

  it("receives as the function's role", async () => {
    const functionArn = await map();
    send("hello");
    await toSecond(5);
    expect(batches(functionArn)).toEqual([]);
    expect(lab.log.events.find(({ kind }) => kind === "denied")?.detail).toEqual({
      principal: roleArn,
      action: "sqs:ReceiveMessage",
      resource: queueArn,
    });
  });

  it("does nothing while its Region is down, and goes on when it is back", async () => {
    lab.iam.addPolicy(roleArn, allow(mayPoll, queueArn));
    const functionArn = await map();
    lab.network.setDown("us-east-1", true);
    send("hello");
    await toSecond(600);
    expect(batches(functionArn)).toEqual([]);
    lab.network.setDown("us-east-1", false);
    await toSecond(605);
    expect(batches(functionArn)).toEqual([["hello"]]);
    expect(waiting()).toEqual([]);
  });

  it("delivers again what it held when its Region died", async () => {
    lab.iam.addPolicy(roleArn, allow(mayPoll, queueArn));
    const functionArn = await map();
    send("hello");
    lab.clock.after(100, () => lab.network.setDown("us-east-1", true));
    await toSecond(30);
    lab.network.setDown("us-east-1", false);
    await toSecond(90);
    expect(batches(functionArn)).toEqual([["hello"]]);
    expect(waiting()).toEqual([]);
  });

  it("asks nothing while the queue is empty", async () => {
    lab.iam.addPolicy(roleArn, allow(mayPoll, queueArn));
    await map();
    await toSecond(5);
    const before = lab.clock.fired;
    await toSecond(50);
    expect(lab.clock.fired - before).toBe(0);
  });

  it("is refused where a message could be processed twice at a time", async () => {
    const functionArn = await map();
    const slow = await deployFunction(lab, "slow", source, { Timeout: 61 });
    await expect(map({ FunctionName: slow })).rejects.toThrow(
      "Queue visibility timeout: 60 seconds is less than Function timeout: 61 seconds",
    );
    await expect(
      map({ FunctionName: functionArn, FilterCriteria: { Filters: [] } }),
    ).rejects.toThrow("filters are not modelled");
  });
});
