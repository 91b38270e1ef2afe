// Throttling as API Gateway documents it: a token bucket a stage, refilled at the rate limit, as
// large as the burst limit.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
import type { Clock } from "../../kernel.ts";
import type { Throttle } from "./model.ts";

export class TokenBuckets {
  readonly #clock: Pick<Clock, "now">;
  readonly #buckets = new Map<string, { tokens: number; at: number }>();

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  /** False: there is no token left. */
  take(name: string, { ratePerSecond, burst }: Throttle): boolean {
    const now = this.#clock.now();
    const bucket = this.#buckets.get(name) ?? { tokens: burst, at: now };
    this.#buckets.set(name, bucket);
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) / 1000) * ratePerSecond);
    bucket.at = now;
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }
}
