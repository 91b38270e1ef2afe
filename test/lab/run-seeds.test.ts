// The end-to-end test runs seeds that work; here is what happens to those that break.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runSeeds } from "../../lab/run-seeds.ts";
import { findScenario } from "../../lab/scenarios/load.ts";

test("a worker that breaks is reported in its own words, and costs its own seed alone", {
  timeout: 60_000,
}, async () => {
  const empty = mkdtempSync(join(tmpdir(), "assembly-"));
  const done: number[] = [];
  try {
    const { results, broken } = await runSeeds(findScenario("planned-switch"), empty, [7, 8], {
      workers: 2,
      onResult: ({ seed }) => done.push(seed),
    });
    expect(results).toEqual([]);
    expect(broken.map(({ seed }) => seed).sort()).toEqual([7, 8]);
    const why = broken.find(({ seed }) => seed === 7)?.why;
    expect(why).toMatch(/^Seed 7 broke \(exit status 1\):\n[\s\S]*manifest\.json/);
    expect(broken.map(({ refused }) => refused)).toEqual([false, false]);
    expect(done).toEqual([]);
  } finally {
    rmSync(empty, { recursive: true });
  }
});

test("a worker that finds the scenario wrong says so", { timeout: 60_000 }, async () => {
  const onResult = () => {
    throw new Error("there is no result");
  };
  const { broken } = await runSeeds("no-such-scenario", "nowhere", [7], { workers: 1, onResult });
  expect(broken).toEqual([
    { seed: 7, refused: true, why: expect.stringContaining("no shipped scenario of that name") },
  ]);
});

test("no seeds are no results", async () => {
  const onResult = () => {
    throw new Error("there is nothing to report");
  };
  const run = await runSeeds("nowhere.json", "nowhere", [], { workers: 2, onResult });
  expect(run).toEqual({ results: [], broken: [] });
});
