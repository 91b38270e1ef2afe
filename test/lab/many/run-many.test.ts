// The end-to-end tests run drills that work; here is what happens to those that break.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { projectRoot } from "../../../lab/deploy/project-root.ts";
import { type Asked, runMany } from "../../../lab/many/run-many.ts";
import { findScenario } from "../../../lab/scenarios/load.ts";

const options = {
  workers: 2,
  configFile: join(projectRoot, "switchback.config.json"),
  baseline: false,
  onResult: () => {
    throw new Error("there is nothing to report");
  },
};

function asked(seed: number, over: Partial<Asked> = {}): Asked {
  const name = "planned-switch";
  const assembly = async () => "nowhere";
  return { name, file: findScenario(name), seed, assembly, ...over };
}

test("a worker that breaks is reported in its own words, and costs its own drill alone", {
  timeout: 60_000,
}, async () => {
  const empty = mkdtempSync(join(tmpdir(), "assembly-"));
  try {
    const assembly = async () => empty;
    const both = [asked(7, { assembly }), asked(8, { assembly })];
    const { results, broken } = await runMany(both, options);
    expect(results).toEqual([]);
    expect(broken.map(({ seed }) => seed).sort()).toEqual([7, 8]);
    expect(broken[0]).toMatchObject({ name: "planned-switch", refused: false });
    expect(broken[0]?.why).toMatch(/^The worker ended \(status 1\)\.[\s\S]*manifest\.json/);
  } finally {
    rmSync(empty, { recursive: true });
  }
});

test("a worker that finds the scenario wrong says so", { timeout: 60_000 }, async () => {
  const { broken } = await runMany([asked(7, { file: "no-such-scenario" })], options);
  expect(broken).toEqual([
    {
      ...{ name: "planned-switch", seed: 7, refused: true },
      why: expect.stringContaining("is not readable JSON"),
    },
  ]);
});

test("an assembly that can't be made costs its own drill alone", async () => {
  const assembly = () => Promise.reject(new Error("The CDK app did not synthesize"));
  const { broken } = await runMany([asked(7, { assembly })], options);
  expect(broken).toEqual([
    { name: "planned-switch", seed: 7, why: "The CDK app did not synthesize", refused: false },
  ]);
});

test("nothing asked is no result", async () => {
  expect(await runMany([], options)).toEqual({ results: [], broken: [] });
});
