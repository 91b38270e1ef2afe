// The scripted operator with real SDK clients, on virtual time. The services behind them are
// planned call by call: what was not planned throws.
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SFNClient } from "@aws-sdk/client-sfn";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Config } from "../../../core/config/schema.ts";
import type { Approval } from "../../../core/contracts/records.ts";
import { installClock, type LabClock } from "../../../lab/clock.ts";
import type { AwsRequest, AwsResponse, Json } from "../../../lab/kernel.ts";
import { createEventLog } from "../../../lab/log.ts";
import { createRandom } from "../../../lab/random.ts";
import { Operator } from "../../../lab/scenarios/operator.ts";
import type { OperatorCommand } from "../../../lab/scenarios/schema.ts";
import { sdkRequestHandler } from "../../../lab/sdk-request-handler.ts";
import { atSecond, config, steady, zero } from "../scripted-log.ts";

let clock: LabClock;
beforeEach(() => {
  clock = installClock({ zero });
});
afterEach(() => clock.uninstall());

type Answer = (body: Record<string, unknown>) => object | "silence" | { refused: string };

/** Carries the command out; answers what was called and what was logged. */
async function carriedOut(
  command: OperatorCommand,
  plan: { [call: string]: Answer },
  seconds = 60,
  over: Partial<Config> = {},
) {
  const log = createEventLog(clock);
  const called: { call: string; at: number; body: Record<string, unknown> }[] = [];
  async function call(request: AwsRequest): Promise<AwsResponse> {
    const operation = request.headers["x-amz-target"]?.split(".")[1];
    const name = `${operation} in ${request.region}`;
    const body: Record<string, unknown> = JSON.parse(request.body);
    called.push({ call: name, at: clock.seconds(), body });
    const answer = (plan[name] ?? plan[operation ?? ""])?.(body);
    if (answer === undefined) throw new Error(`nobody planned ${name}`);
    if (answer === "silence") return await new Promise(() => {});
    const headers = { "content-type": "application/x-amz-json-1.0" };
    if ("refused" in answer) {
      const fault = { __type: answer.refused, message: "because" };
      return { status: 400, headers, body: JSON.stringify(fault) };
    }
    return { status: 200, headers, body: JSON.stringify(answer) };
  }
  const principal = { kind: "role" as const, arn: "arn:aws:iam::123456789012:role/operator" };
  const settings = (region: string) => ({
    region,
    maxAttempts: 1,
    credentials: { accessKeyId: "ASIA1", secretAccessKey: "secret" },
    requestHandler: sdkRequestHandler({ clock, calls: { call }, principal, from: { region } }),
  });
  const operator = new Operator({
    ...{ clock, log },
    config: { ...config, ...over },
    account: "123456789012",
    random: createRandom(1),
    states: (region) => new SFNClient(settings(region)),
    tables: (region) => DynamoDBDocumentClient.from(new DynamoDBClient(settings(region))),
  });
  let isDone = false;
  void operator.carryOut(command).then(() => {
    isDone = true;
  });
  await clock.runUntil(zero + seconds * 1000);
  expect(isDone).toBe(true);
  const refusals = log.events
    .filter(({ kind }) => kind === "operator-refused")
    .map(({ at, detail }) => `${(at - zero) / 1000} ${detail.why}`);
  return { called, refusals, events: log.events };
}

const question = {
  id: "run-1",
  group: "orders",
  status: "pending",
  taskToken: "token-1",
  region: "us-west-2",
  executionArn: "arn:run",
  epoch: 1,
  direction: "failback",
  source: "us-west-2",
  because: ["operator-request"],
  blockedBy: ["failback-needs-approval"],
  lossBoundSeconds: null,
  askedAt: atSecond(-60),
  expiresAt: atSecond(840),
  answeredAt: null,
  answeredBy: null,
} satisfies Approval;
function attribute(value: Json): object {
  if (value === null) return { NULL: true };
  if (Array.isArray(value)) return { L: value.map(attribute) };
  if (typeof value === "object") return { M: attributes(value) };
  if (typeof value === "boolean") return { BOOL: value };
  return typeof value === "number" ? { N: String(value) } : { S: value };
}
const attributes = (item: object) =>
  Object.fromEntries(
    Object.entries(JSON.parse(JSON.stringify(item))).map(([name, value]) => [
      name,
      attribute(value as Json),
    ]),
  );
const started = () => ({ executionArn: "arn:run", startDate: zero / 1000 });
const questions =
  (...items: (Approval & { [name: string]: Json })[]) =>
  () => ({ Items: items.map((item) => attributes(item)) });

test("a failover starts the secondary's machine, a failback the primary's", async () => {
  const failover = await carriedOut(
    { command: "failover", by: "alice@example.com", reason: "a drill" },
    { "StartExecution in us-west-2": started },
  );
  expect(failover.refusals).toEqual([]);
  expect(failover.called).toHaveLength(1);
  expect(failover.called[0]?.body).toMatchObject({
    stateMachineArn: "arn:aws:states:us-west-2:123456789012:stateMachine:orders-region-switch",
    name: expect.stringMatching(/^orders-operator-[0-9a-f]{12}$/),
  });
  expect(JSON.parse(String(failover.called[0]?.body.input))).toEqual({
    direction: "failover",
    mode: "planned",
    requestedBy: "alice@example.com",
    reason: "a drill",
  });
  expect(failover.events[0]).toMatchObject({
    kind: "operator",
    detail: { command: "failover", by: "alice@example.com", mode: "planned" },
  });
  const failback = await carriedOut(
    { command: "failback", mode: "forced", dryRun: true },
    { "StartExecution in us-east-1": started },
    120,
  );
  expect(JSON.parse(String(failback.called[0]?.body.input))).toEqual({
    direction: "failback",
    mode: "forced",
    requestedBy: "operator@example.com",
    dryRun: true,
  });
});

const region = ({ called }: Awaited<ReturnType<typeof carriedOut>>) =>
  JSON.parse(String(called.at(-1)?.body.input)).region;

test("a failover of a named Region starts its peer's machine and names the Region", async () => {
  const failover = await carriedOut(
    { command: "failover", region: "us-west-2" },
    { "StartExecution in us-east-1": started },
  );
  expect(failover.called.map(({ call }) => call)).toEqual(["StartExecution in us-east-1"]);
  expect(region(failover)).toBe("us-west-2");
  expect(failover.events[0]?.detail).toMatchObject({ command: "failover", of: "us-west-2" });
});

test("in active-active a failback starts the machine of the Region that is out", async () => {
  const out = { switch: "pulled", drain: "released" };
  const levers = { "us-east-1": { switch: "released", drain: "released" }, "us-west-2": out };
  const failback = await carriedOut(
    { command: "failback" },
    {
      "GetItem in us-east-1": () => ({ Item: attributes({ ...steady, levers }) }),
      "StartExecution in us-west-2": started,
    },
    60,
    { topology: "active-active" },
  );
  expect(failback.refusals).toEqual([]);
  expect(failback.called.map(({ call }) => call)).toEqual([
    "GetItem in us-east-1",
    "StartExecution in us-west-2",
  ]);
  expect(region(failback)).toBeUndefined();
});

test("what can't be started within 10 s, or is refused, is recorded so", async () => {
  const dead = await carriedOut({ command: "failback" }, { StartExecution: () => "silence" });
  expect(dead.refusals).toEqual(["10 Error: us-east-1 did not answer within 10 s"]);
  const refused = await carriedOut(
    { command: "failover" },
    { StartExecution: () => ({ refused: "ExecutionAlreadyExists" }) },
    120,
  );
  expect(refused.refusals).toEqual(["60 ExecutionAlreadyExists: because"]);
});

test("an approval marks the question, then answers its task where the execution waits", async () => {
  const { called, refusals } = await carriedOut(
    { command: "approve", by: "bob@example.com" },
    {
      "Query in us-east-1": questions(question),
      "UpdateItem in us-east-1": () => ({}),
      "SendTaskSuccess in us-west-2": () => ({}),
    },
  );
  expect(refusals).toEqual([]);
  expect(called.map(({ call }) => call)).toEqual([
    "Query in us-east-1",
    "UpdateItem in us-east-1",
    "SendTaskSuccess in us-west-2",
  ]);
  expect(called[0]?.body).toMatchObject({ TableName: "orders-control", ConsistentRead: true });
  expect(called[1]?.body).toMatchObject({
    Key: { pk: { S: "approval#orders" }, sk: { S: "run-1" } },
    ConditionExpression: "#status = :pending",
    ExpressionAttributeValues: {
      ":status": { S: "approved" },
      ":by": { S: "bob@example.com" },
      ":at": { N: "1768467600000" },
    },
  });
  expect(called[2]?.body.taskToken).toBe("token-1");
  expect(JSON.parse(String(called[2]?.body.output))).toEqual({
    approved: true,
    by: "bob@example.com",
    waives: ["failback-needs-approval", "operator-request"],
  });
});

test("a rejection says no, and the oldest open question is the one that is answered", async () => {
  const { called } = await carriedOut(
    { command: "reject", reason: "not now" },
    {
      Query: questions(
        { ...question, id: "newer", taskToken: "newer", askedAt: atSecond(-10) },
        {
          ...question,
          id: "lapsed",
          taskToken: "lapsed",
          askedAt: atSecond(-900),
          expiresAt: zero,
        },
        { ...question, id: "done", taskToken: "done", askedAt: atSecond(-80), status: "approved" },
        { ...question, id: "older", taskToken: "older", askedAt: atSecond(-70) },
      ),
      UpdateItem: () => ({}),
      SendTaskSuccess: () => ({}),
    },
  );
  expect(called[1]?.body).toMatchObject({
    Key: { sk: { S: "older" } },
    ExpressionAttributeValues: { ":status": { S: "rejected" } },
  });
  expect(JSON.parse(String(called[2]?.body.output))).toMatchObject({
    approved: false,
    reason: "not now",
  });
});

test("an approval with nothing to approve is refused at once", async () => {
  const { called, refusals } = await carriedOut({ command: "approve" }, { Query: questions() });
  expect(called).toHaveLength(1);
  expect(refusals).toEqual(["0 Error: no approval is pending"]);
});

test("an approval waits for a question as long as it was told, looking every 5 s", async () => {
  const late = () => questions(...(clock.seconds() < 12 ? [] : [question]))();
  const { called, refusals } = await carriedOut(
    { command: "approve", within: 20 },
    { Query: late, UpdateItem: () => ({}), SendTaskSuccess: () => ({}) },
  );
  expect(refusals).toEqual([]);
  expect(called.map(({ call, at }) => `${at} ${call}`)).toEqual([
    "0 Query in us-east-1",
    "5 Query in us-east-1",
    "10 Query in us-east-1",
    "15 Query in us-east-1",
    "15 UpdateItem in us-east-1",
    "15 SendTaskSuccess in us-west-2",
  ]);
});

test("an approval that waits looks again where no table answered, and last at its deadline", async () => {
  const busy = () =>
    clock.seconds() < 12 ? { refused: "ThrottlingException" } : questions(question)();
  const plan = { Query: busy, UpdateItem: () => ({}), SendTaskSuccess: () => ({}) };
  const { called, refusals } = await carriedOut({ command: "approve", within: 12 }, plan);
  expect(refusals).toEqual([]);
  expect(called.map(({ call, at }) => `${at} ${call}`).slice(-3)).toEqual([
    "12 Query in us-east-1",
    "12 UpdateItem in us-east-1",
    "12 SendTaskSuccess in us-west-2",
  ]);
  const atOnce = await carriedOut(
    { command: "approve" },
    { Query: () => ({ refused: "Busy" }) },
    120,
  );
  expect(atOnce.refusals).toEqual([expect.stringMatching(/^60 Busy/)]);
});

test("an approval that waited in vain is refused", async () => {
  const { refusals } = await carriedOut({ command: "approve", within: 20 }, { Query: questions() });
  expect(refusals).toEqual(["20 Error: no approval is pending"]);
});

test("pause and resume change automation alone, on the epoch that was read", async () => {
  const stored = { ...attributes(steady), pk: { S: "group#orders" }, sk: { S: "routing" } };
  const plan = { GetItem: () => ({ Item: stored }), UpdateItem: () => ({}) };
  const paused = await carriedOut({ command: "pause", by: "bob@example.com", reason: "r" }, plan);
  expect(paused.called[0]?.body).toMatchObject({ ConsistentRead: true });
  expect(paused.called[2]?.body).toMatchObject({
    Key: { pk: { S: "group#orders" }, sk: { S: "routing" } },
    UpdateExpression: "SET automation = :automation, automationChange = :change",
    ConditionExpression: "epoch = :epoch",
    ExpressionAttributeValues: {
      ":automation": { S: "paused" },
      ":epoch": { N: "1" },
      ":change": {
        M: { by: { S: "bob@example.com" }, at: { N: "1768467600000" }, reason: { S: "r" } },
      },
    },
  });
  const resumed = await carriedOut({ command: "resume" }, plan, 120);
  expect(resumed.called[2]?.body).toMatchObject({
    ExpressionAttributeValues: { ":automation": { S: "armed" } },
  });
});

test("a dead primary's table is given 10 s, then the secondary's takes the change", async () => {
  const { called, refusals } = await carriedOut(
    { command: "pause" },
    {
      "GetItem in us-east-1": () => "silence",
      "GetItem in us-west-2": () => ({ Item: attributes(steady) }),
      "UpdateItem in us-west-2": () => ({}),
    },
  );
  expect(refusals).toEqual([]);
  expect(called.map(({ call, at }) => `${at} ${call}`)).toEqual([
    "0 GetItem in us-east-1",
    "0 GetItem in us-west-2",
    "10 UpdateItem in us-west-2",
  ]);
});

test("with eventual coordination nobody pauses while a replica is silent: it may know a claim", async () => {
  const { called, refusals } = await carriedOut(
    { command: "pause" },
    {
      "GetItem in us-east-1": () => ({ Item: attributes(steady) }),
      "GetItem in us-west-2": () => "silence",
    },
    60,
    { coordination: "eventual" },
  );
  expect(refusals).toEqual(["10 Error: not every replica of the control table answered"]);
  expect(called).toHaveLength(2);
});

const claimedState = {
  ...{ pk: "group#orders", sk: "routing", ...steady },
  lease: { executionArn: "arn:run", until: atSecond(180) },
};

test("an abort means the run that holds the lease, and closes no other run's question", async () => {
  const { called, refusals } = await carriedOut(
    { command: "abort", by: "bob@example.com", reason: "customers call" },
    {
      GetItem: () => ({ Item: attributes(claimedState) }),
      UpdateItem: () => ({}),
      Query: questions({ ...question, executionArn: "arn:other" }),
    },
  );
  expect(refusals).toEqual([]);
  expect(called.map(({ call }) => call)).toEqual([
    "GetItem in us-east-1",
    "UpdateItem in us-east-1",
    "Query in us-east-1",
  ]);
  expect(called[1]?.body).toMatchObject({
    Key: { pk: { S: "abort#orders" }, sk: { S: "arn:run" } },
    ExpressionAttributeValues: {
      ":by": { S: "bob@example.com" },
      ":reason": { S: "customers call" },
    },
  });
});

test("without a lease it means the run that is listed, and its question is closed with no", async () => {
  const { called } = await carriedOut(
    { command: "abort", by: "bob@example.com" },
    {
      GetItem: () => ({ Item: attributes({ ...claimedState, lease: null }) }),
      "ListExecutions in us-east-1": () => ({ executions: [] }),
      "ListExecutions in us-west-2": () => ({ executions: [{ executionArn: "arn:run" }] }),
      UpdateItem: () => ({}),
      Query: questions(question),
      SendTaskSuccess: () => ({}),
    },
  );
  expect(JSON.parse(String(called.at(-1)?.body.output))).toMatchObject({
    ...{ approved: false, by: "bob@example.com", reason: "aborted" },
  });
});

test("with nothing under way an abort is refused", async () => {
  const { refusals } = await carriedOut(
    { command: "abort" },
    {
      GetItem: () => ({ Item: attributes({ ...claimedState, lease: null }) }),
      ListExecutions: () => ({ executions: [] }),
    },
  );
  expect(refusals).toEqual(["0 Error: no run is under way"]);
});
