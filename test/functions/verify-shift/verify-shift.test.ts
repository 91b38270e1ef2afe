import { expect, test } from "vitest";
import { verifyShift } from "../../../functions/verify-shift/verify-shift.ts";
import { config, now } from "../../core/world.ts";
import { claimedState, claimOn, lookAnswer, looksOf, routingDoor, run } from "../fakes.ts";

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
