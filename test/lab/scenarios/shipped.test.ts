// Every scenario file beside the code, whoever adds it.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { projectRoot } from "../../../lab/deploy/project-root.ts";
import { loadScenario, scenarioFolder, shippedScenarios } from "../../../lab/scenarios/load.ts";

const names = readdirSync(scenarioFolder)
  .filter((file) => file.endsWith(".json") && file !== "scenario.schema.json")
  .map((file) => file.replace(/\.json$/, ""));
const load = (name: string) =>
  loadScenario(join(scenarioFolder, `${name}.json`), join(projectRoot, "switchback.config.json"));

describe("the shipped scenarios", () => {
  test("are those of the folder, no more and no fewer", () => {
    expect(shippedScenarios().map(({ name }) => name)).toEqual([...names].sort());
    expect(names.length).toBeGreaterThanOrEqual(8);
  });

  test.each(names)("%s parses and is named as its file", (name) => {
    expect(load(name).scenario.name).toBe(name);
  });

  test.each(names)("%s is described in one sentence", (name) => {
    expect(load(name).scenario.description).toMatch(/^[A-Z][^.!?]*\.$/);
  });

  test.each(names)("%s has no step after its end, and expects something", (name) => {
    const { timeline, until, expect: expected } = load(name).scenario;
    expect(timeline.filter(({ at }) => at >= until)).toEqual([]);
    expect(Object.keys(expected).length).toBeGreaterThan(0);
  });
});
