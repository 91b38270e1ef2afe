// Automation that was set until a time, as reconcile finds it a minute after.
import { expect, test } from "vitest";
import { restoreAutomation } from "../../../functions/watch/restore-automation.ts";
import { told } from "../fakes.ts";
import { nine, steady } from "../steady.ts";

const paused = steady({
  automation: "paused",
  automationChange: {
    ...{ by: "alice", at: nine - 60_000, reason: "deploying" },
    ...{ until: nine, afterwards: "shadow" },
  },
});

async function restored(routing: typeof paused, now: number, isCurrent = true, lost = false) {
  const { events, ledger, notes } = told();
  const written: unknown[] = [];
  const said: string[] = [];
  await restoreAutomation(
    {
      region: "us-west-2",
      ledger,
      control: {
        async writeRouting(_seen, next, also) {
          events.push("write routing");
          written.push(next.automation, also);
          return lost ? null : next;
        },
      },
      now: () => now,
      say: (sentence) => void said.push(sentence),
    },
    routing,
    async () => {
      events.push("ask the peer");
      return isCurrent;
    },
  );
  return { events, notes, written, said };
}

test("it returns to what it was, in the ledger first, if it is still that setting", async () => {
  const { events, notes, written, said } = await restored(paused, nine + 30_000);
  expect(events).toEqual(["ask the peer", "ledger automation", "write routing"]);
  expect(notes[0]).toMatchObject({
    execution: "reconcile/us-west-2/29474460",
    sentence: "Automation returns to shadow: paused by alice was until 2026-01-15T09:00:00.000Z.",
    detail: { from: "paused", to: "shadow", set: { by: "alice", reason: "deploying" } },
  });
  expect(written).toEqual(["shadow", { automation: "paused", automationUntil: nine }]);
  expect(said).toHaveLength(1);
});

test("with time left, for good, or set by nobody, it is left alone and nobody is asked", async () => {
  expect((await restored(paused, nine - 1)).events).toEqual([]);
  const lasting = { by: "alice", at: nine, reason: "" };
  for (const automationChange of [lasting, null]) {
    expect((await restored({ ...paused, automationChange }, nine + 1)).events).toEqual([]);
  }
});

test("where the peer shows another state, or somebody set it anew, nothing is claimed to be done", async () => {
  expect((await restored(paused, nine + 1, false)).events).toEqual(["ask the peer"]);
  expect((await restored(paused, nine + 1, true, true)).said).toEqual([]);
});
