// Claims with eventual coordination, where the peer has a replica of its own.
import { expect, test } from "vitest";
import type { RoutingState } from "../../../core/contracts/routing-state.ts";
import type { Decision } from "../../../core/contracts/steps.ts";
import { decide } from "../../../core/decide.ts";
import { initialState } from "../../../core/plan.ts";
import { type ClaimInput, claimEpoch } from "../../../functions/claim-epoch/claim-epoch.ts";
import { now, config as strong, world } from "../../core/world.ts";
import { claimedState, executionArn, routingDoor, run, told } from "../fakes.ts";

const config = { ...strong, coordination: "eventual" } as const;
const steady = initialState(config, now - 86_400_000);
const other = `${executionArn}-other`;

function decisionOn(routing: RoutingState, mode: "planned" | "forced"): Decision {
  const request = { mode, requestedBy: "operator:ops", direction: "failover" } as const;
  const controlReplication = { "us-east-1": now - 3_000, "us-west-2": now - 3_000 };
  const evidence = world({ routing, controlReplication });
  return decide({ request, evidence, approval: null }, config, now);
}

/** `meanwhile`: what the claim has met by the end of its settling. */
function claim(given: {
  state?: RoutingState;
  peer: RoutingState | null;
  mode?: "planned" | "forced";
  intent?: ClaimInput["intent"];
  region?: string;
  meanwhile?: (claimed: RoutingState) => RoutingState;
}) {
  const { state = steady, mode = "planned", intent = "switch", region = "us-west-2" } = given;
  const { events, ledger } = told();
  const door = routingDoor(state, events);
  const control = Object.assign(door, {
    readHeartbeats: async () => ({ "us-east-1": now - 3_000, "us-west-2": now - 3_000 }),
    putNotice: () => Promise.reject(new Error("Not planned: a notice")),
  });
  const replicas = {
    region,
    of: (where: string) => {
      events.push(`ask ${where}`);
      return { findRouting: async () => given.peer };
    },
    sleep: async (milliseconds: number) => {
      events.push(`wait ${milliseconds}`);
      door.state = given.meanwhile?.(door.state) ?? door.state;
    },
  };
  const request = { mode, requestedBy: "operator:ops", direction: "failover" } as const;
  const input = { run, request, decision: decisionOn(state, mode), intent, noticed: null };
  const ports = { control, ledger, replicas, now: () => now };
  return claimEpoch(ports, config, input).then((answer) => ({ answer, events }));
}

test("A claim asks the peer's replica first, and counts once it has settled", async () => {
  const { answer, events } = await claim({ peer: steady });
  expect(answer).toMatchObject({ claimed: true, epoch: 2 });
  expect(events).toEqual([
    ...["read routing", "ask us-east-1", "ledger claim", "write routing"],
    ...["wait 3000", "read routing"],
  ]);
});

test("A claim that meets the peer's own is lost to the last writer", async () => {
  const { answer } = await claim({
    peer: steady,
    meanwhile: (mine) => ({ ...mine, lease: { executionArn: other, until: now + 180_000 } }),
  });
  expect(answer).toEqual({
    claimed: false,
    why: "Another run claimed the epoch first.",
    again: false,
  });
});

test("A Region that is behind claims nothing: it would overwrite what is newer", async () => {
  const { answer, events } = await claim({ peer: { ...steady, epoch: 4 } });
  expect(answer).toMatchObject({ claimed: false, again: false });
  expect(events).not.toContain("write routing");
});

test("A planned switch needs both replicas, and is decided again without", async () => {
  const { answer, events } = await claim({ peer: null });
  expect(answer).toEqual({
    claimed: false,
    why: "The control table in us-east-1 can't be read, and this needs both replicas.",
    again: true,
  });
  expect(events).not.toContain("write routing");
});

test("A forced one goes without the peer, and waits for nobody", async () => {
  const { answer, events } = await claim({ peer: null, mode: "forced" });
  expect(answer).toMatchObject({ claimed: true });
  expect(events).not.toContain("wait 3000");
});

const lapsed: RoutingState = {
  ...claimedState(config),
  lease: { executionArn: other, until: now - 1_000 },
};
const { plan: abandoned } = lapsed;

test.each([
  ["us-west-2", true],
  ["us-east-1", false],
])(
  "Without the peer's replica a switch to us-west-2 is taken over in %s: %s",
  async (region, may) => {
    const { answer } = await claim({ state: lapsed, peer: null, intent: "take-over", region });
    expect(abandoned?.target).toBe("us-west-2");
    expect(answer.claimed).toBe(may);
  },
);
