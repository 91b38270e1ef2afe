import { expect, it } from "vitest";
import { demandsOf, parseCall } from "../../../../lab/services/dynamodb/requests.ts";

function demandsFor(operation: string, body: object) {
  const call = parseCall({
    service: "dynamodb",
    region: "us-east-1",
    method: "POST",
    path: "/",
    query: {},
    headers: { "x-amz-target": `DynamoDB_20120810.${operation}` },
    body: JSON.stringify(body),
    principal: { kind: "role", arn: "arn:aws:iam::111111111111:role/orders-api" },
    from: { region: "us-east-1" },
  });
  const partitionKeys = new Map([["orders-carts", "userId"]]);
  return call === null
    ? null
    : demandsOf(call, {
        arn: (name) => `table/${name}`,
        partitionKey: (name) => partitionKeys.get(name) ?? "pk",
      });
}

const key = (pk: string) => ({ pk: { S: pk }, sk: { S: "x" } });

it("names the partition key that an item is put under", () => {
  expect(
    demandsFor("PutItem", { TableName: "orders-control", Item: key("heartbeat#orders") }),
  ).toEqual([
    {
      action: "dynamodb:PutItem",
      resource: "table/orders-control",
      context: { "dynamodb:LeadingKeys": ["heartbeat#orders"] },
    },
  ]);
});

it("names the partition key of a table that calls it otherwise", () => {
  const Key = { userId: { S: "ada" }, sk: { S: "x" } };
  expect(demandsFor("GetItem", { TableName: "orders-carts", Key })).toEqual([
    {
      action: "dynamodb:GetItem",
      resource: "table/orders-carts",
      context: { "dynamodb:LeadingKeys": ["ada"] },
    },
  ]);
});

it("names every partition key of a batch, in one demand a table", () => {
  const Keys = [key("heartbeat#orders"), key("group#orders"), key("group#orders")];
  expect(demandsFor("BatchGetItem", { RequestItems: { "orders-control": { Keys } } })).toEqual([
    {
      action: "dynamodb:BatchGetItem",
      resource: "table/orders-control",
      context: { "dynamodb:LeadingKeys": ["group#orders", "heartbeat#orders"] },
    },
  ]);
});

it("names the partition key that a query of a table or an index demands", () => {
  const query = {
    TableName: "orders-application",
    IndexName: "by-customer",
    KeyConditionExpression: "customer = :customer",
    ExpressionAttributeValues: { ":customer": { S: "ada" } },
  };
  expect(demandsFor("Query", query)).toEqual([
    {
      action: "dynamodb:Query",
      resource: "table/orders-application/index/by-customer",
      context: { "dynamodb:LeadingKeys": ["ada"] },
    },
  ]);
});

it("names the top-level attributes of an update, those of its condition and its key among them", () => {
  const update = {
    TableName: "orders-control",
    Key: key("group#orders"),
    UpdateExpression: "SET automation = :to, #change = :change REMOVE plan",
    ConditionExpression: "epoch = :epoch AND #lease.#until < :now AND attribute_exists(pk)",
    ExpressionAttributeNames: {
      "#change": "automationChange",
      "#lease": "lease",
      "#until": "until",
    },
    ExpressionAttributeValues: { ":to": { S: "paused" } },
  };
  expect(demandsFor("UpdateItem", update)?.[0]?.context).toEqual({
    "dynamodb:LeadingKeys": ["group#orders"],
    "dynamodb:Attributes": [
      ...["automation", "automationChange", "epoch", "lease", "pk", "plan", "sk"],
    ],
  });
});
