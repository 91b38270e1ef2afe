// The application table as its callers speak of it: orders, the canaries' items, the journal and
// the heartbeats that show how far replication has come. Reads are strongly consistent *within the
// replica asked*: the table is MREC. Writes are one attempt each, so that none is sent later than
// the caller means; what they do when it fails is their business.
import { BatchGetCommand, PutCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { z } from "zod";
import type { Config, Region } from "../../core/config/schema.ts";
import {
  type CanaryItem,
  canaryItemSchema,
  type Order,
  orderSchema,
} from "../../core/contracts/orders.ts";
import {
  applicationKeys,
  heartbeatSchema,
  type JournalEntry,
  journalEntrySchema,
  type Stamp,
  shards,
} from "../../core/contracts/records.ts";
import { applicationTableName, customerIndexName } from "../../core/names.ts";
import { faultName } from "../faults.ts";
import { bounded, dynamoIn, dynamoOnceIn } from "./clients.ts";
import { type Key, tableIn } from "./table.ts";

export interface ApplicationTable {
  /** False: an order of that id is there already. */
  putOrder(order: Order, seconds: number): Promise<boolean>;
  readOrder(id: string): Promise<Order | null>;
  /** Newest first; eventually consistent, as indexes are. */
  ordersOf(customer: string, limit: number): Promise<Order[]>;
  putCanary(item: CanaryItem, seconds: number): Promise<void>;
  readCanary(vantage: Region, serving: Region): Promise<CanaryItem | null>;
  putJournal(entry: JournalEntry, seconds: number): Promise<void>;
  /** Entries of one partition with from <= at <= to (ms since 1970), oldest first. */
  readJournal(partition: string, from: number, to: number): Promise<JournalEntry[]>;
  /** Versions of the items that are there, by versionKey(); what is absent has none. */
  readVersions(keys: readonly Key[]): Promise<Map<string, string>>;
  /** One item a shard. Fails when a shard could not be written. */
  beat(at: number, stamp: Stamp): Promise<void>;
  /** Oldest shard's heartbeat of a Region as visible here, on that Region's clock; null: one of
   * them was never seen. */
  oldestHeartbeat(source: Region): Promise<number | null>;
}

/** Key of the map that readVersions answers. */
export const versionKey = (key: Key) => `${key.pk}|${key.sk}`;

/** Sorts as text in the order of time. 15 digits last beyond the year 30000. */
export const journalSortKey = (at: number, version = "") =>
  `${String(at).padStart(15, "0")}#${version}`;

const readSeconds = 5;
const beatSeconds = 3;
/** BatchGetItem's own limit. */
const batchSize = 100;
/** Pages of one journal partition (an hour of one shard): 1 MB holds about 4,000 entries. */
const journalPagesMax = 200;
/** Unprocessed keys are asked again so often, at once: the caller's budget bounds the rest. */
const batchRoundsMax = 5;

export function applicationTable(config: Config, region: Region): ApplicationTable {
  const name = applicationTableName(config);
  return { ...itemsIn(region, name), ...journalIn(region, name), ...beatsIn(region, name) };
}

type Items = Pick<
  ApplicationTable,
  "putOrder" | "readOrder" | "ordersOf" | "putCanary" | "readCanary"
>;

function itemsIn(region: Region, name: string): Items {
  const table = tableIn(region, name);
  return {
    async putOrder(order, seconds) {
      const item = { ...applicationKeys.order(order.id), ...order };
      try {
        await putOnce(region, name, item, seconds, "attribute_not_exists(pk)");
        return true;
      } catch (error) {
        if (faultName(error) === "ConditionalCheckFailedException") return false;
        throw error;
      }
    },
    readOrder: (id) => table.read(applicationKeys.order(id), orderSchema),
    async ordersOf(customer, limit) {
      const command = new QueryCommand({
        TableName: name,
        IndexName: customerIndexName,
        KeyConditionExpression: "customer = :customer",
        ExpressionAttributeValues: { ":customer": customer },
        ScanIndexForward: false,
        Limit: limit,
      });
      const answer = await bounded(readSeconds, (o) => dynamoIn(region).send(command, o));
      return (answer.Items ?? []).map((item) => orderSchema.parse(item));
    },
    putCanary: (item, seconds) =>
      putOnce(
        region,
        name,
        { ...applicationKeys.canary(item.vantage, item.serving), ...item },
        seconds,
      ),
    readCanary: (vantage, serving) =>
      table.read(applicationKeys.canary(vantage, serving), canaryItemSchema),
  };
}

function journalIn(
  region: Region,
  name: string,
): Pick<ApplicationTable, "putJournal" | "readJournal" | "readVersions"> {
  return {
    putJournal: (entry, seconds) => putOnce(region, name, entry, seconds),
    readJournal: (partition, from, to) => readPartition(region, name, partition, from, to),
    async readVersions(keys) {
      const unique = new Map(keys.map((key) => [versionKey(key), key]));
      const all = [...unique.values()];
      const found = new Map<string, string>();
      for (let start = 0; start < all.length; start += batchSize) {
        await readBatch(region, name, all.slice(start, start + batchSize), found);
      }
      return found;
    },
  };
}

function beatsIn(region: Region, name: string): Pick<ApplicationTable, "beat" | "oldestHeartbeat"> {
  const table = tableIn(region, name);
  return {
    async beat(at, stamp) {
      await Promise.all(
        shards.map((shard) => {
          const item = { ...applicationKeys.heartbeat(region, shard), region, at, ...stamp };
          return putOnce(region, name, item, beatSeconds);
        }),
      );
    },
    async oldestHeartbeat(source) {
      const beats = await Promise.all(
        shards.map((shard) =>
          table.read(applicationKeys.heartbeat(source, shard), heartbeatSchema),
        ),
      );
      const times = beats.flatMap((beat) => (beat === null ? [] : [beat.at]));
      return times.length < shards.length ? null : Math.min(...times);
    },
  };
}

async function putOnce(
  region: Region,
  name: string,
  item: object,
  seconds: number,
  condition?: string,
): Promise<void> {
  const command = new PutCommand({
    TableName: name,
    Item: { ...item },
    ...(condition === undefined ? {} : { ConditionExpression: condition }),
  });
  await bounded(seconds, (options) => dynamoOnceIn(region).send(command, options));
}

async function readPartition(
  region: Region,
  name: string,
  partition: string,
  from: number,
  to: number,
): Promise<JournalEntry[]> {
  const found: JournalEntry[] = [];
  let start: Record<string, unknown> | undefined;
  for (let page = 0; page < journalPagesMax; page += 1) {
    const command = new QueryCommand({
      TableName: name,
      ConsistentRead: true,
      KeyConditionExpression: "pk = :pk AND sk BETWEEN :from AND :to",
      ExpressionAttributeValues: {
        ":pk": partition,
        ":from": journalSortKey(from),
        // "~" sorts after every version.
        ":to": journalSortKey(to, "~"),
      },
      ...(start === undefined ? {} : { ExclusiveStartKey: start }),
    });
    const answer = await bounded(readSeconds, (options) => dynamoIn(region).send(command, options));
    for (const item of answer.Items ?? []) found.push(journalEntrySchema.parse(item));
    start = answer.LastEvaluatedKey;
    if (start === undefined) return found;
  }
  throw new Error(`${partition} of ${name} has more than ${journalPagesMax} pages.`);
}

const versioned = z.object({ pk: z.string(), sk: z.string(), version: z.string() });

async function readBatch(
  region: Region,
  name: string,
  keys: readonly Key[],
  found: Map<string, string>,
): Promise<void> {
  let left: Record<string, unknown>[] = keys.map(({ pk, sk }) => ({ pk, sk }));
  for (let round = 0; round < batchRoundsMax; round += 1) {
    const command = new BatchGetCommand({
      RequestItems: {
        [name]: {
          Keys: left,
          ConsistentRead: true,
          ProjectionExpression: "pk, sk, #version",
          ExpressionAttributeNames: { "#version": "version" },
        },
      },
    });
    const answer = await bounded(readSeconds, (options) => dynamoIn(region).send(command, options));
    for (const item of answer.Responses?.[name] ?? []) {
      const { version, ...key } = versioned.parse(item);
      found.set(versionKey(key), version);
    }
    left = answer.UnprocessedKeys?.[name]?.Keys ?? [];
    if (left.length === 0) return;
  }
  throw new Error(`${left.length} items of ${name} could not be read: throttled.`);
}
