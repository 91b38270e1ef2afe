import { expect, test } from "vitest";
import type { RoutingState } from "../../core/contracts/routing-state.ts";
import { beside, noticedAt, replicaPorts } from "../../functions/replicas.ts";
import { config, nine, steady, switching, unplanned } from "./steady.ts";

const shows = (state: RoutingState | null) => ({ findRouting: async () => state });
const silent = {
  findRouting: async (): Promise<RoutingState | null> => {
    throw new Error("no answer");
  },
};

test.each([
  ["same", shows(steady({ epoch: 3 })), "same"],
  ["a newer epoch", shows(steady({ epoch: 4 })), "newer"],
  ["an older epoch", shows(steady({ epoch: 2 })), "behind"],
  ["another holder of the same epoch", shows({ ...switching(nine), epoch: 3 }), "differs"],
  ["nothing yet", shows(null), "unread"],
  ["no answer", silent, "unread"],
])("A peer's replica with %s is told from one's own", async (_, peer, found) => {
  expect(await beside(peer, steady({ epoch: 3 }))).toBe(found);
});

function clocked(states: (RoutingState | null)[]) {
  const clock = { now: nine };
  const asked: string[] = [];
  const replicas = {
    region: "us-west-2",
    of: (region: string) => ({
      findRouting: async () => {
        asked.push(region);
        return states.length > 1 ? (states.shift() ?? null) : (states[0] ?? null);
      },
    }),
    sleep: async (milliseconds: number) => {
      clock.now += milliseconds;
    },
  };
  return { replicas, asked, now: () => clock.now };
}

test("A Region has noticed from when its own replica shows the epoch, or a later one", async () => {
  const { replicas, asked, now } = clocked([steady(), null, steady({ epoch: 3 })]);
  const wanted = { region: "us-east-1", epoch: 2, milliseconds: 8_000 };
  expect(await noticedAt(replicas, wanted, now)).toBe(nine + 1_000);
  expect(asked).toEqual(["us-east-1", "us-east-1", "us-east-1"]);
});

test("What is not noticed in time is not waited for", async () => {
  const { replicas, now } = clocked([steady()]);
  const wanted = { region: "us-east-1", epoch: 2, milliseconds: 8_000 };
  expect(await noticedAt(replicas, wanted, now)).toBeNull();
  expect(now()).toBe(nine + 8_000);
});

test("Strong coordination asks nobody", () => {
  const replicas = {
    region: "us-west-2",
    of: () => unplanned("a replica"),
    sleep: () => unplanned("a wait"),
  };
  expect(replicaPorts(config, replicas)).toEqual({});
  expect(replicaPorts({ ...config, coordination: "eventual" }, replicas)).toEqual({ replicas });
});
