import { expect, test } from "vitest";
import type { Region } from "../../../core/config/schema.ts";
import type { LeverPosition, RoutingState } from "../../../core/contracts/routing-state.ts";
import type { Claim, LookAnswer } from "../../../core/contracts/steps.ts";
import { undone } from "../../../core/plan.ts";
import { type ShiftPorts, shiftTraffic } from "../../../functions/shift-traffic/shift-traffic.ts";
import { config, now } from "../../core/world.ts";
import {
  claimedState,
  claimOn,
  executionArn,
  look,
  lookAnswer,
  looksOf,
  routingDoor,
  run,
  told,
} from "../fakes.ts";

const state = claimedState(config);
const checks = { "us-east-1": { endpoint: "e", switch: "s", drain: "d", region: "r" } };
const vouching = lookAnswer("us-east-2", { looks: [look("us-west-2", { startedAt: now - 500 })] });

interface World {
  readonly state?: RoutingState;
  /** What the name servers answer, question by question; the last one for ever. */
  readonly dns?: (Region | Region[] | null)[];
  readonly route53Away?: boolean;
  readonly drainAway?: boolean;
  readonly drainReads?: LeverPosition | null;
  readonly switchReads?: LeverPosition;
  readonly looks?: Record<Region, LookAnswer>;
}

function portsOf(world: World = {}) {
  const { events, ledger } = told();
  const control = Object.assign(routingDoor(world.state ?? state, events), {
    readChecks: async () => checks,
  });
  const clock = { now };
  const dns = [...(world.dns ?? ["us-east-1", "us-west-2"])];
  const away = async () => {
    throw new Error("away");
  };
  const ports: ShiftPorts = {
    control,
    ledger,
    route53: {
      readSwitch: world.route53Away
        ? away
        : async () => ({ version: 7, position: world.switchReads ?? "released" }),
      async updateSwitch({ position }) {
        events.push(`switch ${position}`);
        return { version: 8, position };
      },
    },
    drain: {
      async publish(_region, position) {
        if (world.drainAway) await away();
        events.push(`drain ${position}`);
      },
      read: async () => world.drainReads ?? null,
    },
    looks: looksOf(world.looks ?? {}),
    nameServers: {
      async answeredRegions() {
        const answer = (dns.length > 1 ? dns.shift() : dns[0]) ?? null;
        return answer === null ? null : [answer].flat();
      },
    },
    async sleep(seconds) {
      clock.now += seconds * 1_000;
    },
    now: () => clock.now,
  };
  const moves = () => events.filter((e) => /^(switch|drain) /.test(e));
  return { ports, clock, moves };
}

const inputOf = (claim: Claim, vouchedAt: number | null = now - 5_000, round = 1) => ({
  ...{ run, claim, vouchedAt, round },
});
const failover = inputOf(claimOn(state));

test("Both levers are pulled, and the shift is done when the name servers answer the target", async () => {
  const { ports, clock, moves } = portsOf({ dns: ["us-east-1", "us-west-2"] });
  const shift = await shiftTraffic(ports, config, failover);
  expect(shift).toMatchObject({
    shifted: true,
    accepted: true,
    levers: { switch: "effective", drain: "effective" },
    dnsAnswers: ["us-west-2"],
    shiftedAt: now + 2_000,
    route53Calls: 2,
  });
  expect(moves().sort()).toEqual(["drain pulled", "switch pulled"]);
  expect(clock.now).toBe(now + 2_000);
});

test("A failover needs one lever: the drain, while Route 53's API is away", async () => {
  const { ports } = portsOf({ route53Away: true });
  expect(await shiftTraffic(ports, config, failover)).toMatchObject({
    shifted: true,
    levers: { switch: "failed", drain: "effective" },
  });
});

test("A round ends after 45 s although the name servers have not followed", async () => {
  const { ports, clock } = portsOf({ dns: ["us-east-1"] });
  expect(await shiftTraffic(ports, config, failover)).toMatchObject({
    shifted: false,
    accepted: true,
    levers: { switch: "accepted", drain: "accepted" },
    dnsAnswers: ["us-east-1"],
    shiftedAt: null,
  });
  expect(clock.now - now).toBeLessThanOrEqual(45_000);
});

test("With no lever accepted nothing is waited for", async () => {
  const { ports, clock } = portsOf({ route53Away: true, drainAway: true, dns: ["us-east-1"] });
  expect(await shiftTraffic(ports, config, failover)).toMatchObject({
    shifted: false,
    accepted: false,
    levers: { switch: "failed", drain: "failed" },
    dnsAnswers: ["us-east-1"],
  });
  expect(clock.now).toBe(now);
});

test("No lever moves while nobody vouches for the target", async () => {
  const { ports, moves } = portsOf({ dns: ["us-east-1"] });
  const shift = await shiftTraffic(ports, config, inputOf(claimOn(state), null));
  expect(shift).toMatchObject({ accepted: false, levers: { switch: "untouched" } });
  expect(shift.detail).toContain("No vantage point outside vouches for us-west-2");
  expect(moves()).toEqual([]);
});

test("Evidence that has grown old is looked at again, by the witness and the target", async () => {
  const { ports } = portsOf({ looks: { "us-east-2": vouching } });
  const shift = await shiftTraffic(ports, config, inputOf(claimOn(state), now - 59_000));
  expect(shift).toMatchObject({ shifted: true, vouchedAt: now - 500 });
});

test("The target's own failing look is a veto", async () => {
  const failing = lookAnswer("us-west-2", { looks: [look("us-west-2", { passed: false })] });
  const looks = { "us-east-2": vouching, "us-west-2": failing };
  const { ports, moves } = portsOf({ looks, dns: ["us-east-1"] });
  await shiftTraffic(ports, config, inputOf(claimOn(state), null));
  expect(moves()).toEqual([]);
});

test("A silent witness is replaced by the other serving Region's look", async () => {
  const peer = lookAnswer("us-east-1", { looks: [look("us-west-2")] });
  const { ports } = portsOf({ looks: { "us-east-1": peer } });
  const shift = await shiftTraffic(ports, config, inputOf(claimOn(state), null));
  expect(shift.shifted).toBe(true);
});

test("Though DNS answers the target by itself, no lever is pulled while nobody vouches for it", async () => {
  const { ports, moves } = portsOf({ dns: ["us-west-2"] });
  await shiftTraffic(ports, config, inputOf(claimOn(state), null));
  await shiftTraffic(ports, config, inputOf(claimOn(state), now - 59_000, 2));
  expect(moves()).toEqual([]);
});

test("Nor by a take-over that finds the target promoted and its levers not pulled", async () => {
  const { ports, moves } = portsOf({ dns: ["us-east-1"] });
  const claim = claimOn(state, { intent: "take-over", next: "levers", promoted: true });
  await shiftTraffic(ports, config, inputOf(claim, null));
  expect(moves()).toEqual([]);
});

const attempted: RoutingState = { ...state, switchAttempted: { "us-east-1": "pulled" } };
const latched = { state: attempted, switchReads: "pulled", drainReads: "pulled" } as const;

test("Levers that stand as desired are set again without a look: it moves nothing", async () => {
  const { ports, moves } = portsOf({ ...latched, dns: ["us-west-2"] });
  const shift = await shiftTraffic(ports, config, inputOf(claimOn(state), null));
  expect(shift).toMatchObject({ shifted: true, stood: true });
  expect(moves()).toHaveLength(2);
});

test("A lever that stands stays accepted while nobody vouches for another", async () => {
  const { ports, moves } = portsOf({ ...latched, switchReads: "released", dns: ["us-east-1"] });
  const shift = await shiftTraffic(ports, config, inputOf(claimOn(state), null, 2));
  expect(moves()).toEqual([]);
  expect(shift).toMatchObject({
    accepted: true,
    stood: false,
    levers: { switch: "untouched", drain: "accepted" },
  });
});

test("Later rounds touch only what does not stand as desired", async () => {
  const { ports, moves } = portsOf({ state: attempted, switchReads: "pulled" });
  const shift = await shiftTraffic(ports, config, inputOf(claimOn(state), now, 2));
  expect(moves()).toEqual(["drain pulled"]);
  expect(shift.levers).toEqual({ switch: "effective", drain: "effective" });
});

const undoing = undone(config, state, { executionArn, now });
const restore = inputOf(claimOn(undoing, { intent: "undo", next: "restore" }), null);
const own = lookAnswer("us-east-2", { looks: [look("us-east-1")] });

test("Levers that were never pulled are put back though the source is dead and DNS has left it", async () => {
  const { ports, clock, moves } = portsOf({
    state: undoing,
    drainReads: "released",
    dns: ["us-west-2"],
    route53Away: true,
  });
  const shift = await shiftTraffic(ports, config, restore);
  expect(shift).toMatchObject({ shifted: false, stood: true, dnsAnswers: ["us-west-2"] });
  expect(moves()).toEqual(["drain released"]);
  expect(clock.now).toBe(now);
});

test("A pull that was attempted is not put back towards a source that nobody vouches for", async () => {
  const tried = { ...undoing, switchAttempted: { "us-east-1": "pulled" as const } };
  const { ports, moves } = portsOf({ state: tried, drainReads: "released", dns: ["us-west-2"] });
  expect((await shiftTraffic(ports, config, restore)).stood).toBe(false);
  expect(moves()).toEqual([]);
});

test("Restoring releases both levers, and both must be accepted", async () => {
  const dns = ["us-west-2", "us-east-1"];
  const whole = portsOf({ state: undoing, dns, looks: { "us-east-2": own } });
  const shift = await shiftTraffic(whole.ports, config, restore);
  expect(shift).toMatchObject({ shifted: true, dnsAnswers: ["us-east-1"] });
  expect(whole.moves().sort()).toEqual(["drain released", "switch released"]);
  const half = portsOf({ state: undoing, dns, looks: { "us-east-2": own }, route53Away: true });
  expect((await shiftTraffic(half.ports, config, restore)).shifted).toBe(false);
});

test("A release that Route 53 refuses is not waited for: the next round tries again", async () => {
  const world = { state: undoing, dns: ["us-west-2"], looks: { "us-east-2": own } };
  const { ports, clock } = portsOf({ ...world, route53Away: true });
  expect(await shiftTraffic(ports, config, restore)).toMatchObject({
    shifted: false,
    levers: { switch: "failed", drain: "accepted" },
  });
  expect(clock.now).toBe(now);
});

test("While the name servers don't follow a release is said again, every 10 s", async () => {
  const dns = Array<Region>(12).fill("us-west-2");
  const looks = { "us-east-2": own };
  const { ports, clock, moves } = portsOf({ state: undoing, dns: [...dns, "us-east-1"], looks });
  await shiftTraffic(ports, config, restore);
  expect(clock.now - now).toBe(24_000);
  expect(moves().filter((each) => each === "drain released")).toHaveLength(3);
});

test("Who lost the epoch touches nothing", async () => {
  const { ports, moves } = portsOf({ state: { ...state, epoch: 3 } });
  await expect(shiftTraffic(ports, config, failover)).rejects.toMatchObject({ name: "EpochLost" });
  expect(moves()).toEqual([]);
});
