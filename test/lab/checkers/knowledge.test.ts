import { describe, expect, test } from "vitest";
import { Knowledge } from "../../../lab/checkers/knowledge.ts";
import { config } from "../../core/world.ts";

describe("what a Region's replica has shown", () => {
  const knowledge = new Knowledge({ ...config, coordination: "eventual" });
  knowledge.shows("a", 1, 0);
  knowledge.shows("b", 2, 1_000);
  knowledge.shows("a", 2, 60_000);
  // Shown again, as each renewal of a lease does.
  knowledge.shows("a", 2, 90_000);

  test("cuts it off from what it has not learned, and until its gates have shut", () => {
    expect(knowledge.isCutOff("a", 2, 30_000)).toBe(true);
    expect(knowledge.isCutOff("a", 2, 68_000)).toBe(true);
    expect(knowledge.isCutOff("a", 2, 68_001)).toBe(false);
    expect(knowledge.isCutOff("a", 3, 68_001)).toBe(true);
    expect(knowledge.isCutOff("b", 2, 9_001)).toBe(false);
  });

  test("knows the newest epoch of all", () => {
    expect(knowledge.newest()).toBe(2);
    expect(new Knowledge(config).newest()).toBe(0);
  });

  test("excuses nobody with strong coordination", () => {
    expect(new Knowledge(config).isCutOff("a", 2, 0)).toBe(false);
  });
});
