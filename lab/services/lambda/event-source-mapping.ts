// Event source mappings from SQS: Lambda's pollers receive as the function's role, invoke the
// function with a batch, and delete what succeeded. A poller's empty long polls are left out: the
// queue says when there is something, so that a quiet queue costs no virtual events. What fails
// comes back by the queue's visibility timeout alone. Source: Lambda developer guide, "Using Lambda
// with Amazon SQS" and "Implementing partial batch responses".
import { z } from "zod";
import type { Region } from "../../../core/config/schema.ts";
import { stops } from "../../faults/hindrances.ts";
import { within } from "../../give-up.ts";
import type { AwsResponse, DeployedResource, Lab, ResourceModels } from "../../kernel.ts";
import type { Queue } from "../sqs/queue.ts";
import { failedMessages } from "./batch-answer.ts";
import type { Answer } from "./function.ts";

/** What a mapping needs to know of a function and to do with it. */
export interface MappedFunctions {
  arnOf(nameOrArn: string, region: Region): string | null;
  settingsOf(functionArn: string): { readonly roleArn: string; readonly timeoutSeconds: number };
  invoke(functionArn: string, payload: string): Promise<Answer>;
}

export interface MappingPorts {
  readonly lab: Pick<Lab, "clock" | "random" | "log" | "network" | "call" | "hindrance">;
  readonly functions: MappedFunctions;
  /** By ARN; null: there is none. */
  queue(arn: string): Queue | null;
}

const mappingSchema = z.strictObject({
  FunctionName: z.string(),
  EventSourceArn: z.string().regex(/^arn:aws:sqs:/, "the lab maps only SQS queues"),
  BatchSize: z.coerce.number().int().min(1).max(10).default(10),
  MaximumBatchingWindowInSeconds: z.coerce.number().min(0).max(300).default(0),
  FunctionResponseTypes: z.array(z.literal("ReportBatchItemFailures")).default([]),
  ScalingConfig: z
    .strictObject({ MaximumConcurrency: z.coerce.number().int().min(2).optional() })
    .default({}),
  Enabled: z.boolean().default(true),
  FilterCriteria: z.undefined("filters are not modelled").optional(),
  Tags: z.unknown().optional(),
});
type MappingProperties = z.infer<typeof mappingSchema>;

/** AWS begins with five and adds up to hundreds a minute; the lab's loads need no more. */
const concurrentBatches = 5;
/** A call of SQS that nobody answers is given up, and tried again after a pause that doubles. */
const callMilliseconds = 20_000;
const pause = { first: 1000, most: 60_000 };

const receivedSchema = z.object({
  Messages: z
    .array(
      z.object({
        MessageId: z.string(),
        ReceiptHandle: z.string(),
        MD5OfBody: z.string(),
        Body: z.string(),
        Attributes: z.record(z.string(), z.string()),
      }),
    )
    .default([]),
});
type Received = z.infer<typeof receivedSchema>["Messages"];

export function eventSourceMappings(ports: MappingPorts): ResourceModels {
  return {
    "AWS::Lambda::EventSourceMapping": (resource) => {
      const mapping = mappingOf(resource, ports);
      if (mapping !== null) mapping.start();
      const id = ports.lab.random.uuid("lambda:mappings");
      return { ref: id, attributes: { Id: id } };
    },
  };
}

/** Null: it is switched off. */
function mappingOf({ region, properties }: DeployedResource, ports: MappingPorts): Mapping | null {
  const given = mappingSchema.parse(properties);
  const functionArn = ports.functions.arnOf(given.FunctionName, region);
  if (functionArn === null) throw new Error(`there is no function ${given.FunctionName}`);
  const queue = ports.queue(given.EventSourceArn);
  if (queue === null) throw new Error(`there is no queue ${given.EventSourceArn}`);
  const { roleArn, timeoutSeconds } = ports.functions.settingsOf(functionArn);
  // Lambda refuses the mapping otherwise: a message would be processed twice at a time.
  if (queue.settings.visibilitySeconds < timeoutSeconds) {
    const { visibilitySeconds } = queue.settings;
    throw new Error(
      `Queue visibility timeout: ${visibilitySeconds} seconds is less than Function timeout: ` +
        `${timeoutSeconds} seconds`,
    );
  }
  return given.Enabled ? new Mapping(ports, given, { functionArn, roleArn, queue }) : null;
}

interface Ends {
  readonly functionArn: string;
  readonly roleArn: string;
  readonly queue: Queue;
}

class Mapping {
  readonly #ports: MappingPorts;
  readonly #given: MappingProperties;
  readonly #ends: Ends;
  /** Grows when the Region dies: what a former life began never ends, and holds no place. */
  #life = 0;
  #running = 0;
  #isPaused = false;
  #pauseMilliseconds = pause.first;

  constructor(ports: MappingPorts, given: MappingProperties, ends: Ends) {
    this.#ports = ports;
    this.#given = given;
    this.#ends = ends;
  }

  start(): void {
    const { queue } = this.#ends;
    queue.onVisible(() => this.#wake());
    this.#ports.lab.network.onRegion((region, down) => {
      if (region !== queue.settings.region) return;
      if (down) {
        this.#life += 1;
        this.#running = 0;
        this.#isPaused = false;
      } else this.#wake();
    });
    this.#wake();
  }

  #wake(): void {
    const { network, clock, hindrance } = this.#ports.lab;
    const { region } = this.#ends.queue.settings;
    const { MaximumBatchingWindowInSeconds: windowSeconds, ScalingConfig } = this.#given;
    const most = Math.min(concurrentBatches, ScalingConfig.MaximumConcurrency ?? concurrentBatches);
    if (network.isDown(region)) return;
    if (this.#isPaused || this.#running >= most) return;
    const life = this.#life;
    if (stops(hindrance(region, "lambda"))) {
      this.#rest(life);
      return;
    }
    this.#running += 1;
    if (windowSeconds === 0) void this.#round(life);
    else clock.after(windowSeconds * 1000, () => void this.#round(life));
  }

  /** One batch; as long as batches come, the next one follows. */
  async #round(life: number): Promise<void> {
    const messages = await this.#receive();
    if (this.#life !== life) return;
    // A full batch: there may be more, and another poller has room for it.
    if (messages?.length === this.#given.BatchSize) this.#wake();
    if (messages !== null && messages.length > 0) await this.#process(messages);
    if (this.#life !== life) return;
    this.#running -= 1;
    if (messages === null) this.#rest(life);
    else if (messages.length > 0) this.#wake();
  }

  #rest(life: number): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#ports.lab.clock.after(this.#pauseMilliseconds, () => {
      if (this.#life !== life) return;
      this.#isPaused = false;
      this.#wake();
    });
    this.#pauseMilliseconds = Math.min(pause.most, this.#pauseMilliseconds * 2);
  }

  /** Null: SQS refused or was silent. */
  async #receive(): Promise<Received | null> {
    const { BatchSize: MaxNumberOfMessages } = this.#given;
    const answer = await this.#call("ReceiveMessage", { MaxNumberOfMessages });
    if (answer?.status !== 200) return null;
    this.#pauseMilliseconds = pause.first;
    return receivedSchema.parse(JSON.parse(answer.body)).Messages;
  }

  async #process(messages: Received): Promise<void> {
    const { functionArn } = this.#ends;
    const ids = messages.map(({ MessageId }) => MessageId);
    const payload = JSON.stringify({ Records: messages.map((one) => this.#record(one)) });
    const failed = await this.#ports.functions.invoke(functionArn, payload).then(
      (answer) => failedMessages(answer, ids, this.#given.FunctionResponseTypes.length > 0),
      // Throttled: the whole batch comes back.
      () => new Set(ids),
    );
    const done = messages.filter(({ MessageId }) => !failed.has(MessageId));
    this.#say(ids.length, failed.size);
    if (done.length === 0) return;
    const Entries = done.map(({ MessageId: Id, ReceiptHandle }) => ({ Id, ReceiptHandle }));
    await this.#call("DeleteMessageBatch", { Entries });
  }

  #say(messages: number, failed: number): void {
    if (failed === 0) return;
    const { name, region } = this.#ends.queue.settings;
    this.#ports.lab.log.emit("batch-failed", region, { queue: name, messages, failed });
  }

  /** https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html, the example of an event. */
  #record(message: Received[number]): object {
    const { arn, region } = this.#ends.queue.settings;
    return {
      messageId: message.MessageId,
      receiptHandle: message.ReceiptHandle,
      body: message.Body,
      attributes: message.Attributes,
      messageAttributes: {},
      md5OfBody: message.MD5OfBody,
      eventSource: "aws:sqs",
      eventSourceARN: arn,
      awsRegion: region,
    };
  }

  /** As the function's role; null: no answer. */
  async #call(action: string, input: object): Promise<AwsResponse | null> {
    const { region, url: QueueUrl } = this.#ends.queue.settings;
    const { clock, call } = this.#ports.lab;
    const asked = call({
      service: "sqs",
      region,
      method: "POST",
      path: "/",
      query: {},
      headers: { "x-amz-target": `AmazonSQS.${action}` },
      body: JSON.stringify({ QueueUrl, ...input }),
      principal: { kind: "role", arn: this.#ends.roleArn },
      from: { region },
    });
    const waited = await within(clock, callMilliseconds, asked);
    return waited.outcome === "answered" ? waited.value : null;
  }
}
