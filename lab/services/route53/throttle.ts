// Route 53's request limits: a token bucket for the account and one for each action; a request
// takes from both. The row of UpdateHealthCheck could not be read, so it has the default.
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/throttling-api-requests.html
import type { Clock } from "../../kernel.ts";

interface Limit {
  readonly capacity: number;
  readonly refillPerSecond: number;
}

const everyAction: Limit = { capacity: 50, refillPerSecond: 10 };

class Bucket {
  readonly #limit: Limit;
  #tokens: number;
  #filledAt: number;

  constructor(limit: Limit, now: number) {
    this.#limit = limit;
    this.#tokens = limit.capacity;
    this.#filledAt = now;
  }

  tokens(now: number): number {
    const refilled = ((now - this.#filledAt) / 1000) * this.#limit.refillPerSecond;
    this.#tokens = Math.min(this.#limit.capacity, this.#tokens + refilled);
    this.#filledAt = now;
    return this.#tokens;
  }

  take(): void {
    this.#tokens -= 1;
  }
}

export class Throttle {
  readonly #clock: Pick<Clock, "now">;
  readonly #account: Bucket;
  readonly #actions = new Map<string, Bucket>();

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
    this.#account = new Bucket(everyAction, clock.now());
  }

  /** False: refuse with Throttling, HTTP 400. */
  admits(action: string): boolean {
    const now = this.#clock.now();
    const own = this.#actions.get(action) ?? new Bucket(everyAction, now);
    this.#actions.set(action, own);
    const buckets = [this.#account, own];
    if (buckets.some((bucket) => bucket.tokens(now) < 1)) return false;
    for (const bucket of buckets) bucket.take();
    return true;
  }
}
