import { expect, test } from "vitest";
import type { RoutingState } from "../../../core/contracts/routing-state.ts";
import { leversFor } from "../../../core/desired-levers.ts";
import { claimed, initialState } from "../../../core/plan.ts";
import { planOf } from "../../../core/plan-for.ts";
import { verifyShift } from "../../../functions/verify-shift/verify-shift.ts";
import { config, configOf, now } from "../../core/world.ts";
import {
  claimedState,
  claimOn,
  executionArn,
  lookAnswer,
  looksOf,
  routingDoor,
  run,
} from "../fakes.ts";

const state = claimedState(config);
const input = { run, claim: claimOn(state) };
const seenFrom = (vantage: string, publicName: string) => lookAnswer(vantage, { publicName });

test("Verified when the target and the witness both reach the target by the public name", async () => {
  const looks = looksOf({
    "us-west-2": seenFrom("us-west-2", "us-west-2"),
    "us-east-2": seenFrom("us-east-2", "us-west-2"),
  });
  const ports = { control: routingDoor(state), looks, now: () => now };
  expect((await verifyShift(ports, config, input)).verified).toBe(true);
});

test("A vantage point that does not answer has seen nothing, and verifies nothing", async () => {
  const looks = looksOf({ "us-west-2": seenFrom("us-west-2", "us-west-2") });
  const ports = { control: routingDoor(state), looks, now: () => now };
  expect(await verifyShift(ports, config, input)).toEqual({
    verified: false,
    answers: [
      { vantage: "us-west-2", region: "us-west-2" },
      { vantage: "us-east-2", region: null },
      { vantage: "us-east-1", region: null },
    ],
  });
});

test("Where one of the two is silent the departed Region's view counts instead", async () => {
  const answers = {
    "us-west-2": seenFrom("us-west-2", "us-west-2"),
    "us-east-1": seenFrom("us-east-1", "us-west-2"),
  };
  const control = routingDoor(state);
  const ports = { control, looks: looksOf(answers), now: () => now };
  expect((await verifyShift(ports, config, input)).verified).toBe(true);
  const stale = { ...answers, "us-east-1": seenFrom("us-east-1", "us-east-1") };
  const others = { control, looks: looksOf(stale), now: () => now };
  expect((await verifyShift(others, config, input)).verified).toBe(false);
});

const activeActive = configOf({ topology: "active-active" });
const both = initialState(activeActive, now - 86_400_000);

async function verifiedIn(routing: RoutingState, seen: Record<string, string>): Promise<boolean> {
  const looks = looksOf(
    Object.fromEntries(
      Object.entries(seen).map(([vantage, region]) => [vantage, seenFrom(vantage, region)]),
    ),
  );
  const ports = { control: routingDoor(routing), looks, now: () => now };
  return (await verifyShift(ports, activeActive, { run, claim: claimOn(routing) })).verified;
}

test("Of two that serve, one is verified to be out when two places reach the other alone", async () => {
  const plan = planOf(activeActive, "failover", "planned");
  const drained = claimed(activeActive, both, { executionArn, plan, now });
  expect(await verifiedIn(drained, { "us-west-2": "us-west-2", "us-east-2": "us-west-2" })).toBe(
    true,
  );
  expect(await verifiedIn(drained, { "us-west-2": "us-west-2", "us-east-2": "us-east-1" })).toBe(
    false,
  );
});

test("A return beside another Region is verified by the place that is nearest to it", async () => {
  const levers = leversFor(activeActive, ["us-west-2"]);
  const alone = { ...both, active: "us-west-2", levers };
  const plan = planOf(activeActive, "failback", "planned");
  const returned = claimed(activeActive, alone, { executionArn, plan, now });
  expect(await verifiedIn(returned, { "us-east-1": "us-east-1", "us-east-2": "us-west-2" })).toBe(
    true,
  );
  expect(await verifiedIn(returned, { "us-east-1": "us-west-2", "us-east-2": "us-east-1" })).toBe(
    false,
  );
  expect(await verifiedIn(returned, { "us-east-2": "us-east-1", "us-west-2": "us-west-2" })).toBe(
    false,
  );
});
