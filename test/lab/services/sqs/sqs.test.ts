import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Json } from "../../../../lab/kernel.ts";
import { createSqs, type Sqs } from "../../../../lab/services/sqs/sqs.ts";
import {
  account,
  allow,
  outcome,
  resource,
  roleArn,
  type SmallLab,
  smallLab,
  zero,
} from "../../small-lab.ts";

const queueArn = `arn:aws:sqs:us-east-1:${account}:work`;
const queueUrl = `https://sqs.us-east-1.amazonaws.com/${account}/work`;
const deadArn = `arn:aws:sqs:us-east-1:${account}:dead`;

let lab: SmallLab;
let sqs: Sqs;

beforeEach(async () => {
  lab = smallLab();
  sqs = createSqs(lab.lab);
  lab.calls.register(sqs.service);
  await deploy("Queue", "Dead", { QueueName: "dead" });
});
afterEach(() => lab.close());

async function deploy(type: string, logicalId: string, properties: { [name: string]: Json }) {
  const full = `AWS::SQS::${type}`;
  const model = sqs.models[full];
  if (model === undefined) throw new Error(`no model of ${full}`);
  return await model(resource(full, logicalId, properties));
}
const work = (more: { [name: string]: Json } = {}) =>
  deploy("Queue", "Work", {
    QueueName: "work",
    VisibilityTimeout: 30,
    RedrivePolicy: { deadLetterTargetArn: deadArn, maxReceiveCount: 2 },
    ...more,
  });

const ask = async (action: string, input: object, seconds = 2): Promise<unknown> => {
  const call = lab.calls.call({
    service: "sqs",
    region: "us-east-1",
    method: "POST",
    path: "/",
    query: {},
    headers: { "x-amz-target": `AmazonSQS.${action}` },
    body: JSON.stringify({ QueueUrl: queueUrl, ...input }),
    principal: { kind: "role", arn: roleArn },
    from: { region: "us-east-1" },
  });
  const answer = call.then(({ status, body }) => ({ status, ...JSON.parse(body) }));
  return await outcome(lab, answer, seconds);
};
const messages = (arn: string) => sqs.queue(arn)?.messages() ?? [];

describe("a queue", () => {
  beforeEach(async () => {
    lab.iam.addPolicy(roleArn, allow("sqs:*"));
    await work();
  });

  it("hands a message out once, and again when its visibility timeout is over", async () => {
    expect(await ask("SendMessage", { MessageBody: "hello" })).toMatchObject({
      status: 200,
      MD5OfMessageBody: createHash("md5").update("hello").digest("hex"),
    });
    expect(await ask("ReceiveMessage", { MaxNumberOfMessages: 10 })).toMatchObject({
      Messages: [
        { Body: "hello", Attributes: { ApproximateReceiveCount: "1", SenderId: roleArn } },
      ],
    });
    expect(await ask("ReceiveMessage", {})).toEqual({ status: 200 });
    await lab.clock.runUntil(lab.clock.now() + 30_000);
    expect(await ask("ReceiveMessage", {})).toMatchObject({
      Messages: [{ Body: "hello", Attributes: { ApproximateReceiveCount: "2" } }],
    });
  });

  it("keeps no message that was deleted", async () => {
    await ask("SendMessage", { MessageBody: "hello" });
    await ask("ReceiveMessage", {});
    const [message] = messages(queueArn);
    expect(
      await ask("DeleteMessageBatch", {
        Entries: [
          { Id: "a", ReceiptHandle: message?.receiptHandle },
          { Id: "b", ReceiptHandle: "nonsense" },
        ],
      }),
    ).toMatchObject({ Successful: [{ Id: "a" }], Failed: [{ Id: "b" }] });
    expect(messages(queueArn)).toEqual([]);
  });

  it("moves a message to the dead-letter queue instead of a third receive", async () => {
    await ask("SendMessage", { MessageBody: "poison" });
    for (const _ of [1, 2]) {
      await ask("ReceiveMessage", {});
      await lab.clock.runUntil(lab.clock.now() + 30_000);
    }
    expect(messages(deadArn)).toEqual([]);
    expect(await ask("ReceiveMessage", {})).toEqual({ status: 200 });
    expect(messages(deadArn)).toMatchObject([
      { body: "poison", receiveCount: 2, deadLetterOf: queueArn },
    ]);
    expect(lab.log.events.at(-1)).toMatchObject({ kind: "message-dead", region: "us-east-1" });
  });

  it("answers a long poll with the first message", async () => {
    const poll = lab.calls.call({
      service: "sqs",
      region: "us-east-1",
      method: "POST",
      path: "/",
      query: {},
      headers: { "x-amz-target": "AmazonSQS.ReceiveMessage" },
      body: JSON.stringify({ QueueUrl: queueUrl, WaitTimeSeconds: 20 }),
      principal: { kind: "role", arn: roleArn },
      from: { region: "us-east-1" },
    });
    const answered = poll.then(({ body }) => [lab.clock.now(), JSON.parse(body)]);
    lab.clock.after(5000, () => sqs.queue(queueArn)?.send("late", "me"));
    expect(await outcome(lab, answered, 10)).toEqual([
      expect.closeTo(zero + 5000, -2),
      { Messages: [expect.objectContaining({ Body: "late" })] },
    ]);
  });

  it("drops messages when their retention is over, with a word in the log", async () => {
    await ask("SendMessage", { MessageBody: "old" });
    await lab.clock.runUntil(lab.clock.now() + 345_600_000);
    expect(await ask("ReceiveMessage", {})).toEqual({ status: 200 });
    expect(lab.log.events.at(-1)?.kind).toBe("message-expired");
  });

  it("keeps its messages while its Region is down", async () => {
    await ask("SendMessage", { MessageBody: "hello" });
    lab.network.setDown("us-east-1", true);
    expect(await ask("ReceiveMessage", {}, 60)).toBe("silence");
    lab.network.setDown("us-east-1", false);
    expect(await ask("ReceiveMessage", {})).toMatchObject({ Messages: [{ Body: "hello" }] });
  });

  it("counts what waits each minute, and nothing of a queue that nobody uses", async () => {
    await ask("SendMessage", { MessageBody: "hello" });
    await lab.clock.runUntil(zero + 61_000);
    expect(lab.metrics).toEqual([
      ["us-east-1", "AWS/SQS", "ApproximateNumberOfMessagesVisible", { QueueName: "work" }, 1],
      ["us-east-1", "AWS/SQS", "ApproximateNumberOfMessagesNotVisible", { QueueName: "work" }, 0],
      ["us-east-1", "AWS/SQS", "ApproximateAgeOfOldestMessage", { QueueName: "work" }, 59],
    ]);
  });

  it("says its attributes, and refuses those and actions that the lab doesn't have", async () => {
    await ask("SendMessage", { MessageBody: "hello" });
    const asked = { AttributeNames: ["ApproximateNumberOfMessages", "VisibilityTimeout"] };
    expect(await ask("GetQueueAttributes", asked)).toEqual({
      status: 200,
      Attributes: { ApproximateNumberOfMessages: "1", VisibilityTimeout: "30" },
    });
    expect(await ask("GetQueueAttributes", { AttributeNames: ["Policy"] })).toMatchObject({
      status: 400,
      __type: "InvalidAttributeName",
    });
    expect(await ask("PurgeQueue", {})).toMatchObject({ status: 400 });
    expect(lab.log.events.at(-1)).toMatchObject({
      kind: "not-modelled",
      detail: { service: "sqs", operation: "AmazonSQS.PurgeQueue" },
    });
  });

  it("is refused by name where it is none of ours", async () => {
    const QueueUrl = `${queueUrl}-other`;
    expect(await ask("SendMessage", { QueueUrl, MessageBody: "x" })).toMatchObject({
      status: 400,
      __type: "com.amazonaws.sqs#QueueDoesNotExist",
    });
  });
});

describe("who may use a queue", () => {
  it("is what the role's policy and the queue's own say together", async () => {
    await work();
    expect(await ask("SendMessage", { MessageBody: "x" })).toMatchObject({
      status: 400,
      __type: "AccessDeniedException",
    });
    await deploy("QueuePolicy", "Policy", {
      Queues: [queueUrl],
      PolicyDocument: {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Deny",
            Action: "sqs:*",
            Principal: "*",
            Resource: queueArn,
            Condition: { Bool: { "aws:SecureTransport": "false" } },
          },
          {
            Effect: "Allow",
            Action: "sqs:SendMessage",
            Principal: { AWS: roleArn },
            Resource: queueArn,
          },
        ],
      },
    });
    expect(await ask("SendMessage", { MessageBody: "x" })).toMatchObject({ status: 200 });
    expect(await ask("ReceiveMessage", {})).toMatchObject({ status: 400 });
  });
});

describe("a queue's template", () => {
  it.each([
    [{ FifoQueue: true }, "FIFO queues are not modelled"],
    [{ KmsMasterKeyId: "alias/mine" }, "keys of one's own are not modelled"],
    [{ Surprise: 1 }, "Surprise"],
  ])("is refused by name where the lab would do otherwise: %o", async (more, words) => {
    await expect(work(more)).rejects.toThrow(words);
  });

  it("may have one policy", async () => {
    await work();
    const policy = { Queues: [queueUrl], PolicyDocument: { Statement: [] } };
    await deploy("QueuePolicy", "One", policy);
    await expect(deploy("QueuePolicy", "Two", policy)).rejects.toThrow("has a policy already");
  });
});
