// What the scenario's own expectations can't say: when Route 53 moved DNS, and when it didn't.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { drillResultSchema } from "../../lab/report/result.ts";
import { drill } from "../lab/command.ts";

const zero = Date.parse("2026-01-15T09:00:00Z");
const eventSchema = z.object({
  at: z.number(),
  kind: z.string(),
  detail: z.looseObject({ name: z.string().optional(), type: z.string().optional() }),
});

let moves: { seconds: number; answer: unknown }[];
let failures: readonly string[];
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "three-strikes-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const log = join(folder, "log");
  const { stdout } = await drill("three-strikes", "--json", "--no-baseline", "--log", log);
  failures = drillResultSchema.parse(JSON.parse(stdout)).failures;
  const lines = readFileSync(log, "utf8").trim().split("\n");
  moves = lines
    .map((line) => eventSchema.parse(JSON.parse(line)))
    .filter(({ kind, detail }) => kind === "dns-answer-changed" && detail.type === "A")
    .filter(({ detail }) => detail.name === "api.example.com")
    .map(({ at, detail }) => ({ seconds: (at - zero) / 1000, answer: detail.answer }));
}, 600_000);

test("two failed checks in a row leave DNS alone; the third moves it, until checks pass again", () => {
  expect(failures).toEqual([]);
  expect(moves.map(({ answer }) => answer)).toEqual(["us-west-2", "us-east-1"]);
  const [away, back] = moves.map(({ seconds }) => seconds - 420);
  // Three probes, 10 s apart, and then up to 3 s each for the check and the one above it.
  expect(away).toBeGreaterThan(20);
  expect(away).toBeLessThan(40);
  expect(back).toBeGreaterThan(52);
  expect(back).toBeLessThan(75);
});
