// Shrinking around scripted runs: what it leaves, and that it neither goes on for ever nor takes
// another failure for the one it was given.
import { describe, expect, it } from "vitest";
import type { ScenarioFile } from "../../../lab/hunter/draw.ts";
import type { Report } from "../../../lab/hunter/orders.ts";
import { fewest, kindOf, shrink } from "../../../lab/hunter/shrink.ts";

const down = { kind: "region-down", region: "primary" } as const;
const silent = { kind: "canary-silent", region: "witness" } as const;
const scenario: ScenarioFile = {
  name: "drawn",
  description: "Drawn.",
  traffic: { clients: 9, requestsPerSecond: 0.8 },
  timeline: [
    { at: 60, id: "fault-1", fault: down },
    { at: 90, heal: "fault-1" },
    { at: 70, id: "fault-2", fault: silent },
    { at: 80, heal: "fault-2" },
    { at: 75, crash: "region-switch" },
    { at: 300, heal: "all" },
    { at: 310, operator: { command: "approve", within: 30 } },
  ],
  until: 2400,
};
const bounded = "Invariant bounded-loss: Writes outside the stated window are missing (o-1).";
const report = (failures: string[]): Report => ({
  ...{ verdict: failures.length > 0 ? "fail" : "pass", failures },
  ...{ logSha256: "aa", wallMilliseconds: 1 },
});

function shrunkBy(failing: (one: ScenarioFile) => string[], runsMax = 50) {
  const tried: ScenarioFile[] = [];
  const run = async (one: ScenarioFile) => {
    tried.push(one);
    return report(failing(one));
  };
  const shrunk = shrink(scenario, [bounded], { runsMax, run, say: () => {} });
  return shrunk.then((found) => ({ ...found, tried: tried.length }));
}
const has = (one: ScenarioFile, kind: string) =>
  (one.timeline ?? []).some(({ fault }) => fault?.kind === kind);

describe("Shrinking", () => {
  it("leaves what the failure needs, its heals, and the heal of all.", async () => {
    const found = await shrunkBy((one) => (has(one, "region-down") ? [bounded] : []));
    expect(found.scenario).toEqual({
      ...scenario,
      traffic: { clients: 5, requestsPerSecond: 0.3 },
      timeline: [
        { at: 60, id: "fault-1", fault: down },
        { at: 90, heal: "fault-1" },
        { at: 300, heal: "all" },
      ],
      until: 1380,
    });
    expect(found.runs).toBe(found.tried);
  });

  it("says how the smallest one fails, which may be otherwise than the whole one.", async () => {
    const other = "Invariant converges: 15 minutes after the last fault a lease is still held.";
    const fails = (one: ScenarioFile) => (has(one, "canary-silent") ? [bounded] : [bounded, other]);
    expect((await shrunkBy(fails)).failures).toEqual([bounded, other]);
    expect((await shrunkBy(() => [])).failures).toEqual([bounded]);
  });

  it("takes no other failure for the one it was given.", async () => {
    const other = "Invariant converges: 15 minutes after the last fault a lease is still held.";
    const found = await shrunkBy((one) => (has(one, "canary-silent") ? [bounded] : [other]));
    expect(has(found.scenario, "canary-silent")).toBe(true);
  });

  it("stops when it has made so many runs, with what it has.", async () => {
    const found = await shrunkBy(() => [bounded], 1);
    expect([found.runs, found.tried]).toEqual([1, 1]);
    expect(found.scenario.timeline?.length).toBeLessThan(7);
  });

  it("finds what only fails together.", async () => {
    const both = async (few: readonly number[]) => few.includes(2) && few.includes(7);
    expect(await fewest([1, 2, 3, 4, 5, 6, 7, 8], both)).toEqual([2, 7]);
    expect(await fewest([1, 2], async () => true)).toEqual([]);
  });

  it("knows a failure by its invariant, or by its words without the numbers.", () => {
    expect(kindOf(bounded)).toBe("bounded-loss");
    expect(kindOf("3 of the 9 requests failed.")).toBe(kindOf("1 of the 22 requests failed."));
  });
});
