import { expect, test } from "vitest";
import { archiveObjects } from "../../../core/contracts/archive.ts";
import type { LedgerEntry } from "../../../core/contracts/ledger.ts";

const execution = "arn:aws:states:us-west-2:123456789012:execution:orders-region-switch:run-7";
const entry = (sequence: number, difference: Partial<LedgerEntry> = {}): LedgerEntry => ({
  ...{ execution, sequence, at: Date.UTC(2026, 0, 15, 9, 0, sequence), epoch: 2 },
  ...{ kind: "decision", sentence: `Sentence ${sequence}.`, detail: {} },
  ...{ previous: "p", hash: `h${sequence}` },
  ...difference,
});

test("a chain is its entries, and last a record made from them alone", () => {
  const entries = [entry(1), entry(2, { kind: "outcome", detail: { outcome: "switched" } })];
  const objects = archiveObjects("orders", "us-west-2", entries);
  expect(objects.map(({ key }) => key)).toEqual([
    "orders/runs/run-7/ledger-000001.json",
    "orders/runs/run-7/ledger-000002.json",
    "orders/runs/run-7/record-000002.json",
  ]);
  expect(JSON.parse(objects[0]?.body ?? "")).toEqual(entry(1));
  expect(JSON.parse(objects[2]?.body ?? "")).toEqual({
    format: "switchback-archive/1",
    group: "orders",
    region: "us-west-2",
    execution,
    entries: 2,
    hash: "h2",
    firstAt: "2026-01-15T09:00:01.000Z",
    lastAt: "2026-01-15T09:00:02.000Z",
    sentences: ["Sentence 1.", "Sentence 2."],
    outcome: { outcome: "switched" },
  });
});

test("a run that recorded nothing has no outcome, and reconcile's chains a folder of their own", () => {
  const chain = entry(1, { execution: "reconcile/us-east-1/29474460", kind: "pull-lever" });
  const [first, record] = archiveObjects("orders", "us-east-1", [chain]);
  expect(first?.key).toBe("orders/reconcile/us-east-1/29474460/ledger-000001.json");
  expect(JSON.parse(record?.body ?? "")).toMatchObject({ outcome: null });
});

test("a chain that went on after it was archived adds entries and a record, and replaces nothing", () => {
  const keys = (entries: LedgerEntry[]) =>
    archiveObjects("orders", "us-west-2", entries).map(({ key }) => key.split("/").at(-1));
  expect(keys([entry(1)])).toEqual(["ledger-000001.json", "record-000001.json"]);
  expect(keys([entry(1), entry(2)])).toEqual([
    "ledger-000001.json",
    "ledger-000002.json",
    "record-000002.json",
  ]);
});

test("no entries, no objects", () => {
  expect(archiveObjects("orders", "us-east-1", [])).toEqual([]);
});
