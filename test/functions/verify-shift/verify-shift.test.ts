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
    ],
  });
});
