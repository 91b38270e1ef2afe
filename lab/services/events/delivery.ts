// Delivery of events to functions, queues and other Regions' buses: a seeded delay, at least once,
// held while the Region is down. EventBridge invokes functions asynchronously, so a failed
// invocation is repeated by Lambda: twice, after one and two minutes. Source: "Asynchronous
// invocation", Lambda's retry behaviour.
import { z } from "zod";
import type { Region } from "../../../core/config/schema.ts";
import { delayOf, fails, stops } from "../../faults/hindrances.ts";
import type { LabIam } from "../../iam.ts";
import type { Json, Lab } from "../../kernel.ts";
import { QueueDelivery } from "./queue-delivery.ts";
import { type BusTarget, isBus, isQueue, payloadFor, type Target } from "./target.ts";

/** From the bus to the target, ms. AWS: typically about half a second; no promise. */
const deliveryDelay = { low: 50, high: 300 };
/** A schedule's tick is within the minute, in practice within a second or two. */
const tickDelay = { low: 20, high: 1000 };
const retryMilliseconds = [60_000, 120_000];
const forwardAgainMilliseconds = 60_000;
/** To a target that can't be had, EventBridge sends again for 24 hours at growing intervals; by the
 * lab, at these. Source: "How EventBridge retries delivering events"; the intervals are silent. */
const sendAgainMilliseconds = 30_000;
/** Throttled, broken or out of reach: Lambda's refusals that pass. */
const refusalSchema = z.object({ status: z.union([z.literal(429), z.int().min(500)]) });
/** What rests while EventBridge itself is hindered looks again so often. */
const lookAgainMilliseconds = 5000;

export interface EventDelay {
  readonly seconds: number;
  /** Further copies of each event. */
  readonly duplicates?: number;
}

export interface Shipment {
  readonly region: Region;
  /** The rule's. */
  readonly arn: string;
  readonly target: Target;
  readonly event: { [key: string]: Json };
  /** When it was first sent (ms since 1970), and how often it was refused since; filled in. */
  readonly at?: number;
  readonly refusals?: number;
}

/** `invoke`: as the service principal, for that rule. */
export type DeliveryLab = Pick<
  Lab,
  "clock" | "random" | "log" | "network" | "hindrance" | "call"
> & {
  readonly lambda: {
    invoke(
      functionArn: string,
      payload: string,
      options: { invokedBy: string; sourceArn: string },
    ): Promise<{ payload: string; functionError: string | null }>;
  };
  readonly iam: Pick<LabIam, "allows" | "trusts">;
};

/** An event has arrived on another Region's bus. */
type Forwarded = (region: Region, event: { [key: string]: Json }) => void;

export class Delivery {
  readonly #lab: DeliveryLab;
  readonly #forwarded: Forwarded;
  readonly #queues: QueueDelivery;
  /** By function ARN, where it differs from Lambda's default. */
  readonly #retries = new Map<string, number>();
  readonly #delays = new Map<Region, Set<EventDelay>>();
  #held: Shipment[] = [];

  constructor(lab: DeliveryLab, forwarded: Forwarded) {
    this.#lab = lab;
    this.#forwarded = forwarded;
    this.#queues = new QueueDelivery(lab);
    lab.network.onRegion((region, down) => {
      if (!down) this.#release(region);
    });
  }

  /** Delays of one Region add up. Answers how to remove this one. */
  addDelay(region: Region, delay: EventDelay): () => void {
    const standing = this.#delays.get(region) ?? new Set();
    this.#delays.set(region, standing);
    // A copy, so that two equal delays are two.
    const own = { ...delay };
    standing.add(own);
    return () => standing.delete(own);
  }

  setRetries(functionArn: string, attempts: number): void {
    this.#retries.set(functionArn, attempts);
  }

  send(shipment: Shipment): void {
    const sent = { at: this.#lab.clock.now(), ...shipment };
    const delays = [...(this.#delays.get(shipment.region) ?? [])];
    const copies = delays.reduce((sum, { duplicates = 0 }) => sum + duplicates, 1);
    const late = delays.reduce((sum, { seconds }) => sum + seconds * 1000, 0);
    for (let copy = 0; copy < copies; copy += 1) {
      const wait = this.#between("events:delivery", deliveryDelay) + late;
      this.#lab.clock.after(wait, () => this.#deliver(sent));
    }
  }

  /** EventBridge's own trouble there; each piece of its work meets it anew. */
  #trouble(region: Region) {
    return this.#lab.hindrance(region, "events");
  }

  /** Of a schedule: not late by faults, and lost when the Region is down by then. */
  tick(shipment: Shipment): void {
    const fault = this.#trouble(shipment.region);
    if (stops(fault)) return;
    const wait = this.#between("events:tick", tickDelay) + delayOf(fault);
    const sent = { ...shipment, at: this.#lab.clock.now() };
    this.#lab.clock.after(wait, () => {
      if (!this.#lab.network.isDown(sent.region)) this.#invoke(sent, 0);
    });
  }

  #between(stream: string, { low, high }: { low: number; high: number }): number {
    return this.#lab.random.between(stream, low, high);
  }

  #deliver(shipment: Shipment): void {
    const { network, clock } = this.#lab;
    const fault = this.#trouble(shipment.region);
    if (network.isDown(shipment.region)) this.#held.push(shipment);
    else if (stops(fault)) this.#later(shipment, lookAgainMilliseconds);
    else clock.after(delayOf(fault), () => this.#invoke(shipment, 0));
  }

  /** No event is kept for longer than EventBridge and its target's retry policy keep it. */
  #later(shipment: Shipment, milliseconds: number): void {
    const { clock, log } = this.#lab;
    const { target, region, arn, at = 0, refusals = 0 } = shipment;
    const { MaximumEventAgeInSeconds: age, MaximumRetryAttempts: most } = target.RetryPolicy;
    if (refusals > most || clock.now() + milliseconds > at + age * 1000) {
      const why = "the target could not be had for too long";
      log.emit("event-given-up", region, { rule: arn, target: target.Arn, why });
      return;
    }
    clock.after(milliseconds, () => this.#deliver(shipment));
  }

  #release(region: Region): void {
    const held = this.#held.filter((shipment) => shipment.region === region);
    this.#held = this.#held.filter((shipment) => shipment.region !== region);
    for (const shipment of held) this.send(shipment);
  }

  #invoke(shipment: Shipment, attempt: number): void {
    const { arn, target, event, region } = shipment;
    if (isBus(target)) {
      this.#forward(shipment, target);
      return;
    }
    if (isQueue(target)) {
      this.#queues.send({ ...shipment, target });
      return;
    }
    const answered = this.#lab.lambda.invoke(target.Arn, payloadFor(target, event), {
      invokedBy: "events.amazonaws.com",
      sourceArn: arn,
    });
    answered.then(
      ({ functionError }) => {
        if (functionError !== null) this.#again(shipment, attempt, functionError);
      },
      (fault) => {
        if (refusalSchema.safeParse(fault).success) {
          const refusals = (shipment.refusals ?? 0) + 1;
          this.#later({ ...shipment, refusals }, sendAgainMilliseconds);
          return;
        }
        // Not allowed, or no such function: nothing that a repetition would change.
        const why = fault instanceof Error ? fault.message : String(fault);
        this.#lab.log.emit("event-not-delivered", region, { rule: arn, target: target.Arn, why });
      },
    );
  }

  /** To a Region that can't be reached it is sent again: EventBridge tries for 24 hours, at growing
   * intervals. A forwarded event keeps its envelope. Source: "Sending and receiving events between
   * AWS Regions". */
  #forward(shipment: Shipment, target: BusTarget): void {
    const { region, arn } = shipment;
    const to = target.Arn.split(":")[3] ?? "";
    const { network, clock, log } = this.#lab;
    if (!network.reachable({ region }, to) || fails(this.#trouble(to))) {
      clock.after(forwardAgainMilliseconds, () => this.#deliver(shipment));
      return;
    }
    const arrived = async () => {
      if (await this.#mayPut(target)) return this.#forwarded(to, shipment.event);
      const why = `${target.RoleArn} may not put events there`;
      log.emit("event-not-delivered", region, { rule: arn, target: target.Arn, why });
    };
    void network.roundTrip({ region }, to, arrived);
  }

  async #mayPut({ Arn, RoleArn }: BusTarget): Promise<boolean> {
    const { iam } = this.#lab;
    const demand = { action: "events:PutEvents", resource: Arn };
    return (
      (await iam.trusts(RoleArn, "events.amazonaws.com")) &&
      (await iam.allows({ kind: "role", arn: RoleArn }, demand))
    );
  }

  #again(shipment: Shipment, attempt: number, why: string): void {
    const { arn, target, region } = shipment;
    const wait = retryMilliseconds[attempt];
    const most = this.#retries.get(target.Arn) ?? retryMilliseconds.length;
    if (wait === undefined || attempt >= most) {
      this.#lab.log.emit("event-given-up", region, { rule: arn, target: target.Arn, why });
      return;
    }
    this.#lab.clock.after(wait, () => {
      if (this.#lab.network.isDown(region)) this.#held.push(shipment);
      else this.#invoke(shipment, attempt + 1);
    });
  }
}
