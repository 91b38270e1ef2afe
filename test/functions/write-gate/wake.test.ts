import { expect, it } from "vitest";
import { everyTenSeconds } from "../../../functions/write-gate/wake.ts";

it("A refusing gate wakes somebody at most every ten seconds, and never fails.", async () => {
  let tick = 500;
  const put: string[] = [];
  const wake = everyTenSeconds(
    async ({ why, count }) => {
      put.push(`${count} ${why}`);
      throw new Error("the bus is gone");
    },
    () => tick,
  );
  await wake("first", null);
  tick = 10_499;
  await wake("second", null);
  tick = 10_500;
  await wake("third", null);
  expect(put).toEqual(["1 first", "2 third"]);
});
