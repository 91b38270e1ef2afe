// Replication between a global table's replicas: each written item travels by itself, so that no
// order between items is kept, and the last writer wins. Source: "How DynamoDB global tables
// work" (MREC: typically within a second; an isolated replica's changes arrive once it is healthy).
// Nobody announces the end of a partition, so what is held back looks again every second.
import type { Region } from "../../../core/config/schema.ts";
import { delayOf, fails } from "../../faults/hindrances.ts";
import type { Lab } from "../../kernel.ts";
import type { Item } from "./attribute-values.ts";
import { runValidated } from "./dynalite.ts";
import type { GlobalTable } from "./global-table.ts";

/** From a partition's stream to the other Region, ms, drawn once for each partition and pair. */
const partitionLag = { low: 200, high: 1000 };
/** On top, for each item. */
const itemLag = { low: 0, high: 200 };
/** MRSC: the member that was not waited for. Docs silent; below the time of a write. */
const strongLag = { low: 10, high: 80 };
/** Partitions that a table is spread over; a new table has few, and lag is per partition. */
const partitions = 8;
const lookAgainMilliseconds = 1000;

export type ReplicationFault =
  | { readonly mode: "paused" }
  | { readonly mode: "slow"; readonly seconds: number };

/** The new image of an item; null when it was deleted. */
export interface Change {
  readonly table: GlobalTable;
  readonly key: string;
  readonly keyAttributes: Item;
  readonly item: Item | null;
  readonly at: number;
  readonly region: Region;
}

interface Shipment {
  readonly change: Change;
  readonly to: Region;
}

type ReplicationLab = Pick<Lab, "clock" | "random" | "network" | "hindrance">;
export type Applied = (change: Change, to: Region) => void;

export class Replicator {
  readonly #lab: ReplicationLab;
  readonly #applied: Applied;
  readonly #faults = new Map<string, Set<ReplicationFault>>();
  readonly #lags = new Map<string, number>();
  /** By lane: what one of a lane waits for, all of it wait for, and an outage holds thousands. */
  readonly #held = new Map<string, Shipment[]>();

  constructor(lab: ReplicationLab, applied: Applied) {
    this.#lab = lab;
    this.#applied = applied;
  }

  /** Of MREC tables, in that direction. Answers how to remove it. */
  addFault(from: Region, to: Region, fault: ReplicationFault): () => void {
    const lane = `${from}>${to}`;
    const standing = this.#faults.get(lane) ?? new Set();
    this.#faults.set(lane, standing);
    // A copy, so that two equal faults are two.
    const own = { ...fault };
    standing.add(own);
    return () => standing.delete(own);
  }

  /** Sends a change of its Region to all other replicas. */
  ship(change: Change): void {
    for (const to of change.table.replicas) {
      if (to !== change.region) this.#send(change, to);
    }
  }

  /** The item as the replica shall have it, unless it holds a newer one. */
  apply(change: Change, to: Region): void {
    const stamps = change.table.stamps.get(to);
    const known = stamps?.get(change.key);
    if (known && !newer(change, known)) return;
    stamps?.set(change.key, { at: change.at, region: change.region });
    storeImage(change, to);
  }

  #send(change: Change, to: Region): void {
    this.#lab.clock.after(this.#lag(change, to), () => {
      if (this.#open(change, to)) this.#arrive(change, to);
      else this.#hold(change, to);
    });
  }

  #arrive(change: Change, to: Region): void {
    this.apply(change, to);
    this.#applied(change, to);
  }

  #hold(change: Change, to: Region): void {
    if (this.#held.size === 0) this.#lookAgainLater();
    const lane = `${change.table.strong ? change.table.name : change.region}>${to}`;
    const waiting = this.#held.get(lane) ?? [];
    this.#held.set(lane, waiting);
    waiting.push({ change, to });
  }

  #lookAgainLater(): void {
    this.#lab.clock.after(lookAgainMilliseconds, () => {
      for (const [lane, waiting] of [...this.#held]) {
        const [first] = waiting;
        if (first === undefined || !this.#open(first.change, first.to)) continue;
        this.#held.delete(lane);
        for (const { change, to } of waiting) this.#send(change, to);
      }
      if (this.#held.size > 0) this.#lookAgainLater();
    });
  }

  #open(change: Change, to: Region): boolean {
    const { network } = this.#lab;
    const ends = change.table.strong ? [to] : [change.region, to];
    if (ends.some((region) => fails(this.#trouble(region)))) return false;
    if (change.table.strong) {
      return change.table.members.some(
        (member) => member !== to && network.reachable({ region: member }, to),
      );
    }
    const isPaused = this.#standing(change, to).some(({ mode }) => mode === "paused");
    return !isPaused && network.delivers({ region: change.region }, to);
  }

  #standing({ region }: Change, to: Region): ReplicationFault[] {
    return [...(this.#faults.get(`${region}>${to}`) ?? [])];
  }

  /** DynamoDB's own: a replica that can't be had is replicated neither to nor from. Its name gone
   * counts too, as in us-east-1 in October 2025 (AWS's summary: message/101925). */
  #trouble(region: Region) {
    return this.#lab.hindrance(region, "dynamodb");
  }

  #lag(change: Change, to: Region): number {
    const { random } = this.#lab;
    const { table, region } = change;
    if (table.strong) return random.between("dynamodb:strong-lag", strongLag.low, strongLag.high);
    const own = delayOf(this.#trouble(region)) + delayOf(this.#trouble(to));
    const faults = this.#standing(change, to).map((one) => (one.mode === "slow" ? one.seconds : 0));
    const slower = own + 1000 * faults.reduce((sum, seconds) => sum + seconds, 0);
    const jitter = random.between("dynamodb:item-lag", itemLag.low, itemLag.high);
    return this.#partitionLag(change, to) + jitter + slower;
  }

  /** The store's key starts with a hash of the partition key, as dynalite makes it. */
  #partitionLag({ table, key, region }: Change, to: Region): number {
    const partition = Number.parseInt(key.slice(0, 6), 16) % partitions;
    const name = `${table.name}:${partition}:${region}>${to}`;
    const known = this.#lags.get(name);
    if (known !== undefined) return known;
    const { low, high } = partitionLag;
    const drawn = this.#lab.random.between(`dynamodb:partition-lag:${name}`, low, high);
    this.#lags.set(name, drawn);
    return drawn;
  }
}

/** Last writer wins; of two writes in one instant, the later Region by name. */
function newer(change: Change, known: { at: number; region: Region }): boolean {
  return change.at > known.at || (change.at === known.at && change.region > known.region);
}

/** Through dynalite's actions, so that the replica's indexes follow. */
function storeImage({ table, item, keyAttributes }: Change, to: Region): void {
  const TableName = table.name;
  const store = table.replica(to);
  const result = item
    ? runValidated("PutItem", store, { TableName, Item: item })
    : runValidated("DeleteItem", store, { TableName, Key: keyAttributes });
  if (!result.ok) throw new Error(`replication to ${to} failed: ${JSON.stringify(result.body)}`);
}
