// The levers of two Regions that serve side by side: whoever is to serve is brought in, or known to
// be in, before anybody is taken out.
import { expect, test } from "vitest";
import type { Region } from "../../../core/config/schema.ts";
import type { LeverPair, RoutingState } from "../../../core/contracts/routing-state.ts";
import type { SwitchRequest } from "../../../core/contracts/steps.ts";
import { claimed, initialState, recorded, undone } from "../../../core/plan.ts";
import { planFor } from "../../../core/plan-for.ts";
import type { LeverReading } from "../../../functions/levers.ts";
import { type ShiftPorts, shiftTraffic } from "../../../functions/shift-traffic/shift-traffic.ts";
import { configOf, now } from "../../core/world.ts";
import {
  claimOn,
  executionArn,
  look,
  lookAnswer,
  looksOf,
  routingDoor,
  run,
  told,
} from "../fakes.ts";

const config = configOf({ topology: "active-active" });
const actor = { executionArn, now: now - 10_000 };
const both = initialState(config, now - 86_400_000);

function claimedBy(state: RoutingState, request: Partial<SwitchRequest>, gatheredIn: Region) {
  const wanted = { mode: "planned", requestedBy: "operator:ops", ...request } as const;
  const plan = planFor(config, { routing: state, gatheredIn }, wanted);
  return claimed(config, state, { ...actor, plan });
}

const drain = claimedBy(both, { direction: "failover" }, "us-west-2");
const primaryOut: RoutingState = {
  ...recorded(config, drain, actor),
  switchAttempted: { "us-east-1": "pulled", "us-west-2": "released" },
};
const back = claimedBy(primaryOut, { direction: "failback" }, "us-east-1");
const moveAll = claimedBy(primaryOut, { mode: "automatic" }, "us-east-1");

const released: LeverPair = { switch: "released", drain: "released" };
const pulled: LeverPair = { switch: "pulled", drain: "pulled" };
const ids = { endpoint: "e", switch: "s", drain: "d", region: "r" };

interface World {
  readonly state: RoutingState;
  readonly levers?: Record<Region, LeverReading>;
  readonly dns: Region[];
  readonly route53Away?: boolean;
  readonly looks?: Region[];
}

function portsOf({ state, dns, route53Away = false, ...world }: World) {
  const { events, ledger } = told();
  const checks = {
    "us-east-1": { ...ids, switch: "us-east-1" },
    "us-west-2": { ...ids, switch: "us-west-2" },
  };
  const control = Object.assign(routingDoor(state, events), { readChecks: async () => checks });
  const levers = world.levers ?? state.levers;
  const clock = { now };
  const ports: ShiftPorts = {
    control,
    ledger,
    route53: {
      async readSwitch(region) {
        const position = levers[region]?.switch;
        if (route53Away || position === undefined || position === "unknown")
          throw new Error("away");
        return { version: 7, position };
      },
      async updateSwitch({ checkId, position }) {
        if (route53Away) throw new Error("away");
        events.push(`switch of ${checkId} ${position}`);
        return { version: 8, position };
      },
    },
    drain: {
      async publish(region, position) {
        events.push(`drain of ${region} ${position}`);
      },
      async read(region) {
        const position = levers[region]?.drain;
        return position === "unknown" ? null : (position ?? null);
      },
    },
    looks: looksOf(
      Object.fromEntries(
        (world.looks ?? []).map((of) => [
          "us-east-2",
          lookAnswer("us-east-2", { looks: [look(of)] }),
        ]),
      ),
    ),
    nameServers: { answeredRegions: async () => dns },
    async sleep(seconds) {
      clock.now += seconds * 1_000;
    },
    now: () => clock.now,
  };
  const moves = () => events.filter((e) => /^(switch|drain) of /.test(e));
  return { ports, clock, moves };
}

const inputOf = (state: RoutingState, difference: object = {}, vouchedAt: number | null = now) => ({
  ...{ run, claim: claimOn(state, { next: "levers", promotes: false, ...difference }) },
  ...{ vouchedAt, round: 1 },
});

test("A drain pulls the levers of the one Region, and is done when nobody is sent there", async () => {
  const { ports, moves } = portsOf({
    state: drain,
    levers: { "us-east-1": released, "us-west-2": released },
    dns: ["us-west-2"],
  });
  const shift = await shiftTraffic(ports, config, inputOf(drain));
  expect(shift).toMatchObject({
    shifted: true,
    answered: true,
    latched: true,
    levers: { switch: "effective", drain: "effective" },
    dnsAnswers: ["us-west-2"],
  });
  expect(moves().sort()).toEqual(["drain of us-east-1 pulled", "switch of us-east-1 pulled"]);
});

test("A drain that name servers don't show yet is latched, not shifted", async () => {
  const { ports, clock } = portsOf({
    state: drain,
    levers: { "us-east-1": released, "us-west-2": released },
    dns: ["us-east-1", "us-west-2"],
  });
  expect(await shiftTraffic(ports, config, inputOf(drain))).toMatchObject({
    shifted: false,
    answered: false,
    latched: true,
    levers: { switch: "accepted", drain: "accepted" },
  });
  expect(clock.now - now).toBe(44_000);
});

test("A drain works without Route 53's API, whose recorded release holds for the other Region", async () => {
  const { ports, moves } = portsOf({
    state: drain,
    levers: { "us-east-1": released, "us-west-2": released },
    dns: ["us-west-2"],
    route53Away: true,
  });
  const shift = await shiftTraffic(ports, config, inputOf(drain));
  expect(shift).toMatchObject({ shifted: true, levers: { switch: "failed", drain: "effective" } });
  expect(moves()).toEqual(["drain of us-east-1 pulled"]);
});

test("Nothing is pulled while the other Region may be out by a lever that can't be released", async () => {
  const { ports, moves } = portsOf({
    state: { ...drain, switchAttempted: { "us-east-1": "released", "us-west-2": "pulled" } },
    levers: { "us-east-1": released, "us-west-2": released },
    dns: ["us-east-1", "us-west-2"],
    route53Away: true,
  });
  const shift = await shiftTraffic(ports, config, inputOf(drain));
  expect(shift).toMatchObject({ shifted: false, latched: false, accepted: false });
  expect(shift.detail).toContain(
    "The levers of us-east-1 wait until us-west-2 is known to be in service.",
  );
  expect(moves()).toEqual([]);
});

test("A lever of the other Region that somebody pulled is released before anything is pulled", async () => {
  const { ports, moves } = portsOf({
    state: drain,
    levers: { "us-east-1": released, "us-west-2": { switch: "released", drain: "pulled" } },
    dns: ["us-west-2"],
  });
  const shift = await shiftTraffic(ports, config, inputOf(drain));
  expect(shift.shifted).toBe(true);
  expect(moves()[0]).toBe("drain of us-west-2 released");
  expect(moves()).toHaveLength(3);
});

test("A return releases both levers of the one Region and leaves the other's alone", async () => {
  const { ports, moves } = portsOf({
    state: back,
    levers: { "us-east-1": pulled, "us-west-2": released },
    dns: ["us-east-1", "us-west-2"],
  });
  const shift = await shiftTraffic(ports, config, inputOf(back));
  expect(shift).toMatchObject({ shifted: true, latched: false });
  expect(moves().sort()).toEqual(["drain of us-east-1 released", "switch of us-east-1 released"]);
});

test("A return is not done while one of its two releases failed, whatever DNS answers", async () => {
  const { ports } = portsOf({
    state: back,
    levers: { "us-east-1": pulled, "us-west-2": released },
    dns: ["us-west-2"],
    route53Away: true,
  });
  expect(await shiftTraffic(ports, config, inputOf(back))).toMatchObject({
    shifted: false,
    answered: false,
    latched: false,
    levers: { switch: "failed", drain: "accepted" },
  });
});

test("Moving everything releases the target, then pulls the source", async () => {
  const { ports, moves } = portsOf({
    state: moveAll,
    levers: { "us-east-1": pulled, "us-west-2": released },
    dns: ["us-east-1"],
  });
  const shift = await shiftTraffic(ports, config, inputOf(moveAll));
  expect(shift).toMatchObject({ shifted: true, latched: false });
  expect(moves().slice(0, 2).sort()).toEqual([
    "drain of us-east-1 released",
    "switch of us-east-1 released",
  ]);
  expect(moves().slice(2).sort()).toEqual([
    "drain of us-west-2 pulled",
    "switch of us-west-2 pulled",
  ]);
});

test("Moving everything pulls nothing while the target's switch could not be released", async () => {
  const { ports, moves } = portsOf({
    state: moveAll,
    levers: { "us-east-1": pulled, "us-west-2": released },
    dns: ["us-west-2"],
    route53Away: true,
  });
  expect((await shiftTraffic(ports, config, inputOf(moveAll))).shifted).toBe(false);
  expect(moves()).toEqual(["drain of us-east-1 released"]);
});

test("Undoing a drain brings the Region back that it took out", async () => {
  const undoing = undone(config, drain, { executionArn, now });
  const { ports, moves } = portsOf({
    state: undoing,
    levers: { "us-east-1": pulled, "us-west-2": released },
    dns: ["us-east-1", "us-west-2"],
    looks: ["us-east-1"],
  });
  const shift = await shiftTraffic(ports, config, inputOf(undoing, { next: "restore" }, null));
  expect(shift).toMatchObject({ shifted: true, answered: true });
  expect(moves().sort()).toEqual(["drain of us-east-1 released", "switch of us-east-1 released"]);
});

test("Undoing a return takes the Region out again, towards the one that served", async () => {
  const undoing = undone(config, back, { executionArn, now });
  const { ports, moves } = portsOf({
    state: undoing,
    levers: { "us-east-1": released, "us-west-2": released },
    dns: ["us-west-2"],
    looks: ["us-west-2"],
  });
  const shift = await shiftTraffic(ports, config, inputOf(undoing, { next: "restore" }, null));
  expect(shift).toMatchObject({ shifted: true, latched: true });
  expect(moves().sort()).toEqual(["drain of us-east-1 pulled", "switch of us-east-1 pulled"]);
});
