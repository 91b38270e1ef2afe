import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { ledgerEntrySchema } from "../../../core/contracts/ledger.ts";
import { ledgerChainVerifies } from "../../../core/invariants.ts";
import { type LedgerNote, ledgerOn } from "../../../functions/adapters/ledger.ts";
import { now } from "../../core/world.ts";
import { memoryTable } from "./memory-table.ts";

const sha256 = (bytes: string) => createHash("sha256").update(bytes).digest("hex");
const note = (sentence: string): LedgerNote => ({
  execution: "arn:a",
  epoch: 2,
  kind: "claim",
  sentence,
  detail: { plan: null, left: undefined },
});

test("Entries that are written together stand in the order of the calls, and verify", async () => {
  const table = memoryTable();
  const ledger = ledgerOn(table, () => now);
  const sentences = ["one", "two", "three", "four", "five", "six"];
  await Promise.all(sentences.map((each) => ledger.append(note(each))));
  const entries = await table.list({ pk: "ledger#arn:a" }, ledgerEntrySchema);
  expect(entries.map((e) => [e.sequence, e.sentence])).toEqual([
    [1, "one"],
    [2, "two"],
    [3, "three"],
    [4, "four"],
    [5, "five"],
    [6, "six"],
  ]);
  expect(ledgerChainVerifies(entries, sha256)).toBeNull();
});

test("Another invocation's entry is followed, not overwritten", async () => {
  const table = memoryTable();
  const first = ledgerOn(table, () => now);
  const second = ledgerOn(table, () => now + 1);
  await first.append(note("mine"));
  await second.append(note("theirs"));
  const third = await first.append(note("mine again"));
  expect(third.sequence).toBe(3);
  const entries = await table.list({ pk: "ledger#arn:a" }, ledgerEntrySchema);
  expect(ledgerChainVerifies(entries, sha256)).toBeNull();
});

test("An entry whose answer was lost counts as written", async () => {
  const table = memoryTable();
  const losing = {
    ...table,
    put: async (...args: Parameters<typeof table.put>) => {
      await table.put(...args);
      return false;
    },
  };
  const entry = await ledgerOn(losing, () => now).append(note("once"));
  expect(entry.sequence).toBe(1);
  expect(table.items.size).toBe(1);
});
