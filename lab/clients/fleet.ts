// All virtual customers of a drill, and their question at its end: which acknowledged writes are
// gone? Each client's requests come 0.5 to 1.5 times its mean interval apart: irregular, yet no
// client is silent so long that its recovery could not be seen. An outage may leave requests
// waiting: a client doesn't wait for one before it begins the next.
import type { Region } from "../../core/config/schema.ts";
import { CachingResolver, type ResolverParts } from "../dns/resolver.ts";
import { within } from "../give-up.ts";
import type { Place } from "../kernel.ts";
import { readOf, type Workload } from "./asked.ts";
import { Client, type ClientParts, patienceMilliseconds } from "./client.ts";
import type { AcknowledgedWrite, ClientHistory } from "./history.ts";
import type { OwnRequests } from "./own-requests.ts";

/** As a scenario's `traffic` says. */
export interface Traffic {
  readonly clients: number;
  /** Of all clients together. */
  readonly requestsPerSecond: number;
  readonly writeShare: number;
  readonly ignoresTtlShare: number;
  /** Where clients sit: places on the internet, in turn. */
  readonly regions: readonly Region[];
  /** What clients ask of a team's own API; absent: orders and events. */
  readonly requests?: OwnRequests | undefined;
}

export interface FleetSettings {
  readonly traffic: Traffic;
  readonly workloads: readonly Workload[];
  readonly publicName: string;
  /** ms since 1970; no request begins before or after. */
  readonly startsAt: number;
  readonly endsAt: number;
}

export type FleetParts = ClientParts & ResolverParts;

/** At the end: how many writes are asked for at once, and how often one is asked for. */
const parallelReads = 20;
const readAttempts = 5;

interface Member {
  readonly client: Client;
  readonly ignoresTtl: boolean;
  readonly stream: string;
}

export class Fleet {
  readonly #parts: FleetParts;
  readonly #settings: FleetSettings;
  readonly #members: readonly Member[];

  constructor(parts: FleetParts, settings: FleetSettings) {
    this.#parts = parts;
    this.#settings = settings;
    this.#members = Array.from({ length: settings.traffic.clients }, (_, index) =>
      this.#member(index + 1),
    );
  }

  /** Plans every client's first request; each request plans the next one. */
  start(): void {
    const { clock, random } = this.#parts;
    const wait = Math.max(0, this.#settings.startsAt - clock.now());
    for (const member of this.#members) {
      const first = random.next(member.stream) * this.#meanMilliseconds();
      clock.after(wait + first, () => this.#round(member));
    }
  }

  histories(): ClientHistory[] {
    return this.#members.map(({ client, ignoresTtl }, index) => ({
      client: index + 1,
      ignoresTtl,
      requests: client.requests,
    }));
  }

  /** In the order of clients, then of time. */
  acknowledged(): AcknowledgedWrite[] {
    return this.#members.flatMap(({ client }) => client.acknowledged);
  }

  /** Requests that have ended. `failed` includes `missingReads`. */
  counts(): { requests: number; failed: number; missingReads: number; acknowledgedWrites: number } {
    const requests = this.#members.flatMap(({ client }) => client.requests);
    return {
      requests: requests.length,
      failed: requests.filter((one) => one.outcome !== "ok").length,
      missingReads: requests.filter((one) => one.outcome === "missing").length,
      acknowledgedWrites: this.acknowledged().length,
    };
  }

  /** Acknowledged writes that `present` doesn't find: pass `throughApi()`, or a read of a table.
   * Needs virtual time to go on while it runs if `present` does. */
  async missing(
    present: (write: AcknowledgedWrite) => boolean | Promise<boolean>,
  ): Promise<AcknowledgedWrite[]> {
    const writes = this.acknowledged();
    const gone: AcknowledgedWrite[] = [];
    for (let start = 0; start < writes.length; start += parallelReads) {
      const batch = writes.slice(start, start + parallelReads);
      const found = await Promise.all(batch.map(present));
      gone.push(...batch.filter((_, index) => found[index] === false));
    }
    return gone;
  }

  /** Asks for an order or event as a customer would, by the public name. Throws when, after five
   * attempts, nobody could say whether it exists: no answer is no proof of a loss. */
  throughApi(): (write: AcknowledgedWrite) => Promise<boolean> {
    const place = this.#placeOf(1);
    const resolver = new CachingResolver(this.#parts, { from: place });
    return async (write) => {
      for (let attempt = 1; attempt <= readAttempts; attempt++) {
        const outcome = await this.#ask(resolver, place, write);
        if (outcome !== "failed") return outcome === "ok";
        await this.#parts.clock.sleep(1000);
      }
      throw new Error(`nobody could say whether ${write.kind} ${write.id} exists`);
    };
  }

  async #ask(resolver: CachingResolver, place: Place, write: AcknowledgedWrite) {
    const { clock, web } = this.#parts;
    const host = this.#settings.publicName;
    const [address] = (await resolver.resolve(host, "A")).values;
    if (address === undefined) return "failed";
    const { request, judge } = readOf(host, write, this.#settings.traffic.requests);
    const waited = await within(clock, patienceMilliseconds, web.exchange(place, address, request));
    return waited.outcome === "answered" ? judge(waited.value).outcome : "failed";
  }

  #round(member: Member): void {
    const { clock, random } = this.#parts;
    if (clock.now() >= this.#settings.endsAt) return;
    void member.client.request();
    const pause = this.#meanMilliseconds() * (0.5 + random.next(member.stream));
    clock.after(pause, () => this.#round(member));
  }

  #meanMilliseconds(): number {
    const { clients, requestsPerSecond } = this.#settings.traffic;
    return (1000 * clients) / requestsPerSecond;
  }

  #member(number: number): Member {
    const { traffic, publicName, workloads } = this.#settings;
    const stubborn = Math.round(traffic.clients * traffic.ignoresTtlShare);
    const ignoresTtl = number > traffic.clients - stubborn;
    const place = this.#placeOf(number);
    const resolver = new CachingResolver(this.#parts, { from: place, ignoresTtl });
    const { writeShare } = traffic;
    const { requests } = traffic;
    const settings = { number, place, resolver, publicName, writeShare, workloads, requests };
    return {
      client: new Client(this.#parts, settings),
      ignoresTtl,
      stream: `client-${number}-arrivals`,
    };
  }

  #placeOf(number: number): Place {
    const { regions } = this.#settings.traffic;
    const region = regions[(number - 1) % regions.length];
    if (region === undefined) throw new Error("traffic needs at least one place");
    return { internet: region };
  }
}
