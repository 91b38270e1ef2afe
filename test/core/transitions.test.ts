// The interruption test: a run may stop after any step. Whoever plans again from what it left gets
// exactly the rest, and doing a step twice changes nothing.
import { describe, expect, it } from "vitest";
import type { LeverPair, Plan, RoutingState } from "../../core/contracts/routing-state.ts";
import { leversFor } from "../../core/desired-levers.ts";
import {
  abandonedPlan,
  claimed,
  initialState,
  promoted,
  recorded,
  takenOver,
  undone,
} from "../../core/plan.ts";
import { planOf } from "../../core/plan-for.ts";
import { type Transition, transitions, undoing } from "../../core/transitions.ts";
import { config, now } from "./world.ts";

type World = { state: RoutingState; levers: Record<string, LeverPair>; done: string[] };
const run = { executionArn: "arn:run-1", now };

const released: LeverPair = { switch: "released", drain: "released" };
const pulled: LeverPair = { switch: "pulled", drain: "pulled" };

const primaryServes: World = {
  state: initialState(config, now - 86_400_000),
  levers: { "us-east-1": released },
  done: [],
};
const secondaryServes: World = {
  state: {
    ...primaryServes.state,
    epoch: 2,
    active: "us-west-2",
    writer: "us-west-2",
    levers: { "us-east-1": pulled },
  },
  levers: { "us-east-1": pulled },
  done: [],
};

function nameOf(step: Transition): string {
  switch (step.kind) {
    case "claim":
    case "undo":
    case "record":
      return step.kind;
    case "fence":
      return `fence ${step.source}`;
    case "drain":
      return `drain ${step.source}`;
    case "promote":
      return `promote ${step.target}`;
    case "lever":
      return `${step.position} ${step.lever}`;
  }
}

function stateAfter(state: RoutingState, step: Transition, actor: typeof run): RoutingState {
  switch (step.kind) {
    case "claim":
      return claimed(config, state, { ...actor, plan: step.plan });
    case "undo":
      return undone(config, state, actor);
    case "promote":
      return promoted(config, state, { ...actor, destination: step.target });
    case "record":
      return recorded(config, state, actor);
    case "fence":
    case "drain":
    case "lever":
      return state;
  }
}

function after(world: World, step: Transition, actor = run): World {
  const state = stateAfter(world.state, step, actor);
  const done = [...world.done, nameOf(step)];
  if (step.kind !== "lever") return { ...world, state, done };
  const pair = { ...released, ...world.levers[step.region], [step.lever]: step.position };
  return { state, levers: { ...world.levers, [step.region]: pair }, done };
}

const through = (world: World, steps: readonly Transition[], actor = run) =>
  steps.reduce((so, step) => after(so, step, actor), world);
const rest = (plan: Plan, world: World) => transitions(config, plan, world.state, world.levers);

const cases = [
  {
    title: "a planned failover",
    world: primaryServes,
    plan: planOf(config, "failover", "planned"),
    steps: [
      "claim",
      "fence us-east-1",
      "drain us-east-1",
      "promote us-west-2",
      "pulled switch",
      "pulled drain",
      "record",
    ],
  },
  {
    title: "an automatic failover",
    world: primaryServes,
    plan: planOf(config, "failover", "automatic"),
    steps: [
      "claim",
      "pulled switch",
      "pulled drain",
      "fence us-east-1",
      "promote us-west-2",
      "record",
    ],
  },
  {
    title: "a planned failback",
    world: secondaryServes,
    plan: planOf(config, "failback", "planned"),
    steps: [
      "claim",
      "fence us-west-2",
      "drain us-west-2",
      "promote us-east-1",
      "released switch",
      "released drain",
      "record",
    ],
  },
] as const;

describe.each(cases)("The steps of $title", ({ world, plan, steps }) => {
  it("are these, in this order.", () => {
    expect(rest(plan, world).map(nameOf)).toEqual(steps);
  });

  const whole = rest(plan, world);
  const prefixes = whole.map((_, length) => length + 1);

  it("leave nothing to do once they are done.", () => {
    const end = through(world, whole);
    expect(rest(plan, end)).toEqual([]);
    expect(end.state).toMatchObject({
      active: plan.target,
      writer: plan.target,
      phase: "steady",
      lease: null,
      plan: null,
      levers: leversFor(config, plan.after),
    });
    expect(end.levers).toEqual(leversFor(config, plan.after));
  });

  it.each(prefixes)(
    "can be interrupted after %i of them: what is planned is a suffix.",
    (length) => {
      const stopped = through(world, whole.slice(0, length));
      const again = rest(plan, stopped).map(nameOf);
      // Only fence and drain, which leave no trace, and levers passed over may stand between.
      expect(steps.slice(steps.length - again.length)).toEqual(again);
      const missing = steps.slice(length).filter((name) => !again.includes(name));
      expect(missing).toEqual([]);
      const repeated = again.filter((name) => stopped.done.includes(name));
      expect(repeated.filter((name) => !/^(fence|drain) /.test(name))).toEqual([]);
      expect(through(stopped, rest(plan, stopped)).state).toEqual(through(world, whole).state);
    },
  );

  it.each(prefixes)("change nothing when step %i is done twice.", (length) => {
    const once = through(world, whole.slice(0, length));
    const step = whole[length - 1];
    if (step === undefined) throw new Error("no such step");
    const twice = after(once, step);
    expect({ ...twice, done: [] }).toEqual({ ...once, done: [] });
  });

  const mine = { executionArn: "arn:run-2", now: now + 180_000 };

  it.each(prefixes.slice(0, -1))("can be taken over after %i, once the lease lapsed.", (length) => {
    const stopped = through(world, whole.slice(0, length));
    expect(abandonedPlan(stopped.state, now + 179_999)).toBeNull();
    expect(abandonedPlan(stopped.state, now + 180_000)).toEqual(plan);
    const state = takenOver(config, stopped.state, { ...mine, targetVouched: true });
    expect(state.epoch).toBe(stopped.state.epoch + 1);
    expect(state.writer).toBe(stopped.state.writer);
    const end = through({ ...stopped, state }, rest(plan, { ...stopped, state }), mine);
    expect(end.state).toMatchObject({ active: plan.target, writer: plan.target, phase: "steady" });
    expect(end.levers).toEqual(leversFor(config, plan.after));
  });

  it.each(prefixes.slice(0, -1))("can be undone after %i, from every point of it.", (length) => {
    const stopped = through(world, whole.slice(0, length));
    const back = undoing(config, plan, stopped.state, stopped.levers);
    for (let cut = 0; cut <= back.length; cut += 1) {
      const midway = through(stopped, back.slice(0, cut));
      const remaining = undoing(config, plan, midway.state, midway.levers);
      const end = through(midway, remaining);
      expect(end.state).toMatchObject({
        epoch: world.state.epoch + 2,
        active: plan.source,
        writer: plan.source,
        phase: "steady",
        levers: leversFor(config, plan.before),
      });
      expect(end.levers).toEqual(leversFor(config, plan.before));
    }
  });
});

describe("Undoing", () => {
  const plan = planOf(config, "failover", "planned");
  const whole = rest(plan, primaryServes);
  const undo = (world: World) => undoing(config, plan, world.state, world.levers).map(nameOf);

  it("restores levers and writer before promotion.", () => {
    expect(undo(through(primaryServes, whole.slice(0, 3)))).toEqual([
      "undo",
      "promote us-east-1",
      "record",
    ]);
  });

  it("fences and drains the other way after promotion.", () => {
    expect(undo(through(primaryServes, whole.slice(0, 6)))).toEqual([
      "undo",
      "released switch",
      "released drain",
      "fence us-west-2",
      "drain us-west-2",
      "promote us-east-1",
      "record",
    ]);
  });

  it("only records what was promoted back already, and nothing that is steady.", () => {
    const stopped = through(primaryServes, whole.slice(0, 3));
    const back = undoing(config, plan, stopped.state, stopped.levers);
    expect(undo(through(stopped, back.slice(0, 2)))).toEqual(["record"]);
    expect(undo(through(stopped, back))).toEqual([]);
  });
});
