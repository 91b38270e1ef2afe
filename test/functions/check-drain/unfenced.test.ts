// With eventual coordination nothing is drained while the source's own replica of the control table
// does not show the claim: its gates may be open.
import { expect, test } from "vitest";
import { checkDrain, type DrainPorts } from "../../../functions/check-drain/check-drain.ts";
import { now, config as strong } from "../../core/world.ts";
import { claimedState, claimOn, markDoor, routingDoor, run, told } from "../fakes.ts";
import { unplanned } from "../steady.ts";

const config = { ...strong, coordination: "eventual" } as const;
const state = claimedState(config, "planned");

function portsOf(epoch: number): DrainPorts {
  return {
    control: {
      ...routingDoor(state),
      ...markDoor(null),
      readHeartbeats: async () => ({ "us-east-1": now, "us-west-2": now }),
    },
    ledger: told().ledger,
    application: () => unplanned("the journal"),
    replicas: {
      region: "us-west-2",
      of: (region) => {
        expect(region).toBe("us-east-1");
        return { findRouting: async () => ({ ...state, epoch }) };
      },
      sleep: () => unplanned("a wait"),
    },
    now: () => now,
    sleep: () => unplanned("a wait"),
  };
}

test.each([
  [1, "The control table in us-east-1 does not show epoch 2."],
  [2, expect.stringContaining("mark")],
])("A source whose replica shows epoch %d", async (epoch, detail) => {
  const input = { run, claim: claimOn(state), round: 1 };
  expect(await checkDrain(portsOf(epoch), config, input)).toMatchObject({ drained: false, detail });
});
