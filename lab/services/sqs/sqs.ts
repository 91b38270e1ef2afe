// SQS of all Regions. Messages stay where they are while their Region is down: nothing moves, and
// all of it goes on when the Region is back. Metrics go out each minute, as AWS publishes them, and
// only for queues that somebody uses.
import type { AwsService, Lab, ResourceModels } from "../../kernel.ts";
import { sqsService } from "./api.ts";
import type { Queue, QueueMessage } from "./queue.ts";
import { type QueueRegistry, sqsModels } from "./resources.ts";

export type SqsLab = Pick<Lab, "account" | "clock" | "random" | "log" | "network" | "putMetric">;

export interface Sqs {
  readonly service: AwsService;
  readonly models: ResourceModels;
  /** By ARN; null: there is none. */
  queue(arn: string): Queue | null;
}

const minuteMilliseconds = 60_000;

export function createSqs(lab: SqsLab): Sqs {
  const registry: QueueRegistry = { queues: new Map(), policies: new Map() };
  const tell = (kind: string, { id }: QueueMessage, from: Queue, more: { [key: string]: string }) =>
    lab.log.emit(kind, from.settings.region, { queue: from.settings.name, message: id, ...more });
  const ports = {
    clock: lab.clock,
    random: lab.random,
    deadLetters: (arn: string) => registry.queues.get(arn) ?? null,
    moved: (message: QueueMessage, from: Queue, to: Queue) =>
      void tell("message-dead", message, from, { to: to.settings.name }),
    expired: (message: QueueMessage, from: Queue) =>
      void tell("message-expired", message, from, {}),
  };
  return {
    service: sqsService(lab, registry),
    models: sqsModels(lab.account, registry, ports, (queue) => measureEachMinute(lab, queue)),
    queue: (arn) => registry.queues.get(arn) ?? null,
  };
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/
 * sqs-available-cloudwatch-metrics.html */
function measureEachMinute(lab: SqsLab, queue: Queue): void {
  const { region, name } = queue.settings;
  const put = (metric: string, value: number) =>
    lab.putMetric(region, "AWS/SQS", metric, { QueueName: name }, value);
  const arm = () => {
    lab.clock.after(minuteMilliseconds, () => {
      arm();
      if (lab.network.isDown(region) || !queue.isActive()) return;
      const { visible, notVisible, oldestSeconds } = queue.counts();
      put("ApproximateNumberOfMessagesVisible", visible);
      put("ApproximateNumberOfMessagesNotVisible", notVisible);
      put("ApproximateAgeOfOldestMessage", oldestSeconds);
    });
  };
  arm();
}
