// Aborting, against services that are planned call by call: what is said of where a run stands, what
// is recorded, and that nothing is where it is too late.
import { expect, test } from "vitest";
import { z } from "zod";
import type { RunOutcome } from "../../core/contracts/steps.ts";
import { claimed, promoted } from "../../core/plan.ts";
import { planOf } from "../../core/plan-for.ts";
import { config, now } from "../core/world.ts";
import { steady } from "../lab/scripted-log.ts";
import { consoleOf, own } from "./console/sitting.ts";
import { arn, type Called, deskAt, operate, type Plan, question, tables } from "./replicas.ts";

const run = question.executionArn;
const plan = planOf(config, "failover", "planned");
const held = claimed(config, steady, { executionArn: run, now, plan });
const outcome: RunOutcome = {
  outcome: "undone",
  sentence: "Undone: who served before serves again.",
  ...{ plan, epoch: 3, requestedBy: "bob", signalAt: null, decidedAt: now, claimedAt: now },
  ...{ promotedAt: now, shiftedAt: null, completedAt: now, lossBoundSeconds: 0 },
  ...{ writePauseSeconds: null, levers: { switch: "untouched", drain: "untouched" } },
  ...{ because: ["operator-request"], blockedBy: [] },
};
const execution = {
  executionArn: run,
  stateMachineArn: "m",
  name: "run-1",
  startDate: now / 1_000,
};
const ended = (of: Partial<RunOutcome> = {}) => ({
  ...{ ...execution, status: "FAILED", cause: JSON.stringify({ ...outcome, ...of }) },
});
const aws = (state = held, approvals: object[] = []): Plan => ({
  ...tables(state, approvals),
  "ListExecutions in us-east-1": () => "silence",
  "ListExecutions in us-west-2": () => ({ executions: [{ ...execution, status: "RUNNING" }] }),
  "UpdateItem of abort": () => ({}),
  GetExecutionHistory: () => ({ events: [] }),
  DescribeExecution: () => ended(),
});
/** Both Regions answer. */
const answering = (...given: Parameters<typeof aws>): Plan => ({
  ...aws(...given),
  "ListExecutions in us-east-1": () => ({ executions: [] }),
});
const changes = ({ called }: Called) =>
  called.filter((call) => /^(Update|SendTask|StartExecution|Stop)/.test(call));

test("a claimed run is asked to abort, followed to its end, and told of", async () => {
  let item: unknown;
  const plan: Plan = {
    ...aws(),
    "UpdateItem of abort": (body) => {
      item = body;
      return {};
    },
  };
  const done = await operate(plan, ["abort", "--reason", "customers call"], true);
  expect([done.status, done.asked]).toEqual([0, ["Abort it?"]]);
  expect(done.out).toBe("Undone: who served before serves again.\n");
  expect(done.err).toContain("It has claimed epoch 2, planned failover to us-west-2; nobody is");
  expect(item).toMatchObject({
    Key: { pk: { S: "abort#orders" }, sk: { S: run } },
    ConditionExpression: "attribute_not_exists(pk)",
    ExpressionAttributeValues: { ":by": { S: arn }, ":reason": { S: "customers call" } },
  });
  expect(changes(done)).toEqual(["UpdateItem of abort in us-east-1"]);
});

test("a wish that somebody had before is followed all the same", async () => {
  const refused = () => ({ refused: "ConditionalCheckFailedException" });
  const done = await operate({ ...aws(), "UpdateItem of abort": refused }, ["abort", "--yes"]);
  expect([done.status, done.err]).toEqual([
    0,
    expect.stringContaining("asked it to abort already"),
  ]);
});

test("once the target writes it is too late, and nothing is recorded", async () => {
  const late = promoted(config, held, { executionArn: run, now, destination: "us-west-2" });
  const refused = await operate(aws(late), ["abort", "--yes"]);
  expect([refused.status, changes(refused)]).toEqual([1, []]);
  expect(refused.err).toContain(
    "us-west-2 writes already (epoch 2, planned failover to us-west-2).",
  );
  expect(refused.err).toContain("It is too late to abort it: it is left to finish.");
});

test("a run that finished before the wish was read says that it was too late", async () => {
  const switched = { ...aws(), DescribeExecution: () => ended({ outcome: "switched" }) };
  const { status, out } = await operate(switched, ["abort", "--yes"]);
  expect([status, out]).toEqual([1, expect.stringMatching(/^It was too late to abort it\./)]);
});

test("the question of a run that waits is closed with no", async () => {
  let answer: unknown;
  let isOpen = true;
  const waiting: Plan = {
    ...answering(steady, [question]),
    "Query of approval": (body, count) =>
      tables(steady, isOpen ? [question] : [])["Query of approval"]?.(body, count) ?? {},
    "UpdateItem of approval": () => {
      isOpen = false;
      return {};
    },
    "SendTaskSuccess in us-west-2": (body) => {
      answer = JSON.parse(String(body.output));
      return {};
    },
    DescribeExecution: () =>
      isOpen ? { ...execution, status: "RUNNING" } : ended({ outcome: "not-approved" }),
  };
  const done = await operate(waiting, ["abort", "--yes", "--reason", "not now", "--json"]);
  expect([done.status, JSON.parse(done.out)]).toMatchObject([
    0,
    { executionArn: run, aborted: true, outcome: { outcome: "not-approved" }, exitStatus: 0 },
  ]);
  expect(answer).toMatchObject({ approved: false, by: arn, reason: "aborted: not now" });
  expect(done.err).toContain("It waits for approval and has changed nothing");
});

test("who may not answer is told that the run will change nothing, and that it waits", async () => {
  const denied: Plan = {
    ...answering(steady, [question]),
    "UpdateItem of approval": () => ({ refused: "AccessDeniedException" }),
    DescribeExecution: () => ({ ...execution, status: "RUNNING" }),
  };
  const waiting = await operate(denied, ["abort", "--yes"]);
  expect([waiting.status, waiting.err]).toEqual([
    3,
    expect.stringContaining("Whatever is answered, the run will change nothing"),
  ]);
});

test("nothing under way, and a run that has ended, are refused", async () => {
  const none = { ...answering(steady), "ListExecutions in us-west-2": () => ({ executions: [] }) };
  const refused = await operate(none, ["abort", "--yes"]);
  expect([refused.status, refused.err]).toEqual([
    1,
    expect.stringContaining("No run is under way."),
  ]);
  const over = await operate(aws(steady), ["abort", "run-1", "--yes"]);
  expect([over.status, over.err]).toEqual([1, expect.stringContaining("has ended as FAILED")]);
  const missing = { ...aws(), DescribeExecution: () => ({ refused: "ExecutionDoesNotExist" }) };
  const nobody = await operate(missing, ["abort", "run-9", "--yes"]);
  expect([nobody.status, nobody.err]).toEqual([
    1,
    expect.stringContaining("No run is called run-9"),
  ]);
});

test("the lease's holder is the run that is meant, though its Region be silent", async () => {
  const other = { ...execution, executionArn: run.replace("us-west-2", "us-east-1") };
  const silent: Plan = {
    ...aws(),
    "ListExecutions in us-west-2": () => "silence",
    "ListExecutions in us-east-1": () => ({ executions: [other] }),
  };
  const done = await operate(silent, ["abort", "--yes"]);
  expect([done.status, done.err]).toEqual([0, expect.stringContaining(`\n${run}\n`)]);
});

test("the lease's holder can be named, though its Region be silent", async () => {
  const silent: Plan = {
    ...aws(),
    "DescribeExecution in us-west-2": (_, count) => (count <= 2 ? "silence" : ended()),
    "DescribeExecution in us-east-1": () => ({ refused: "ExecutionDoesNotExist" }),
  };
  const done = await operate(silent, ["abort", "run-1", "--yes"]);
  expect([done.status, changes(done)]).toEqual([0, ["UpdateItem of abort in us-east-1"]]);
});

test("while nobody holds the lease and a Region is silent, the run must be named", async () => {
  const refused = await operate(aws(steady), ["abort", "--yes"]);
  expect([refused.status, changes(refused)]).toEqual([1, []]);
  expect(refused.err).toContain(
    "us-east-1 did not answer (3 s): a run may be under way there. Name the one that is to stop, " +
      `of those known:\n  ${run}\n`,
  );
});

test("of several runs none of which has claimed, one must be named", async () => {
  const two = {
    ...answering(steady),
    "ListExecutions in us-west-2": () => ({
      executions: [execution, { ...execution, executionArn: `${run}b` }],
    }),
  };
  const { status, err } = await operate(two, ["abort", "--yes"]);
  expect([status, err]).toEqual([2, expect.stringContaining("More than one run is under way")]);
});

const words = z.object({ message: z.string().optional(), error: z.string().optional() });

async function abortInConsole(plan: Plan) {
  const called: string[] = [];
  const { ask } = consoleOf(() => ({ desk: deskAt(plan, called), control: null }));
  const body = JSON.stringify({ execution: run, reason: "customers call" });
  const answer = await ask("/api/abort", { method: "POST", headers: own, body });
  return { status: answer.status, said: words.parse(await answer.json()), called };
}
const running = { ...execution, status: "RUNNING" };

test("the console asks a run to abort, and leaves the watching to the page", async () => {
  const done = await abortInConsole({ ...aws(), DescribeExecution: () => running });
  expect([done.status, done.said.message]).toEqual([200, "Asked it to abort."]);
  expect(changes(done)).toEqual(["UpdateItem of abort in us-east-1"]);
  const late = promoted(config, held, { executionArn: run, now, destination: "us-west-2" });
  const refused = await abortInConsole({ ...aws(late), DescribeExecution: () => running });
  expect([refused.status, changes(refused)]).toEqual([409, []]);
  expect(refused.said.error).toContain("It is too late to abort it");
});

test("the console answers what the aborted run asks with no, or says who has to", async () => {
  const waits: Plan = {
    ...aws(steady, [question]),
    DescribeExecution: () => running,
    "UpdateItem of approval": () => ({}),
    SendTaskSuccess: () => ({}),
  };
  expect(changes(await abortInConsole(waits))).toEqual([
    "UpdateItem of abort in us-east-1",
    "UpdateItem of approval in us-west-2",
    "SendTaskSuccess in us-west-2",
  ]);
  const denied = () => ({ refused: "AccessDeniedException" });
  const { status, said } = await abortInConsole({ ...waits, "UpdateItem of approval": denied });
  expect([status, said.message]).toEqual([
    200,
    expect.stringContaining("You may not answer its question, which stays open."),
  ]);
});
