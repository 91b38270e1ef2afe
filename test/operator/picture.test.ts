// Snapshots as two Regions tell them, and what is made of their differences.
import { expect, test } from "vitest";
import type { Approval, View } from "../../core/contracts/records.ts";
import { sinceOf } from "../../operator/history.ts";
import { questionHash } from "../../operator/questions.ts";
import { timelineOf } from "../../operator/timeline.ts";
import { now } from "../core/world.ts";
import { steady } from "../lab/scripted-log.ts";
import { page, question, statusOf } from "./replicas.ts";

const view: View = {
  vantage: "us-east-2",
  serving: "us-east-1",
  verdict: "healthy",
  since: now - 600_000,
  seenAt: now - 80_000,
  detail: "",
};
const items =
  (seen: View, epoch = 1) =>
  () =>
    page([
      { ...steady, epoch, sk: "routing" },
      { ...seen, sk: "view#us-east-2#us-east-1" },
    ]);

test("a view that is older than 90 s is unknown, and says how old it is", async () => {
  const current = await statusOf({ "Query of group": items(view) });
  expect(current.vantagePoints[2]?.sees[0]).toMatchObject({ verdict: "healthy", detail: "" });
  const stale = await statusOf({ "Query of group": items({ ...view, seenAt: now - 91_000 }) });
  expect(stale.vantagePoints[2]?.sees[0]).toMatchObject({
    verdict: "unknown",
    since: null,
    detail: "last reported 91 s ago",
  });
  expect(stale.vantagePoints[0]?.sees[0]).toMatchObject({
    verdict: "unknown",
    detail: "never reported",
  });
});

test("of two replicas that differ the higher epoch counts, and an answer in either", async () => {
  const differing = await statusOf({
    "Query in us-east-1 of group": items(view),
    "Query in us-west-2 of group": items(view, 2),
    "Query in us-east-1 of approval": () => page([question]),
    "Query in us-west-2 of approval": () => page([{ ...question, status: "approved" }]),
  });
  expect(differing).toMatchObject({ epoch: 2, approvals: [] });
});

test("levers that can't be read are unknown, and the rest is told", async () => {
  const status = await statusOf({ "Query of group": items(view) });
  expect(status.levers).toEqual({
    "us-east-1": {
      desired: { switch: "released", drain: "released" },
      standing: { switch: "unknown", drain: "unknown" },
    },
  });
});

test("a lapsed question is not open, and no task token is shown", async () => {
  const open = await statusOf({ "Query of approval": () => page([question]) });
  expect(open.approvals).toMatchObject([{ id: question.id, hash: questionHash(question) }]);
  expect(JSON.stringify(open)).not.toContain("token-1");
  const over = { ...question, expiresAt: now };
  const lapsed = await statusOf({ "Query of approval": () => page([over]) });
  expect(lapsed.approvals).toEqual([]);
});

test("a hash covers what is agreed to, and not when it was asked", () => {
  const hash = questionHash(question);
  const other = (change: Partial<Approval>) => questionHash({ ...question, ...change }) !== hash;
  expect(other({ askedAt: 1 })).toBe(false);
  expect(other({ epoch: 2 })).toBe(true);
  expect(other({ blockedBy: [] })).toBe(true);
  expect(other({ lossBoundSeconds: null })).toBe(true);
  expect(other({ source: "us-east-1" })).toBe(true);
  expect(other({ taskToken: "another" })).toBe(true);
});

test("--since takes minutes, hours, days and dates", () => {
  expect(sinceOf("30m", now)).toBe(now - 1_800_000);
  expect(sinceOf("2h", now)).toBe(now - 7_200_000);
  expect(sinceOf("7d", now)).toBe(now - 604_800_000);
  expect(sinceOf("2026-01-15", now)).toBe(1_768_435_200_000);
});

test("a timeline tells failures, and leaves out what it can't read", () => {
  const timestamp = new Date(now);
  const told = timelineOf([
    {
      ...{ timestamp, id: 1, type: "TaskFailed" },
      taskFailedEventDetails: {
        ...{ resourceType: "lambda", resource: "invoke", error: "TransientFault" },
        cause: JSON.stringify({ errorMessage: "The table does not answer." }),
      },
    },
    {
      ...{ timestamp, id: 2, type: "TaskStateExited" },
      stateExitedEventDetails: {
        name: "Decide",
        assignedVariables: { decision: "{", claim: "{}" },
      },
    },
    { timestamp, id: 3, type: "ExecutionAborted" },
  ]);
  expect(told).toEqual([
    { at: now, kind: "fault", sentence: "TransientFault: The table does not answer." },
    { at: now, kind: "end", sentence: "The run was stopped: the next takes over." },
  ]);
});
