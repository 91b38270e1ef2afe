// One endpoint check's sixteen checkers. They don't know of each other: each probes on its own
// clock and changes its mind after so many equal results in a row. A probe asks the zone's own name
// servers, so a cached address never hides a change. Whether packets can arrive is asked up front:
// that tells a connection that can't be made (4 s) from an answer that doesn't come (2 s).
import type { Region } from "../../../core/config/schema.ts";
import type { Zone } from "../../dns/zone.ts";
import { within } from "../../give-up.ts";
import type { HttpResponse, Lab } from "../../kernel.ts";
import type { EndpointConfig } from "./check-config.ts";
import {
  answerTimeoutMilliseconds,
  checkersPerRegion,
  connectTimeoutMilliseconds,
  healthyShare,
  searchableBytes,
} from "./timing.ts";

export type ProbeParts = Pick<Lab, "clock" | "random" | "network" | "web"> & {
  readonly zone: Pick<Zone, "answer" | "regionAnswered">;
};

interface Checker {
  readonly region: Region;
  /** Null until a first streak is complete: a new check is healthy until it knows better. */
  healthy: boolean | null;
  lastPassed: boolean;
  streak: number;
}

export class EndpointCheck {
  readonly #parts: ProbeParts;
  readonly #config: () => EndpointConfig;
  readonly #changed: () => void;
  readonly #checkers: Checker[];

  /** `config` is asked at each probe, so that an update takes effect without a restart. */
  constructor(parts: ProbeParts, config: () => EndpointConfig, changed: () => void) {
    this.#parts = parts;
    this.#config = config;
    this.#changed = changed;
    this.#checkers = config().Regions.flatMap((region) =>
      Array.from({ length: checkersPerRegion }, () => ({
        region,
        healthy: null,
        lastPassed: true,
        streak: 0,
      })),
    );
    for (const checker of this.#checkers) this.#begin(checker);
  }

  healthy(): boolean {
    const passing = this.#checkers.filter((checker) => checker.healthy !== false).length;
    return passing / this.#checkers.length > healthyShare;
  }

  #begin(checker: Checker): void {
    const { clock, random } = this.#parts;
    const interval = this.#config().RequestInterval * 1000;
    clock.after(random.between("health-checkers", 0, interval), () => this.#round(checker));
  }

  #round(checker: Checker): void {
    const config = this.#config();
    const again = () =>
      this.#parts.clock.after(config.RequestInterval * 1000, () => this.#round(checker));
    if (config.Disabled) {
      again();
      return;
    }
    void this.#probe(checker.region, config).then((passed) => {
      this.#count(checker, passed, config.FailureThreshold);
      again();
    });
  }

  #count(checker: Checker, passed: boolean, threshold: number): void {
    checker.streak = passed === checker.lastPassed ? checker.streak + 1 : 1;
    checker.lastPassed = passed;
    if (checker.streak < threshold || checker.healthy === passed) return;
    const before = this.healthy();
    checker.healthy = passed;
    if (this.healthy() !== before) this.#changed();
  }

  async #probe(from: Region, config: EndpointConfig): Promise<boolean> {
    const { clock, network, web, zone } = this.#parts;
    const host = config.FullyQualifiedDomainName;
    const [address] = zone.answer(host, "A", from).values;
    if (address === undefined) return false;
    const place = { internet: from };
    const serving = zone.regionAnswered(host, "A", from);
    if (serving !== null && !network.reachable(place, serving)) {
      await clock.sleep(connectTimeoutMilliseconds);
      return false;
    }
    const connecting = serving === null ? 0 : 2 * network.delay(place, serving);
    const request = { method: "GET", host, path: config.ResourcePath, query: {}, body: "" };
    const headers = { "user-agent": "Amazon-Route53-Health-Check-Service" };
    const exchange = web.exchange(place, address, { ...request, headers });
    const waited = await within(clock, connecting + answerTimeoutMilliseconds, exchange);
    return waited.outcome === "answered" && passes(waited.value, config);
  }
}

function passes(response: HttpResponse, config: EndpointConfig): boolean {
  if (response.status < 200 || response.status >= 400) return false;
  if (config.Type === "HTTPS") return true;
  const head = Buffer.from(response.body).subarray(0, searchableBytes).toString();
  return head.includes(config.SearchString);
}
