// The CloudFormation types of SQS. Properties that would change what is delivered and are not
// modelled (FIFO, delays of a whole queue, keys of one's own) are refused by name.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sqs-queue.html
import { z } from "zod";
import type { DeployedResource, Json, ResourceModels } from "../../kernel.ts";
import { Queue, type QueuePorts, type QueueSettings } from "./queue.ts";

/** Queues, and their policies by ARN. */
export interface QueueRegistry {
  readonly queues: Map<string, Queue>;
  readonly policies: Map<string, Json>;
}

const redriveSchema = z.strictObject({
  deadLetterTargetArn: z.string(),
  maxReceiveCount: z.coerce.number().int().min(1).max(1000),
});
const queueSchema = z.strictObject({
  QueueName: z.string().optional(),
  VisibilityTimeout: z.coerce.number().int().min(0).max(43_200).default(30),
  MessageRetentionPeriod: z.coerce.number().int().min(60).max(1_209_600).default(345_600),
  MaximumMessageSize: z.coerce.number().int().min(1024).max(1_048_576).default(1_048_576),
  RedrivePolicy: redriveSchema.optional(),
  // Who may name it as a dead-letter queue: by default every queue of the account and Region.
  RedriveAllowPolicy: z.unknown().optional(),
  // How long an empty answer waits; the lab's pollers are told instead.
  ReceiveMessageWaitTimeSeconds: z.unknown().optional(),
  DelaySeconds: z.literal(0, "a delay of the whole queue is not modelled").optional(),
  // Encryption at rest with SQS's own keys asks no permission of anybody.
  SqsManagedSseEnabled: z.unknown().optional(),
  KmsMasterKeyId: z.undefined("keys of one's own are not modelled").optional(),
  FifoQueue: z.literal(false, "FIFO queues are not modelled").optional(),
  Tags: z.unknown().optional(),
});
const policySchema = z.strictObject({
  Queues: z.array(z.string()),
  PolicyDocument: z.looseObject({ Statement: z.array(z.json()) }),
});

export function sqsModels(
  account: string,
  registry: QueueRegistry,
  ports: QueuePorts,
  made: (queue: Queue) => void,
): ResourceModels {
  return {
    "AWS::SQS::Queue": (resource) => {
      const settings = settingsOf(resource, account);
      const queue = new Queue(settings, ports);
      if (registry.queues.has(settings.arn)) throw new Error(`there is a queue ${settings.arn}`);
      registry.queues.set(settings.arn, queue);
      made(queue);
      const attributes = { Arn: settings.arn, QueueName: settings.name, QueueUrl: settings.url };
      return { ref: settings.url, attributes };
    },
    "AWS::SQS::QueuePolicy": (resource) => {
      const { Queues, PolicyDocument } = policySchema.parse(resource.properties);
      for (const url of Queues) {
        const queue = [...registry.queues.values()].find((one) => one.settings.url === url);
        if (queue === undefined) throw new Error(`there is no queue ${url}`);
        const { arn } = queue.settings;
        // The second would replace the first without a word.
        if (registry.policies.has(arn)) throw new Error(`${url} has a policy already`);
        registry.policies.set(arn, z.json().parse(PolicyDocument));
      }
      return { ref: `${resource.stack}-${resource.logicalId}`, attributes: {} };
    },
  };
}

function settingsOf(resource: DeployedResource, account: string): QueueSettings {
  const { region, stack, logicalId } = resource;
  const given = queueSchema.parse(resource.properties);
  const name = given.QueueName ?? `${stack}-${logicalId}`;
  const { RedrivePolicy: redrive } = given;
  return {
    region,
    name,
    arn: `arn:aws:sqs:${region}:${account}:${name}`,
    url: `https://sqs.${region}.amazonaws.com/${account}/${name}`,
    visibilitySeconds: given.VisibilityTimeout,
    retentionSeconds: given.MessageRetentionPeriod,
    maximumBytes: given.MaximumMessageSize,
    redrive:
      redrive === undefined
        ? null
        : {
            deadLetterArn: redrive.deadLetterTargetArn,
            maxReceiveCount: redrive.maxReceiveCount,
          },
  };
}
