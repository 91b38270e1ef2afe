// The interruption test: a run may stop after any step. Whoever plans again from what it left gets
// exactly the rest, and doing a step twice changes nothing.
import { describe, expect, it } from "vitest";
import type { Config } from "../../core/config/schema.ts";
import type { LeverPair, Plan, RoutingState } from "../../core/contracts/routing-state.ts";
import type { SwitchRequest } from "../../core/contracts/steps.ts";
import { leversFor } from "../../core/desired-levers.ts";
import { isOut } from "../../core/invariants.ts";
import {
  abandonedPlan,
  claimed,
  initialState,
  promoted,
  recorded,
  servingNow,
  takenOver,
  undone,
} from "../../core/plan.ts";
import { planFor, planOf } from "../../core/plan-for.ts";
import { type Transition, transitions, undoing } from "../../core/transitions.ts";
import { config, configOf, now } from "./world.ts";

type World = {
  config: Config;
  state: RoutingState;
  levers: Record<string, LeverPair>;
  done: string[];
};
const run = { executionArn: "arn:run-1", now };

const released: LeverPair = { switch: "released", drain: "released" };
const pulled: LeverPair = { switch: "pulled", drain: "pulled" };

const primaryServes: World = {
  config,
  state: initialState(config, now - 86_400_000),
  levers: { "us-east-1": released },
  done: [],
};
const secondaryServes: World = {
  config,
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

const anyRegion = configOf({ writes: "any-region" });
const standbyWrites: World = {
  config: anyRegion,
  state: initialState(anyRegion, now - 86_400_000),
  levers: { "us-east-1": released },
  done: [],
};
const activeActive = configOf({ topology: "active-active" });
const bothServe: World = {
  config: activeActive,
  state: initialState(activeActive, now - 86_400_000),
  levers: { "us-east-1": released, "us-west-2": released },
  done: [],
};
const primaryOut: World = {
  config: activeActive,
  state: {
    ...bothServe.state,
    epoch: 2,
    active: "us-west-2",
    levers: { "us-east-1": pulled, "us-west-2": released },
  },
  levers: { "us-east-1": pulled, "us-west-2": released },
  done: [],
};
/** Both serve, and one of them writes. */
const oneWrites = configOf({ topology: "active-active", writes: "single-region" });
const bothServeOneWrites: World = {
  ...bothServe,
  config: oneWrites,
  state: initialState(oneWrites, now - 86_400_000),
};
const primaryOutOneWrites: World = {
  ...primaryOut,
  config: oneWrites,
  state: { ...primaryOut.state, writer: "us-west-2" },
};
const secondaryOutOneWrites: World = {
  config: oneWrites,
  state: {
    ...bothServeOneWrites.state,
    epoch: 2,
    levers: { "us-east-1": released, "us-west-2": pulled },
  },
  levers: { "us-east-1": released, "us-west-2": pulled },
  done: [],
};
const wanted = { requestedBy: "operator:ops" };

/** As a request in this world would have it. */
const planIn = (
  { config: its, state }: World,
  request: Partial<SwitchRequest>,
  gatheredIn: string,
) => planFor(its, { routing: state, gatheredIn }, { ...wanted, mode: "planned", ...request });

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
      return `${step.position} ${step.lever} of ${step.region}`;
  }
}

function stateAfter(
  { config: its, state }: World,
  step: Transition,
  actor: typeof run,
): RoutingState {
  switch (step.kind) {
    case "claim":
      return claimed(its, state, { ...actor, plan: step.plan });
    case "undo":
      return undone(its, state, actor);
    case "promote":
      return promoted(its, state, { ...actor, destination: step.target });
    case "record":
      return recorded(its, state, actor);
    case "fence":
    case "drain":
    case "lever":
      return state;
  }
}

function after(world: World, step: Transition, actor = run): World {
  const state = stateAfter(world, step, actor);
  const done = [...world.done, nameOf(step)];
  if (step.kind !== "lever") return { ...world, state, done };
  const pair = { ...released, ...world.levers[step.region], [step.lever]: step.position };
  return { ...world, state, levers: { ...world.levers, [step.region]: pair }, done };
}

const through = (world: World, steps: readonly Transition[], actor = run) =>
  steps.reduce((so, step) => after(so, step, actor), world);
const rest = (plan: Plan, world: World) =>
  transitions(world.config, plan, world.state, world.levers);

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
      "pulled switch of us-east-1",
      "pulled drain of us-east-1",
      "record",
    ],
  },
  {
    title: "an automatic failover",
    world: primaryServes,
    plan: planOf(config, "failover", "automatic"),
    steps: [
      "claim",
      "pulled switch of us-east-1",
      "pulled drain of us-east-1",
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
      "released switch of us-east-1",
      "released drain of us-east-1",
      "record",
    ],
  },
  {
    title: "an automatic failover where any Region writes",
    world: standbyWrites,
    plan: planOf(anyRegion, "failover", "automatic"),
    steps: ["claim", "pulled switch of us-east-1", "pulled drain of us-east-1", "record"],
  },
  {
    title: "a planned failover of one of two that serve",
    world: bothServe,
    plan: planIn(bothServe, { direction: "failover" }, "us-west-2"),
    steps: ["claim", "pulled switch of us-east-1", "pulled drain of us-east-1", "record"],
  },
  {
    title: "an automatic failover of the secondary, of two that serve",
    world: bothServe,
    plan: planIn(bothServe, { mode: "automatic" }, "us-east-1"),
    steps: ["claim", "pulled switch of us-west-2", "pulled drain of us-west-2", "record"],
  },
  {
    title: "a failback beside the Region that serves",
    world: primaryOut,
    plan: planIn(primaryOut, { direction: "failback" }, "us-east-1"),
    steps: ["claim", "released switch of us-east-1", "released drain of us-east-1", "record"],
  },
  {
    title: "an automatic failback from a Region that serves alone",
    world: primaryOut,
    plan: planIn(primaryOut, { mode: "automatic" }, "us-east-1"),
    steps: [
      "claim",
      "released switch of us-east-1",
      "released drain of us-east-1",
      "pulled switch of us-west-2",
      "pulled drain of us-west-2",
      "record",
    ],
  },
  {
    title: "a planned failover of the writer, of two that serve",
    world: bothServeOneWrites,
    plan: planIn(bothServeOneWrites, { direction: "failover" }, "us-west-2"),
    steps: [
      "claim",
      "fence us-east-1",
      "drain us-east-1",
      "promote us-west-2",
      "pulled switch of us-east-1",
      "pulled drain of us-east-1",
      "record",
    ],
  },
  {
    title: "an automatic failover of the writer, of two that serve",
    world: bothServeOneWrites,
    plan: planIn(bothServeOneWrites, { mode: "automatic" }, "us-west-2"),
    steps: [
      "claim",
      "pulled switch of us-east-1",
      "pulled drain of us-east-1",
      "fence us-east-1",
      "promote us-west-2",
      "record",
    ],
  },
  {
    title: "an automatic failover of the one that does not write",
    world: bothServeOneWrites,
    plan: planIn(bothServeOneWrites, { mode: "automatic" }, "us-east-1"),
    steps: ["claim", "pulled switch of us-west-2", "pulled drain of us-west-2", "record"],
  },
  {
    title: "a failback of the primary, which writes again beside the secondary",
    world: primaryOutOneWrites,
    plan: planIn(primaryOutOneWrites, { direction: "failback" }, "us-east-1"),
    steps: [
      "claim",
      "fence us-west-2",
      "drain us-west-2",
      "promote us-east-1",
      "released switch of us-east-1",
      "released drain of us-east-1",
      "record",
    ],
  },
  {
    title: "a failback of the secondary, beside the primary, which writes on",
    world: secondaryOutOneWrites,
    plan: planIn(secondaryOutOneWrites, { direction: "failback" }, "us-west-2"),
    steps: ["claim", "released switch of us-west-2", "released drain of us-west-2", "record"],
  },
] as const;

/** Who serves and writes, by a steady state. */
function servedBy({ config: its, state }: World): string[] {
  const serving = servingNow(its, state);
  expect(state.levers).toEqual(leversFor(its, serving));
  expect(state.writer).toBe(its.writes === "single-region" ? serving[0] : null);
  expect(state.active).toBe(serving[0]);
  return serving;
}

describe.each(cases)("The steps of $title", ({ world, plan, steps }) => {
  it("are these, in this order.", () => {
    expect(rest(plan, world).map(nameOf)).toEqual(steps);
  });

  const whole = rest(plan, world);
  const outAtOnce = (levers: World["levers"]) =>
    ["us-east-1", "us-west-2"].every((region) => isOut(levers[region]));
  const prefixes = whole.map((_, length) => length + 1);

  it("leave nothing to do once they are done.", () => {
    const end = through(world, whole);
    expect(rest(plan, end)).toEqual([]);
    expect(end.state).toMatchObject({ phase: "steady", lease: null, plan: null });
    expect(servedBy(end)).toEqual(plan.after);
    expect(end.levers).toEqual(leversFor(world.config, plan.after));
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

  it.each(prefixes)("leave a Region that serves after %i of them.", (length) => {
    expect(outAtOnce(through(world, whole.slice(0, length)).levers)).toBe(false);
  });

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
    const state = takenOver(world.config, stopped.state, { ...mine, targetVouched: true });
    expect(state.epoch).toBe(stopped.state.epoch + 1);
    expect(state.writer).toBe(stopped.state.writer);
    const end = through({ ...stopped, state }, rest(plan, { ...stopped, state }), mine);
    expect(end.state.phase).toBe("steady");
    expect(servedBy(end)).toEqual(plan.after);
    expect(end.levers).toEqual(leversFor(world.config, plan.after));
  });

  it.each(prefixes.slice(0, -1))("can be undone after %i, from every point of it.", (length) => {
    const stopped = through(world, whole.slice(0, length));
    const back = undoing(world.config, plan, stopped.state, stopped.levers);
    for (let cut = 0; cut <= back.length; cut += 1) {
      const midway = through(stopped, back.slice(0, cut));
      const remaining = undoing(world.config, plan, midway.state, midway.levers);
      const end = through(midway, remaining);
      expect(end.state).toMatchObject({ epoch: world.state.epoch + 2, phase: "steady" });
      expect(servedBy(end)).toEqual(plan.before);
      expect(end.levers).toEqual(leversFor(world.config, plan.before));
    }
  });
});

describe("Undoing", () => {
  const plan = planOf(config, "failover", "planned");
  const whole = rest(plan, primaryServes);
  const undo = (world: World) => undoing(world.config, plan, world.state, world.levers).map(nameOf);

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
      "released switch of us-east-1",
      "released drain of us-east-1",
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
