// The observer beside services and functions that are planned answer by answer.
import { beforeEach, describe, expect, test } from "vitest";
import { planOf } from "../../core/plan-for.ts";
import type { AwsRequest, AwsService, Json } from "../../lab/kernel.ts";
import { createEventLog } from "../../lab/log.ts";
import { Observer } from "../../lab/observe.ts";
import type { LabLambda } from "../../lab/services/lambda/lambda.ts";
import { world } from "../core/world.ts";
import { atSecond, config, primary, run, zero } from "./scripted-log.ts";

let now: number;
let log: ReturnType<typeof createEventLog>;
let observer: Observer;
beforeEach(() => {
  now = zero;
  const clock = { now: () => now };
  log = createEventLog(clock);
  observer = new Observer({ config, clock, clocks: { offset: () => 0 }, log });
});

const told = () => log.events.map(({ kind, region, detail }) => ({ kind, region, detail }));
const role = "arn:aws:iam::123456789012:role/shift-traffic";

/** A service that takes 40 ms and answers that. */
function serviceOf(name: string, body: Json = {}, status = 200): AwsService {
  return observer.service({
    name,
    demands: () => [],
    error: (_, code, message) => ({ status: 400, headers: {}, body: `${code} ${message}` }),
    async handle() {
      now += 40;
      return { status, headers: {}, body: JSON.stringify(body) };
    },
  });
}

function request(difference: Partial<AwsRequest>): AwsRequest {
  return {
    service: "route53",
    region: primary,
    method: "POST",
    path: "/2013-04-01/healthcheck/abc",
    query: {},
    headers: {},
    body: "",
    principal: { arn: role, kind: "role" },
    from: { region: "us-west-2" },
    ...difference,
  };
}

const get = (difference: { [key: string]: Json } = {}) =>
  request({
    service: "dynamodb",
    headers: { "x-amz-target": "DynamoDB_20120810.GetItem" },
    body: JSON.stringify({
      TableName: "orders-control",
      ConsistentRead: true,
      Key: { pk: { S: "group#orders" }, sk: { S: "routing" } },
      ...difference,
    }),
  });
const leased: Json = { Item: { lease: { M: { executionArn: { S: run }, until: { N: "1" } } } } };

const put = (value: number, dimensions: { [name: string]: string } = {}, metric = "Drain") =>
  request({
    service: "monitoring",
    headers: { "x-amz-target": "GraniteServiceVersion20100801.PutMetricData" },
    body: JSON.stringify({
      Namespace: "Switchback",
      MetricData: [
        {
          MetricName: metric,
          Value: value,
          Dimensions: Object.entries({ Group: "orders", Region: primary, ...dimensions }).map(
            ([Name, Value]) => ({ Name, Value }),
          ),
        },
      ],
    }),
  });

describe("a service that is observed", () => {
  test("answers as it did before", async () => {
    const service = serviceOf("sns", { MessageId: "1" });
    expect(service.name).toBe("sns");
    expect(service.demands(request({}))).toEqual([]);
    expect(service.error(request({}), "Code", "why", 400).body).toBe("Code why");
    expect((await service.handle(request({ service: "sns" }))).body).toBe('{"MessageId":"1"}');
    expect(told()).toEqual([]);
  });

  test("has each successful Route 53 call noted, with who made it, and no other", async () => {
    await serviceOf("route53").handle(request({}));
    await serviceOf("route53", {}, 400).handle(request({}));
    expect(told()).toEqual([
      {
        kind: "route53-call",
        region: null,
        detail: { operation: "POST healthcheck", by: role },
      },
    ]);
  });
});

describe("a drain lever", () => {
  const position = () => log.events.map(({ detail }) => [detail.position, detail.republished]);

  test("is where its metric was put last, with the strong read that its sender made before", async () => {
    await serviceOf("dynamodb", leased).handle(get());
    now = atSecond(3);
    await serviceOf("monitoring").handle(put(1));
    expect(told()).toEqual([
      {
        kind: "lever",
        region: null,
        detail: {
          lever: "drain",
          region: primary,
          position: "pulled",
          republished: false,
          sender: role,
          sentAt: atSecond(3),
          readAt: zero,
          holder: run,
        },
      },
    ]);
  });

  test("rests on what its sender had read when it sent it, however late the service was", async () => {
    const table = serviceOf("dynamodb", leased);
    await table.handle(get());
    now = atSecond(20);
    await table.handle(get());
    now = atSecond(21);
    await serviceOf("monitoring").handle({ ...put(1), sentAt: atSecond(4) });
    expect(log.events[0]?.detail).toMatchObject({ sentAt: atSecond(4), readAt: zero });
  });

  test("is republished where it stands there already, also released ones at the start", async () => {
    const monitoring = serviceOf("monitoring");
    for (const value of [0, 1, 1, 0]) await monitoring.handle(put(value));
    expect(position()).toEqual([
      ["released", true],
      ["pulled", false],
      ["pulled", true],
      ["released", false],
    ]);
  });

  test("is not moved by what comes late for an older minute, nor by a late release", async () => {
    const monitoring = serviceOf("monitoring");
    const said = (value: number, seconds: number) =>
      monitoring.handle({ ...put(value), sentAt: atSecond(seconds) });
    await said(1, 70);
    await said(0, 65);
    await said(0, 50);
    await said(0, 71);
    await said(1, 70.5);
    await said(1, 59);
    expect(position()).toEqual([
      ["pulled", false],
      ["released", false],
      ["pulled", false],
    ]);
  });

  test("is not moved by other metrics, other groups, or a call that failed", async () => {
    const monitoring = serviceOf("monitoring");
    await monitoring.handle(put(1, {}, "Latency"));
    await monitoring.handle(put(1, { Group: "payments" }));
    await serviceOf("monitoring", {}, 500).handle(put(1));
    expect(told()).toEqual([]);
  });

  test("has no read where its sender made none that was strong, of the routing state, and answered", async () => {
    await serviceOf("dynamodb", leased).handle(get({ ConsistentRead: false }));
    await serviceOf("dynamodb", leased).handle(get({ TableName: "orders-application" }));
    const heartbeat = { pk: { S: "group#orders" }, sk: { S: "heartbeat#us-east-1" } };
    await serviceOf("dynamodb", leased).handle(get({ Key: heartbeat }));
    await serviceOf("dynamodb", leased, 500).handle(get());
    const other = { arn: "arn:aws:iam::123456789012:role/watch", kind: "role" as const };
    await serviceOf("dynamodb", leased).handle({ ...get(), principal: other });
    await serviceOf("monitoring").handle(put(1));
    expect(log.events[0]?.detail).toMatchObject({ readAt: null, holder: null });
  });

  test("has a read that shows nobody where nothing is leased", async () => {
    await serviceOf("dynamodb", { Item: { lease: { NULL: true } } }).handle(get());
    await serviceOf("monitoring").handle(put(1));
    expect(log.events[0]?.detail).toMatchObject({ readAt: zero, holder: null });
  });
});

describe("a switch lever", () => {
  const updated = (name: string, inverted: boolean) =>
    log.emit("health-check-updated", null, { id: "1", name, inverted, version: 2, by: role });

  test("is pulled where its check was inverted, whichever Region it is of", () => {
    updated("orders-switch-us-east-1", true);
    updated("orders-switch-us-west-2", false);
    const levers = log.events.filter(({ kind }) => kind === "lever").map(({ detail }) => detail);
    expect(levers).toMatchObject([
      { lever: "switch", region: "us-east-1", position: "pulled", republished: false },
      { lever: "switch", region: "us-west-2", position: "released", republished: true },
    ]);
  });

  test("was sent when its update was", async () => {
    now = atSecond(22);
    const service = observer.service({
      name: "route53",
      demands: () => [],
      error: () => ({ status: 400, headers: {}, body: "" }),
      async handle() {
        updated("orders-switch-us-east-1", true);
        return { status: 200, headers: {}, body: "" };
      },
    });
    await service.handle(request({ sentAt: atSecond(2) }));
    const lever = log.events.find(({ kind }) => kind === "lever");
    expect(lever?.detail).toMatchObject({ lever: "switch", sentAt: atSecond(2) });
  });

  test("is no other check", () => {
    updated("orders-endpoint-us-east-1", true);
    expect(log.events.filter(({ kind }) => kind === "lever")).toEqual([]);
  });
});

describe("a function that is observed", () => {
  const arn = (name: string) => `arn:aws:lambda:us-west-2:123456789012:function:orders-${name}`;

  async function invoked(name: string, input: unknown, output: unknown): Promise<void> {
    const unplanned = () => {
      throw new Error("nobody planned this");
    };
    const answer = { payload: typeof output === "string" ? output : JSON.stringify(output) };
    const lambda: LabLambda = {
      models: {},
      arnOf: unplanned,
      settingsOf: unplanned,
      hang: unplanned,
      crash: unplanned,
      linesOf: unplanned,
      setVariables: unplanned,
      invoke: async () => ({ ...answer, functionError: null }),
    };
    const seen = await observer.lambda(lambda).invoke(arn(name), JSON.stringify(input));
    expect(seen).toEqual({ ...answer, functionError: null });
  }

  const look = (serving: string, passed: boolean) => ({
    ...{ serving, passed, startedAt: 1, milliseconds: 2, failedStep: null, detail: "" },
  });
  const evidence = world();
  const request = { mode: "automatic", requestedBy: "signal:watch" };
  const plan = planOf(config, "failover", "automatic");
  const lossBound = { seconds: 20, estimatedWrites: 1, stopBound: 9, newestAtTarget: 1 };
  const decision = {
    ...{ kind: "go", because: ["quorum-reached"], blockedBy: [], waived: ["cool-down"] },
    ...{ sentences: [], plan, intent: "switch", lossBound, dryRun: false, page: false },
    ...{ decidedAt: 5, epoch: 1, automation: "armed", vouchedAt: null },
    ...{ divergence: [], divergenceHash: "", divergenceReadBy: null },
  };
  const started = { executionArn: run, startedAt: "2026-01-15T09:00:00Z" };

  test("tells each look that it took, by vantage point and serving Region", async () => {
    const looks = [look("us-east-1", false), look("us-west-2", true)];
    await invoked("look", {}, { vantage: "us-east-2", at: 1, looks, publicName: null });
    expect(told()).toEqual([
      {
        kind: "look",
        region: "us-east-2",
        detail: { vantage: "us-east-2", serving: "us-east-1", passed: false, endedAt: 3 },
      },
      {
        kind: "look",
        region: "us-east-2",
        detail: { vantage: "us-east-2", serving: "us-west-2", passed: true, endedAt: 3 },
      },
    ]);
  });

  test("tells a decision together with the reports that it was decided on", async () => {
    await invoked("decide", { run: started, request, evidence, approval: null }, decision);
    expect(told()).toEqual([
      {
        kind: "decision",
        region: "us-west-2",
        detail: {
          ...decision,
          executionArn: run,
          evidence: { reports: evidence.reports },
        },
      },
    ]);
  });

  test("tells a claim that was granted, with what it stated, on what, and what was waived", async () => {
    const found = { ...lossBound, seconds: 21 };
    const claim = {
      ...{ claimed: true, epoch: 2, claimedAt: 6, plan, intent: "switch", next: "fence" },
      ...{ promotes: true, promoted: false, lossBound: found },
    };
    await invoked("claim-epoch", { run: started, request, decision, intent: "switch" }, claim);
    expect(told()).toEqual([
      {
        kind: "claim",
        region: "us-west-2",
        detail: {
          ...{ epoch: 2, plan, intent: "switch", lossBound: found, decided: lossBound },
          waived: ["cool-down"],
        },
      },
    ]);
  });

  test("tells nothing of a claim that was refused, of other functions, and of no JSON", async () => {
    const refused = { claimed: false, why: "another was faster" };
    await invoked("claim-epoch", { run: started, request, decision, intent: "switch" }, refused);
    await invoked("decide", {}, decision);
    await invoked("watch", {}, { vantage: "us-east-2", at: 1, looks: [], publicName: null });
    await invoked("look", {}, "Task timed out");
    expect(told()).toEqual([]);
  });
});
