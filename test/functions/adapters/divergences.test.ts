import { expect, test } from "vitest";
import type { Divergence } from "../../../core/contracts/divergence.ts";
import { divergencesOn } from "../../../functions/adapters/divergences.ts";
import { config } from "../steady.ts";
import { memoryTable } from "./memory-table.ts";

const report: Divergence = {
  ...{ epoch: 2, mode: "automatic", source: "us-east-1", target: "us-west-2" },
  ...{ fencedAt: 1, promotedAt: 2, mark: null, window: null, detail: "", through: null },
  ...{ next: { shard: 0, after: null }, compared: 0, items: 0, fenced: 0, discarded: 0, pages: 0 },
  ...{ hash: "", status: "waiting", acknowledged: null },
};
const stands = { version: "v", region: "us-east-1", epoch: 1, at: 5 };
const item = { table: "carts", key: { userId: "u" }, fenced: true, stands, discarded: [] };

test("A report is opened once, and extended page by page from where it stands", async () => {
  const reports = divergencesOn(memoryTable(), config);
  expect(await reports.create(report)).toBe(true);
  expect(await reports.create({ ...report, source: "us-west-2" })).toBe(false);
  await reports.create({ ...report, epoch: 10 });
  const next = { ...report, compared: 80, items: 1, fenced: 1, pages: 1, hash: "h1" };
  expect(await reports.extend(report, next, [item])).toBe(true);
  // Another invocation, from where the report stood before.
  expect(await reports.extend(report, { ...next, hash: "h2" }, [item])).toBe(false);
  expect(await reports.list()).toEqual([next, { ...report, epoch: 10 }]);
  expect(await reports.items(2)).toEqual([item]);
  expect(await reports.items(10)).toEqual([]);
});

test("It is acknowledged as it was shown, once", async () => {
  const reports = divergencesOn(memoryTable(), config);
  await reports.create({ ...report, hash: "h1" });
  expect(await reports.acknowledge(2, { by: "ops", at: 9, hash: "h0" })).toBe(false);
  expect(await reports.acknowledge(2, { by: "ops", at: 9, hash: "h1" })).toBe(true);
  expect(await reports.acknowledge(2, { by: "eve", at: 10, hash: "h1" })).toBe(false);
  expect((await reports.list())[0]?.acknowledged).toEqual({ by: "ops", at: 9, hash: "h1" });
});
