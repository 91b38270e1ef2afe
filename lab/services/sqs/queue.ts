// One standard queue: messages, their visibility, and where they go when nobody can process them.
// A message that was received too often moves when it would be received once more, as AWS does it:
// until then it counts in its own queue. Order is by first sending, which a standard queue promises
// to try and no more. Sources: SQS developer guide, "Visibility timeout" and "Using dead-letter
// queues" (its age goes on counting from the first queue).
import { createHash } from "node:crypto";
import type { Region } from "../../../core/config/schema.ts";
import type { Clock, Random } from "../../kernel.ts";

export interface QueueSettings {
  readonly region: Region;
  readonly name: string;
  readonly arn: string;
  readonly url: string;
  readonly visibilitySeconds: number;
  readonly retentionSeconds: number;
  readonly maximumBytes: number;
  /** Null: a message is tried until its retention ends. */
  readonly redrive: { readonly deadLetterArn: string; readonly maxReceiveCount: number } | null;
}

export interface QueueMessage {
  readonly id: string;
  readonly body: string;
  readonly md5: string;
  /** Of who sent it: a role's or a service's. */
  readonly senderId: string;
  /** ms since 1970. Kept when the message moves to a dead-letter queue. */
  readonly sentAt: number;
  /** Queue that it was moved from; null: it was sent here. */
  readonly deadLetterOf: string | null;
  firstReceivedAt: number | null;
  receiveCount: number;
  /** ms since 1970; in the past: visible. */
  visibleAt: number;
  /** Of the newest receive; older ones still delete it, as AWS mostly allows. */
  receiptHandle: string | null;
}

/** The queue that messages are moved to, and who is told of it. */
export interface QueuePorts {
  readonly clock: Pick<Clock, "now" | "after">;
  readonly random: Random;
  deadLetters(arn: string): Queue | null;
  moved(message: QueueMessage, from: Queue, to: Queue): void;
  expired(message: QueueMessage, from: Queue): void;
}

/** A queue that nobody touched for so long sends no metrics ("active": six hours). */
const activeMilliseconds = 6 * 3_600_000;

export class Queue {
  readonly settings: QueueSettings;
  readonly #ports: QueuePorts;
  readonly #messages = new Map<string, QueueMessage>();
  readonly #listeners = new Set<() => void>();
  #touchedAt = Number.NEGATIVE_INFINITY;

  constructor(settings: QueueSettings, ports: QueuePorts) {
    this.settings = settings;
    this.#ports = ports;
  }

  /** Called whenever there may be a message to receive: no poller has to ask in vain. Answers how
   * to stop listening. */
  onVisible(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  send(body: string, senderId: string, delaySeconds = 0): QueueMessage {
    const { clock, random } = this.#ports;
    const now = clock.now();
    const message: QueueMessage = {
      id: random.uuid(`sqs:${this.settings.arn}`),
      body,
      md5: createHash("md5").update(body).digest("hex"),
      senderId,
      sentAt: now,
      deadLetterOf: null,
      firstReceivedAt: null,
      receiveCount: 0,
      visibleAt: now + delaySeconds * 1000,
      receiptHandle: null,
    };
    this.#add(message);
    return message;
  }

  /** At most so many of the visible ones; those received too often move away instead. */
  receive(most: number, visibilitySeconds = this.settings.visibilitySeconds): QueueMessage[] {
    const { clock, random } = this.#ports;
    const now = clock.now();
    this.#touchedAt = now;
    this.#expire(now);
    const received: QueueMessage[] = [];
    for (const message of this.#messages.values()) {
      if (received.length === most) break;
      if (message.visibleAt > now || this.#movedAway(message)) continue;
      message.receiveCount += 1;
      message.firstReceivedAt ??= now;
      message.receiptHandle = `${message.id}/${random.hex(`sqs:${this.settings.arn}`, 16)}`;
      this.#hide(message, visibilitySeconds);
      received.push(message);
    }
    return received;
  }

  /** False: the handle is of no message of this queue's. A deleted one may be deleted again. */
  delete(receiptHandle: string): boolean {
    this.#touchedAt = this.#ports.clock.now();
    const [id = "", nonce] = receiptHandle.split("/");
    if (nonce === undefined) return false;
    this.#messages.delete(id);
    return true;
  }

  /** False: there is no such message in flight. */
  changeVisibility(receiptHandle: string, seconds: number): boolean {
    this.#touchedAt = this.#ports.clock.now();
    const message = this.#messages.get(receiptHandle.split("/")[0] ?? "");
    if (message === undefined || message.visibleAt <= this.#ports.clock.now()) return false;
    this.#hide(message, seconds);
    return true;
  }

  /** `oldestSeconds`: age of the oldest message, 0 without one. */
  counts(): { visible: number; notVisible: number; delayed: number; oldestSeconds: number } {
    const now = this.#ports.clock.now();
    this.#expire(now);
    const all = [...this.#messages.values()];
    const hidden = all.filter(({ visibleAt }) => visibleAt > now);
    const delayed = hidden.filter(({ receiveCount }) => receiveCount === 0).length;
    const oldest = all.reduce((least, { sentAt }) => Math.min(least, sentAt), now);
    return {
      visible: all.length - hidden.length,
      notVisible: hidden.length - delayed,
      delayed,
      oldestSeconds: Math.floor((now - oldest) / 1000),
    };
  }

  /** Does CloudWatch hear of it? While it holds messages, and for hours after the last call. */
  isActive(): boolean {
    const since = this.#ports.clock.now() - this.#touchedAt;
    return this.#messages.size > 0 || since < activeMilliseconds;
  }

  /** Everything in it, visible or not, oldest first: for tests and checkers. */
  messages(): readonly QueueMessage[] {
    return [...this.#messages.values()];
  }

  take(message: QueueMessage): void {
    this.#add(message);
  }

  #add(message: QueueMessage): void {
    const now = this.#ports.clock.now();
    this.#touchedAt = now;
    this.#messages.set(message.id, message);
    if (message.visibleAt > now) this.#hide(message, (message.visibleAt - now) / 1000);
    else this.#tell();
  }

  #hide(message: QueueMessage, seconds: number): void {
    const { clock } = this.#ports;
    const visibleAt = clock.now() + seconds * 1000;
    message.visibleAt = visibleAt;
    clock.after(seconds * 1000, () => {
      const still = this.#messages.get(message.id);
      if (still?.visibleAt === visibleAt) this.#tell();
    });
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  #movedAway(message: QueueMessage): boolean {
    const { redrive, arn } = this.settings;
    if (redrive === null || message.receiveCount < redrive.maxReceiveCount) return false;
    const to = this.#ports.deadLetters(redrive.deadLetterArn);
    // Where the dead-letter queue is gone, AWS leaves the message where it is.
    if (to === null) return false;
    this.#messages.delete(message.id);
    to.take({ ...message, deadLetterOf: arn, visibleAt: this.#ports.clock.now() });
    this.#ports.moved(message, this, to);
    return true;
  }

  #expire(now: number): void {
    const oldest = now - this.settings.retentionSeconds * 1000;
    for (const message of this.#messages.values()) {
      if (message.sentAt > oldest) continue;
      this.#messages.delete(message.id);
      this.#ports.expired(message, this);
    }
  }
}
