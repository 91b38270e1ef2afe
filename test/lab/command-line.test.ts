// What the lab's commands read from their words, without a process for each.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { seedRange, wholeNumber, whyNotWritable } from "../../lab/command-line.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "words-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

test("a number is taken up to the last one that keeps its digits", () => {
  expect(wholeNumber("9007199254740991")).toBe(9_007_199_254_740_991);
  expect(() => wholeNumber("9007199254740992")).toThrow("must be at most 9007199254740991");
});

test("a range of seeds has both of its ends, and one number is a range of one", () => {
  expect(seedRange("7-9")).toEqual([7, 8, 9]);
  expect(seedRange("7")).toEqual([7]);
  expect(() => seedRange("1-10001")).toThrow('must be a range like "1-20"');
  expect(() => seedRange("1-20000000000000000")).toThrow("must be at most 9007199254740991");
});

test("a file can be written where it is or its folder is, and asking leaves nothing there", () => {
  const [there, fresh] = [join(folder, "there"), join(folder, "fresh")];
  writeFileSync(there, "kept");
  expect([whyNotWritable(there), whyNotWritable(fresh)]).toEqual([null, null]);
  expect(existsSync(fresh)).toBe(false);
  expect(whyNotWritable(folder)).toBe(`${folder} is a folder`);
  expect(whyNotWritable(join(there, "below"))).toBe(`there is no folder ${there}`);
});
