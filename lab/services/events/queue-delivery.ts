// Events to SQS queues, as the service principal and for the rule: the queue's policy decides. What
// a repetition would not change (no permission, no queue) goes to the target's dead-letter queue at
// once; the rest is tried again at growing intervals. Nothing vanishes without a word in the log.
// Source: EventBridge user guide, "Retrying event delivery" and "Using dead-letter queues". The
// attributes that AWS puts on a dead letter (rule, target, error) are left out: the lab logs them.
import type { Region } from "../../../core/config/schema.ts";
import { within } from "../../give-up.ts";
import type { AwsResponse } from "../../kernel.ts";
import type { DeliveryLab, Shipment } from "./delivery.ts";
import { payloadFor, type QueueTarget } from "./target.ts";

export type QueueShipment = Shipment & { readonly target: QueueTarget };

interface Journey {
  readonly shipment: QueueShipment;
  readonly body: string;
  /** ms since 1970 of the first attempt. */
  readonly begunAt: number;
}

/** SQS answers within ms; docs silent on how long EventBridge waits. */
const answerMilliseconds = 5000;
/** Between attempts, doubling, with jitter: AWS names neither the first nor the longest. */
const backoff = { first: 1000, most: 60_000 };
/** HTTP 400, and yet worth another attempt. */
const throttles = ["RequestThrottled", "ThrottlingException"];

export class QueueDelivery {
  readonly #lab: DeliveryLab;
  /** Attempts whose time came while their Region was down. */
  #held: { readonly region: Region; readonly run: () => void }[] = [];

  constructor(lab: DeliveryLab) {
    this.#lab = lab;
    lab.network.onRegion((region, down) => {
      if (!down) this.#release(region);
    });
  }

  send(shipment: QueueShipment): void {
    const body = payloadFor(shipment.target, shipment.event);
    void this.#attempt({ shipment, body, begunAt: this.#lab.clock.now() }, 0);
  }

  #release(region: Region): void {
    const due = this.#held.filter((one) => one.region === region);
    this.#held = this.#held.filter((one) => one.region !== region);
    for (const { run } of due) run();
  }

  async #attempt(journey: Journey, attempt: number): Promise<void> {
    const { target } = journey.shipment;
    const answer = await this.#put(journey, target.Arn);
    if (answer?.status === 200) return;
    const why = answer === null ? "no answer" : answer.body;
    if (answer !== null && isFinal(answer)) return await this.#bury(journey, why);
    this.#again(journey, attempt, why);
  }

  #again(journey: Journey, attempt: number, why: string): void {
    const { clock, network, random } = this.#lab;
    const { region, target } = journey.shipment;
    const longest = Math.min(backoff.most, backoff.first * 2 ** attempt);
    const wait = random.between("events:queue-retry", longest / 2, longest);
    clock.after(wait, () => {
      const { MaximumRetryAttempts, MaximumEventAgeInSeconds } = target.RetryPolicy;
      const isOld = clock.now() - journey.begunAt > MaximumEventAgeInSeconds * 1000;
      const run = () =>
        attempt >= MaximumRetryAttempts || isOld
          ? void this.#bury(journey, why)
          : void this.#attempt(journey, attempt + 1);
      if (network.isDown(region)) this.#held.push({ region, run });
      else run();
    });
  }

  async #bury(journey: Journey, why: string): Promise<void> {
    const { region, arn, target } = journey.shipment;
    const grave = target.DeadLetterConfig?.Arn;
    const said = { rule: arn, target: target.Arn, why };
    const answer = grave === undefined ? null : await this.#put(journey, grave);
    const kind = answer?.status === 200 ? "event-dead" : "event-given-up";
    this.#lab.log.emit(kind, region, said);
  }

  /** Null: nobody answered. */
  async #put({ shipment, body }: Journey, queueArn: string): Promise<AwsResponse | null> {
    const { region, arn: sourceArn } = shipment;
    const [, , , queueRegion = "", account = "", name = ""] = queueArn.split(":");
    const QueueUrl = `https://sqs.${queueRegion}.amazonaws.com/${account}/${name}`;
    const asked = this.#lab.call({
      service: "sqs",
      region: queueRegion,
      method: "POST",
      path: "/",
      query: {},
      headers: { "x-amz-target": "AmazonSQS.SendMessage" },
      body: JSON.stringify({ QueueUrl, MessageBody: body }),
      principal: { kind: "service", arn: "events.amazonaws.com" },
      from: { region },
      sourceArn,
    });
    const waited = await within(this.#lab.clock, answerMilliseconds, asked);
    return waited.outcome === "answered" ? waited.value : null;
  }
}

function isFinal({ status, body }: AwsResponse): boolean {
  return status < 500 && status !== 429 && !throttles.some((code) => body.includes(code));
}
