// The storage under dynalite's actions: sorted maps in memory that call back at once. dynalite's
// own store goes through LevelDB's promises and setImmediate; here a whole action settles before it
// returns, so a call is one instant of virtual time, deterministic and some twenty times faster.
import { Stream } from "node:stream";
import type { Item } from "./attribute-values.ts";

type Done = (fault: Error | null) => void;

/** What dynalite's queries ask of a range: bounds on keys, all optional. */
export interface Range {
  readonly gte?: string;
  readonly gt?: string;
  readonly lte?: string;
  readonly lt?: string;
  readonly reverse?: boolean;
  /** -1: no limit. */
  readonly limit?: number;
}

/** One table or index: key strings as dynalite makes them (ASCII, in the order of the items). */
export class SortedMap<V> {
  readonly #values = new Map<string, V>();
  readonly #keys: string[] = [];
  readonly #streams: ValueStream<V>[];

  constructor(streams: ValueStream<V>[]) {
    this.#streams = streams;
  }

  /** dynalite holds a lock while an action runs; an action here is over before another starts. */
  readonly lock = (_key: unknown, run: (release: (done: Done) => Done) => void): void =>
    run((done) => done);

  get(key: string, done: (fault: Error | null, value?: V) => void): void {
    done(null, this.#values.get(key));
  }

  put(key: string, value: V, done: Done): void {
    if (!this.#values.has(key)) this.#keys.splice(this.#indexOf(key), 0, key);
    this.#values.set(key, value);
    done(null);
  }

  del(key: string, done: Done): void {
    if (this.#values.delete(key)) this.#keys.splice(this.#indexOf(key), 1);
    done(null);
  }

  createValueStream(range: Range): ValueStream<V> {
    const stream = new ValueStream(() => this.between(range));
    this.#streams.push(stream);
    return stream;
  }

  peek(key: string): V | undefined {
    return this.#values.get(key);
  }

  *between(range: Range): Generator<V> {
    const from = this.#lowest(range);
    const to = this.#highest(range);
    const limit = range.limit === undefined || range.limit < 0 ? Infinity : range.limit;
    for (let taken = 0; taken < Math.min(limit, to - from); taken += 1) {
      const key = this.#keys[range.reverse ? to - 1 - taken : from + taken];
      const value = key === undefined ? undefined : this.#values.get(key);
      if (value !== undefined) yield value;
    }
  }

  #lowest({ gte, gt }: Range): number {
    if (gt !== undefined) return this.#indexOf(gt) + (this.#values.has(gt) ? 1 : 0);
    return gte === undefined ? 0 : this.#indexOf(gte);
  }

  #highest({ lte, lt }: Range): number {
    if (lt !== undefined) return this.#indexOf(lt);
    if (lte === undefined) return this.#keys.length;
    return this.#indexOf(lte) + (this.#values.has(lte) ? 1 : 0);
  }

  /** Where the key is, or would be. */
  #indexOf(key: string): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const candidate = this.#keys[middle];
      if (candidate !== undefined && candidate < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** What `lazy`, under dynalite's queries, takes for a stream. It listens only after the stream was
 * handed out, so values flow when the store is told to pump. */
export class ValueStream<V> extends Stream {
  readonly #values: () => Iterable<V>;

  constructor(values: () => Iterable<V>) {
    super();
    this.#values = values;
  }

  flow(): void {
    let enough = false;
    this.on("pipe", () => {
      enough = true;
    });
    for (const value of this.#values()) {
      if (enough) break;
      this.emit("data", value);
    }
    this.emit("end");
  }
}

export interface TableDescription {
  readonly TableName: string;
  readonly TableStatus: "ACTIVE";
  readonly KeySchema: readonly { AttributeName: string; KeyType: string }[];
  readonly AttributeDefinitions: readonly { AttributeName: string; AttributeType: string }[];
  readonly GlobalSecondaryIndexes?: readonly unknown[];
}

/** A store as dynalite's actions use it, holding one table and its indexes. */
export class MemoryStore {
  readonly options = { maxItemSize: 409_600 };
  readonly #streams: ValueStream<Item>[] = [];
  readonly #maps = new Map<string, SortedMap<Item>>();
  readonly #table: TableDescription;

  constructor(table: TableDescription) {
    this.#table = table;
  }

  /** With two arguments or three, as dynalite calls it. */
  getTable(
    name: string,
    checkStatus: boolean | TableCallback,
    done: TableCallback | undefined = typeof checkStatus === "function" ? checkStatus : undefined,
  ): void {
    if (name !== this.#table.TableName) throw new Error(`this store holds no table ${name}`);
    done?.(null, this.#table);
  }

  getItemDb(_table: string): SortedMap<Item> {
    return this.#map("items");
  }

  getIndexDb(_type: string, _table: string, index: string): SortedMap<Item> {
    return this.#map(`index ${index}`);
  }

  get items(): SortedMap<Item> {
    return this.#map("items");
  }

  /** Lets the streams flow that the action opened. */
  pump(): void {
    for (const stream of this.#streams.splice(0)) stream.flow();
  }

  #map(name: string): SortedMap<Item> {
    const known = this.#maps.get(name);
    if (known !== undefined) return known;
    const map = new SortedMap(this.#streams);
    this.#maps.set(name, map);
    return map;
  }
}

type TableCallback = (fault: Error | null, table?: TableDescription) => void;
