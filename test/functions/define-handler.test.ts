import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { z } from "zod";
import { initialState } from "../../core/plan.ts";
import { defineHandler } from "../../functions/define-handler.ts";
import { epochKept, keysOf } from "../../functions/log.ts";
import { config, now, settings } from "../core/world.ts";

beforeEach(() => {
  vi.stubEnv("SWITCHBACK_CONFIG", JSON.stringify(settings));
  vi.stubEnv("AWS_REGION", "us-west-2");
  vi.stubEnv("POWERTOOLS_LOG_LEVEL", "SILENT");
});
afterEach(() => vi.unstubAllEnvs());

const context = {
  getRemainingTimeInMillis: () => 3_000,
  invokedFunctionArn: "arn:aws:lambda:us-west-2:123456789012:function:orders-double",
};
const handlerOf = (run: (input: { count: number }) => Promise<{ double: number }>) =>
  defineHandler({
    name: "double",
    input: z.object({ count: z.number() }),
    output: z.object({ double: z.number() }),
    run,
  });

test("What comes in and what goes out is parsed", async () => {
  const handler = handlerOf(async ({ count }) => ({ double: count * 2 }));
  expect(await handler({ count: 2 }, context)).toEqual({ double: 4 });
});

test("An input of another shape is refused by path", async () => {
  const handler = handlerOf(async () => ({ double: 0 }));
  const refused = handler({ count: "two" }, context);
  await expect(refused).rejects.toMatchObject({ name: "InputRefused" });
  await expect(refused).rejects.toThrow("Input of double: count:");
});

test("An answer of another shape is a broken invariant where it is made", async () => {
  const handler = handlerOf(async () => ({ double: Number.NaN }));
  await expect(handler({ count: 2 }, context)).rejects.toMatchObject({ name: "InvariantViolated" });
});

test("A call that timed out is what the machine retries", async () => {
  const late = Object.assign(new Error("No answer within 5 s."), { name: "TimeoutError" });
  const handler = handlerOf(() => Promise.reject(late));
  await expect(handler({ count: 2 }, context)).rejects.toMatchObject({
    name: "TransientFault",
    cause: late,
  });
});

test("Log lines carry the execution and the newest epoch that the input knows", () => {
  const run = { executionArn: "arn:a" };
  expect(keysOf({ run, claim: { epoch: 3 }, decision: { epoch: 2 } })).toEqual({
    executionArn: "arn:a",
    epoch: 3,
  });
  expect(keysOf({ run, claim: { claimed: false }, decision: { epoch: 2 } })).toEqual({
    executionArn: "arn:a",
    epoch: 2,
  });
  expect(keysOf("nothing of ours")).toEqual({});
});

test("A function that learns the epoch by reading it puts it on the lines that follow", async () => {
  const kept: object[] = [];
  const log = { keep: (keys: object) => void kept.push(keys) };
  const found = { ...initialState(config, now), epoch: 7 };
  expect(await epochKept({ findRouting: async () => found }, log).findRouting()).toBe(found);
  expect(await epochKept({ findRouting: async () => null }, log).findRouting()).toBeNull();
  expect(kept).toEqual([{ epoch: 7 }]);
});
