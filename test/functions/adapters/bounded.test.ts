import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { bounded } from "../../../functions/adapters/clients.ts";
import { topicArn } from "../../../functions/adapters/notifications.ts";
import { config } from "../../core/world.ts";
import { executionArn } from "../fakes.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test("A call that ignores its signal ends all the same, and its signal is aborted", async () => {
  let signal: AbortSignal | undefined;
  const call = bounded(5, ({ abortSignal }) => {
    signal = abortSignal;
    return new Promise(() => undefined);
  });
  const failed = expect(call).rejects.toMatchObject({ name: "TimeoutError" });
  await vi.advanceTimersByTimeAsync(5_000);
  await failed;
  expect(signal?.aborted).toBe(true);
});

test("A call that answers leaves no timer behind", async () => {
  expect(await bounded(5, async () => "answer")).toBe("answer");
  expect(vi.getTimerCount()).toBe(0);
});

test("The topic is this Region's, in the account of the execution", () => {
  expect(topicArn(config, "us-west-2", executionArn)).toBe(
    "arn:aws:sns:us-west-2:123456789012:orders-notifications",
  );
});
