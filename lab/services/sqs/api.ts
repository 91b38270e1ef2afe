// SQS's API in its JSON protocol 1.0, as far as functions, pollers, EventBridge and operators use
// it. A queue that is not there is refused as AWS refuses it; an action that is not here, by name.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/Welcome.html
import { z } from "zod";
import type { Region } from "../../../core/config/schema.ts";
import type { AwsRequest, AwsService, Demand, Lab } from "../../kernel.ts";
import { jsonService, type Operation, operation, ServiceFault } from "../json-service.ts";
import type { Queue, QueueMessage } from "./queue.ts";
import type { QueueRegistry } from "./resources.ts";

const url = { QueueUrl: z.string() };
const sendSchema = z.strictObject({
  ...url,
  MessageBody: z.string().min(1),
  DelaySeconds: z.int().min(0).max(900).default(0),
});
const receiveSchema = z.strictObject({
  ...url,
  MaxNumberOfMessages: z.int().min(1).max(10).default(1),
  VisibilityTimeout: z.int().min(0).max(43_200).optional(),
  WaitTimeSeconds: z.int().min(0).max(20).default(0),
  // All of those that the lab has are always answered.
  AttributeNames: z.array(z.string()).optional(),
  MessageSystemAttributeNames: z.array(z.string()).optional(),
  MessageAttributeNames: z.array(z.string()).optional(),
});
const deleteSchema = z.strictObject({ ...url, ReceiptHandle: z.string() });
const deleteBatchSchema = z.strictObject({
  ...url,
  Entries: z
    .array(z.strictObject({ Id: z.string(), ReceiptHandle: z.string() }))
    .min(1)
    .max(10),
});
const visibilitySchema = z.strictObject({
  ...url,
  ReceiptHandle: z.string(),
  VisibilityTimeout: z.int().min(0).max(43_200),
});
const attributesSchema = z.strictObject({
  ...url,
  AttributeNames: z.array(z.string()).default([]),
});

/** Deleting in batches asks the permission to delete. Source: Service Authorization Reference. */
const actions = {
  SendMessage: "SendMessage",
  ReceiveMessage: "ReceiveMessage",
  DeleteMessage: "DeleteMessage",
  DeleteMessageBatch: "DeleteMessage",
  ChangeMessageVisibility: "ChangeMessageVisibility",
  GetQueueAttributes: "GetQueueAttributes",
};

export function sqsService(
  { account, clock }: Pick<Lab, "account" | "clock">,
  { queues, policies }: QueueRegistry,
): AwsService {
  const arnOf = (queueUrl: string, region: Region) =>
    `arn:aws:sqs:${region}:${account}:${queueUrl.split("/").at(-1) ?? ""}`;
  const find = (queueUrl: string, region: Region): Queue => {
    const queue = queues.get(arnOf(queueUrl, region));
    if (queue?.settings.url === queueUrl) return queue;
    const message = "The specified queue does not exist.";
    throw new ServiceFault("com.amazonaws.sqs#QueueDoesNotExist", message);
  };
  function action<S extends z.ZodType<{ QueueUrl: string }>>(
    name: keyof typeof actions,
    schema: S,
    run: (queue: Queue, input: z.output<S>, request: AwsRequest) => object | Promise<object>,
  ): Operation {
    const demands = ({ QueueUrl }: z.output<S>, { region }: AwsRequest): Demand[] => {
      const resource = arnOf(QueueUrl, region);
      const resourcePolicy = policies.get(resource);
      return [
        {
          action: `sqs:${actions[name]}`,
          resource,
          // Every endpoint of AWS in the lab is HTTPS.
          context: { "aws:SecureTransport": "true" },
          ...(resourcePolicy === undefined ? {} : { resourcePolicy }),
        },
      ];
    };
    return operation(schema, demands, (input, request) =>
      run(find(input.QueueUrl, request.region), input, request),
    );
  }
  return jsonService({
    name: "sqs",
    version: "1.0",
    operations: {
      SendMessage: action("SendMessage", sendSchema, send),
      ReceiveMessage: action("ReceiveMessage", receiveSchema, (queue, input) =>
        receive(clock, queue, input),
      ),
      DeleteMessage: action("DeleteMessage", deleteSchema, (queue, { ReceiptHandle }) => {
        if (!queue.delete(ReceiptHandle)) throw invalidHandle(ReceiptHandle);
        return {};
      }),
      DeleteMessageBatch: action("DeleteMessageBatch", deleteBatchSchema, deleteBatch),
      ChangeMessageVisibility: action(
        "ChangeMessageVisibility",
        visibilitySchema,
        changeVisibility,
      ),
      GetQueueAttributes: action("GetQueueAttributes", attributesSchema, attributesOf),
    },
  });
}

function send(
  queue: Queue,
  { MessageBody, DelaySeconds }: z.output<typeof sendSchema>,
  { principal }: AwsRequest,
): object {
  const { maximumBytes } = queue.settings;
  if (Buffer.byteLength(MessageBody) > maximumBytes) {
    const why = `One or more parameters are invalid. Reason: Message must be shorter than`;
    throw new ServiceFault("InvalidParameterValue", `${why} ${maximumBytes} bytes.`);
  }
  const { id, md5 } = queue.send(MessageBody, principal.arn, DelaySeconds);
  return { MessageId: id, MD5OfMessageBody: md5 };
}

/** A long poll answers with the first message, or empty after its wait. */
async function receive(
  clock: Lab["clock"],
  queue: Queue,
  input: z.output<typeof receiveSchema>,
): Promise<object> {
  const take = () => queue.receive(input.MaxNumberOfMessages, input.VisibilityTimeout);
  const received = take();
  if (received.length > 0 || input.WaitTimeSeconds === 0) return answerOf(received);
  return await new Promise((resolve) => {
    const end = (messages: QueueMessage[]) => {
      cancel();
      ignore();
      resolve(answerOf(messages));
    };
    const cancel = clock.after(input.WaitTimeSeconds * 1000, () => end([]));
    const ignore = queue.onVisible(() => {
      const found = take();
      if (found.length > 0) end(found);
    });
  });
}

function answerOf(messages: readonly QueueMessage[]): object {
  if (messages.length === 0) return {};
  return {
    Messages: messages.map((message) => ({
      MessageId: message.id,
      ReceiptHandle: message.receiptHandle,
      MD5OfBody: message.md5,
      Body: message.body,
      Attributes: {
        ApproximateReceiveCount: String(message.receiveCount),
        SentTimestamp: String(Math.floor(message.sentAt)),
        SenderId: message.senderId,
        ApproximateFirstReceiveTimestamp: String(Math.floor(message.firstReceivedAt ?? 0)),
        ...(message.deadLetterOf === null
          ? {}
          : { DeadLetterQueueSourceArn: message.deadLetterOf }),
      },
    })),
  };
}

function deleteBatch(queue: Queue, { Entries }: z.output<typeof deleteBatchSchema>): object {
  const results = Entries.map(({ Id, ReceiptHandle }) => ({ Id, ok: queue.delete(ReceiptHandle) }));
  return {
    Successful: results.filter(({ ok }) => ok).map(({ Id }) => ({ Id })),
    Failed: results
      .filter(({ ok }) => !ok)
      .map(({ Id }) => ({ Id, SenderFault: true, Code: "ReceiptHandleIsInvalid" })),
  };
}

function changeVisibility(queue: Queue, input: z.output<typeof visibilitySchema>): object {
  if (queue.changeVisibility(input.ReceiptHandle, input.VisibilityTimeout)) return {};
  const message = "There is no message in flight with that receipt handle.";
  throw new ServiceFault("MessageNotInflight", message);
}

function attributesOf(queue: Queue, { AttributeNames }: z.output<typeof attributesSchema>) {
  const { settings } = queue;
  const { visible, notVisible, delayed } = queue.counts();
  const { redrive } = settings;
  const all: { [name: string]: string } = {
    QueueArn: settings.arn,
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(notVisible),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    VisibilityTimeout: String(settings.visibilitySeconds),
    MessageRetentionPeriod: String(settings.retentionSeconds),
    MaximumMessageSize: String(settings.maximumBytes),
    ...(redrive === null
      ? {}
      : {
          RedrivePolicy: JSON.stringify({
            deadLetterTargetArn: redrive.deadLetterArn,
            maxReceiveCount: redrive.maxReceiveCount,
          }),
        }),
  };
  const wanted = AttributeNames.includes("All") ? Object.keys(all) : AttributeNames;
  const unknown = wanted.filter((name) => all[name] === undefined && name !== "RedrivePolicy");
  if (unknown.length > 0) {
    throw new ServiceFault("InvalidAttributeName", `the lab models no ${unknown.join(", ")}`);
  }
  const chosen = wanted.flatMap((name) => (all[name] === undefined ? [] : [[name, all[name]]]));
  return { Attributes: Object.fromEntries(chosen) };
}

function invalidHandle(handle: string): ServiceFault {
  const message = `The input receipt handle "${handle}" is not a valid receipt handle.`;
  return new ServiceFault("ReceiptHandleIsInvalid", message, 404);
}
