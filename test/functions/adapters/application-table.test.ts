// Against dynalite over a socket: expressions and pages are DynamoDB's own business.

import type { Server } from "node:http";
import { createRequire } from "node:module";
import { CreateTableCommand, DescribeTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import type { Order } from "../../../core/contracts/orders.ts";
import { applicationTable, versionKey } from "../../../functions/adapters/application-table.ts";
import { controlTable } from "../../../functions/adapters/control-table.ts";
import { readGate } from "../../../functions/adapters/gate-reading.ts";
import { config, nine, steady } from "../steady.ts";

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
  const plain = [text("pk"), text("sk")];
  await client.send(
    new CreateTableCommand({ ...table, TableName: "orders-control", AttributeDefinitions: plain }),
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
      AttributeDefinitions: [...plain, text("customer"), text("createdAt")],
      GlobalSecondaryIndexes: [index],
    }),
  );
  // dynalite makes tables in turns of the event loop, each of which this asks about.
  for (let status: string | undefined; status !== "ACTIVE"; ) {
    const answer = await client.send(new DescribeTableCommand({ TableName: "orders-application" }));
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

describe("the application table", () => {
  const table = applicationTable(config, region);

  it("keeps the first order of an id, and lists a customer's newest first", async () => {
    const first = order("a", "2026-01-15T09:00:00.000Z");
    const second = order("b", "2026-01-15T09:01:00.000Z");
    expect(await table.putOrder(first, 2)).toBe(true);
    expect(await table.putOrder({ ...first, customer: "c-2" }, 2)).toBe(false);
    expect(await table.putOrder(second, 2)).toBe(true);
    expect(await table.readOrder("a")).toEqual(first);
    expect(await table.readOrder("none")).toBe(null);
    expect(await table.ordersOf("c-1", 50)).toEqual([second, first]);
  });

  it("reads a journal partition between two times, both included", async () => {
    for (const at of [9, 10, 20, 21]) {
      const sk = `${String(at).padStart(15, "0")}#v-${at}`;
      const item = { pk: "order#a", sk: "order" };
      const entry = { pk: "journal", sk, at, key: item, version: `v-${at}`, expiresAt: 0 };
      await table.putJournal(entry, 2);
    }
    const read = await table.readJournal("journal", 10, 20);
    expect(read.map(({ at }) => at)).toEqual([10, 20]);
  });

  it("reads versions of many items, some of which are absent", async () => {
    const keys = Array.from({ length: 130 }, (_, n) => ({ pk: `order#x${n}`, sk: "order" }));
    await table.putOrder({ ...order("x3", "2026-01-15T09:00:00.000Z"), version: "v-3" }, 2);
    await table.putOrder({ ...order("x129", "2026-01-15T09:00:00.000Z"), version: "v-129" }, 2);
    const versions = await table.readVersions([...keys, ...keys]);
    expect([...versions].sort()).toEqual([
      ["order#x129|order", "v-129"],
      ["order#x3|order", "v-3"],
    ]);
    expect(versionKey({ pk: "order#x3", sk: "order" })).toBe("order#x3|order");
  });

  it("answers the oldest heartbeat, and none before every shard was seen", async () => {
    expect(await table.oldestHeartbeat(region)).toBe(null);
    await table.beat(nine, stamp);
    await table.beat(nine + 10_000, stamp);
    expect(await table.oldestHeartbeat(region)).toBe(nine + 10_000);
  });

  it("keeps one item a vantage point and Region", async () => {
    const item = { vantage: "us-east-2", serving: region, ...stamp };
    await table.putCanary(item, 2);
    await table.putCanary({ ...item, version: "v-2" }, 2);
    expect(await table.readCanary("us-east-2", region)).toEqual({ ...item, version: "v-2" });
    expect(await table.readCanary("us-west-2", region)).toBe(null);
  });
});

describe("what the gate reads", () => {
  it("is the routing state and this Region's newest heartbeat", async () => {
    const control = controlTable(config, region);
    expect(await readGate(config, region)).toEqual({ routing: null, heartbeatAt: null });
    await control.createRouting(steady());
    await control.beat(region, nine + 5);
    // A beat that arrives late changes nothing.
    await control.beat(region, nine);
    expect(await readGate(config, region)).toEqual({ routing: steady(), heartbeatAt: nine + 5 });
  });
});
