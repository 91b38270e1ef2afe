import { expect, test } from "vitest";
import { automationOver, heldBefore, replicasToSet } from "../../core/automation.ts";
import type { RoutingState } from "../../core/contracts/routing-state.ts";
import { initialState } from "../../core/plan.ts";
import { config, now } from "./world.ts";

const paused: RoutingState & { automationChange: object } = {
  ...initialState(config, now - 86_400_000),
  automation: "paused",
  automationChange: {
    ...{ by: "alice", at: now - 60_000, reason: "deploying" },
    until: now,
    afterwards: "armed",
  },
};

test("what was set until a time returns then, and not before, to what it was", () => {
  expect(automationOver(paused, now - 1)).toBe(null);
  expect(automationOver(paused, now)).toEqual({
    ...paused,
    automation: "armed",
    automationChange: {
      by: "reconcile",
      at: now,
      reason: "paused by alice was until 2026-01-15T09:00:00.000Z",
    },
  });
});

test("what was set for good, and what nobody set, stays", () => {
  const { until: _until, afterwards: _afterwards, ...lasting } = paused.automationChange;
  expect(automationOver({ ...paused, automationChange: lasting }, now + 1)).toBe(null);
  expect(automationOver({ ...paused, automationChange: null }, now + 1)).toBe(null);
});

test("a pause that is prolonged returns to what held before the first", () => {
  expect(heldBefore(paused)).toBe("armed");
  expect(heldBefore({ ...paused, automationChange: null })).toBe("paused");
});

test("with strong coordination automation is set through any replica that answered", () => {
  const strong = { coordination: "strong" } as const;
  expect(replicasToSet(strong, { east: 1, west: 2 })).toEqual(["east", "west"]);
  expect(replicasToSet(strong, { east: null, west: 2 })).toEqual(["west"]);
});

test("with eventual coordination it is set where the epoch is newest, once every replica is known", () => {
  const eventual = { coordination: "eventual" } as const;
  expect(replicasToSet(eventual, { east: 1, west: 2 })).toEqual(["west"]);
  expect(replicasToSet(eventual, { east: 2, west: 2 })).toEqual(["east", "west"]);
  expect(replicasToSet(eventual, { east: 2, west: null })).toEqual([]);
});
