// Requests of DynamoDB's JSON protocol: read once, and what permissions they need. Batches are
// taken apart into single actions here, so that the rest of the service knows only those.
import { z } from "zod";
import type { AwsRequest, Demand } from "../../kernel.ts";
import type { Item } from "./attribute-values.ts";
import { type ItemAction, itemActions } from "./dynalite.ts";

/** Attribute values are validated by dynalite; here they only need to be objects. */
const item = z.custom<Item>((value) => typeof value === "object" && value !== null);

const singleSchema = z.looseObject({
  TableName: z.string(),
  Key: item.optional(),
  Item: item.optional(),
  IndexName: z.string().optional(),
  ConsistentRead: z.boolean().optional(),
  ReturnValuesOnConditionCheckFailure: z.enum(["ALL_OLD", "NONE"]).optional(),
});
const batchGetSchema = z.strictObject({
  RequestItems: z.record(
    z.string(),
    z.looseObject({ Keys: z.array(item).min(1), ConsistentRead: z.boolean().optional() }),
  ),
});
const batchWriteSchema = z.strictObject({
  RequestItems: z.record(
    z.string(),
    z.array(
      z.union([
        z.strictObject({ PutRequest: z.strictObject({ Item: item }) }),
        z.strictObject({ DeleteRequest: z.strictObject({ Key: item }) }),
      ]),
    ),
  ),
});
const valuesSchema = z.record(z.string(), item);
const describeSchema = z.strictObject({ TableName: z.string() });

export type ActionBody = z.infer<typeof singleSchema>;
export interface Single {
  readonly action: ItemAction;
  readonly body: ActionBody;
}
export type Call =
  | { readonly kind: "single"; readonly name: string; readonly parts: readonly [Single] }
  | { readonly kind: "batch-get"; readonly name: string; readonly parts: readonly Single[] }
  | { readonly kind: "batch-write"; readonly name: string; readonly parts: readonly Single[] }
  | { readonly kind: "describe"; readonly name: string; readonly table: string };

/** Most that one batch may hold; source: BatchGetItem, BatchWriteItem in the API reference. */
const batchLimits = { "batch-get": 100, "batch-write": 25 };

/** What is asked; null for an action that isn't modelled (transactions, PartiQL, tables). */
export function parseCall(request: AwsRequest): Call | null {
  const name = (request.headers["x-amz-target"] ?? "").split(".")[1] ?? "";
  const action = itemActions.find((known) => known === name);
  if (action !== undefined) {
    const body = singleSchema.parse(JSON.parse(request.body));
    return { kind: "single", name, parts: [{ action, body }] };
  }
  switch (name) {
    case "BatchGetItem":
      return withinLimit({ kind: "batch-get", name, parts: gets(JSON.parse(request.body)) });
    case "BatchWriteItem":
      return withinLimit({ kind: "batch-write", name, parts: writes(JSON.parse(request.body)) });
    case "DescribeTable": {
      const { TableName } = describeSchema.parse(JSON.parse(request.body));
      return { kind: "describe", name, table: TableName };
    }
    default:
      return null;
  }
}

function gets(body: unknown): Single[] {
  const { RequestItems } = batchGetSchema.parse(body);
  return Object.entries(RequestItems).flatMap(([TableName, { Keys, ...options }]) =>
    Keys.map((Key) => ({ action: "GetItem", body: { TableName, Key, ...options } }) as const),
  );
}

function writes(body: unknown): Single[] {
  const { RequestItems } = batchWriteSchema.parse(body);
  return Object.entries(RequestItems).flatMap(([TableName, requests]) =>
    requests.map((request) =>
      "PutRequest" in request
        ? ({ action: "PutItem", body: { TableName, Item: request.PutRequest.Item } } as const)
        : ({ action: "DeleteItem", body: { TableName, Key: request.DeleteRequest.Key } } as const),
    ),
  );
}

function withinLimit<C extends Call & { kind: "batch-get" | "batch-write" }>(call: C): C {
  if (call.parts.length <= batchLimits[call.kind]) return call;
  throw new Error(`Too many items requested for the ${call.name} call`);
}

export interface KnownTables {
  arn(table: string): string;
  /** Its attribute's name; empty: there is no such table. */
  partitionKey(table: string): string;
}

/** One demand a table or index, with the partition keys that are touched there. */
export function demandsOf(call: Call, tables: KnownTables): Demand[] {
  const action = `dynamodb:${call.name}`;
  if (call.kind === "describe") return [{ action, resource: tables.arn(call.table) }];
  const keys = new Map<string, Set<string>>();
  for (const { body } of call.parts) {
    const arn = tables.arn(body.TableName);
    const resource = body.IndexName === undefined ? arn : `${arn}/index/${body.IndexName}`;
    const known = keys.get(resource) ?? new Set();
    keys.set(resource, known.add(leadingKey(body, tables)));
  }
  const [{ body }] = call.parts.length === 1 ? call.parts : [{ body: null }];
  const named = body !== null && call.name === "UpdateItem" ? attributesOf(body) : null;
  const attributes = named === null ? {} : { "dynamodb:Attributes": named };
  return [...keys].map(([resource, leading]) => ({
    action,
    resource,
    context: { "dynamodb:LeadingKeys": [...leading].sort(), ...attributes },
  }));
}

/** Words of expressions that name no attribute. */
const grammar = new Set([
  ...["SET", "REMOVE", "ADD", "DELETE", "AND", "OR", "NOT", "IN", "BETWEEN"],
  ...["attribute_exists", "attribute_not_exists", "attribute_type", "begins_with", "contains"],
  ...["size", "if_not_exists", "list_append"],
]);
const namesSchema = z.record(z.string(), z.string()).default({});

/** Top-level attributes that an update touches or asks for, the key's among them. Source: "Using
 * IAM policy conditions for fine-grained access control", dynamodb:Attributes. */
function attributesOf(body: ActionBody): string[] {
  const names = namesSchema.parse(body.ExpressionAttributeNames);
  const text = `${body.UpdateExpression ?? ""} ${body.ConditionExpression ?? ""}`;
  // Not what follows a colon (a value) or a dot (a member of an attribute).
  const words = text.match(/(?<![:.\w#])[#A-Za-z_]\w*/g) ?? [];
  const named = words.filter((word) => !grammar.has(word)).map((word) => names[word] ?? word);
  return [...new Set([...Object.keys(body.Key ?? {}), ...named])].sort();
}

/** The partition key's value: of an item, of a key, or the first that a query demands. Source:
 * "Using IAM policy conditions for fine-grained access control". */
function leadingKey(body: ActionBody, tables: KnownTables): string {
  const queried = /=\s*(:\w+)/.exec(String(body.KeyConditionExpression ?? ""))?.[1];
  const values = valuesSchema.parse(body.ExpressionAttributeValues ?? {});
  const name = tables.partitionKey(body.TableName);
  const value = queried === undefined ? (body.Key ?? body.Item)?.[name] : values[queried];
  return String(Object.values(value ?? {})[0] ?? "");
}
