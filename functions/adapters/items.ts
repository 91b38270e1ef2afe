// Items of replicated tables, by the names that the configuration gives them. Writes are one
// attempt each, so that none is sent later than the gate's deadline, and are meant for the write
// gate alone; reads are strongly consistent within this Region's replica, and anybody's.
import { GetCommand, PutCommand, QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import type { Config, Region } from "../../core/config/schema.ts";
import type { ItemAddress } from "../../core/contracts/records.ts";
import { addressOf, type ReplicatedTable, replicatedTable } from "../../core/tables.ts";
import { bounded, dynamoIn, dynamoOnceIn } from "./clients.ts";
import { unlessRefused } from "./table.ts";

export type Item = Readonly<Record<string, unknown>>;

/** absent: no item has that key yet. version: the item is still the one that was read. */
export type WriteCondition = "absent" | { readonly version: string };

/** `replaced`: version of the item that was there before; null: there was none, or it had none. */
export interface Made {
  readonly replaced: string | null;
}

export interface Items {
  /** null: the condition did not hold, and nothing was written. */
  put(table: string, item: Item, seconds: number, condition?: WriteCondition): Promise<Made | null>;
  /** Sets these attributes and no others, also where there is no such item yet. */
  update(
    address: ItemAddress,
    changes: Item,
    seconds: number,
    condition?: WriteCondition,
  ): Promise<Made | null>;
  /** `key` holds the key attributes by name. */
  read(table: string, key: Item): Promise<Item | null>;
  /** Of one partition, in the order of the sort key, at most so many. */
  list(table: string, partition: string, limit: number): Promise<Item[]>;
}

const readSeconds = 5;

export function itemsIn(config: Config, region: Region): Items {
  return {
    put: (table, item, seconds, condition) =>
      putItem(region, replicatedTable(config, table), item, seconds, condition),
    update: (address, changes, seconds, condition) => {
      const table = replicatedTable(config, address.table);
      return updateItem(region, table, address.key, changes, seconds, condition);
    },
    async read(name, key) {
      const table = replicatedTable(config, name);
      const command = new GetCommand({
        TableName: table.fullName,
        Key: addressOf(table, key).key,
        ConsistentRead: true,
      });
      const answer = await bounded(readSeconds, (o) => dynamoIn(region).send(command, o));
      return answer.Item ?? null;
    },
    list: (table, partition, limit) =>
      listItems(region, replicatedTable(config, table), partition, limit),
  };
}

function putItem(
  region: Region,
  table: ReplicatedTable,
  item: Item,
  seconds: number,
  condition: WriteCondition | undefined,
): Promise<Made | null> {
  const command = new PutCommand({
    TableName: table.fullName,
    Item: { ...item },
    // PutItem answers the whole of the old item or nothing; where it is known, nothing.
    ...(condition === undefined ? { ReturnValues: "ALL_OLD" } : {}),
    ...conditionOf(table, condition, {}, {}),
  });
  return madeBy(
    bounded(seconds, (o) => dynamoOnceIn(region).send(command, o)),
    condition,
  );
}

const versioned = z.object({ version: z.string() });

async function madeBy(
  call: Promise<{ Attributes?: Item | undefined }>,
  condition: WriteCondition | undefined,
): Promise<Made | null> {
  let old: Item | undefined;
  const made = await unlessRefused(
    call.then(({ Attributes }) => {
      old = Attributes;
    }),
  );
  if (!made) return null;
  const known = condition === undefined || condition === "absent" ? null : condition.version;
  return { replaced: known ?? versioned.safeParse(old).data?.version ?? null };
}

function updateItem(
  region: Region,
  table: ReplicatedTable,
  key: ItemAddress["key"],
  changes: Item,
  seconds: number,
  condition: WriteCondition | undefined,
): Promise<Made | null> {
  const attributes = Object.keys(changes);
  const command = new UpdateCommand({
    TableName: table.fullName,
    Key: key,
    ReturnValues: "UPDATED_OLD",
    UpdateExpression: `SET ${attributes.map((_, index) => `#a${index} = :a${index}`).join(", ")}`,
    ...conditionOf(
      table,
      condition,
      Object.fromEntries(attributes.map((name, index) => [`#a${index}`, name])),
      Object.fromEntries(attributes.map((name, index) => [`:a${index}`, changes[name]])),
    ),
  });
  return madeBy(
    bounded(seconds, (o) => dynamoOnceIn(region).send(command, o)),
    condition,
  );
}

/** The condition, with the names and values of the rest of the command: DynamoDB refuses empty
 * ones. */
function conditionOf(
  { partitionKey }: ReplicatedTable,
  condition: WriteCondition | undefined,
  otherNames: Record<string, string>,
  otherValues: Record<string, unknown>,
) {
  const absent = condition === "absent";
  const version = condition === undefined || condition === "absent" ? null : condition.version;
  const names = {
    ...otherNames,
    ...(absent ? { "#partition": partitionKey } : {}),
    ...(version === null ? {} : { "#held": "version" }),
  };
  const values = { ...otherValues, ...(version === null ? {} : { ":held": version }) };
  return {
    ...(absent ? { ConditionExpression: "attribute_not_exists(#partition)" } : {}),
    ...(version === null ? {} : { ConditionExpression: "#held = :held" }),
    ...(Object.keys(names).length === 0 ? {} : { ExpressionAttributeNames: names }),
    ...(Object.keys(values).length === 0 ? {} : { ExpressionAttributeValues: values }),
  };
}

async function listItems(
  region: Region,
  { fullName, partitionKey }: ReplicatedTable,
  partition: string,
  limit: number,
): Promise<Item[]> {
  const command = new QueryCommand({
    TableName: fullName,
    ConsistentRead: true,
    KeyConditionExpression: "#partition = :partition",
    ExpressionAttributeNames: { "#partition": partitionKey },
    ExpressionAttributeValues: { ":partition": partition },
    Limit: limit,
  });
  const answer = await bounded(readSeconds, (options) => dynamoIn(region).send(command, options));
  return answer.Items ?? [];
}
