import { describe, expect, test } from "vitest";
import { holdsWrite, isCustomers, writtenIn, writtenKey } from "../../../lab/checkers/written.ts";
import { config as plain } from "../../core/world.ts";

const config = { ...plain, tables: [{ name: "carts", partitionKey: "userId" }] };
const write = { client: 1, at: 0, region: "us-east-1", epoch: 1 };

describe("what a replica holds", () => {
  const replicas: Record<string, readonly { readonly [name: string]: unknown }[]> = {
    "orders-application us-west-2": [
      { pk: "order#a", sk: "order", writtenAt: 5, version: "v-a" },
      { pk: "journal#us-east-1#1#0#0", sk: "5#v-a", at: 5 },
    ],
    "orders-carts us-west-2": [
      { userId: "u-1", writtenAt: 7, version: "v-1" },
      { userId: "not through the gate" },
    ],
  };
  const readAll = (table: string, region: string) => replicas[`${table} ${region}`] ?? [];

  test("are orders by key and own items by version, with their times", () => {
    const written = writtenIn(config, readAll, "us-west-2");
    expect([...written.at]).toEqual([
      ["order#a", 5],
      ["item#v-1", 7],
    ]);
    expect(writtenKey({ ...write, kind: "order", id: "a" })).toBe("order#a");
    expect(writtenKey({ ...write, kind: "event", id: "e" })).toBe("event#e");
    expect(writtenKey({ ...write, kind: "item", id: "u-1", version: "v-1" })).toBe("item#v-1");
  });

  test("are what was acknowledged, or a later version under the same id", () => {
    const written = writtenIn(config, readAll, "us-west-2");
    const holds = (version: string, id = "u-1") =>
      holdsWrite(written, { ...write, kind: "item", id, version });
    expect(["v-0", "v-1", "v-2"].map((version) => holds(version))).toEqual([true, true, false]);
    expect(holds("v-0", "u-2")).toBe(false);
    expect(holdsWrite(written, { ...write, kind: "order", id: "b", version: "v-0" })).toBe(false);
  });
});

test("customers' writes are orders and own items, and no heartbeat, journal or canary", () => {
  const of = (table: string, key: object) => isCustomers(config, { table, key: { ...key } });
  expect(of("orders-application", { pk: "order#a" })).toBe(true);
  expect(of("orders-application", { pk: "canary#a#b" })).toBe(false);
  expect(of("orders-carts", { userId: "u-1" })).toBe(true);
  expect(of("orders-carts", { userId: "switchback#heartbeat#us-east-1#0" })).toBe(false);
  expect(of("orders-control", { pk: "order#a" })).toBe(false);
});
