import { expect, test } from "vitest";
import { fenceSource } from "../../../functions/fence-source/fence-source.ts";
import { config, now } from "../../core/world.ts";
import { claimedState, claimOn, routingDoor, run, told } from "../fakes.ts";

const state = claimedState(config);
const input = { run, claim: claimOn(state) };

test("Gates are waited for from the claim on: lease, deadline and a second", async () => {
  const control = routingDoor(state);
  const at = state.claimedAt + 2_500;
  const ports = { control, ledger: told().ledger, now: () => at };
  const fence = await fenceSource(ports, config, input);
  expect(fence).toEqual({ waitSeconds: 5.5, fencedAt: state.claimedAt + 8_000 });
});

test("Once they have closed nothing is left to wait for", async () => {
  const ports = { control: routingDoor(state), ledger: told().ledger, now: () => now };
  expect((await fenceSource(ports, config, input)).waitSeconds).toBe(0);
});

test("The lease starts anew with the step", async () => {
  const control = routingDoor(state);
  await fenceSource({ control, ledger: told().ledger, now: () => now }, config, input);
  expect(control.state.lease?.until).toBe(now + 180_000);
});
