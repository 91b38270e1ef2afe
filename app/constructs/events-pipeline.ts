// What carries an event from the bus to the table, in one Region: bus, rule, queue, process-events.
// Whatever can't be delivered or processed ends in one dead-letter queue, and pages. A Region that
// dies keeps what it accepted in its queue and goes on with it when it is back; nothing of it moves
// to the other Region.
import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { EventBus, Rule } from "aws-cdk-lib/aws-events";
import { SqsQueue } from "aws-cdk-lib/aws-events-targets";
import { EventSourceMapping, type Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { Queue, QueueEncryption, type QueueProps } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { Config } from "../../core/config/schema.ts";
import { eventDetailTypes } from "../../core/contracts/events.ts";
import {
  customerEventSource,
  deadEventAlarmName,
  deadEventQueueName,
  eventBusName,
  eventQueueName,
} from "../../core/names.ts";
import type { Alarms } from "./alarms.ts";
import { functionCatalogue } from "./function-catalogue.ts";

export interface EventsPipelineProps {
  readonly config: Config;
  readonly process: LambdaFunction;
  readonly alarms: Alarms;
}

/** SQS's longest: an outage that outlasts it loses what waits. */
const retention = Duration.days(14);
/** Tries of one message, a visibility timeout apart: about six minutes. */
const receivesMax = 5;
const batchSize = 10;
/** A backlog after an outage must not take the account's concurrency from the API. */
const concurrencyMax = 20;

export class EventsPipeline extends Construct {
  readonly bus: EventBus;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: EventsPipelineProps,
  ) {
    super(scope, id);
    const { config, process } = props;
    this.bus = new EventBus(this, "Bus", {
      eventBusName: eventBusName(config),
      description: `${config.application}: events that clients posted in this Region`,
    });
    const dead = this.queue("Dead", { queueName: deadEventQueueName(config) });
    const queue = this.queue("Queue", {
      queueName: eventQueueName(config),
      // Six times the function's timeout, as Lambda's guide asks: a message that is still being
      // processed, or waits for a throttled function, must not be handed out again.
      visibilityTimeout: Duration.seconds(6 * functionCatalogue["process-events"].timeoutSeconds),
      deadLetterQueue: { queue: dead, maxReceiveCount: receivesMax },
    });
    new Rule(this, "Rule", {
      ruleName: eventQueueName(config),
      description: "Clients' events and the canaries' to the queue",
      eventBus: this.bus,
      eventPattern: {
        source: [customerEventSource(config)],
        detailType: Object.values(eventDetailTypes),
      },
      targets: [new SqsQueue(queue, { deadLetterQueue: dead })],
    });
    new EventSourceMapping(this, "Mapping", {
      target: process,
      eventSourceArn: queue.queueArn,
      batchSize,
      maxConcurrency: concurrencyMax,
      reportBatchItemFailures: true,
    });
    this.alarm(dead);
  }

  /** Kept when its stack goes: it may hold customers' events. */
  private queue(id: string, props: QueueProps): Queue {
    return new Queue(this, id, {
      ...props,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: retention,
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }

  private alarm(dead: Queue): void {
    this.props.alarms.add({
      name: deadEventAlarmName(this.props.config),
      description:
        "Events that could not be delivered or processed lie in this Region's dead-letter queue. " +
        "Missing data is not breaching: SQS publishes nothing of a queue that has long been empty.",
      metric: {
        namespace: "AWS/SQS",
        metricName: "ApproximateNumberOfMessagesVisible",
        dimensionsMap: { QueueName: dead.queueName },
        statistic: "Maximum",
        period: Duration.minutes(1),
      },
      threshold: 1,
      silenceMeans: TreatMissingData.NOT_BREACHING,
    });
  }
}
