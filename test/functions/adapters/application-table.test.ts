// Against dynalite over a socket: expressions and pages are DynamoDB's own business.

import type { Server } from "node:http";
import { createRequire } from "node:module";
import { CreateTableCommand, DescribeTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import type { Order } from "../../../core/contracts/orders.ts";
import { applicationTable } from "../../../functions/adapters/application-table.ts";
import { controlTable } from "../../../functions/adapters/control-table.ts";
import { readGate } from "../../../functions/adapters/gate-reading.ts";
import { countHeld } from "../../../functions/adapters/held-writes.ts";
import { itemsIn } from "../../../functions/adapters/items.ts";
import { nine, config as plain, steady } from "../steady.ts";

/** A table with a partition key alone, and one with both. */
const tables = [
  { name: "carts", partitionKey: "userId" },
  { name: "items", partitionKey: "shop", sortKey: "item_id" },
];
const config = { ...plain, tables };
const require = createRequire(import.meta.url);
const dynalite: (options: object) => Server = require("dynalite");
const region = "us-east-1";
const server = dynalite({ createTableMs: 0 });

const address = z.object({ port: z.number() });
const key = [
  { AttributeName: "pk", KeyType: "HASH" as const },
  { AttributeName: "sk", KeyType: "RANGE" as const },
];
const text = (AttributeName: string) => ({ AttributeName, AttributeType: "S" as const });

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const endpoint = `http://localhost:${address.parse(server.address()).port}`;
  vi.stubEnv("AWS_ENDPOINT_URL_DYNAMODB", endpoint);
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
  const client = new DynamoDBClient({ region });
  const table = { KeySchema: key, BillingMode: "PAY_PER_REQUEST" as const };
  const keys = [text("pk"), text("sk")];
  await client.send(
    new CreateTableCommand({ ...table, TableName: "orders-control", AttributeDefinitions: keys }),
  );
  const index = {
    IndexName: "by-customer",
    KeySchema: [
      { AttributeName: "customer", KeyType: "HASH" as const },
      { AttributeName: "createdAt", KeyType: "RANGE" as const },
    ],
    Projection: { ProjectionType: "ALL" as const },
  };
  await client.send(
    new CreateTableCommand({
      ...table,
      TableName: "orders-application",
      AttributeDefinitions: [...keys, text("customer"), text("createdAt")],
      GlobalSecondaryIndexes: [index],
    }),
  );
  const own = [
    { TableName: "orders-carts", names: ["userId"] },
    { TableName: "orders-items", names: ["shop", "item_id"] },
  ];
  for (const { TableName, names } of own) {
    const KeySchema = names.map((AttributeName, at) => ({
      AttributeName,
      KeyType: at === 0 ? ("HASH" as const) : ("RANGE" as const),
    }));
    const AttributeDefinitions = names.map(text);
    await client.send(
      new CreateTableCommand({ ...table, TableName, KeySchema, AttributeDefinitions }),
    );
  }
  // dynalite makes tables in turns of the event loop, each of which this asks about.
  for (let status: string | undefined; status !== "ACTIVE"; ) {
    const answer = await client.send(new DescribeTableCommand({ TableName: "orders-items" }));
    status = answer.Table?.TableStatus;
  }
});
afterAll(() => {
  vi.unstubAllEnvs();
  server.close();
});

const stamp = { writerRegion: region, writerEpoch: 1, writtenAt: nine, version: "v-1" };

function order(id: string, createdAt: string): Order {
  return { id, customer: "c-1", items: [{ sku: "tea", quantity: 1 }], createdAt, ...stamp };
}

const items = itemsIn(config, region);
const putOrder = (order: Order) =>
  items.put("application", { pk: `order#${order.id}`, sk: "order", ...order }, 2, "absent");

describe("the application table", () => {
  const table = applicationTable(config, region);

  it("keeps the first order of an id, and lists a customer's newest first", async () => {
    const first = order("a", "2026-01-15T09:00:00.000Z");
    const second = order("b", "2026-01-15T09:01:00.000Z");
    expect(await putOrder(first)).toEqual({ replaced: null });
    expect(await putOrder({ ...first, customer: "c-2" })).toBe(null);
    expect(await putOrder(second)).toEqual({ replaced: null });
    expect(await table.readOrder("a")).toEqual(first);
    expect(await table.readOrder("none")).toBe(null);
    expect(await table.ordersOf("c-1", 50)).toEqual([second, first]);
  });

  it("reads a journal partition between two times, both included, without what was withdrawn", async () => {
    for (const at of [9, 10, 20, 21]) {
      const sk = `${String(at).padStart(15, "0")}#v-${at}`;
      const item = { table: "carts", key: { userId: "a" } };
      const entry = { pk: "journal", sk, at, ...item, version: `v-${at}`, expiresAt: 0 };
      await table.putJournal(entry, 2);
    }
    const gone = { table: "carts", key: { userId: "b" }, version: "v-15", expiresAt: 0 };
    const sk = `${"15".padStart(15, "0")}#v-15`;
    await table.putJournal({ pk: "journal", sk, at: 15, ...gone, withdrawn: true }, 2);
    const read = await table.readJournal("journal", 10, 20);
    expect(read.map(({ at, key }) => [at, key])).toEqual([
      [10, { userId: "a" }],
      [20, { userId: "a" }],
    ]);
  });

  it("keeps what the writes of an item replaced", async () => {
    const pk = "journal#us-east-1#replaced#d1";
    await table.putJournal({ pk, sk: "v-2", version: "v-2", replaced: "v-1", expiresAt: 0 }, 2);
    expect(await table.readReplacements(pk)).toEqual([
      { version: "v-2", replaced: "v-1", expiresAt: 0 },
    ]);
    expect(await table.readReplacements("journal#us-east-1#replaced#d2")).toEqual([]);
  });

  it("reads versions of many items, some of which are absent", async () => {
    const addresses = Array.from({ length: 130 }, (_, n) => ({
      table: "application",
      key: { sk: "order", pk: `order#x${n}` },
    }));
    await putOrder({ ...order("x3", "2026-01-15T09:00:00.000Z"), version: "v-3" });
    await putOrder({ ...order("x129", "2026-01-15T09:00:00.000Z"), version: "v-129" });
    await items.put("carts", { userId: "u-1", ...stamp, version: "v-cart" }, 2);
    await items.put("items", { shop: "s-1", item_id: "i-1", ...stamp, version: "v-item" }, 2);
    const own = [
      { table: "carts", key: { userId: "u-1" } },
      { table: "carts", key: { userId: "u-2" } },
      { table: "items", key: { item_id: "i-1", shop: "s-1" } },
    ];
    // Imported, and never written through the gate.
    await items.put("carts", { userId: "u-2" }, 2);
    const versions = await table.readVersions([...addresses, ...addresses, ...own]);
    expect([...versions].sort()).toEqual([
      ['["application",["pk","order#x129"],["sk","order"]]', "v-129"],
      ['["application",["pk","order#x3"],["sk","order"]]', "v-3"],
      ['["carts",["userId","u-1"]]', "v-cart"],
      ['["items",["item_id","i-1"],["shop","s-1"]]', "v-item"],
    ]);
  });

  it("says nothing of items whose table the configuration no longer has", async () => {
    const gone = [{ table: "baskets", key: { userId: "u-1" } }];
    await expect(table.readVersions(gone)).rejects.toThrow(
      'There is no table "baskets" in the configuration: application, carts, items.',
    );
  });

  it("answers the oldest heartbeat, and none before every shard was seen", async () => {
    expect(await table.oldestHeartbeat(region)).toBe(null);
    await table.beat(nine, stamp);
    await table.beat(nine + 10_000, stamp);
    expect(await table.oldestHeartbeat(region)).toBe(nine + 10_000);
  });

  it("takes the oldest heartbeat of every table, own ones too", async () => {
    await table.beat(nine + 20_000, stamp);
    const beat = { region, at: nine + 15_000, ...stamp };
    await items.put("carts", { userId: "switchback#heartbeat#us-east-1#2", ...beat }, 2);
    expect(await table.oldestHeartbeat(region)).toBe(nine + 15_000);
    const item = { shop: "switchback#heartbeat#us-east-1#0", item_id: "heartbeat" };
    expect(await items.read("items", item)).toMatchObject({ at: nine + 20_000 });
  });

  it("keeps one item a vantage point and Region", async () => {
    const item = { vantage: "us-east-2", serving: region, ...stamp };
    const key = { pk: "canary#us-east-2#us-east-1", sk: "canary" };
    await items.put("application", { ...key, ...item }, 2);
    await items.put("application", { ...key, ...item, version: "v-2" }, 2);
    expect(await table.readCanary("us-east-2", region)).toEqual({ ...item, version: "v-2" });
    expect(await table.readCanary("us-west-2", region)).toBe(null);
  });
});

describe("items of own tables", () => {
  it("are put only where none is, or over the version that was read", async () => {
    const cart = { userId: "u-9", lines: ["tea"], version: "v-1" };
    const newer = { ...cart, version: "v-2" };
    expect(await items.put("carts", cart, 2, "absent")).toEqual({ replaced: null });
    expect(await items.put("carts", cart, 2, "absent")).toBe(null);
    expect(await items.put("carts", newer, 2, { version: "v-0" })).toBe(null);
    expect(await items.put("carts", newer, 2, { version: "v-1" })).toEqual({ replaced: "v-1" });
    expect(await items.read("carts", { userId: "u-9" })).toEqual({ ...cart, version: "v-2" });
    expect(await items.read("carts", { userId: "u-none" })).toBe(null);
  });

  it("are updated attribute by attribute, under the same conditions", async () => {
    const address = { table: "items", key: { shop: "s-9", item_id: "i-1" } };
    const made = await items.update(address, { name: "tea", version: "v-1" }, 2);
    expect(made).toEqual({ replaced: null });
    const changes = { price: 3, version: "v-2" };
    expect(await items.update(address, changes, 2, "absent")).toBe(null);
    const over = await items.update(address, changes, 2, { version: "v-1" });
    expect(over).toEqual({ replaced: "v-1" });
    await items.put("items", { shop: "s-9", item_id: "i-0", version: "v-1" }, 2);
    expect(await items.list("items", "s-9", 10)).toEqual([
      { shop: "s-9", item_id: "i-0", version: "v-1" },
      { shop: "s-9", item_id: "i-1", name: "tea", price: 3, version: "v-2" },
    ]);
    expect(await items.list("items", "s-9", 1)).toHaveLength(1);
  });
});

describe("a write without a condition", () => {
  it("answers the version of what it replaced", async () => {
    const put = (version: string) => items.put("carts", { userId: "u-r", lines: [], version }, 2);
    expect(await put("v-1")).toEqual({ replaced: null });
    expect(await put("v-2")).toEqual({ replaced: "v-1" });
    const address = { table: "carts", key: { userId: "u-r" } };
    expect(await items.update(address, { version: "v-3" }, 2)).toEqual({ replaced: "v-2" });
  });
});

describe("what the gate reads", () => {
  it("is the routing state and this Region's newest heartbeat", async () => {
    const control = controlTable(config, region);
    const nothing = { routing: null, heartbeatAt: null, noticedEpoch: null };
    expect(await readGate(config, region)).toEqual(nothing);
    await control.createRouting(steady());
    await control.beat(region, nine + 5);
    // A beat that arrives late changes nothing.
    await control.beat(region, nine);
    await control.putNotice(1, nine);
    expect(await readGate(config, region)).toEqual({
      routing: steady(),
      heartbeatAt: nine + 5,
      noticedEpoch: 1,
    });
  });
});

describe("writes that begin to be held", () => {
  it("are so many in 8 s, and then no more", async () => {
    const two = { ...config, heldWritesMax: 2 };
    const at = async (now: number) => await countHeld(two, region, now);
    expect([await at(nine), await at(nine + 7_999), await at(nine + 1_000)]).toEqual([
      true,
      true,
      false,
    ]);
    expect(await at(nine + 8_000)).toBe(true);
  });

  it("are none where none may be, or where they can't be counted", async () => {
    expect(await countHeld({ ...config, heldWritesMax: 0 }, region, nine + 60_000)).toBe(false);
    const unknown = { ...config, application: "nowhere" };
    expect(await countHeld(unknown, region, nine + 60_000)).toBe(false);
  });
});
