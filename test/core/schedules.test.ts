// Many thousands of schedules of the pure core: switch after switch, each interrupted anywhere, any
// number of times, taken over or undone, its steps repeated, its dead holders still trying. What
// must hold after every prefix holds after every prefix of these. A failure prints its seed.
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { beforeAll, describe, it } from "vitest";
import type { Config, Region } from "../../core/config/schema.ts";
import type { LeverPosition, Plan, RoutingState } from "../../core/contracts/routing-state.ts";
import { leversFor } from "../../core/desired-levers.ts";
import { InvariantViolated } from "../../core/errors.ts";
import { isOut } from "../../core/invariants.ts";
import { leverRegions, servingRegions } from "../../core/names.ts";
import {
  type Actor,
  abandonedPlan,
  checkedState,
  claimed,
  initialState,
  isRestoring,
  leaseSeconds,
  promoted,
  recorded,
  renewed,
  sameRegions,
  servingNow,
  takenOver,
  undone,
} from "../../core/plan.ts";
import { planFor } from "../../core/plan-for.ts";
import { type Transition, transitions, undoing } from "../../core/transitions.ts";
import { hasWriter } from "../../core/writer.ts";
import { configOf, now } from "./world.ts";

const configs: readonly Config[] = [
  configOf(),
  configOf({ writes: "any-region" }),
  configOf({ topology: "active-active" }),
];

const released: Record<"switch" | "drain", LeverPosition> = {
  switch: "released",
  drain: "released",
};

/** One group's life: what is stored, how the levers really stand, and who has come by. */
class Life {
  readonly config: Config;
  state: RoutingState;
  readonly levers: Record<Region, Record<"switch" | "drain", LeverPosition>>;
  readonly writers = new Map<number, Region>();
  readonly dead: string[] = [];
  #runs = 0;
  time = now;
  actor: Actor = { executionArn: "arn:nobody", now };
  last: Transition | null = null;

  constructor(config: Config) {
    this.config = config;
    this.state = initialState(config, now);
    this.levers = Object.fromEntries(leverRegions(config).map((r) => [r, { ...released }]));
  }

  next(): Actor {
    this.#runs += 1;
    return { executionArn: `arn:run-${this.#runs}`, now: this.time };
  }

  /** What remains of the switch that is recorded. */
  rest(): Transition[] {
    const { config, state, levers } = this;
    if (state.plan === null) return [];
    return isRestoring(config, state)
      ? undoing(config, state.plan, state, levers)
      : transitions(config, state.plan, state, levers);
  }

  apply(step: Transition): void {
    this.state = this.#after(step);
    this.last = step;
    if (step.kind !== "lever") return;
    this.levers[step.region] = {
      ...released,
      ...this.levers[step.region],
      [step.lever]: step.position,
    };
  }

  #after(step: Transition): RoutingState {
    const { config, state, actor } = this;
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
}

const traceless = ({ kind }: Transition) => kind === "fence" || kind === "drain";
const traces = (steps: readonly Transition[]) => steps.filter((step) => !traceless(step));

// Not expect(): it would take most of the time.
function demand(holds: boolean, sentence: string): void {
  if (!holds) throw new Error(`Violated: ${sentence}.`);
}

/** What holds at every instant, whatever happened before. */
function demandSound(life: Life, before: RoutingState): void {
  const { config, state, levers, writers } = life;
  checkedState(config, state);
  demand(state.epoch >= before.epoch, "the epoch never goes back");
  const out = servingRegions(config).filter((region) => isOut(levers[region]));
  demand(out.length < 2, "never are both Regions out by our levers");
  if (state.writer === null) return;
  const known = writers.get(state.epoch) ?? state.writer;
  demand(known === state.writer, "an epoch has one writer");
  writers.set(state.epoch, known);
}

/** The next step, and again: what remains is the rest, and doing it twice changes nothing. */
function stepOn(life: Life): void {
  const [step, ...rest] = life.rest();
  if (step === undefined) return;
  life.apply(step);
  if (life.state.phase === "switching") {
    demand(isDeepStrictEqual(traces(life.rest()), traces(rest)), "what remains is a suffix");
  }
  const { state } = life;
  const levers = { ...life.levers };
  life.apply(step);
  demand(isDeepStrictEqual(life.state, state), "a step done twice leaves the state");
  demand(isDeepStrictEqual(life.levers, levers), "a step done twice leaves the levers");
}

function begin(life: Life, choice: number): void {
  const { config, state } = life;
  const mode = (["planned", "automatic", "forced"] as const)[choice % 3] ?? "planned";
  const direction = choice % 2 === 0 ? "failover" : "failback";
  const gatheredIn = servingRegions(config)[choice % 2] ?? config.regions.primary;
  const request = { mode, direction, requestedBy: "schedule" } as const;
  const plan: Plan = planFor(config, { routing: state, gatheredIn }, request);
  const serving = servingNow(config, state);
  // What the standing gates hold is never claimed.
  if (!serving.includes(plan.source) || sameRegions(serving, plan.after)) return;
  life.actor = life.next();
  life.apply({ kind: "claim", plan });
}

/** The holder is gone for good, and another run finds the lapsed lease. */
function takeOver(life: Life, choice: number): void {
  const gone = life.state.lease?.executionArn;
  life.time += (leaseSeconds + 1) * 1000;
  demand(abandonedPlan(life.state, life.time) !== null, "a lapsed switch can be taken over");
  life.actor = life.next();
  const targetVouched = choice % 2 === 0;
  const sourceReady = choice % 4 < 3;
  const insisted = choice % 11 === 0;
  // As Decide: held while levers would have to move towards a Region that nobody vouches for.
  if (!targetVouched && !sourceReady && !insisted) return;
  const claim = { ...life.actor, targetVouched, sourceReady, insisted };
  life.state = takenOver(life.config, life.state, claim);
  // Until somebody took over, whoever the item names may come back and go on.
  if (gone !== undefined) life.dead.push(gone);
}

/** Whoever lost the lease can change nothing, whatever he tries. */
function haunt(life: Life, choice: number): void {
  const { config, state } = life;
  const executionArn = life.dead.at(-1);
  if (executionArn === undefined) return;
  const late = { executionArn, now: life.time };
  const attempts = [
    () => renewed(state, late),
    () => undone(config, state, late),
    () => promoted(config, state, { ...late, destination: config.regions.secondary }),
    () => recorded(config, state, late),
  ];
  try {
    demand(attempts[choice % 4]?.() === state, "who lost the lease changes nothing");
  } catch (error) {
    if (!(error instanceof InvariantViolated)) throw error;
  }
}

function happen(life: Life, choice: number): void {
  const before = life.state;
  if (before.phase === "steady") begin(life, choice);
  else if (before.lease?.executionArn !== life.actor.executionArn) takeOver(life, choice);
  else if (choice % 16 === 0) takeOver(life, choice >> 4);
  else if (choice % 16 === 1) life.apply({ kind: "undo", plan: planIn(before) });
  else stepOn(life);
  haunt(life, choice);
  life.time += 1000;
  demandSound(life, before);
}

function planIn({ plan }: RoutingState): Plan {
  if (plan === null) throw new Error("a switch has a plan");
  return plan;
}

/** Left alone, it comes to rest: steady, its levers as desired, its serving Region the writer. */
function comeToRest(life: Life): void {
  if (life.state.phase === "switching") {
    if (life.state.lease?.executionArn !== life.actor.executionArn) takeOver(life, 0);
    for (const step of life.rest()) {
      const before = life.state;
      life.apply(step);
      demandSound(life, before);
    }
  }
  const { config, state, levers } = life;
  const serving = servingNow(config, state);
  const { phase, lease, plan } = state;
  demand(phase === "steady" && lease === null && plan === null, "the end is rest");
  demand(isDeepStrictEqual(levers, leversFor(config, serving)), "levers end as desired");
  demand(state.writer === (hasWriter(config) ? serving[0] : null), "who serves writes");
}

beforeAll(() => {
  // Thousands of refusals are expected, and nobody reads where they came from.
  Error.stackTraceLimit = 0;
});

describe("In any schedule of switches, interruptions and take-overs", { timeout: 300_000 }, () => {
  it("every prefix is sound, what remains is a suffix, and the end is rest.", () => {
    const choices = fc.array(fc.nat({ max: 255 }), { minLength: 3, maxLength: 18 });
    fc.assert(
      fc.property(fc.constantFrom(...configs), choices, (config, schedule) => {
        const life = new Life(config);
        for (const choice of schedule) happen(life, choice);
        comeToRest(life);
      }),
      { numRuns: 82_000 },
    );
  });
});
