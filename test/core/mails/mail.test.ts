import { expect, test } from "vitest";
import { section, shellWord, subjectOf, wrapped } from "../../../core/mails/mail.ts";

test("A subject is ASCII and shorter than 100 characters, as SNS demands", () => {
  expect(subjectOf("orders: gehört → us-west-2\nnow")).toBe("orders: geh?rt ? us-west-2?now");
  expect(subjectOf("x".repeat(120))).toHaveLength(99);
});

test("Long lines are wrapped at a word, below their point", () => {
  const words = "Enough votes stand against us-east-1, and more outside vantage points find it";
  expect(wrapped(`${words} failing.`, "  - ", "    ")).toEqual([
    "  - Enough votes stand against us-east-1, and more outside vantage points",
    "    find it failing.",
  ]);
});

test("A word that is longer than a line stays whole, so that it can be copied", () => {
  const arn = `arn:aws:states:us-west-2:123456789012:execution:orders-region-switch:${"a".repeat(40)}`;
  expect(wrapped(`See ${arn}`)).toEqual(["See", arn]);
});

test("A heading without points is left out", () => {
  expect(section("Not known", [])).toEqual([]);
});

test("An id is one word of a shell's line", () => {
  expect(shellWord("orders-7")).toBe("orders-7");
  expect(shellWord("2026-01-15T08:59:30.000Z/a#1")).toBe("'2026-01-15T08:59:30.000Z/a#1'");
  expect(shellWord("it's")).toBe("'it'\\''s'");
});
