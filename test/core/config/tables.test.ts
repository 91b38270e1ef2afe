import { describe, expect, it } from "vitest";
import { faultsOf } from "./faults.ts";

const carts = { name: "carts", partitionKey: "userId" };

describe("Tables of a team's own", () => {
  it("need a name and a partition key, and may have a sort key", () => {
    expect(
      faultsOf({ tables: [carts, { name: "items", partitionKey: "shop", sortKey: "id" }] }),
    ).toEqual([]);
    expect(faultsOf({ tables: [{ name: "carts" }] })).toEqual([
      expect.stringMatching(/^\$\.tables\[0\]\.partitionKey: /),
    ]);
  });

  it("are refused where two things would have one name, all of them at once", () => {
    const tables = [
      carts,
      { ...carts, sortKey: "userId" },
      { name: "control", partitionKey: "version" },
      { name: "notes", partitionKey: "id", sortKey: "expiresAt" },
    ];
    expect(faultsOf({ tables })).toEqual([
      '$.tables[1].name: "carts" is a table already',
      '$.tables[1].sortKey: "userId" is the partition key already',
      `$.tables[2].name: "control" is one of Switchback's own`,
      '$.tables[2].partitionKey: "version" is written by the write gate itself',
      '$.tables[3].sortKey: "expiresAt" is written by the write gate itself',
    ]);
  });

  it.each([
    [{ name: "Carts", partitionKey: "userId" }, "$.tables[0].name: must be 1 to 40 of a-z"],
    [{ name: "carts", partitionKey: "user id" }, "$.tables[0].partitionKey: must be an attribute"],
    [{ ...carts, rangeKey: "id" }, "$.tables[0].rangeKey"],
  ])("are refused by path: %j", (table, fault) => {
    expect(faultsOf({ tables: [table] })).toEqual([expect.stringContaining(fault)]);
  });

  it("are ten at most: each costs every beat four writes", () => {
    const tables = Array.from({ length: 11 }, (_, at) => ({ ...carts, name: `carts-${at}` }));
    expect(faultsOf({ tables })).toHaveLength(1);
    expect(faultsOf({ tables: tables.slice(1) })).toEqual([]);
  });
});

describe("The canaries' route", () => {
  it("is a path without variables, and none that is taken", () => {
    expect(faultsOf({ canaryPath: "/switchback/canary" })).toEqual([]);
    expect(faultsOf({ canaryPath: "/health" })).toEqual([
      "$.canaryPath: /health is a route of its own already",
    ]);
    expect(faultsOf({ canaryPath: "/carts/{id}" })).toEqual([
      expect.stringContaining("must be a path like /orders/canary"),
    ]);
  });
});
