import { expect, it } from "vitest";
import type { RoutingState } from "../../../core/contracts/routing-state.ts";
import { initialState } from "../../../core/plan.ts";
import { epochWithin } from "../../../functions/process-events/known-epoch.ts";
import { config, nine } from "../steady.ts";

it("The epoch is read now and then, and kept where it can't be read.", async () => {
  let milliseconds = 0;
  let reads = 0;
  let state: RoutingState | null = null;
  let isReachable = true;
  const epoch = epochWithin(
    30,
    {
      async findRouting() {
        reads += 1;
        if (!isReachable) throw new Error("no table");
        return state;
      },
    },
    () => milliseconds,
  );
  expect(await epoch()).toBe(0);
  state = { ...initialState(config, nine), epoch: 4 };
  expect(await epoch()).toBe(4);
  state = { ...state, epoch: 5 };
  milliseconds = 29_000;
  expect(await epoch()).toBe(4);
  expect(reads).toBe(2);
  milliseconds = 31_000;
  expect(await epoch()).toBe(5);
  isReachable = false;
  milliseconds = 62_000;
  expect(await epoch()).toBe(5);
  expect(await epoch()).toBe(5);
  expect(reads).toBe(4);
});
