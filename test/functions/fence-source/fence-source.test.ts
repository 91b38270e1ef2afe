import { describe, expect, test } from "vitest";
import { EpochLost, FenceUnseen } from "../../../core/errors.ts";
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

test("Gates that had been told are waited for less long", async () => {
  const ports = { control: routingDoor(state), ledger: told().ledger, now: () => state.claimedAt };
  const claim = claimOn(state, { gateLeaseSeconds: 1 });
  expect((await fenceSource(ports, config, { run, claim })).waitSeconds).toBe(4);
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

describe("With eventual coordination", () => {
  const eventual = { ...config, coordination: "eventual" } as const;
  const planned = claimedState(eventual, "planned");

  function fenced(of: typeof state, sourceShows: number | null) {
    const clock = { now: of.claimedAt + 500 };
    const { ledger, notes } = told();
    const replicas = {
      region: "us-west-2",
      of: (region: string) => ({
        findRouting: async () => {
          expect(region).toBe("us-east-1");
          const seen = sourceShows !== null && clock.now >= of.claimedAt + sourceShows;
          return { ...of, epoch: seen ? 2 : 1 };
        },
      }),
      sleep: async (milliseconds: number) => {
        clock.now += milliseconds;
      },
    };
    const ports = { control: routingDoor(of), ledger, replicas, now: () => clock.now };
    const fence = fenceSource(ports, eventual, { run, claim: claimOn(of) });
    return { fence, notes };
  }

  test("gates are waited for from when the source's own replica shows the claim", async () => {
    const fence = await fenced(planned, 2_300).fence;
    expect(fence).toEqual({ waitSeconds: 8, fencedAt: planned.claimedAt + 2_500 + 8_000 });
  });

  test("a planned switch whose source can't be seen to know is given up", async () => {
    await expect(fenced(planned, null).fence).rejects.toThrow(FenceUnseen);
  });

  test("an unplanned one goes on without its source, and says so", async () => {
    const { fence, notes } = fenced(state, null);
    // Eight seconds of looking have passed: nothing is left to wait for.
    expect(await fence).toEqual({ waitSeconds: 0, fencedAt: state.claimedAt + 8_000 });
    expect(notes[0]?.sentence).toContain("it may be cut off and go on writing.");
  });

  test("a lease that has lapsed is not renewed: this replica may not know who took over", async () => {
    const { ledger } = told();
    const ports = { control: routingDoor(state), ledger, now: () => state.claimedAt + 180_000 };
    await expect(fenceSource(ports, eventual, input)).rejects.toThrow(EpochLost);
    expect(await fenceSource(ports, config, input)).toMatchObject({ waitSeconds: 0 });
  });
});
