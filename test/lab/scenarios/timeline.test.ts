// A timeline on the lab's real clock: what happens at which virtual second.
import { afterEach, beforeEach, expect, test } from "vitest";
import { installClock, type LabClock } from "../../../lab/clock.ts";
import { createEventLog } from "../../../lab/log.ts";
import { createNetwork } from "../../../lab/network.ts";
import { createRandom } from "../../../lab/random.ts";
import type { Fault } from "../../../lab/scenarios/fault-schema.ts";
import { scenarioSchema } from "../../../lab/scenarios/schema.ts";
import { playTimeline } from "../../../lab/scenarios/timeline.ts";
import { config, zero } from "../scripted-log.ts";

let clock: LabClock;
beforeEach(() => {
  clock = installClock({ zero, warmUpMilliseconds: 60_000 });
});
afterEach(() => clock.uninstall());

const roles = new Map(Object.entries(config.regions));

/** What was logged, done and healed, each with its virtual second. */
async function played(
  timeline: unknown[],
  seconds = 100,
  stopped: { arn: string; region: string } | null = null,
) {
  const said: string[] = [];
  const events: unknown[] = [];
  const log = createEventLog(clock);
  const say = (text: string) => said.push(`${clock.seconds()} ${text}`);
  log.on(({ kind, region, detail }) => {
    say(`${kind} ${detail.id}`);
    events.push({ kind, region, detail });
  });
  const network = createNetwork(clock, createRandom(1));
  network.onRegion((region, down) => say(`${region} ${down ? "down" : "up"}`));
  const unplanned = () => {
    throw new Error("nobody planned this");
  };
  const delivered: unknown[] = [];
  playTimeline(scenarioSchema.parse({ name: "a", description: "d", until: "10m", timeline }), {
    clock,
    log,
    regionOf: (name) => roles.get(name) ?? name,
    operate: ({ command, by, region }) =>
      say(`${command} by ${by}${region === undefined ? "" : ` of ${region}`}`),
    deliverHealthEvent(region, event) {
      say(`Health event in ${region}`);
      delivered.push(event);
    },
    faults: {
      ...{ config, clock, network, random: createRandom(1) },
      addEndpointFault: (region, fault) => {
        say(`endpoint ${fault.mode} in ${region}`);
        return () => say(`endpoint well in ${region}`);
      },
      hangFunction: unplanned,
      silenceCanaries: unplanned,
      intercept: unplanned,
      addServiceFault: unplanned,
      setStagesDeleted: unplanned,
      setMappingsDeleted: unplanned,
      addEventDelay: unplanned,
      addReplicationFault: (from, to) => {
        say(`replication ${from} to ${to}`);
        return () => say(`replication ${from} to ${to} well`);
      },
      skewClocks: unplanned,
    },
    stopSwitch: () => {
      say("switch stopped");
      return stopped;
    },
    crashFunction: (region, name, invocation) => say(`${name} in ${region} dies ${invocation}`),
    setVariables: (region, name, env) => say(`${name} in ${region}: ${JSON.stringify(env)}`),
  });
  expect(said).toEqual([]);
  await clock.runUntil(zero + seconds * 1000);
  return { said, events, delivered };
}

const down: Fault = { kind: "region-down", region: "primary" };

test("a fault starts, is healed by its id, and operators act, each at its time", async () => {
  const { said } = await played([
    { at: "20s", operator: { command: "failover", by: "alice@example.com" } },
    { at: "5s", fault: down, id: "outage" },
    { at: "30s", heal: "outage" },
  ]);
  expect(said).toEqual([
    "5 fault outage",
    "5 us-east-1 down",
    "20 failover by alice@example.com",
    "30 heal outage",
    "30 us-east-1 up",
  ]);
});

test("what stands after the end is not played", async () => {
  const late = { at: "10m1s", fault: down, id: "late" };
  const { said } = await played([{ at: "10m", fault: down, id: "last" }, late], 700);
  expect(said).toEqual(["600 fault last", "600 us-east-1 down"]);
});

test("all is healed by a list that holds all, too", async () => {
  const { said } = await played([
    { at: 1, fault: down, id: "a" },
    { at: 2, heal: ["b", "all"] },
  ]);
  expect(said.slice(2)).toEqual(["2 heal a", "2 us-east-1 up"]);
});

test("an operator names a Region by its role", async () => {
  const { said } = await played([
    { at: 1, operator: { command: "failover", by: "alice@example.com", region: "secondary" } },
    { at: 2, operator: { command: "failback", by: "alice@example.com", region: "us-east-1" } },
  ]);
  expect(said).toEqual([
    "1 failover by alice@example.com of us-west-2",
    "2 failback by alice@example.com of us-east-1",
  ]);
});

test("steps of one instant happen in the order of the file", async () => {
  const endpoint = { kind: "endpoint", region: "secondary", mode: "error" };
  const { said } = await played([
    { at: "5s", fault: endpoint, id: "b" },
    { at: "5s", fault: down, id: "a" },
    { at: "9s", heal: ["a", "b"] },
  ]);
  expect(said).toEqual([
    "5 fault b",
    "5 endpoint error in us-west-2",
    "5 fault a",
    "5 us-east-1 down",
    "9 heal a",
    "9 us-east-1 up",
    "9 heal b",
    "9 endpoint well in us-west-2",
  ]);
});

test('"all" heals every fault that stands, also those without an id, and none twice', async () => {
  const { said } = await played([
    { at: 1, fault: down },
    { at: 2, fault: down, id: "again" },
    { at: 3, heal: "again" },
    { at: 4, heal: "all" },
    { at: 5, heal: "all" },
  ]);
  expect(said).toEqual([
    "1 fault step-0",
    "1 us-east-1 down",
    "2 fault again",
    "3 heal again",
    "4 heal step-0",
    "4 us-east-1 up",
  ]);
});

test('"all" heals a fault without an id beside one that the file gave the usual id of it', async () => {
  const endpoint = { kind: "endpoint", region: "secondary", mode: "error" };
  const { said } = await played([
    { at: 1, fault: down },
    { at: 2, fault: endpoint, id: "step-0" },
    { at: 3, heal: "step-0" },
    { at: 4, heal: "all" },
  ]);
  expect(said).toEqual([
    "1 fault step-0'",
    "1 us-east-1 down",
    "2 fault step-0",
    "2 endpoint error in us-west-2",
    "3 heal step-0",
    "3 endpoint well in us-west-2",
    "4 heal step-0'",
    "4 us-east-1 up",
  ]);
});

test("a fault is logged with its Regions by code, its parameters in words, and its note", async () => {
  const { events } = await played([
    {
      at: 1,
      note: "a storm",
      fault: { kind: "endpoint", region: "primary", mode: "error", path: "/orders" },
    },
    { at: 2, fault: { kind: "partition", between: ["primary", "us-east-2"], oneWay: true } },
  ]);
  expect(events).toEqual([
    {
      kind: "fault",
      region: "us-east-1",
      detail: {
        id: "step-0",
        kind: "endpoint",
        regions: ["us-east-1"],
        parameters: "mode error, path /orders",
        note: "a storm",
      },
    },
    {
      kind: "fault",
      region: null,
      detail: {
        id: "step-1",
        kind: "partition",
        regions: ["us-east-1", "us-east-2"],
        parameters: "oneWay true",
      },
    },
  ]);
});

test("a Health event arrives in its envelope's Region with its times filled in, at any depth", async () => {
  const { said, delivered } = await played([
    {
      at: "65s",
      healthEvent: {
        region: "secondary",
        time: { $at: "iso" },
        detail: { startTime: { $at: "rfc1123" }, affected: [{ at: { $at: "iso" } }], page: "1" },
      },
    },
  ]);
  expect(said).toEqual(["65 Health event in us-west-2"]);
  expect(delivered).toEqual([
    {
      region: "us-west-2",
      time: "2026-01-15T09:01:05Z",
      detail: {
        startTime: "Thu, 15 Jan 2026 09:01:05 GMT",
        affected: [{ at: "2026-01-15T09:01:05Z" }],
        page: "1",
      },
    },
  ]);
});

test("an operator's change of a function's variables arrives in its Region, logged with its note", async () => {
  const { said, events } = await played([
    {
      at: "5s",
      note: "drill",
      set: { function: "orders-api", region: "primary", env: { HEALTH_STATUS: 404 } },
    },
  ]);
  expect(said).toEqual([
    "5 variables-set undefined",
    '5 orders-api in us-east-1: {"HEALTH_STATUS":"404"}',
  ]);
  expect(events).toEqual([
    {
      kind: "variables-set",
      region: "us-east-1",
      detail: { function: "orders-api", env: { HEALTH_STATUS: "404" }, note: "drill" },
    },
  ]);
});

test("a crash stops the running execution, or plans the death of one invocation", async () => {
  const arn = "arn:aws:states:us-west-2:123456789012:execution:orders-region-switch:a";
  const timeline = [
    { at: 1, crash: "region-switch", note: "half way" },
    { at: 2, crash: { function: "promote-target", region: "secondary", invocation: 2 } },
  ];
  const { said, events } = await played(timeline, 100, { arn, region: "us-west-2" });
  expect(said.filter((line) => !line.includes("undefined"))).toEqual([
    "1 switch stopped",
    "2 promote-target in us-west-2 dies 2",
  ]);
  expect(events).toEqual([
    { kind: "crash", region: "us-west-2", detail: { arn, note: "half way" } },
    {
      kind: "crash",
      region: "us-west-2",
      detail: { function: "promote-target", invocation: 2 },
    },
  ]);
});

test("a crash of the switch while none runs is told as such", async () => {
  const { events } = await played([{ at: 1, crash: "region-switch" }]);
  expect(events).toEqual([{ kind: "crash", region: null, detail: { arn: null } }]);
});

test("a fault of replication names both of its ends, in their order", async () => {
  const fault = { kind: "replication", from: "secondary", to: "primary", mode: "paused" };
  const { said, events } = await played([
    { at: 1, fault, id: "lag" },
    { at: 2, heal: "lag" },
  ]);
  expect(said).toEqual([
    "1 fault lag",
    "1 replication us-west-2 to us-east-1",
    "2 heal lag",
    "2 replication us-west-2 to us-east-1 well",
  ]);
  expect(events[0]).toEqual({
    kind: "fault",
    region: null,
    detail: {
      id: "lag",
      kind: "replication",
      regions: ["us-west-2", "us-east-1"],
      parameters: "mode paused",
    },
  });
});
