import { describe, expect, test } from "vitest";
import { InvariantBook } from "../../../lab/checkers/book.ts";
import { scriptedLog } from "../scripted-log.ts";

describe("the book of invariants", () => {
  test("counts every check, and lists all ten invariants although nothing was checked", () => {
    const book = new InvariantBook(scriptedLog().log);
    book.record("fit-target", null);
    book.record("fit-target", null);
    expect(book.counts()).toEqual([
      { name: "some-region-serves", checked: 0, violated: 0 },
      { name: "one-writer-per-epoch", checked: 0, violated: 0 },
      { name: "fit-target", checked: 2, violated: 0 },
      { name: "planned-loses-nothing", checked: 0, violated: 0 },
      { name: "bounded-loss", checked: 0, violated: 0 },
      { name: "never-leaves-healthy", checked: 0, violated: 0 },
      { name: "write-ahead-ledger", checked: 0, violated: 0 },
      { name: "control-plane-free", checked: 0, violated: 0 },
      { name: "one-switch-at-a-time", checked: 0, violated: 0 },
      { name: "converges", checked: 0, violated: 0 },
    ]);
    expect(book.sentences()).toEqual([]);
  });

  test("logs a violation when it appears, and counts one that stays as one", () => {
    const { log } = scriptedLog();
    const book = new InvariantBook(log);
    for (const verdict of ["It is wrong.", "It is wrong.", "It is worse."])
      book.record("converges", verdict);
    expect(book.counts().at(-1)).toEqual({ name: "converges", checked: 3, violated: 2 });
    expect(book.sentences()).toEqual([
      "Invariant converges: It is wrong.",
      "Invariant converges: It is worse.",
    ]);
    expect(log.events.map(({ kind, detail }) => ({ kind, detail }))).toEqual([
      { kind: "invariant-violated", detail: { name: "converges", sentence: "It is wrong." } },
      { kind: "invariant-violated", detail: { name: "converges", sentence: "It is worse." } },
    ]);
  });
});
