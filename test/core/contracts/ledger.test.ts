// The bytes that a ledger entry's hash covers must never change: old chains would stop verifying.
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { firstPrevious, type LedgerEntry, ledgerBytes } from "../../../core/contracts/ledger.ts";
import { ledgerChainVerifies } from "../../../core/invariants.ts";

const sha256 = (bytes: string) => createHash("sha256").update(bytes, "utf8").digest("hex");

const first = {
  sentence: "Claimed: “failover”.",
  sequence: 1,
  execution: "arn:run-1",
  at: 1_768_467_600_000,
  epoch: 2,
  kind: "claim",
  detail: { z: [1, { b: null, a: "ü" }], a: { y: false, x: 1.5 }, gone: undefined },
  previous: firstPrevious,
} as const;

const bytes =
  '{"at":1768467600000,"detail":{"a":{"x":1.5,"y":false},"z":[1,{"a":"ü","b":null}]},"epoch":2,' +
  '"execution":"arn:run-1","kind":"claim","previous":' +
  '"0000000000000000000000000000000000000000000000000000000000000000",' +
  '"sentence":"Claimed: “failover”.","sequence":1}';

const hash = "ba3700089bc3d6c9dbcaa921d3dc618a2011100d085390fd05f0276793912afe";

function chain(): LedgerEntry[] {
  const one = { ...first, detail: { ...first.detail }, hash: sha256(ledgerBytes(first)) };
  const next = { ...first, sequence: 2, kind: "fence" as const, previous: one.hash };
  return [one, { ...next, hash: sha256(ledgerBytes(next)) }];
}

describe("A ledger entry's bytes", () => {
  it("have their keys sorted at every depth, and leave out what is undefined.", () => {
    expect(ledgerBytes(first)).toBe(bytes);
    expect(sha256(ledgerBytes(first))).toBe(hash);
  });
});

describe("A ledger's chain", () => {
  it("verifies as it was written.", () => {
    expect(ledgerChainVerifies(chain(), sha256)).toBeNull();
    expect(ledgerChainVerifies([], sha256)).toBeNull();
  });

  it("verifies after a store gave its keys back in another order.", () => {
    const turned = chain().map(({ execution, sequence, at, ...rest }) => ({
      ...rest,
      at,
      sequence,
      execution,
    }));
    expect(ledgerChainVerifies(turned, sha256)).toBeNull();
  });

  it("shows an entry that was changed.", () => {
    const [one, two] = chain();
    if (one === undefined || two === undefined) throw new Error("two entries");
    expect(ledgerChainVerifies([{ ...one, epoch: 3 }, two], sha256)).toBe(
      "Ledger entry 1 of arn:run-1 was changed after it was written.",
    );
  });

  it("shows an entry that is gone.", () => {
    expect(ledgerChainVerifies(chain().slice(1), sha256)).toBe(
      "Ledger entry 2 of arn:run-1 stands at place 1.",
    );
  });

  it("shows an entry that was put in another's place.", () => {
    const [one, two] = chain();
    if (one === undefined || two === undefined) throw new Error("two entries");
    const forged = { ...two, previous: firstPrevious };
    expect(
      ledgerChainVerifies([one, { ...forged, hash: sha256(ledgerBytes(forged)) }], sha256),
    ).toBe("Ledger entry 2 of arn:run-1 does not follow the entry before it.");
  });
});
