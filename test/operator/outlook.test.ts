// What an operator weighs before a switch, against services that are planned call by call.
import { expect, test } from "vitest";
import type { RoutingState } from "../../core/contracts/routing-state.ts";
import { claimed } from "../../core/plan.ts";
import { planOf } from "../../core/plan-for.ts";
import { configOf, now, config as plain, secondsAgo } from "../core/world.ts";
import { settled as moved, steady } from "../lab/scripted-log.ts";
import { operate, type Plan, page, question, tables } from "./replicas.ts";

const seen = (state: RoutingState, healthySeconds = 7_200) => {
  const views = ["us-east-1", "us-west-2", "us-east-2"].flatMap((vantage) =>
    ["us-east-1", "us-west-2"].map((serving) => ({
      ...{ sk: `view#${vantage}#${serving}`, vantage, serving, verdict: "healthy", detail: "" },
      ...{ since: secondsAgo(healthySeconds), seenAt: secondsAgo(20) },
    })),
  );
  return page([{ ...state, sk: "routing" }, ...views]);
};

const issue = {
  ...{ eventArn: "arn:aws:health:us-east-1::event/LAMBDA/1", region: "us-east-1" },
  ...{ service: "LAMBDA", eventTypeCode: "AWS_LAMBDA_OPERATIONAL_ISSUE", why: "open" },
  ...{ startedAt: secondsAgo(900), updatedAt: secondsAgo(600), counts: true },
};

const aws = (state: RoutingState, healthySeconds?: number): Plan => ({
  ...tables(state),
  "Query of group": () => seen(state, healthySeconds),
  "Query of health": () => page([]),
  "GetItem of heartbeat": () => {
    const [beat] = page([{ region: "us-east-1", at: secondsAgo(4) }]).Items;
    return { Item: beat };
  },
  ListExecutions: () => ({ executions: [] }),
  DescribeAlarms: () => ({ MetricAlarms: [] }),
});

const status = async (plan: Plan, config = plain) => {
  const { out } = await operate(plan, ["status", "--json"], undefined, config);
  const { out: drawn } = await operate(plan, ["status"], undefined, config);
  return { json: JSON.parse(out), drawn };
};

test("status says how far each Region's peer is behind, and what a switch could lose", async () => {
  const { json, drawn } = await status(aws(steady));
  expect(json.replication).toMatchObject({
    "us-east-1": { to: "us-west-2", lagSeconds: 4, lossBoundSeconds: 19 },
    "us-west-2": { to: "us-east-1", lagSeconds: 4, lossBoundSeconds: 19 },
  });
  expect(drawn).toContain(
    "replication us-east-1 to us-west-2: 4 s behind; a switch now loses at most 19 s of writes\n",
  );
  const silent = { ...aws(steady), "GetItem in us-west-2 of heartbeat": () => "silence" as const };
  expect((await status(silent)).drawn).toContain(
    "replication us-east-1 to us-west-2: unknown; what a switch now could lose is unknown\n",
  );
});

test("the operator's clock says nothing of what a switch could lose", async () => {
  const beatsAt = (at: number): Plan => ({
    ...aws(steady),
    "GetItem of heartbeat": () => ({ Item: page([{ region: "us-east-1", at }]).Items[0] }),
  });
  const ahead = await status(beatsAt(secondsAgo(-30)));
  const behind = await status(beatsAt(secondsAgo(600)));
  const bounds = [ahead, behind].map(({ json }) => json.replication["us-east-1"].lossBoundSeconds);
  expect(bounds).toEqual([19, 19]);
});

test("the oldest heartbeat of all tables counts, the team's own among them, read consistently", async () => {
  const tables = [{ name: "carts", partitionKey: "userId" }];
  const asked: unknown[] = [];
  const beatsOfCarts = (carts: object): Plan => ({
    ...aws(steady),
    "GetItem of heartbeat": (body) => {
      asked.push(body);
      const [beat] = page([{ region: "us-east-1", at: secondsAgo(4) }]).Items;
      return body.TableName === "orders-carts" ? carts : { Item: beat };
    },
  });
  const [old] = page([{ region: "us-east-1", at: secondsAgo(34) }]).Items;
  const { json } = await status(beatsOfCarts({ Item: old }), configOf({ tables }));
  expect(json.replication).toMatchObject({
    "us-east-1": { lagSeconds: 34, lossBoundSeconds: 49 },
  });
  expect(asked).toContainEqual({
    TableName: "orders-carts",
    Key: { userId: { S: "switchback#heartbeat#us-east-1#3" } },
    ConsistentRead: true,
  });
  expect(asked.filter((body) => JSON.stringify(body).includes('"ConsistentRead":true'))).toEqual(
    asked,
  );
  const never = await status(beatsOfCarts({}), configOf({ tables }));
  expect(never.json.replication["us-east-1"]).toMatchObject({ lossBoundSeconds: null });
});

test("what would block a switch now is told with each reason", async () => {
  const healthy = await status(aws(steady));
  expect(healthy.drawn).toContain("failover    from us-east-1 to us-west-2: nothing blocks it\n");
  expect(healthy.drawn).toContain("failback    from us-west-2 to us-east-1: nothing to do\n");
  const latched = { ...moved, switchAttempted: { "us-east-1": "pulled" } } as const;
  const back = await status(aws(latched, 60));
  expect(back.drawn).toContain("failback    from us-west-2 to us-east-1: blocked\n");
  expect(back.drawn).toContain(`
            The drain lever of us-east-1 can't be read, so it is not known to be releasable.
            Not from everywhere has us-east-1 been healthy without interruption for long enough`);
  expect(back.json.outlook).toMatchObject([
    { direction: "failover", kind: "hold", blockers: [{ code: "already-active" }] },
    {
      direction: "failback",
      kind: "hold",
      blockers: [
        { code: "switch-not-releasable", stops: "hold" },
        { code: "drain-not-releasable", stops: "hold" },
        { code: "target-not-stable", stops: "hold" },
        { code: "failback-needs-approval", stops: "ask" },
      ],
    },
  ]);
});

test("in active-active either Region may be taken out, and each is told", async () => {
  const shared = configOf({ topology: "active-active" });
  const { json } = await status(aws({ ...steady, writer: null }), shared);
  expect(json.outlook).toMatchObject([
    { direction: "failover", source: "us-east-1", target: "us-west-2" },
    { direction: "failover", source: "us-west-2", target: "us-east-1" },
    { direction: "failback" },
  ]);
});

test("an open Health issue and an alarm that sounds are shown, and block what they speak against", async () => {
  const alarm = {
    ...{ AlarmName: "orders-lease-lapsed", StateReason: "1 datapoint was greater" },
    StateUpdatedTimestamp: secondsAgo(300) / 1_000,
  };
  const { json, drawn } = await status({
    ...aws(steady),
    "Query of health": () => page([{ ...issue, region: "us-west-2" }]),
    DescribeAlarms: () => ({ MetricAlarms: [] }),
    "DescribeAlarms in us-east-2": () => ({ MetricAlarms: [alarm] }),
  });
  expect(drawn).toContain(
    "alarm       orders-lease-lapsed in us-east-2, 5 min ago: 1 datapoint was greater\n",
  );
  expect(drawn).toContain(
    "AWS Health  LAMBDA in us-west-2: AWS_LAMBDA_OPERATIONAL_ISSUE, 10 min ago\n",
  );
  expect(json.outlook[0].blockers).toMatchObject([{ code: "target-health-issue" }]);
});

test("what can't be read is unknown, and so is what could block", async () => {
  const { json, drawn } = await status({
    ...aws(steady),
    "Query of health": () => ({ refused: "AccessDeniedException" }),
    "DescribeAlarms in us-east-1": () => "silence",
  });
  expect(json).toMatchObject({ health: null, outlook: null });
  expect(drawn).toContain("blocked     unknown: what could block is not known\n");
  expect(drawn).toContain("unknown     alarms: us-east-1 did not answer (3 s)\n");
  expect(drawn).toContain("unknown     AWS Health's issues: ");
});

test("a wish to abort is shown until its run has ended", async () => {
  const run = question.executionArn;
  const plan = planOf(plain, "failover", "planned");
  const held = claimed(plain, steady, { executionArn: run, now, plan });
  const wish = { execution: run, by: "bob", reason: "customers call", at: secondsAgo(5) };
  const asked = { ...aws(held), "GetItem of abort": () => ({ Item: page([wish]).Items[0] }) };
  const { json, drawn } = await status(asked);
  expect(json.aborts).toMatchObject([wish]);
  expect(drawn).toContain("abort       bob asked run-1 to stop, 5 s ago: customers call\n");
  const unread = await status({ ...asked, "GetItem of abort": () => "silence" });
  expect(unread.json.aborts).toBe(null);
  expect(unread.drawn).toContain("abort       unknown: whether somebody asked a run to stop\n");
});
