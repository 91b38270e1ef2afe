// Against dynalite over a socket: conditions and what can be stored are DynamoDB's own business.

import type { Server } from "node:http";
import { createRequire } from "node:module";
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { z } from "zod";
import { eventItems } from "../../../functions/adapters/event-items.ts";
import { config, nine } from "../steady.ts";

const require = createRequire(import.meta.url);
const dynalite: (options: object) => Server = require("dynalite");
const server = dynalite({ createTableMs: 0 });
const region = "us-west-2";

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const { port } = z.object({ port: z.number() }).parse(server.address());
  vi.stubEnv("AWS_ENDPOINT_URL_DYNAMODB", `http://localhost:${port}`);
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
  await new DynamoDBClient({ region }).send(
    new CreateTableCommand({
      TableName: "orders-application",
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [
        { AttributeName: "pk", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
      AttributeDefinitions: [
        { AttributeName: "pk", AttributeType: "S" },
        { AttributeName: "sk", AttributeType: "S" },
      ],
    }),
  );
});
afterAll(() => {
  vi.unstubAllEnvs();
  server.close();
});

const stamp = { writerRegion: region, writerEpoch: 1, writtenAt: nine, version: "v-1" };
const event = (id: string, data: Record<string, unknown>) => ({
  ...{ id, type: "order.placed", data, eventId: "e-1", ...stamp },
});

it("An event is inserted once; the first one stands.", async () => {
  const items = eventItems(config, region);
  expect(await items.insert(event("a", { total: 12 }))).toBe(true);
  expect(await items.insert(event("a", { total: 13 }))).toBe(false);
  expect(await items.read("a")).toEqual(event("a", { total: 12 }));
  expect(await items.read("b")).toBe(null);
});

it("What JSON can say is stored, also what DynamoDB's own values can't hold.", async () => {
  const items = eventItems(config, region);
  let deep: Record<string, unknown> = {};
  for (let level = 0; level < 40; level += 1) deep = { deep };
  const data = { deep, large: 1e300, long: 2 ** 60, empty: "", nothing: null, list: [] };
  expect(await items.insert(event("c", data))).toBe(true);
  expect((await items.read("c"))?.data).toEqual(data);
});

it("A canary's item is overwritten by a newer one alone, and stands beside its order.", async () => {
  const items = eventItems(config, region);
  const canary = (id: string, acceptedAt: number) => ({
    ...{ id, vantage: "us-east-2", serving: region, eventId: "e-1", acceptedAt, ...stamp },
  });
  await items.putCanary(canary("first", nine));
  await items.putCanary(canary("second", nine + 1));
  await items.putCanary(canary("first", nine));
  expect(await items.readCanary("us-east-2", region)).toEqual(canary("second", nine + 1));
  expect(await items.readCanary("us-east-1", region)).toBe(null);
});
