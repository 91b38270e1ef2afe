import { EventBridgeClient, PutEventsCommand, PutRuleCommand } from "@aws-sdk/client-eventbridge";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { installClock, type LabClock } from "../../../../lab/clock.ts";
import { Hindrances } from "../../../../lab/faults/hindrances.ts";
import type { AwsRequest, Json, Network } from "../../../../lab/kernel.ts";
import { createEventLog } from "../../../../lab/log.ts";
import { createNetwork } from "../../../../lab/network.ts";
import { createRandom } from "../../../../lab/random.ts";
import { RegionClocks } from "../../../../lab/region-clocks.ts";
import { createEvents, type Events } from "../../../../lab/services/events/events.ts";
import { account, inProcess, settled } from "../in-process.ts";

const zero = Date.UTC(2026, 0, 15, 9);
const region = "us-west-2";
const functionArn = `arn:aws:lambda:${region}:${account}:function:orders-on-signal`;
const ruleArn = `arn:aws:events:${region}:${account}:rule/signals`;

const relayArn = `arn:aws:iam::${account}:role/relay`;
const busIn = (of: string) => `arn:aws:events:${of}:${account}:event-bus/default`;

let clock: LabClock;
let network: Network;
let hindrances: Hindrances;
let events: Events;
let log: ReturnType<typeof createEventLog>;
let invoked: { at: number; event: Json; by: Json }[];
let functionError: string | null;
let refusal: Error | null;

beforeEach(() => {
  clock = installClock({ zero });
  const random = createRandom(1);
  network = createNetwork(clock, random);
  hindrances = new Hindrances(random);
  log = createEventLog(clock);
  invoked = [];
  functionError = null;
  refusal = null;
  events = createEvents({
    account,
    clock,
    clocks: new RegionClocks(clock),
    random,
    log,
    network,
    call: async ({ service }) => {
      throw new Error(`nobody planned a call of ${service}`);
    },
    hindrance: hindrances.meets.bind(hindrances),
    iam: {
      trusts: async (arn) => arn === relayArn,
      allows: async (_principal, { action, resource }) =>
        action === "events:PutEvents" && resource === busIn("us-west-2"),
    },
    lambda: {
      invoke: async (arn, payload, options) => {
        if (arn !== functionArn) throw new Error(`no function ${arn}`);
        if (refusal !== null) throw refusal;
        const event: Json = JSON.parse(payload);
        invoked.push({ at: clock.now() - zero, event, by: { ...options } });
        return { payload: "null", functionError };
      },
    },
  });
});
afterEach(() => clock.uninstall());

const rule = (properties: { [name: string]: Json }) =>
  events.models["AWS::Events::Rule"]?.({
    stack: "region",
    region,
    logicalId: "Rule",
    type: "AWS::Events::Rule",
    properties: { Name: "signals", Targets: [{ Id: "t", Arn: functionArn }], ...properties },
  });
const onSignals = { EventPattern: { source: ["switchback.orders"] } };
const client = (of = region) => new EventBridgeClient(inProcess(events.service, of));
const put = (Source: string, of = region) =>
  client(of).send(
    new PutEventsCommand({
      Entries: [{ Source, DetailType: "Switchback Signal", Detail: '{"kind":"watch"}' }],
    }),
  );

describe("an event on a Region's bus", () => {
  it("reaches the targets of the rules that it matches, in AWS's envelope", async () => {
    await rule(onSignals);
    const answer = await put("switchback.orders");
    await put("switchback.other");
    await put("switchback.orders", "us-east-1");
    await clock.runUntil(zero + 1000);
    expect(answer).toMatchObject({ FailedEntryCount: 0, Entries: [{}] });
    expect(invoked.map(({ event }) => event)).toEqual([
      {
        version: "0",
        id: answer.Entries?.[0]?.EventId,
        "detail-type": "Switchback Signal",
        source: "switchback.orders",
        account,
        time: "2026-01-15T09:00:00Z",
        region,
        resources: [],
        detail: { kind: "watch" },
      },
    ]);
    expect(invoked[0]?.by).toEqual({ invokedBy: "events.amazonaws.com", sourceArn: ruleArn });
    expect(invoked[0]?.at).toBeGreaterThanOrEqual(50);
    expect(invoked[0]?.at).toBeLessThanOrEqual(300);
  });

  it("keeps its envelope when an AWS service put it", async () => {
    await rule({ EventPattern: { source: ["aws.health"] } });
    const health = { id: "h", time: "2026-01-15T08:00:00Z", source: "aws.health", detail: {} };
    events.putAwsEvent(region, health);
    await clock.runUntil(zero + 1000);
    expect(invoked[0]?.event).toMatchObject({ ...health, account, region });
  });

  it("is refused when its detail is no object", async () => {
    const entry = { Source: "s", DetailType: "d", Detail: "[]" };
    const answer = await settled(clock, client().send(new PutEventsCommand({ Entries: [entry] })));
    expect(answer.FailedEntryCount).toBe(1);
    expect(answer.Entries?.[0]?.ErrorCode).toBe("MalformedDetail");
  });

  describe("that a rule hands on to another Region's bus", () => {
    const relay = (to: string, RoleArn = relayArn) =>
      events.models["AWS::Events::Rule"]?.({
        stack: "witness",
        region: "us-east-2",
        logicalId: "Relay",
        type: "AWS::Events::Rule",
        properties: {
          ...onSignals,
          Name: "relay",
          Targets: [{ Id: "t", Arn: busIn(to), RoleArn }],
        },
      });

    it("wakes the rules there, in the envelope that it had", async () => {
      await rule(onSignals);
      await relay(region);
      const answer = await put("switchback.orders", "us-east-2");
      await clock.runUntil(zero + 2000);
      expect(invoked.map(({ event }) => event)).toMatchObject([
        { id: answer.Entries?.[0]?.EventId, region: "us-east-2", source: "switchback.orders" },
      ]);
    });

    it("arrives when the way there is open again", async () => {
      await rule(onSignals);
      await relay(region);
      network.setDown(region, true);
      await put("switchback.orders", "us-east-2");
      await clock.runUntil(zero + 90_000);
      expect(invoked).toEqual([]);
      network.setDown(region, false);
      await clock.runUntil(zero + 180_000);
      expect(invoked).toHaveLength(1);
    });

    it("is not delivered by a role that may not, and the log says so", async () => {
      await rule(onSignals);
      await relay("us-east-1");
      await relay(region, `${relayArn}-2`);
      await put("switchback.orders", "us-east-2");
      await clock.runUntil(zero + 2000);
      expect(invoked).toEqual([]);
      const told = log.events.filter(({ kind }) => kind === "event-not-delivered");
      expect(told.map(({ detail }) => detail.why).sort()).toEqual([
        `${relayArn} may not put events there`,
        `${relayArn}-2 may not put events there`,
      ]);
    });
  });

  it.each(["unreachable", "error", "throttle"] as const)(
    "waits while EventBridge itself is hindered: %s",
    async (mode) => {
      await rule(onSignals);
      const heal = hindrances.add(region, "events", { mode, share: 1, seconds: 0 });
      await put("switchback.orders");
      await clock.runUntil(zero + 600_000);
      expect(invoked).toEqual([]);
      heal();
      await clock.runUntil(zero + 606_000);
      expect(invoked).toHaveLength(1);
    },
  );

  it("is kept for a day at most", async () => {
    await rule(onSignals);
    hindrances.add(region, "events", { mode: "error", share: 1, seconds: 0 });
    await put("switchback.orders");
    await clock.runUntil(zero + 25 * 3_600_000);
    expect(log.events.map(({ kind }) => kind)).toEqual(["event-given-up"]);
  });

  it("arrives late from a slow EventBridge, and in time from one whose name is gone", async () => {
    await rule(onSignals);
    const heal = hindrances.add(region, "events", { mode: "slow", share: 1, seconds: 20 });
    await put("switchback.orders");
    await clock.runUntil(zero + 20_000);
    expect(invoked).toEqual([]);
    await clock.runUntil(zero + 21_000);
    expect(invoked).toHaveLength(1);
    heal();
    hindrances.add(region, "events", { mode: "no-dns", share: 1, seconds: 0 });
    await put("switchback.orders");
    await clock.runUntil(zero + 22_000);
    expect(invoked).toHaveLength(2);
  });

  it("is sent again while Lambda refuses it, unless the target's retry policy forbids", async () => {
    await rule(onSignals);
    await rule({
      ...onSignals,
      Targets: [{ Id: "t", Arn: functionArn, RetryPolicy: { MaximumRetryAttempts: 0 } }],
    });
    refusal = Object.assign(new Error("Rate Exceeded."), { status: 429 });
    await put("switchback.orders");
    await clock.runUntil(zero + 10_000);
    expect(invoked).toEqual([]);
    refusal = null;
    await clock.runUntil(zero + 120_000);
    expect(invoked).toHaveLength(1);
    expect(log.events.map(({ kind }) => kind)).toEqual(["event-given-up"]);
  });

  it("waits for its Region when that is down", async () => {
    await rule(onSignals);
    await put("switchback.orders");
    network.setDown(region, true);
    await clock.runUntil(zero + 600_000);
    expect(invoked).toEqual([]);
    network.setDown(region, false);
    await clock.runUntil(zero + 601_000);
    expect(invoked).toHaveLength(1);
  });

  it("arrives late and more than once while that fault lasts", async () => {
    await rule(onSignals);
    events.addDelay(region, { seconds: 90, duplicates: 2 });
    await put("switchback.orders");
    await clock.runUntil(zero + 90_000);
    expect(invoked).toEqual([]);
    await clock.runUntil(zero + 91_000);
    expect(invoked).toHaveLength(3);
  });

  it("arrives in time again when that fault is healed, and later still with two of them", async () => {
    await rule(onSignals);
    const heal = events.addDelay(region, { seconds: 60 });
    const healSecond = events.addDelay(region, { seconds: 60 });
    await put("switchback.orders");
    await clock.runUntil(zero + 119_000);
    expect(invoked).toEqual([]);
    await clock.runUntil(zero + 121_000);
    expect(invoked).toHaveLength(1);
    heal();
    healSecond();
    await put("switchback.orders");
    await clock.runUntil(zero + 122_000);
    expect(invoked).toHaveLength(2);
  });

  it("is given to a failing function twice more, unless the function says otherwise", async () => {
    await rule(onSignals);
    functionError = "Unhandled";
    await put("switchback.orders");
    await clock.runUntil(zero + 600_000);
    expect(invoked).toHaveLength(3);
    expect(log.events.map(({ kind }) => kind)).toEqual(["event-given-up"]);
    await events.models["AWS::Lambda::EventInvokeConfig"]?.({
      stack: "region",
      region,
      logicalId: "Config",
      type: "AWS::Lambda::EventInvokeConfig",
      properties: {
        FunctionName: "orders-on-signal",
        Qualifier: "$LATEST",
        MaximumRetryAttempts: 0,
      },
    });
    await put("switchback.orders");
    await clock.runUntil(zero + 1_200_000);
    expect(invoked).toHaveLength(4);
  });

  it("is logged when the target does not take it", async () => {
    const Arn = `arn:aws:lambda:${region}:${account}:function:nobody`;
    await rule({ ...onSignals, Targets: [{ Id: "t", Arn }] });
    await put("switchback.orders");
    await clock.runUntil(zero + 1000);
    expect(log.events).toMatchObject([
      { kind: "event-not-delivered", region, detail: { rule: ruleArn, target: Arn } },
    ]);
  });

  it("can be changed on its way to the target", async () => {
    const transformer = {
      InputPathsMap: { kind: "$.detail.kind" },
      InputTemplate: '{"what": "<kind>", "gone": <other>}',
    };
    const Targets = [{ Id: "t", Arn: functionArn, InputTransformer: transformer }];
    await rule({ ...onSignals, Targets });
    await put("switchback.orders");
    await clock.runUntil(zero + 1000);
    expect(invoked[0]?.event).toEqual({ what: "watch", gone: null });
  });
});

describe("a scheduled rule", () => {
  it("ticks every minute, and skips what falls into an outage", async () => {
    await rule({ ScheduleExpression: "rate(1 minute)" });
    await clock.runUntil(zero + 130_000);
    expect(invoked).toHaveLength(2);
    expect(invoked[1]?.event).toMatchObject({
      "detail-type": "Scheduled Event",
      source: "aws.events",
      time: "2026-01-15T09:02:00Z",
      resources: [ruleArn],
    });
    network.setDown(region, true);
    await clock.runUntil(zero + 310_000);
    network.setDown(region, false);
    await clock.runUntil(zero + 370_000);
    expect(invoked.map(({ at }) => Math.floor(at / 60_000))).toEqual([1, 2, 6]);
  });
});

describe("the service", () => {
  it("needs events:PutEvents on the bus, and refuses the rest by name", async () => {
    const request: AwsRequest = {
      service: "events",
      region,
      method: "POST",
      path: "/",
      query: {},
      headers: { "x-amz-target": "AWSEvents.PutEvents" },
      body: '{"Entries":[{"Source":"s","DetailType":"d","Detail":"{}"}]}',
      principal: { arn: "a", kind: "role" },
      from: { region },
    };
    expect(events.service.demands(request)).toEqual([
      {
        action: "events:PutEvents",
        resource: `arn:aws:events:${region}:${account}:event-bus/default`,
        context: { "events:source": "s", "events:detail-type": "d" },
      },
    ]);
    await expect(client().send(new PutRuleCommand({ Name: "r" }))).rejects.toMatchObject({
      name: "UnknownOperationException",
    });
  });
});

it("makes up for no tick that fell into EventBridge's own trouble", async () => {
  await rule({ ScheduleExpression: "rate(1 minute)" });
  const heal = hindrances.add(region, "events", { mode: "error", share: 1, seconds: 0 });
  await clock.runUntil(zero + 330_000);
  expect(invoked).toEqual([]);
  heal();
  await clock.runUntil(zero + 390_000);
  expect(invoked).toHaveLength(1);
});
