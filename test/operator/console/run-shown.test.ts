// Which step a run stands in, from its history's events.
import { expect, test } from "vitest";
import { stepsOf } from "../../../operator/console/run-shown.ts";

const at = new Date("2026-01-15T09:00:00Z");
let id = 0;
const event = (entered: string | null, exited: string | null) => {
  id += 1;
  return {
    ...{ id, timestamp: at, type: undefined },
    ...(entered === null ? {} : { stateEnteredEventDetails: { name: entered } }),
    ...(exited === null ? {} : { stateExitedEventDetails: { name: exited } }),
  };
};
const enter = (name: string) => event(name, null);
const leave = (name: string) => event(null, name);
const states = (events: ReturnType<typeof event>[], status: string) =>
  Object.fromEntries(stepsOf(events, status).map(({ name, state }) => [name, state]));

const asked = [
  ...[enter("Begin"), leave("Begin"), enter("GatherEvidence"), leave("GatherEvidence")],
  ...[enter("Decide"), leave("Decide"), enter("WhatFollows"), leave("WhatFollows")],
  enter("AwaitApproval"),
];

test("what was left is done, where it stands is current, the rest is ahead", () => {
  expect(states(asked, "RUNNING")).toMatchObject({
    gather: "done",
    decide: "done",
    approve: "current",
    claim: "ahead",
    undo: "ahead",
  });
});

test("a step that waits between two rounds is current, and so are two branches", () => {
  const fence = [enter("FenceSourceNow"), leave("FenceSourceNow"), enter("WaitForGatesNow")];
  const both = [...fence, enter("ShiftTrafficNow")];
  expect(states(both, "RUNNING")).toMatchObject({ fence: "current", shift: "current" });
  const between = [...both, leave("ShiftTrafficNow"), leave("WaitForGatesNow")];
  expect(states([...between, enter("PromoteTarget")], "RUNNING")).toMatchObject({
    fence: "done",
    shift: "done",
    promote: "current",
  });
});

test("a run that ended has skipped what it never reached, and failed where it was stopped", () => {
  expect(states(asked, "ABORTED")).toMatchObject({ decide: "done", approve: "failed" });
  expect(states(asked, "ABORTED").claim).toBe("skipped");
});
