// The end-to-end test runs seeds that work; here is what happens to those that break.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runSeeds } from "../../lab/run-seeds.ts";
import { findScenario } from "../../lab/scenarios/load.ts";

test("a worker that breaks breaks the whole call, in its own words", {
  timeout: 60_000,
}, async () => {
  const empty = mkdtempSync(join(tmpdir(), "assembly-"));
  const done: number[] = [];
  try {
    const running = runSeeds(findScenario("planned-switch"), empty, [7], {
      workers: 1,
      onResult: ({ seed }) => done.push(seed),
    });
    await expect(running).rejects.toThrow(
      /^Seed 7 broke \(exit status 1\):\n[\s\S]*manifest\.json/,
    );
    expect(done).toEqual([]);
  } finally {
    rmSync(empty, { recursive: true });
  }
});

test("no seeds are no results", async () => {
  const onResult = () => {
    throw new Error("there is nothing to report");
  };
  expect(await runSeeds("nowhere.json", "nowhere", [], { workers: 2, onResult })).toEqual([]);
});
