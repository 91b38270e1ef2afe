import { describe, expect, test } from "vitest";
import { configSchema } from "../../core/config/schema.ts";
import {
  addressOf,
  addressText,
  heartbeatKey,
  KeyRefused,
  refuseReserved,
  replicatedTable,
  replicatedTables,
} from "../../core/tables.ts";
import { config as plain } from "./world.ts";

const tables = [
  { name: "carts", partitionKey: "userId" },
  { name: "items", partitionKey: "shop", sortKey: "item_id" },
];
const config = { ...plain, tables };
const carts = replicatedTable(config, "carts");
const items = replicatedTable(config, "items");

test("no table of a team's own is the default", () => {
  expect(configSchema.parse(plain).tables).toEqual([]);
  expect(replicatedTables(plain).map(({ name, fullName }) => [name, fullName])).toEqual([
    ["application", "orders-application"],
  ]);
});

test("the tables that replicate are the application table and the team's own", () => {
  expect(replicatedTables(config)).toEqual([
    {
      name: "application",
      partitionKey: "pk",
      sortKey: "sk",
      fullName: "orders-application",
    },
    { name: "carts", partitionKey: "userId", fullName: "orders-carts" },
    { name: "items", partitionKey: "shop", sortKey: "item_id", fullName: "orders-items" },
  ]);
  expect(() => replicatedTable(config, "control")).toThrow(
    'There is no table "control" in the configuration: application, carts, items.',
  );
});

describe("an item's address", () => {
  test("is its table and its key attributes alone", () => {
    const item = { item_id: "i-1", shop: "s-1", price: 3 };
    expect(addressOf(items, item)).toEqual({
      table: "items",
      key: { shop: "s-1", item_id: "i-1" },
    });
  });

  test("is one text, whatever order its attributes come in", () => {
    const one = { table: "items", key: { shop: "a|b", item_id: "c" } };
    expect(addressText(one)).toBe('["items",["item_id","c"],["shop","a|b"]]');
    expect(addressText({ table: "items", key: { item_id: "c", shop: "a|b" } })).toBe(
      addressText(one),
    );
  });

  test("is refused where DynamoDB would refuse the key", () => {
    expect(() => addressOf(carts, { userId: "" })).toThrow(KeyRefused);
    expect(() => addressOf(carts, { userId: 7 })).toThrow(
      "An item of carts needs a text in userId.",
    );
    expect(() => addressOf(items, { shop: "s-1" })).toThrow("needs a text in item_id");
    expect(() => addressOf(carts, { userId: "é".repeat(1_025) })).toThrow(
      "userId of carts must have at most 2048 bytes.",
    );
    expect(() => addressOf(items, { shop: "s", item_id: "x".repeat(1_025) })).toThrow(
      "item_id of items must have at most 1024 bytes.",
    );
    expect(addressOf(carts, { userId: "é".repeat(1_024) }).key.userId).toHaveLength(1_024);
  });
});

test("heartbeats stand under the team's own keys, where no customer may write", () => {
  expect(heartbeatKey(carts, "us-east-1", 2)).toEqual({
    userId: "switchback#heartbeat#us-east-1#2",
  });
  expect(heartbeatKey(items, "us-east-1", 0)).toEqual({
    shop: "switchback#heartbeat#us-east-1#0",
    item_id: "heartbeat",
  });
  expect(heartbeatKey(replicatedTable(config, "application"), "us-east-1", 0)).toEqual({
    pk: "heartbeat#us-east-1#0",
    sk: "heartbeat",
  });
  const key = heartbeatKey(carts, "us-east-1", 2);
  expect(() => refuseReserved({ table: "carts", key })).toThrow(KeyRefused);
  expect(() => refuseReserved({ table: "carts", key: { userId: "u-1" } })).not.toThrow();
});
