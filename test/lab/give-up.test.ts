import { afterEach, beforeEach, expect, it } from "vitest";
import { installClock, type LabClock } from "../../lab/clock.ts";
import { within } from "../../lab/give-up.ts";

const zero = Date.UTC(2026, 0, 15, 9, 0, 0);
let clock: LabClock;
beforeEach(() => {
  clock = installClock({ zero });
});
afterEach(() => clock.uninstall());

it.each<{ title: string; operation: () => Promise<string>; settled: object | null }>([
  {
    title: "answers in time",
    operation: () => clock.sleep(999).then(() => "here"),
    settled: { outcome: "answered", value: "here" },
  },
  {
    title: "answers too late",
    operation: () => clock.sleep(1001).then(() => "here"),
    settled: { outcome: "gave-up" },
  },
  {
    title: "never answers",
    operation: () => new Promise(() => {}),
    settled: { outcome: "gave-up" },
  },
  {
    title: "refuses",
    operation: () => Promise.reject(new Error("ECONNREFUSED")),
    settled: { outcome: "refused" },
  },
])("says so when the other side $title", async ({ operation, settled }) => {
  let waited: object | null = null;
  void within(clock, 1000, operation()).then((result) => {
    waited = result;
  });
  await clock.runUntil(zero + 2000);
  expect(waited).toEqual(settled);
});
