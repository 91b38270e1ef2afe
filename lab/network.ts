// Packets between Regions and the internet: who reaches whom, how long it takes, and what happens
// to an exchange when a Region dies under it. Nothing here answers with an error: a lost packet is
// silence, and the caller's own timeout finds out, as on a real network.
import type { Region } from "../core/config/schema.ts";
import type { Clock, Network, Place, Random } from "./kernel.ts";

/** One-way ms. AWS publishes no guarantee; ranges from public inter-Region latency tables. */
const ranges = {
  withinRegion: { low: 1, high: 3 },
  /** From a client or resolver near the Region. */
  lastMile: { low: 4, high: 12 },
  /** Drawn once a pair: distance. */
  betweenRegions: { low: 20, high: 70 },
  /** Drawn for each packet between Regions, on top of the distance. */
  jitter: { low: 0, high: 20 },
};

export function createNetwork(clock: Pick<Clock, "after">, random: Random): Network {
  return new RegionNetwork(clock, random);
}

class RegionNetwork implements Network {
  readonly #clock: Pick<Clock, "after">;
  readonly #random: Random;
  readonly #down = new Set<Region>();
  /** How often a Region has died: what a former life served never answers. */
  readonly #deaths = new Map<Region, number>();
  readonly #blocks = new Map<string, number>();
  readonly #distances = new Map<string, number>();
  readonly #listeners: ((region: Region, down: boolean) => void)[] = [];

  constructor(clock: Pick<Clock, "after">, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  reachable(from: Place, to: Region): boolean {
    return this.#arrives(from, { region: to }) && this.#arrives({ region: to }, from);
  }

  delivers(from: Place, to: Region): boolean {
    return this.#arrives(from, { region: to });
  }

  delay(from: Place, to: Region): number {
    const between = (name: string, range: { low: number; high: number }) =>
      this.#random.between(`network:${name}`, range.low, range.high);
    const start = "region" in from ? from.region : from.internet;
    const lastMile = "region" in from ? 0 : between("last-mile", ranges.lastMile);
    if (start !== to) {
      return lastMile + this.#distance(start, to) + between("jitter", ranges.jitter);
    }
    return "region" in from ? between("within-region", ranges.withinRegion) : lastMile;
  }

  roundTrip<T>(from: Place, to: Region, serve: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const sender = this.#life(from);
      const receiver = this.#life({ region: to });
      const answer = (settle: () => void) => {
        if (this.#life({ region: to }) !== receiver || !this.#arrives({ region: to }, from)) return;
        this.#clock.after(this.delay(from, to), () => {
          if (this.#life(from) === sender && this.#arrives({ region: to }, from)) settle();
        });
      };
      if (!this.#arrives(from, { region: to })) return;
      this.#clock.after(this.delay(from, to), () => {
        if (this.#life({ region: to }) !== receiver || !this.#arrives(from, { region: to })) return;
        serve().then(
          (value) => answer(() => resolve(value)),
          (fault) => answer(() => reject(fault)),
        );
      });
    });
  }

  isDown(region: Region): boolean {
    return this.#down.has(region);
  }

  setDown(region: Region, down: boolean): void {
    if (this.#down.has(region) === down) return;
    if (down) {
      this.#down.add(region);
      this.#deaths.set(region, (this.#deaths.get(region) ?? 0) + 1);
    } else {
      this.#down.delete(region);
    }
    for (const listener of this.#listeners) listener(region, down);
  }

  block(from: Region, to: Region): void {
    const key = `${from}>${to}`;
    this.#blocks.set(key, (this.#blocks.get(key) ?? 0) + 1);
  }

  unblock(from: Region, to: Region): void {
    const key = `${from}>${to}`;
    const count = this.#blocks.get(key) ?? 0;
    if (count === 0) throw new Error(`${from} to ${to} is not blocked`);
    this.#blocks.set(key, count - 1);
  }

  onRegion(listener: (region: Region, down: boolean) => void): void {
    this.#listeners.push(listener);
  }

  /** Places on the internet are always up, and partitions concern Regions alone. */
  #arrives(from: Place, to: Place): boolean {
    if ("region" in from && this.#down.has(from.region)) return false;
    if ("region" in to && this.#down.has(to.region)) return false;
    if (!("region" in from) || !("region" in to)) return true;
    return (this.#blocks.get(`${from.region}>${to.region}`) ?? 0) === 0;
  }

  #life(place: Place): number {
    return "region" in place ? (this.#deaths.get(place.region) ?? 0) : 0;
  }

  #distance(a: Region, b: Region): number {
    const pair = [a, b].sort().join("-");
    const known = this.#distances.get(pair);
    if (known !== undefined) return known;
    const { low, high } = ranges.betweenRegions;
    const drawn = this.#random.between(`network:distance:${pair}`, low, high);
    this.#distances.set(pair, drawn);
    return drawn;
  }
}
