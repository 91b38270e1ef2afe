// A planned claim is announced to the source's gates before it is made.
import { expect, test } from "vitest";
import type { Config } from "../../../core/config/schema.ts";
import type { RoutingState } from "../../../core/contracts/routing-state.ts";
import { decide } from "../../../core/decide.ts";
import { initialState } from "../../../core/plan.ts";
import { type ClaimInput, claimEpoch } from "../../../functions/claim-epoch/claim-epoch.ts";
import { config, now, world } from "../../core/world.ts";
import { routingDoor, run, told } from "../fakes.ts";

const steady = initialState(config, now - 86_400_000);

async function claim(given: {
  noticed?: ClaimInput["noticed"];
  mode?: "planned" | "forced";
  config?: Config;
  state?: RoutingState;
}) {
  const { noticed = null, mode = "planned", config: of = config, state = steady } = given;
  const { events, ledger, notes } = told();
  const control = Object.assign(routingDoor(state, events), {
    readHeartbeats: async () => ({ "us-east-1": now - 3_000, "us-west-2": now - 3_000 }),
    putNotice: async (epoch: number) => void events.push(`notice ${epoch}`),
  });
  const request = { mode, requestedBy: "operator:ops", direction: "failover" } as const;
  const controlReplication = { "us-east-1": now - 3_000, "us-west-2": now - 3_000 };
  const evidence = world({ routing: state, controlReplication });
  const decision = decide({ request, evidence, approval: null }, of, now);
  const input = { run, request, decision, intent: "switch", noticed } as const;
  const answer = await claimEpoch({ control, ledger, now: () => now }, of, input);
  return { answer, events, notes };
}

test("First the gates are told, and nothing is claimed", async () => {
  const { answer, events, notes } = await claim({});
  expect(answer).toEqual({
    claimed: false,
    again: false,
    why: "The source's gates are being told.",
    noticed: { epoch: 1, at: now },
  });
  expect(events).toEqual(["read routing", "ledger notice", "notice 1"]);
  expect(notes[0]?.sentence).toBe(
    "Telling the write gates of us-east-1 that they are about to be shut.",
  );
});

test("The claim is made once every reading from before the notice is too old", async () => {
  const soon = await claim({ noticed: { epoch: 1, at: now - 4_999 } });
  expect(soon.answer).toMatchObject({ claimed: false, noticed: { epoch: 1, at: now - 4_999 } });
  expect(soon.events).toEqual(["read routing"]);
  const due = await claim({ noticed: { epoch: 1, at: now - 5_000 } });
  expect(due.answer).toMatchObject({ claimed: true, epoch: 2, gateLeaseSeconds: 1 });
});

test("A notice of an older epoch tells the gates of this one nothing", async () => {
  const state = { ...steady, epoch: 3 };
  const { answer, events } = await claim({ noticed: { epoch: 1, at: now - 60_000 }, state });
  expect(answer).toMatchObject({ claimed: false, noticed: { epoch: 3, at: now } });
  expect(events).toContain("notice 3");
});

test("Nobody is told where it would be of no use: the fence then waits for the whole lease", async () => {
  const given = [
    { mode: "forced" as const },
    { config: { ...config, coordination: "eventual" as const } },
    { config: { ...config, writeLeaseSeconds: 1 } },
  ];
  for (const each of given) {
    const { answer, events } = await claim(each);
    expect(answer).toMatchObject({ claimed: true, epoch: 2 });
    expect(answer).not.toHaveProperty("gateLeaseSeconds");
    expect(events).toEqual(["read routing", "ledger claim", "write routing"]);
  }
});
