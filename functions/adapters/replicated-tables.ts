// What shows how far replication has come, the same for the application table and for a team's own
// tables: heartbeats in every shard of each, and the versions of items, by table and key. The
// oldest heartbeat of all tables counts: each table replicates by itself.
import { BatchGetCommand, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import type { Config, Region } from "../../core/config/schema.ts";
import {
  heartbeatSchema,
  type ItemAddress,
  type Stamp,
  shards,
} from "../../core/contracts/records.ts";
import {
  addressOf,
  addressText,
  heartbeatKey,
  type ReplicatedTable,
  replicatedTable,
  replicatedTables,
} from "../../core/tables.ts";
import { bounded, dynamoIn, dynamoOnceIn } from "./clients.ts";

export interface ReplicatedTables {
  /** Versions of the items that are there, by addressText(); what is absent has none. Fails for a
   * table that the configuration no longer has: nothing can be said of its items. */
  readVersions(addresses: readonly ItemAddress[]): Promise<Map<string, string>>;
  /** One item a shard and table. Fails when one could not be written. */
  beat(at: number, stamp: Stamp): Promise<void>;
  /** Oldest heartbeat of a Region as visible here, of all shards and tables, on that Region's
   * clock; null: one of them was never seen. */
  oldestHeartbeat(source: Region): Promise<number | null>;
}

const readSeconds = 5;
const beatSeconds = 3;
/** BatchGetItem's own limit. */
const batchSize = 100;
/** Unprocessed keys are asked again so often, at once: the caller's budget bounds the rest. */
const batchRoundsMax = 5;

export function replicatedTablesIn(config: Config, region: Region): ReplicatedTables {
  const everyShard = replicatedTables(config).flatMap((table) =>
    shards.map((shard) => ({ table, shard })),
  );
  return {
    readVersions: (addresses) => readVersions(config, region, addresses),
    async beat(at, stamp) {
      await Promise.all(
        everyShard.map(({ table, shard }) => {
          const Item = { ...heartbeatKey(table, region, shard), region, at, ...stamp };
          const command = new PutCommand({ TableName: table.fullName, Item });
          return bounded(beatSeconds, (options) => dynamoOnceIn(region).send(command, options));
        }),
      );
    },
    async oldestHeartbeat(source) {
      const beats = await Promise.all(
        everyShard.map(({ table, shard }) => readHeartbeat(region, table, source, shard)),
      );
      return beats.reduce((a, b) => (a === null || b === null ? null : Math.min(a, b)));
    },
  };
}

async function readHeartbeat(
  region: Region,
  table: ReplicatedTable,
  source: Region,
  shard: number,
): Promise<number | null> {
  const command = new GetCommand({
    TableName: table.fullName,
    Key: heartbeatKey(table, source, shard),
    ConsistentRead: true,
  });
  const { Item } = await bounded(readSeconds, (options) => dynamoIn(region).send(command, options));
  return Item === undefined ? null : heartbeatSchema.parse(Item).at;
}

async function readVersions(
  config: Config,
  region: Region,
  addresses: readonly ItemAddress[],
): Promise<Map<string, string>> {
  const keysOf = new Map<string, Map<string, ItemAddress["key"]>>();
  for (const address of addresses) {
    const keys = keysOf.get(address.table) ?? new Map<string, ItemAddress["key"]>();
    keysOf.set(address.table, keys.set(addressText(address), address.key));
  }
  const found = new Map<string, string>();
  for (const [name, unique] of keysOf) {
    const table = replicatedTable(config, name);
    const keys = [...unique.values()];
    for (let start = 0; start < keys.length; start += batchSize) {
      await readBatch(region, table, keys.slice(start, start + batchSize), found);
    }
  }
  return found;
}

const keyedVersion = z.object({ version: z.string().optional() }).catchall(z.unknown());

async function readBatch(
  region: Region,
  table: ReplicatedTable,
  keys: readonly ItemAddress["key"][],
  found: Map<string, string>,
): Promise<void> {
  const { fullName } = table;
  let left: Record<string, unknown>[] = [...keys];
  for (let round = 0; round < batchRoundsMax; round += 1) {
    const RequestItems = { [fullName]: { Keys: left, ConsistentRead: true, ...projection(table) } };
    const command = new BatchGetCommand({ RequestItems });
    const answer = await bounded(readSeconds, (options) => dynamoIn(region).send(command, options));
    for (const item of answer.Responses?.[fullName] ?? []) {
      const { version, ...key } = keyedVersion.parse(item);
      if (version !== undefined) found.set(addressText(addressOf(table, key)), version);
    }
    left = answer.UnprocessedKeys?.[fullName]?.Keys ?? [];
    if (left.length === 0) return;
  }
  throw new Error(`${left.length} items of ${fullName} could not be read: throttled.`);
}

/** Key and version: nobody needs the rest of a customer's item here. */
function projection({ partitionKey, sortKey }: ReplicatedTable) {
  const names = { "#partition": partitionKey, "#version": "version" };
  return sortKey === undefined
    ? { ProjectionExpression: "#partition, #version", ExpressionAttributeNames: names }
    : {
        ProjectionExpression: "#partition, #sort, #version",
        ExpressionAttributeNames: { ...names, "#sort": sortKey },
      };
}
