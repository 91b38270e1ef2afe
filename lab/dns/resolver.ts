// A caching resolver: one a client's network, one a Region. It keeps answers for their TTL, and
// "no such name" too. Some real resolvers keep answers longer than they may: `ignoresTtl`.
// A Region's resolver is silent while its Region is down; the caller has its own timeout.
import type { Region } from "../../core/config/schema.ts";
import type {
  Clock,
  DnsAnswer,
  DnsType,
  NameServers,
  Network,
  Place,
  Random,
  Resolver,
} from "../kernel.ts";
import { normalName } from "./records.ts";

/** How long a resolver that ignores TTLs keeps an answer. */
export const ignoredTtlSeconds = 600;
/** From a resolver to the nearest name server and back; anycast, so it is near. */
const queryMilliseconds = { low: 4, high: 35 };

export interface ResolverParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly network: Pick<Network, "isDown">;
  readonly nameServers: NameServers;
}

export interface ResolverOptions {
  readonly from: Place;
  readonly ignoresTtl?: boolean;
  /** Names outside the zone, like API Gateway's own; null: no such name. */
  readonly elsewhere?: (name: string, type: DnsType) => readonly string[] | null;
}

export class CachingResolver implements Resolver {
  readonly #parts: ResolverParts;
  readonly #options: ResolverOptions;
  readonly #kept = new Map<string, { answer: DnsAnswer; until: number }>();
  readonly #asking = new Map<string, Promise<DnsAnswer>>();

  constructor(parts: ResolverParts, options: ResolverOptions) {
    this.#parts = parts;
    this.#options = options;
  }

  async resolve(name: string, type: DnsType): Promise<DnsAnswer> {
    const key = `${normalName(name)} ${type}`;
    const kept = this.#kept.get(key);
    if (kept !== undefined && kept.until > this.#parts.clock.now()) return kept.answer;
    const asking = this.#asking.get(key);
    if (asking !== undefined) return asking;
    const question = this.#ask(key, normalName(name), type);
    this.#asking.set(key, question);
    return question;
  }

  async #ask(key: string, name: string, type: DnsType): Promise<DnsAnswer> {
    const { clock, random, network } = this.#parts;
    const { from } = this.#options;
    const { low, high } = queryMilliseconds;
    await clock.sleep(random.between("dns", low, high));
    this.#asking.delete(key);
    if ("region" in from && network.isDown(from.region)) return new Promise(() => {});
    const answer = this.#lookUp(name, type);
    this.#keep(key, answer);
    return answer;
  }

  #lookUp(name: string, type: DnsType): DnsAnswer {
    const { nameServers } = this.#parts;
    const { from } = this.#options;
    const region: Region = "region" in from ? from.region : from.internet;
    const server = nameServers.servers.find((one) => one.name === name);
    if (server !== undefined && type === "A") return found([server.address], 172_800);
    const answer = nameServers.answer(name, type, region);
    if (answer.status !== "SERVFAIL") return answer;
    const values = this.#options.elsewhere?.(name, type) ?? null;
    return values === null ? { status: "NXDOMAIN", values: [], ttlSeconds: 60 } : found(values, 60);
  }

  #keep(key: string, answer: DnsAnswer): void {
    if (answer.status === "SERVFAIL") return;
    const stubborn = this.#options.ignoresTtl === true && answer.values.length > 0;
    const seconds = stubborn ? ignoredTtlSeconds : answer.ttlSeconds;
    this.#kept.set(key, { answer, until: this.#parts.clock.now() + seconds * 1000 });
  }
}

const found = (values: readonly string[], ttlSeconds: number): DnsAnswer => ({
  status: "NOERROR",
  values,
  ttlSeconds,
});
