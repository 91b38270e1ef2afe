import { expect, test } from "vitest";
import { promoteTarget } from "../../../functions/promote-target/promote-target.ts";
import { config, now } from "../../core/world.ts";
import { claimedState, claimOn, routingDoor, run, told } from "../fakes.ts";

const state = claimedState(config);

test("The target becomes active and writer, after the ledger said so", async () => {
  const { events, ledger } = told();
  const control = routingDoor(state, events);
  const input = { run, claim: claimOn(state) };
  const promotion = await promoteTarget({ control, ledger, now: () => now }, config, input);
  expect(promotion).toEqual({ writer: "us-west-2", promotedAt: now });
  expect([control.state.active, control.state.writer]).toEqual(["us-west-2", "us-west-2"]);
  expect(events.slice(-2)).toEqual(["ledger promote", "write routing"]);
});

test("A repetition finds it done and writes no second entry", async () => {
  const { ledger, notes } = told();
  const control = routingDoor(state);
  const input = { run, claim: claimOn(state) };
  await promoteTarget({ control, ledger, now: () => now }, config, input);
  await promoteTarget({ control, ledger, now: () => now + 1 }, config, input);
  expect(notes.map(({ kind }) => kind)).toEqual(["promote"]);
});

test("Who lost the epoch promotes nobody", async () => {
  const { ledger, notes } = told();
  const control = routingDoor({ ...state, epoch: 3 });
  const input = { run, claim: claimOn(state) };
  const late = promoteTarget({ control, ledger, now: () => now }, config, input);
  await expect(late).rejects.toMatchObject({ name: "EpochLost" });
  expect(notes).toEqual([]);
});

test("A step without a granted claim is a defect", async () => {
  const { ledger } = told();
  const input = { run, claim: { claimed: false, why: "lost", again: false } as const };
  const ports = { control: routingDoor(state), ledger, now: () => now };
  await expect(promoteTarget(ports, config, input)).rejects.toMatchObject({ name: "InputRefused" });
});
