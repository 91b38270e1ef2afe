// Typed access to a DynamoDB table with pk and sk: every read is strongly consistent and parsed,
// every call is bounded. A condition that failed is a value here, not an error.
import { GetCommand, PutCommand, QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import type { Region } from "../../core/config/schema.ts";
import { faultName } from "../faults.ts";
import { bounded, dynamoIn } from "./clients.ts";

export interface Key {
  readonly pk: string;
  readonly sk: string;
}

/** A condition in DynamoDB's words; names as #name, values as :name. */
export interface Condition {
  readonly expression: string;
  readonly names?: Record<string, string>;
  readonly values?: Record<string, unknown>;
}

export interface Table {
  /** The item without its key; null when there is none. */
  read<S extends z.ZodType>(key: Key, schema: S, seconds?: number): Promise<z.output<S> | null>;
  /** Items of one partition whose sk begins so, keys left out, in order of sk. */
  list<S extends z.ZodType>(query: ListQuery, schema: S): Promise<z.output<S>[]>;
  /** False: the condition did not hold, nothing was written. */
  put(key: Key, value: object, condition?: Condition): Promise<boolean>;
  /** Sets these attributes and no others. False: the condition did not hold. */
  set(key: Key, changes: Record<string, unknown>, condition: Condition): Promise<boolean>;
}

export interface ListQuery {
  readonly pk: string;
  readonly prefix?: string;
  /** At most so many, from the end. */
  readonly newest?: number;
}

/** For both attempts of a client together: an attempt that hangs leaves no time for the second. */
const callSeconds = 5;
/** A partition of the control table holds tens of items: one page is 1 MB. */
const pagesMax = 20;
const itemSchema = z.record(z.string(), z.unknown());

export function tableIn(region: Region, name: string): Table {
  return {
    read: (key, schema, seconds = callSeconds) => readItem(region, name, key, schema, seconds),
    list: (query, schema) => listItems(region, name, query, schema),
    put: (key, value, condition) => putItem(region, name, { ...key, ...value }, condition),
    set: (key, changes, condition) => setAttributes(region, name, key, changes, condition),
  };
}

async function readItem<S extends z.ZodType>(
  region: Region,
  name: string,
  key: Key,
  schema: S,
  seconds: number,
): Promise<z.output<S> | null> {
  const command = new GetCommand({
    TableName: name,
    Key: { pk: key.pk, sk: key.sk },
    ConsistentRead: true,
  });
  const answer = await bounded(seconds, (options) => dynamoIn(region).send(command, options));
  return answer.Item === undefined ? null : schema.parse(withoutKey(answer.Item));
}

async function listItems<S extends z.ZodType>(
  region: Region,
  name: string,
  query: ListQuery,
  schema: S,
): Promise<z.output<S>[]> {
  const found: z.output<S>[] = [];
  let start: Record<string, unknown> | undefined;
  for (let page = 0; page < pagesMax; page += 1) {
    const command = listCommand(name, query, start);
    const answer = await bounded(callSeconds, (options) => dynamoIn(region).send(command, options));
    for (const item of answer.Items ?? []) found.push(schema.parse(withoutKey(item)));
    start = answer.LastEvaluatedKey;
    if (start === undefined || found.length >= (query.newest ?? Infinity)) return found;
  }
  throw new Error(`${query.pk} of ${name} has more than ${pagesMax} pages.`);
}

function listCommand(name: string, query: ListQuery, start: Record<string, unknown> | undefined) {
  const { pk, prefix, newest } = query;
  return new QueryCommand({
    TableName: name,
    ConsistentRead: true,
    KeyConditionExpression: prefix === undefined ? "pk = :pk" : "pk = :pk AND begins_with(sk, :sk)",
    ExpressionAttributeValues: prefix === undefined ? { ":pk": pk } : { ":pk": pk, ":sk": prefix },
    ...(newest === undefined ? {} : { Limit: newest, ScanIndexForward: false }),
    ...(start === undefined ? {} : { ExclusiveStartKey: start }),
  });
}

async function putItem(region: Region, name: string, item: object, condition?: Condition) {
  const command = new PutCommand({
    TableName: name,
    Item: { ...item },
    ...(condition === undefined ? {} : expressionOf(condition)),
  });
  return unlessRefused(bounded(callSeconds, (options) => dynamoIn(region).send(command, options)));
}

async function setAttributes(
  region: Region,
  name: string,
  key: Key,
  changes: Record<string, unknown>,
  condition: Condition,
) {
  const attributes = Object.keys(changes);
  const command = new UpdateCommand({
    TableName: name,
    Key: { pk: key.pk, sk: key.sk },
    ConditionExpression: condition.expression,
    UpdateExpression: `SET ${attributes.map((each) => `#set_${each} = :set_${each}`).join(", ")}`,
    ExpressionAttributeNames: {
      ...prefixed(condition.names ?? {}, "#"),
      ...Object.fromEntries(attributes.map((each) => [`#set_${each}`, each])),
    },
    ExpressionAttributeValues: {
      ...prefixed(condition.values ?? {}, ":"),
      ...Object.fromEntries(attributes.map((each) => [`:set_${each}`, changes[each]])),
    },
  });
  return unlessRefused(bounded(callSeconds, (options) => dynamoIn(region).send(command, options)));
}

function expressionOf(condition: Condition) {
  const { expression, names, values } = condition;
  return {
    ConditionExpression: expression,
    ...(names === undefined ? {} : { ExpressionAttributeNames: prefixed(names, "#") }),
    ...(values === undefined ? {} : { ExpressionAttributeValues: prefixed(values, ":") }),
  };
}

function prefixed<V>(members: Record<string, V>, sign: "#" | ":"): Record<string, V> {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [sign + name, value]));
}

/** False: the condition did not hold, and nothing was written. */
export async function unlessRefused(call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    if (faultName(error) === "ConditionalCheckFailedException") return false;
    throw error;
  }
}

function withoutKey(item: Record<string, unknown>): Record<string, unknown> {
  const { pk: _pk, sk: _sk, ...value } = itemSchema.parse(item);
  return value;
}
