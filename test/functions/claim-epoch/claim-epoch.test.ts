import { expect, test } from "vitest";
import type { RoutingState } from "../../../core/contracts/routing-state.ts";
import type { Decision } from "../../../core/contracts/steps.ts";
import { decide } from "../../../core/decide.ts";
import { initialState, promoted, undone } from "../../../core/plan.ts";
import { planOf } from "../../../core/plan-for.ts";
import { type ClaimInput, claimEpoch } from "../../../functions/claim-epoch/claim-epoch.ts";
import { config, configOf, now, report, world } from "../../core/world.ts";
import { abortDoor, claimedState, executionArn, routingDoor, run, told, wish } from "../fakes.ts";

const other = `${executionArn}-other`;
const request = { mode: "automatic", requestedBy: "signal:watch" } as const;
const steady = initialState(config, now - 86_400_000);

/** The primary fails as seen from outside. */
function decisionOn(routing: RoutingState, difference: Partial<Decision> = {}): Decision {
  const failing = { verdict: "failing" as const, passed: 0 };
  const evidence = world({
    routing,
    reports: [
      report("primary", "primary", failing),
      report("secondary", "primary", failing),
      report("witness", "primary", failing),
      report("secondary", "secondary"),
      report("witness", "secondary"),
    ],
  });
  return { ...decide({ request, evidence, approval: null }, config, now), ...difference };
}

function portsOf(state: RoutingState, heartbeat: number | null = now - 3_000, lose = false) {
  const { events, ledger, notes } = told();
  const door = routingDoor(state, events, lose);
  const readHeartbeats = async () => ({ "us-east-1": heartbeat, "us-west-2": now - 3_000 });
  const putNotice = async (epoch: number) => void events.push(`notice ${epoch}`);
  const control = Object.assign(door, { readHeartbeats, putNotice });
  const clock = { now: now + 2_000 };
  return { ports: { control, ledger, now: () => clock.now }, events, notes, control, clock };
}

const inputOf = (decision: Decision, intent: ClaimInput["intent"] = "switch"): ClaimInput => ({
  ...{ run, request, decision, intent, noticed: null },
});

test("A switch is claimed: ledger first, then one write", async () => {
  const { ports, events, notes, control } = portsOf(steady);
  const claim = await claimEpoch(ports, config, inputOf(decisionOn(steady)));
  expect(claim).toMatchObject({ claimed: true, epoch: 2, intent: "switch", next: "fence" });
  expect(events).toEqual(["read routing", "ledger claim", "write routing"]);
  expect(notes[0]?.detail).toMatchObject({ epoch: 2, writer: null, phase: "switching" });
  expect(control.state.lease?.executionArn).toBe(executionArn);
});

test("The stated bound runs from the heartbeat that was read again at the claim", async () => {
  const { ports } = portsOf(steady, now - 20_000);
  const claim = await claimEpoch(ports, config, inputOf(decisionOn(steady)));
  // Heartbeat 20 s ago + 10 s + 7 s + 2 s, less the newest that arrived, 4 s ago: 1 s.
  expect(claim).toMatchObject({ lossBound: { seconds: 3, stopBound: now - 3_000 } });
});

test("A bound that grew beyond the objective is decided again", async () => {
  const { ports, events } = portsOf(steady);
  const decision = decisionOn(steady);
  const lossBound = { ...decision.lossBound, newestAtTarget: now - 60_000 };
  const claim = await claimEpoch(ports, config, inputOf({ ...decision, lossBound }));
  expect(claim).toEqual({
    claimed: false,
    why: "The claim would risk at most 71 s of acknowledged writes (about 107): it is to be decided again.",
    again: true,
  });
  expect(events).toEqual(["read routing"]);
});

test("What was agreed to is not asked again at the claim, unless it grew", async () => {
  const decision = decisionOn(steady, { waived: ["loss-above-objective"] });
  const agreed = (seconds: number) => ({
    ...decision,
    lossBound: { ...decision.lossBound, newestAtTarget: now - 60_000, seconds },
  });
  const same = await claimEpoch(portsOf(steady).ports, config, inputOf(agreed(71)));
  expect(same.claimed).toBe(true);
  const grown = await claimEpoch(portsOf(steady).ports, config, inputOf(agreed(70)));
  expect(grown).toMatchObject({ claimed: false, again: true });
});

test("However slow the write, fence and bound run from when it was answered", async () => {
  const { ports, control, clock } = portsOf(steady, now + 4_000);
  const write = control.writeRouting.bind(control);
  control.writeRouting = async (...given) => {
    clock.now += 5_000;
    return write(...given);
  };
  const claim = await claimEpoch(ports, config, inputOf(decisionOn(steady)));
  expect(control.state.claimedAt).toBe(now + 2_000);
  // Answered at 7 s; a gate that read just before is open for 7 s more.
  expect(claim).toMatchObject({ claimedAt: now + 7_000, lossBound: { stopBound: now + 14_000 } });
});

test.each([
  ["90 s ahead", 90_000, now + 99_000, 105],
  ["as the claimer's", 0, now + 9_000, 15],
  ["unknown", null, null, null],
  ["not told", undefined, null, null],
])(
  "Heartbeats unread after the claim, the source's clock %s: the claim stands for them on that clock",
  async (_, sourceAhead, stopBound, seconds) => {
    const { ports, control } = portsOf(steady, now - 3_000);
    control.readHeartbeats = async () => Promise.reject(new Error("The control table is away."));
    const decision = decisionOn(steady);
    const plan = planOf(config, "failover", "forced");
    const lossBound = { ...decision.lossBound, sourceAhead };
    const claim = await claimEpoch(ports, config, inputOf({ ...decision, plan, lossBound }));
    expect(claim).toMatchObject({ claimed: true, lossBound: { stopBound, seconds } });
  },
);

test.each([
  ["another epoch", { ...steady, epoch: 4 }, "The epoch is 4 by now: another run acts.", false],
  [
    "a pause since the evidence",
    { ...steady, automation: "paused" as const },
    "Automation changed from armed to paused meanwhile.",
    true,
  ],
])("%s loses the claim, and nothing is written", async (_, state, why, again) => {
  const { ports, events } = portsOf(state);
  expect(await claimEpoch(ports, config, inputOf(decisionOn(steady)))).toEqual({
    claimed: false,
    why,
    again,
  });
  expect(events).toEqual(["read routing"]);
});

test("A write that another run was faster with is a lost claim, no error", async () => {
  const { ports } = portsOf(steady, now - 3_000, true);
  const claim = await claimEpoch(ports, config, inputOf(decisionOn(steady)));
  expect(claim).toEqual({
    claimed: false,
    why: "Another run claimed the epoch first.",
    again: false,
  });
});

test("A repetition finds its own claim, and states the bound at the claim, not the decided one", async () => {
  const state = claimedState(config);
  const { ports, events } = portsOf(state, now - 20_000);
  const claim = await claimEpoch(ports, config, inputOf(decisionOn(steady)));
  // When the first attempt's write landed is unknown: by now it has.
  expect(claim).toMatchObject({ claimed: true, epoch: 2, claimedAt: now + 2_000, next: "fence" });
  expect(claim).toMatchObject({ lossBound: { stopBound: now - 3_000 } });
  expect(events).toEqual(["read routing"]);
});

const abandoned = (state: RoutingState): RoutingState => ({
  ...state,
  lease: { executionArn: other, until: now - 1 },
});

test("A take-over before promotion goes on to the fence, whatever automation says", async () => {
  const state = { ...abandoned(claimedState(config)), automation: "paused" as const };
  const { ports } = portsOf(state);
  const claim = await claimEpoch(ports, config, inputOf(decisionOn(state), "take-over"));
  expect(claim).toMatchObject({ claimed: true, epoch: 3, intent: "take-over", next: "fence" });
});

test("A take-over without a vouched target undoes the switch", async () => {
  const state = abandoned(claimedState(config));
  const { ports, control } = portsOf(state);
  const decision = decisionOn(state, { vouchedAt: null });
  const claim = await claimEpoch(ports, config, inputOf(decision, "take-over"));
  expect(claim).toMatchObject({ claimed: true, next: "restore", promoted: false });
  expect(control.state.levers).toEqual({ "us-east-1": { switch: "released", drain: "released" } });
});

test("An operator who forces it takes over an undoing, as the forced switch", async () => {
  const state = abandoned(undone(config, claimedState(config), { executionArn, now: now - 5_000 }));
  const { ports, control } = portsOf(state);
  const forced = { mode: "forced", direction: "failover", requestedBy: "alice" } as const;
  const decision = decide(
    { request: forced, evidence: world({ routing: state }), approval: null },
    config,
    now,
  );
  expect(decision).toMatchObject({ kind: "go", intent: "take-over", plan: { mode: "forced" } });
  const input = { ...inputOf(decision, "take-over"), request: forced };
  const claim = await claimEpoch(ports, config, input);
  expect(claim).toMatchObject({ claimed: true, next: "fence", plan: { mode: "forced" } });
  expect(control.state).toMatchObject({ writer: null, plan: { mode: "forced" } });
});

test("What was being undone is claimed as decided: finished where only the target can serve", async () => {
  const begun = abandoned(undone(config, claimedState(config), { executionArn, now: now - 5_000 }));
  const state = { ...begun, switchAttempted: { "us-east-1": "pulled" as const } };
  const decision = decisionOn(state);
  expect(decision).toMatchObject({ kind: "go", sourceReady: false });
  const { ports, control } = portsOf(state);
  const claim = await claimEpoch(ports, config, inputOf(decision, "take-over"));
  expect(claim).toMatchObject({ claimed: true, next: "fence", plan: { mode: "automatic" } });
  expect(control.state.levers).toEqual({ "us-east-1": { switch: "pulled", drain: "pulled" } });
  const restored = inputOf({ ...decision, sourceReady: true }, "take-over");
  expect(await claimEpoch(portsOf(state).ports, config, restored)).toMatchObject({
    next: "restore",
  });
});

test("A take-over is conditional on the lease that it saw", async () => {
  const state = abandoned(claimedState(config));
  const { ports, control } = portsOf(state);
  const seen: unknown[] = [];
  const write = control.writeRouting.bind(control);
  control.writeRouting = async (before, next, also) => {
    seen.push(also);
    return write(before, next);
  };
  await claimEpoch(ports, config, inputOf(decisionOn(state), "take-over"));
  expect(seen).toEqual([{ lease: { executionArn: other, until: now - 1 } }]);
});

test("A take-over after promotion has levers and record left", async () => {
  const claimedBy = claimedState(config);
  const step = { executionArn, now, destination: "us-west-2" };
  const state = abandoned(promoted(config, claimedBy, step));
  const { ports } = portsOf(state);
  const claim = await claimEpoch(ports, config, inputOf(decisionOn(state), "take-over"));
  expect(claim).toMatchObject({ claimed: true, next: "levers", promoted: true });
});

test("Undoing is a claim of its own: a new epoch, nobody writes, the source's levers", async () => {
  const { ports, events, control } = portsOf(claimedState(config));
  const claim = await claimEpoch(ports, config, inputOf(decisionOn(steady), "undo"));
  expect(claim).toMatchObject({ claimed: true, epoch: 3, intent: "undo", next: "restore" });
  expect(events).toEqual(["read routing", "ledger undo", "write routing"]);
  expect([control.state.writer, control.state.active]).toEqual([null, "us-east-1"]);
  const again = await claimEpoch(ports, config, inputOf(decisionOn(steady), "undo"));
  expect(again).toMatchObject({ claimed: true, epoch: 3, next: "restore" });
  expect(events.slice(3)).toEqual(["read routing"]);
});

test("Who lost the epoch undoes nothing", async () => {
  const state = { ...claimedState(config), epoch: 3, lease: { executionArn: other, until: now } };
  const { ports } = portsOf(state);
  const claim = await claimEpoch(ports, config, inputOf(decisionOn(steady), "undo"));
  expect(claim.claimed).toBe(false);
});

test("Where both serve and one writes, taking out the other leaves the writer alone", async () => {
  const oneWrites = configOf({ topology: "active-active", writes: "single-region" });
  const both = initialState(oneWrites, now - 86_400_000);
  const of = (region: string) => ({
    ...decisionOn(steady),
    plan: planOf(oneWrites, "failover", "forced", { region }),
    epoch: 1,
  });
  const idle = portsOf(both);
  const claim = await claimEpoch(idle.ports, oneWrites, inputOf(of("us-west-2")));
  expect(claim).toMatchObject({ next: "levers", promotes: false, promoted: false });
  expect(idle.control.state).toMatchObject({ writer: "us-east-1", epoch: 2, phase: "switching" });
  const back = await claimEpoch(idle.ports, oneWrites, inputOf(of("us-west-2"), "undo"));
  expect(back).toMatchObject({ next: "restore", promotes: false, epoch: 3 });
  expect(idle.control.state).toMatchObject({ writer: "us-east-1" });
  const writer = portsOf(both);
  expect(await claimEpoch(writer.ports, oneWrites, inputOf(of("us-east-1")))).toMatchObject({
    ...{ next: "fence", promotes: true },
  });
  expect(writer.control.state).toMatchObject({ writer: null });
});

test("Where any Region writes, nobody is fenced or promoted: levers are all that is left", async () => {
  const anyRegion = configOf({ topology: "active-active" });
  const both = initialState(anyRegion, now - 86_400_000);
  const plan = planOf(anyRegion, "failover", "automatic");
  const decision = { ...decisionOn(steady), plan, epoch: 1 };
  const { ports, notes, control } = portsOf(both);
  const claim = await claimEpoch(ports, anyRegion, inputOf(decision));
  expect(claim).toMatchObject({ next: "levers", promotes: false, promoted: false });
  expect(notes[0]?.sentence).toBe(
    "Claiming epoch 2 for the automatic failover from us-east-1 to us-west-2.",
  );
  expect(control.state).toMatchObject({ active: "us-east-1", writer: null, phase: "switching" });
  const back = await claimEpoch(ports, anyRegion, inputOf(decision, "undo"));
  expect(back).toMatchObject({ next: "restore", promotes: false, epoch: 3 });
});

test("What was decided more than three minutes ago is decided again, not claimed", async () => {
  const waited = async (intent: ClaimInput["intent"], seconds: number) => {
    const state = intent === "switch" ? steady : abandoned(claimedState(config));
    const { ports, events, clock } = portsOf(state, now + seconds * 1_000 - 3_000);
    clock.now = now + seconds * 1_000;
    const planned = { mode: "planned", direction: "failover", requestedBy: "alice" } as const;
    const asked = { request: planned, evidence: world({ routing: state }), approval: null };
    const noticed = { epoch: state.epoch, at: now };
    const decision = decide(asked, config, now);
    const claim = await claimEpoch(ports, config, { ...inputOf(decision, intent), noticed });
    return { claim, events };
  };
  for (const intent of ["switch", "take-over"] as const) {
    expect(await waited(intent, 181)).toEqual({
      claim: { claimed: false, why: "What was decided is 181 s old.", again: true },
      events: ["read routing"],
    });
    expect((await waited(intent, 180)).claim).toMatchObject({ claimed: true });
  }
});

test("A switch that an operator asked to abort is not claimed, and is decided again", async () => {
  const { ports, events, control } = portsOf(steady);
  Object.assign(control, abortDoor(wish));
  const claim = await claimEpoch(ports, config, inputOf(decisionOn(steady)));
  expect(claim).toEqual({
    claimed: false,
    why: "arn:aws:iam::123456789012:user/alice asked to abort: customers call.",
    again: true,
  });
  expect(events).toEqual(["read routing"]);
});
