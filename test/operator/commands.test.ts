// Commands against services that are planned call by call: what was not planned throws. What AWS
// refuses must come out in words, and what has changed since it was shown must not be answered.
import { expect, test } from "vitest";
import type { RoutingState } from "../../core/contracts/routing-state.ts";
import { awsFault } from "../../operator/aws/faults.ts";
import { config, now } from "../core/world.ts";
import { steady } from "../lab/scripted-log.ts";
import { arn, type Called, operate, type Plan, page, question, tables } from "./replicas.ts";

const changes = ({ called }: Called) =>
  called.filter((call) => /^(Update|SendTask|StartExecution)/.test(call));

const answered: Plan = {
  GetExecutionHistory: () => ({ events: [] }),
  "UpdateItem of approval": () => ({}),
  "SendTaskSuccess in us-west-2": () => ({}),
};

test("an approval marks the question, then answers its task, both in the Region that it names", async () => {
  let output: unknown;
  const done = await operate(
    {
      ...tables(steady, [question]),
      ...answered,
      "SendTaskSuccess in us-west-2": (body) => {
        output = JSON.parse(String(body.output));
        return {};
      },
    },
    ["approve"],
    true,
  );
  expect([done.status, done.asked]).toEqual([0, ["approve?"]]);
  expect(changes(done)).toEqual([
    "UpdateItem of approval in us-west-2",
    "SendTaskSuccess in us-west-2",
  ]);
  expect(output).toEqual({
    approved: true,
    by: arn,
    waives: ["failback-needs-approval", "operator-request"],
  });
  expect(done.err).toContain("why     A failback awaits an operator's approval.");
  expect(done.err).toContain("bound   at most 18 s of acknowledged writes");
});

test.each([
  ["the bound grew", { ...question, lossBoundSeconds: 40 }, "has changed since it was shown"],
  ["another reason came", { ...question, because: ["approved"] }, "has changed since it was shown"],
  ["somebody answered", { ...question, status: "rejected" }, "was answered, or has lapsed"],
])("what changed while it was looked at is not answered: %s", async (_what, later, why) => {
  const plan = {
    ...tables(),
    "Query of approval": (_: object, count: number) => page([count <= 2 ? question : later]),
    GetExecutionHistory: () => ({ events: [] }),
  };
  const refused = await operate(plan, ["approve"], true);
  expect([refused.status, refused.err]).toEqual([1, expect.stringContaining(why)]);
  expect(changes(refused)).toEqual([]);
});

test("a question of an older epoch, and one answered in between, are refused", async () => {
  const older = await operate(tables({ ...steady, epoch: 2 }, [question]), ["approve", "--yes"]);
  expect([older.status, older.err]).toEqual([1, expect.stringContaining("now it is 2")]);
  const raced = await operate(
    {
      ...tables(steady, [question]),
      GetExecutionHistory: () => ({ events: [] }),
      "UpdateItem of approval": () => ({ refused: "ConditionalCheckFailedException" }),
      "GetItem of approval": () => ({}),
    },
    ["approve", "--yes"],
  );
  expect([raced.status, raced.err]).toEqual([1, expect.stringContaining("has changed, meanwhile")]);
});

test("a run that can't be told leaves the question open again", async () => {
  const failed = await operate(
    {
      ...tables(steady, [question]),
      ...answered,
      "SendTaskSuccess in us-west-2": () => "silence",
    },
    ["reject", "--yes"],
  );
  expect(failed.status).toBe(1);
  expect(failed.err).toContain("The question is open again");
  expect(changes(failed).filter((call) => call.startsWith("Update"))).toHaveLength(2);
});

test("a lost reply to an answer that arrived counts as told", async () => {
  const done = await operate(
    {
      ...tables(steady, [question]),
      ...answered,
      // The client tries twice before it gives up.
      "SendTaskSuccess in us-west-2": (_, count) =>
        count <= 2 ? "silence" : { refused: "TaskTimedOut" },
    },
    ["approve", "--yes"],
  );
  expect([done.status, done.out]).toEqual([0, `Approved as ${arn}.\n`]);
});

test.each<[string, Plan[string]]>([
  [
    "repeated",
    (_, count) => (count === 1 ? "silence" : { refused: "ConditionalCheckFailedException" }),
  ],
  ["again and again", () => "silence"],
])("a mark whose answer was lost has landed, and its task is told: %s", async (_what, update) => {
  const stood = { ...question, status: "approved", answeredBy: arn, answeredAt: now };
  const lost: Plan = {
    ...tables(steady, [question]),
    ...answered,
    "UpdateItem of approval": update,
    "GetItem of approval": () => ({ Item: page([stood]).Items[0] }),
  };
  const done = await operate(lost, ["approve", "--yes"]);
  expect([done.status, done.out]).toEqual([0, `Approved as ${arn}.\n`]);
  expect(changes(done)).toContain("SendTaskSuccess in us-west-2");
});

test.each([
  ["somebody else's", { answeredBy: "arn:aws:iam::123456789012:user/bob" }],
  ["another time's", { answeredAt: now - 1_000 }],
  ["the opposite", { status: "rejected" }],
])("what stands there is not taken for this command's own: %s", async (_what, stands) => {
  const own = { ...question, status: "approved", answeredBy: arn, answeredAt: now };
  const raced = await operate(
    {
      ...tables(steady, [question]),
      ...answered,
      "UpdateItem of approval": () => ({ refused: "ConditionalCheckFailedException" }),
      "GetItem of approval": () => ({ Item: page([{ ...own, ...stands }]).Items[0] }),
    },
    ["approve", "--yes"],
  );
  expect([raced.status, raced.err]).toEqual([1, expect.stringContaining("has changed, meanwhile")]);
  expect(changes(raced)).not.toContain("SendTaskSuccess in us-west-2");
});

test("where nobody can read whether the mark stands, it is not said to be somebody else's", async () => {
  const unread = await operate(
    {
      ...tables(steady, [question]),
      ...answered,
      "UpdateItem of approval": () => ({ refused: "ConditionalCheckFailedException" }),
      "GetItem of approval": () => "silence",
    },
    ["approve", "--yes"],
  );
  expect([unread.status, unread.err]).toEqual([1, expect.stringContaining("No Region answered")]);
  expect(changes(unread)).not.toContain("SendTaskSuccess in us-west-2");
});

test("with two persons demanded, nobody approves their own run, and anybody may reject it", async () => {
  const two = { ...config, approval: { twoPerson: true } };
  const own = { ...question, requestedBy: arn };
  const plan = { ...tables(steady, [own]), ...answered };
  const refused = await operate(plan, ["approve", "--yes"], undefined, two);
  expect([refused.status, changes(refused)]).toEqual([1, []]);
  expect(refused.err).toContain(`${arn} asked for this run. You are ${arn}, which is not known`);
  const no = await operate(plan, ["reject", "--yes"], undefined, two);
  expect(no.status).toBe(0);
  expect(no.err).toContain(`second  ${arn} asked for it: somebody else must approve`);
  const others = { ...question, requestedBy: "arn:aws:iam::123456789012:user/bob" };
  const yes = await operate(
    { ...tables(steady, [others]), ...answered },
    ["approve", "--yes"],
    undefined,
    two,
  );
  expect(yes.status).toBe(0);
});

test("without a terminal nothing is answered or started that nobody said yes to", async () => {
  const answer = await operate(
    { ...tables(steady, [question]), GetExecutionHistory: () => ({ events: [] }) },
    ["approve"],
  );
  expect([answer.status, changes(answer)]).toEqual([2, []]);
  const start = await operate(tables(), ["failover"]);
  expect([start.status, changes(start)]).toEqual([2, []]);
  expect(start.err).toContain("add --yes");
});

test.each([
  ["ResourceNotFoundException", 'There is no deployment of "orders" in us-east-1 and us-west-2'],
  ["ExpiredTokenException", "Your credentials have expired"],
  ["UnrecognizedClientException", "does not know your access key"],
  ["AccessDeniedException", "does not permit it"],
])("status says %s in words, with what to do", async (refused, words) => {
  const { status, err } = await operate(
    { Query: () => ({ refused }), GetItem: () => ({ refused }), ListExecutions: () => ({}) },
    ["status"],
  );
  expect([status, err]).toEqual([1, expect.stringContaining(words)]);
});

test.each([
  ["GetCallerIdentity", "ExpiredToken", "Your credentials have expired: sign in again"],
  ["GetCallerIdentity", "InvalidClientTokenId", "that the account has that Region enabled"],
  ["StartExecution", "StateMachineDoesNotExist", "Check the name, --config, --profile and"],
  ["StartExecution", "AccessDeniedException", "us-west-2 does not permit it"],
])("a failover whose %s is refused as %s says so in words", async (call, refused, words) => {
  const { status, err } = await operate({ [call]: () => ({ refused }) }, ["failover", "--yes"]);
  expect([status, err]).toEqual([1, expect.stringContaining(words)]);
});

test("a run that nobody knows, and a deployment in other Regions, are said to be missing", async () => {
  const nowhere = () => ({ refused: "ExecutionDoesNotExist" });
  const plan = { DescribeExecution: nowhere, GetExecutionHistory: nowhere };
  const shown = await operate(plan, ["show", "run-9"]);
  expect([shown.status, shown.err]).toEqual([1, expect.stringContaining("run-9")]);
  const partly = { ...tables(), "Query in us-east-1 of group": () => gone };
  const status = await operate(partly, ["status"]);
  expect(status.status).toBe(0);
  expect(status.out).toContain(
    "unknown     us-east-1: us-east-1 has no such thing: because. Check",
  );
});
const gone = { refused: "ResourceNotFoundException" };

test.each([
  ["CredentialsProviderError", "Could not load credentials", "No AWS credentials were found"],
  ["CredentialsProviderError", "The SSO session has expired.", "Your sign-in has expired: The SSO"],
  ["ENOTFOUND", "getaddrinfo", "eu-nowhere-1 did not answer (3 s)"],
])("%s (%s) is said in words", (name, message, words) => {
  const error = Object.assign(new Error(message), { name });
  expect(awsFault(error, "eu-nowhere-1", 3).message).toContain(words);
});

test("with no Region answering, both are named", async () => {
  const { status, err } = await operate(
    { Query: () => "silence", GetItem: () => "silence", ListExecutions: () => "silence" },
    ["status"],
  );
  expect(status).toBe(1);
  expect(err).toContain("us-east-1 did not answer (3 s); us-west-2 did not answer (3 s)");
});

test("a start that the Region's silence leaves open is said to be open", async () => {
  const { status, err } = await operate({ StartExecution: () => "silence" }, ["failover", "--yes"]);
  expect(status).toBe(1);
  expect(err).toContain("us-west-2 did not answer (5 s)");
  expect(err).toContain("Whether it started is not known");
});

test.each([
  ["tomorrow", "is like 30m, 2h, 7d or 2026-01-15T14:00Z, not tomorrow"],
  ["2026-01-15T14:00", "is like 30m, 2h, 7d or 2026-01-15T14:00Z, not 2026-01-15T14:00"],
  ["2026-01-15T08:59Z", "is over: now it is 2026-01-15 09:00:00 UTC"],
  ["31d", "is at most 30 days away"],
])("--until %s is a wrong call", async (until, why) => {
  const { status, err } = await operate(tables(), ["pause", "--until", until]);
  expect([status, err]).toEqual([2, expect.stringContaining(why)]);
});

test.each([
  [["frobnicate"], "unknown command"],
  [["failover", "--mode", "brave"], "Allowed choices are planned, forced"],
  [["failover", "--region", "us-west-2"], "--region is for active-active"],
  [["failover", "--region", "eu-west-1"], "--region is us-east-1 or us-west-2, not eu-west-1"],
  [["show"], "missing required argument"],
  [["history", "--since", "yore"], "--since is like 2h, 7d or 2026-01-15"],
  [["approve", "--hash", "abc"], "--hash needs 8 characters"],
  [["audit", "export", "run-1"], "required option '--out <dir>'"],
])("%j is a wrong call", async (words, why) => {
  const { status, err, called } = await operate({}, words);
  expect([status, err]).toEqual([2, expect.stringContaining(why)]);
  expect(called).toEqual([]);
});

test("help shows examples and exit statuses, and ends with 0", async () => {
  const { status, out } = await operate({}, ["--help"]);
  expect(status).toBe(0);
  expect(out).toContain("npm run switchback -- failover --dry-run");
  expect(out).toContain("3 it waits for approval");
});

test("arm and shadow set automation on the epoch that was read", async () => {
  let values: unknown;
  const plan: Plan = {
    ...tables(),
    "UpdateItem in us-east-1": () => "silence",
    "UpdateItem in us-west-2": (body) => {
      values = body.ExpressionAttributeValues;
      return {};
    },
  };
  const done = await operate(plan, ["shadow", "--reason", "new alarms"]);
  expect([done.status, done.out]).toEqual([0, `automation: armed → shadow, by ${arn}\n`]);
  expect(values).toMatchObject({ ":automation": { S: "shadow" }, ":epoch": { N: "1" } });
});

test("with eventual coordination a pause goes to the replica of the newest epoch", async () => {
  const eventual = { ...config, coordination: "eventual" } as const;
  const plan: Plan = {
    ...tables(),
    "Query in us-west-2 of group": () => page([{ ...steady, epoch: 2, sk: "routing" }]),
    "UpdateItem in us-west-2": () => ({}),
  };
  const { status, called } = await operate(plan, ["pause"], undefined, eventual);
  expect(status).toBe(0);
  expect(called.filter((call) => call.startsWith("Update"))).toEqual([
    "UpdateItem of group in us-west-2",
  ]);
});

test("with eventual coordination nothing is paused while a replica is silent", async () => {
  const eventual = { ...config, coordination: "eventual" } as const;
  const plan: Plan = { ...tables(), "Query in us-west-2 of group": () => "silence" };
  const { status, err } = await operate(plan, ["pause"], undefined, eventual);
  expect(status).toBe(1);
  expect(err).toContain("Nothing was changed: the control table in us-west-2 can't be read");
});

test("a pause until a time says what holds then, prolonged or not", async () => {
  const values: unknown[] = [];
  const plan = (state: RoutingState): Plan => ({
    ...tables(state),
    "UpdateItem in us-east-1": (body) => {
      values.push(body.ExpressionAttributeValues);
      return {};
    },
  });
  const done = await operate(plan(steady), ["pause", "--until", "2h", "--reason", "deploying"]);
  expect([done.status, done.out]).toEqual([
    0,
    `automation: armed → paused, until 2026-01-15 11:00:00 UTC, then armed, by ${arn}\n`,
  ]);
  const change = {
    by: arn,
    at: now,
    reason: "",
    until: now + 60_000,
    afterwards: "armed",
  } as const;
  const state = { ...steady, automation: "paused", automationChange: change } as const;
  await operate(plan(state), ["pause", "--until", "2026-01-15T12:00+01:00", "--json"]);
  expect(values).toMatchObject([
    { ":change": { M: { until: { N: String(now + 7_200_000) }, afterwards: { S: "armed" } } } },
    { ":change": { M: { until: { N: String(now + 7_200_000) }, afterwards: { S: "armed" } } } },
  ]);
  const { out } = await operate({ ...plan(state), GET: () => ({}) }, ["status"]);
  expect(out).toContain("until 2026-01-15 09:01:00 UTC, then armed");
});

test("drill and simulate take their own options", async () => {
  expect((await operate({}, ["simulate", "--runs", "3", "--seed", "7"])).status).toBe(4);
  expect((await operate({}, ["drill", "gray-failure", "--seed", "7"])).status).toBe(3);
});

test("lab takes its own options, and console a port", async () => {
  expect((await operate({}, ["lab", "--speed", "20"])).status).toBe(2);
  // The console of these tests ends at once, with its port as status.
  expect((await operate({}, ["console", "--port", "17"])).status).toBe(17);
  const wrong = await operate({}, ["console", "--port", "65536"]);
  expect([wrong.status, wrong.err]).toEqual([2, expect.stringContaining("must be a port")]);
});
