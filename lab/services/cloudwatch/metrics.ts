// Metrics of all Regions: what was put, minute by minute, and statistics over periods of it. A
// datapoint is visible some seconds after it was put; how long, CloudWatch doesn't say (often
// within seconds, "up to two minutes" for new metrics): the lab draws 1 to 5 s.
import type { Region } from "../../../core/config/schema.ts";
import type { Clock, Random } from "../../kernel.ts";

export interface Metric {
  readonly region: Region;
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: { readonly [name: string]: string };
}

export interface StatisticSet {
  readonly sum: number;
  readonly count: number;
  readonly minimum: number;
  readonly maximum: number;
}

export const statistics = ["Average", "Sum", "Minimum", "Maximum", "SampleCount"] as const;
export type Statistic = (typeof statistics)[number];

/** `at`: start of the period, ms since 1970. */
export interface Datapoint {
  readonly at: number;
  readonly value: number;
}

const visibleAfter = { low: 1000, high: 5000 };
const minute = 60_000;
/** Older minutes are dropped now and then; nothing in the lab looks back further. */
const keptMilliseconds = 6 * 3_600_000;

type Growing = { -readonly [member in keyof StatisticSet]: StatisticSet[member] };

interface Put extends Growing {
  readonly visibleAt: number;
  /** From a service itself: what it counts until this is visible joins it. */
  readonly counted: boolean;
}

export class Metrics {
  readonly #clock: Pick<Clock, "now">;
  readonly #random: Random;
  readonly #series = new Map<string, Map<number, Put[]>>();

  constructor(clock: Pick<Clock, "now">, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** `at`: the datapoint's own timestamp, ms since 1970. */
  put(metric: Metric, set: StatisticSet, at: number): void {
    const { series, start } = this.#minuteOf(metric, at);
    this.#add(series, start, { ...set, visibleAt: this.#visibleAt(), counted: false });
  }

  /** Of a service that counts each of its requests: thousands of those are few datapoints. */
  count(metric: Metric, value: number, at: number): void {
    const { series, start } = this.#minuteOf(metric, at);
    const last = series.get(start)?.at(-1);
    if (last?.counted !== true || last.visibleAt <= this.#clock.now()) {
      const set = { sum: value, count: 1, minimum: value, maximum: value };
      this.#add(series, start, { ...set, visibleAt: this.#visibleAt(), counted: true });
      return;
    }
    last.sum += value;
    last.count += 1;
    last.minimum = Math.min(last.minimum, value);
    last.maximum = Math.max(last.maximum, value);
  }

  #visibleAt(): number {
    const { low, high } = visibleAfter;
    return this.#clock.now() + this.#random.between("cloudwatch:visible", low, high);
  }

  #minuteOf(metric: Metric, at: number) {
    const key = keyOf(metric);
    const known = this.#series.get(key);
    const series = known ?? new Map<number, Put[]>();
    if (known === undefined) this.#series.set(key, series);
    return { series, start: Math.floor(at / minute) * minute };
  }

  #add(series: Map<number, Put[]>, start: number, put: Put): void {
    const puts = series.get(start);
    if (puts) puts.push(put);
    else this.#newMinute(series, start, put);
  }

  /** The statistic over [from, to) of what is visible now; null: no datapoint. */
  value(metric: Metric, statistic: Statistic, from: number, to: number): number | null {
    const series = this.#series.get(keyOf(metric));
    if (series === undefined) return null;
    const now = this.#clock.now();
    const puts: StatisticSet[] = [];
    for (let start = from; start < to; start += minute) {
      for (const put of series.get(start) ?? []) if (put.visibleAt <= now) puts.push(put);
    }
    return puts.length === 0 ? null : statisticOf(puts, statistic);
  }

  /** Periods of [from, to) that have data, oldest first; aligned to multiples of the period. */
  datapoints(
    metric: Metric,
    statistic: Statistic,
    period: number,
    from: number,
    to: number,
  ): Datapoint[] {
    const found: Datapoint[] = [];
    for (let at = Math.floor(from / period) * period; at < to; at += period) {
      const value = this.value(metric, statistic, at, at + period);
      if (value !== null) found.push({ at, value });
    }
    return found;
  }

  #newMinute(series: Map<number, Put[]>, start: number, put: Put): void {
    series.set(start, [put]);
    const oldest = this.#clock.now() - keptMilliseconds;
    for (const known of series.keys()) {
      if (known >= oldest) break;
      series.delete(known);
    }
  }
}

function statisticOf(puts: readonly StatisticSet[], statistic: Statistic): number {
  const total = (member: "sum" | "count") => puts.reduce((sum, put) => sum + put[member], 0);
  switch (statistic) {
    case "Sum":
      return total("sum");
    case "SampleCount":
      return total("count");
    case "Average":
      return total("sum") / total("count");
    case "Minimum":
      return Math.min(...puts.map(({ minimum }) => minimum));
    case "Maximum":
      return Math.max(...puts.map(({ maximum }) => maximum));
    default:
      return statistic satisfies never;
  }
}

/** By hand: a drill asks for as many keys as it has requests. */
function keyOf({ region, namespace, name, dimensions }: Metric): string {
  let key = `${region}\n${namespace}\n${name}`;
  for (const each of Object.keys(dimensions).sort()) key += `\n${each}\n${dimensions[each]}`;
  return key;
}
