import { expect, test } from "vitest";
import type { RoutingState } from "../../core/contracts/routing-state.ts";
import { initialState } from "../../core/plan.ts";
import type { Route53, SwitchCheck } from "../../functions/adapters/route53.ts";
import {
  type LeverOrder,
  type LeverPorts,
  readLevers,
  republishDrain,
  setLevers,
} from "../../functions/levers.ts";
import { config, now } from "../core/world.ts";
import { claimedState, executionArn, routingDoor, told } from "./fakes.ts";

const switching = claimedState(config);
const checks = { "us-east-1": { endpoint: "e", switch: "s", drain: "d", region: "r" } };
const order: LeverOrder = {
  region: "us-east-1",
  desired: { switch: "pulled", drain: "pulled" },
  checks,
  epoch: 2,
  holder: executionArn,
  execution: executionArn,
  because: "so that us-west-2 serves",
  notAfter: null,
};

interface World {
  readonly state?: RoutingState;
  readonly route53?: Partial<Route53>;
  readonly drainFails?: boolean;
  readonly clock?: () => number;
}

function portsOf(world: World = {}) {
  const { events, ledger, notes } = told();
  const control = routingDoor(world.state ?? switching, events);
  let check: SwitchCheck = { version: 7, position: "released" };
  const route53: Route53 = {
    async readSwitch() {
      events.push("read switch");
      return check;
    },
    async updateSwitch({ version, position }) {
      events.push(`update switch ${version} ${position}`);
      check = { version: version + 1, position };
      return check;
    },
    ...world.route53,
  };
  const drain: LeverPorts["drain"] = {
    async publish(region, position, at) {
      if (world.drainFails === true) throw new Error("CloudWatch is away");
      events.push(`publish ${region} ${position} ${at}`);
    },
    async read() {
      return null;
    },
  };
  const ports: LeverPorts = { control, ledger, route53, drain, now: world.clock ?? (() => now) };
  return { ports, events, notes, control };
}

const only = (lever: "switch" | "drain") => ({ ...order, levers: [lever] as const });

test("The switch: who holds, ledger, version, recorded attempt, strong read, update, in this order", async () => {
  const { ports, events, control } = portsOf();
  const result = await setLevers(ports, only("switch"));
  expect(result).toEqual({ switch: "accepted", drain: "untouched", route53Calls: 2, details: [] });
  expect(events).toEqual([
    "read routing",
    "ledger pull-lever",
    "read switch",
    "read routing",
    "write routing",
    "read routing",
    "update switch 7 pulled",
  ]);
  expect(control.state.switchAttempted).toEqual({ "us-east-1": "pulled" });
});

test("The drain is stamped with the time of the strong read that it rests on", async () => {
  const times = [now - 300, now, now + 400];
  const { ports, events } = portsOf({ clock: () => times.shift() ?? now + 500 });
  await setLevers(ports, only("drain"));
  expect(events).toEqual([
    "read routing",
    "ledger pull-lever",
    "read routing",
    `publish us-east-1 pulled ${now}`,
  ]);
});

test("A release is recorded only after it was read back", async () => {
  const pulled = { ...switching, switchAttempted: { "us-east-1": "pulled" as const } };
  const desired = { switch: "released", drain: "released" } as const;
  const failing = { updateSwitch: () => Promise.reject(new Error("Route 53 is away")) };
  const away = portsOf({ state: pulled, route53: failing });
  expect((await setLevers(away.ports, { ...only("switch"), desired })).switch).toBe("failed");
  expect(away.control.state.switchAttempted).toEqual({ "us-east-1": "pulled" });
  const back = portsOf({ state: pulled });
  expect((await setLevers(back.ports, { ...only("switch"), desired })).switch).toBe("accepted");
  expect(back.control.state.switchAttempted).toEqual({ "us-east-1": "released" });
});

test("While Route 53's API is away the drain is pulled all the same", async () => {
  const readSwitch = () => Promise.reject(new Error("Route 53 is away"));
  const { ports } = portsOf({ route53: { readSwitch } });
  const result = await setLevers(ports, order);
  expect(result).toEqual({
    switch: "failed",
    drain: "accepted",
    route53Calls: 2,
    details: ["Switch lever of us-east-1: Error: Route 53 is away."],
  });
});

test("An update whose answer was lost counts when the check is newer and as desired", async () => {
  const seen: SwitchCheck[] = [
    { version: 7, position: "released" },
    { version: 8, position: "pulled" },
  ];
  const { ports } = portsOf({
    route53: {
      readSwitch: async () => seen.shift() ?? { version: 8, position: "pulled" },
      updateSwitch: () => Promise.reject(new Error("No answer within 5 s.")),
    },
  });
  expect(await setLevers(ports, only("switch"))).toMatchObject({
    switch: "accepted",
    route53Calls: 3,
  });
});

test("A version that the client's own first attempt made is no conflict", async () => {
  const mismatch = Object.assign(new Error("newer"), { name: "HealthCheckVersionMismatch" });
  let check: SwitchCheck = { version: 7, position: "released" };
  let tries = 0;
  const { ports, control } = portsOf({
    route53: {
      readSwitch: async () => check,
      async updateSwitch({ version, position }) {
        tries += 1;
        check = { version: version + 1, position };
        throw mismatch;
      },
    },
  });
  expect((await setLevers(ports, only("switch"))).switch).toBe("accepted");
  expect([tries, check.version]).toEqual([1, 8]);
  expect(control.state.switchAttempted).toEqual({ "us-east-1": "pulled" });
});

test("An update that was overtaken reads the new version and tries again", async () => {
  const mismatch = Object.assign(new Error("newer"), { name: "HealthCheckVersionMismatch" });
  let tries = 0;
  const { ports } = portsOf({
    route53: {
      async updateSwitch({ version, position }) {
        tries += 1;
        if (tries === 1) throw mismatch;
        return { version: version + 1, position };
      },
    },
  });
  const result = await setLevers(ports, only("switch"));
  expect([result.switch, result.route53Calls, tries]).toEqual(["accepted", 5, 2]);
});

test("Another epoch stops both levers before any call", async () => {
  const { ports, events } = portsOf({ state: { ...switching, epoch: 3 } });
  await expect(setLevers(ports, order)).rejects.toMatchObject({ name: "EpochLost" });
  expect(events.filter((e) => e.startsWith("update") || e.startsWith("publish"))).toEqual([]);
});

test("Reconcile touches nothing while somebody holds the lease", async () => {
  const { ports } = portsOf();
  const reconcile = { ...order, holder: null };
  await expect(setLevers(ports, reconcile)).rejects.toMatchObject({ name: "EpochLost" });
});

test("No call is sent once no look vouches any more", async () => {
  const { ports, events } = portsOf();
  const result = await setLevers(ports, { ...order, notAfter: now - 1 });
  expect([result.switch, result.drain]).toEqual(["failed", "failed"]);
  expect(events.filter((e) => e.startsWith("update") || e.startsWith("publish"))).toEqual([]);
});

test("Republishing says what the state desires, without a ledger entry, only while steady", async () => {
  const steady = initialState(config, now - 86_400_000);
  const { ports, events } = portsOf({ state: steady });
  await republishDrain(ports, "us-east-1", 1);
  expect(events).toEqual(["read routing", `publish us-east-1 released ${now}`]);
  const busy = portsOf();
  await expect(republishDrain(busy.ports, "us-east-1", 2)).rejects.toMatchObject({
    name: "EpochLost",
  });
});

test("Levers that can't be read are unknown, and Route 53 is then not reachable", async () => {
  const readSwitch = () => Promise.reject(new Error("Route 53 is away"));
  const away = portsOf({ route53: { readSwitch } });
  expect(await readLevers(away.ports, checks, ["us-east-1"])).toEqual({
    levers: { "us-east-1": { switch: "unknown", drain: "unknown" } },
    reachable: false,
  });
  const there = portsOf();
  expect(await readLevers(there.ports, checks, ["us-east-1"])).toEqual({
    levers: { "us-east-1": { switch: "released", drain: "unknown" } },
    reachable: true,
  });
});
