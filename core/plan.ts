// What each transition of a switch does to the routing state: pure, with the invariants that plain
// state can show asserted before and after. One definition serves both directions and topologies:
// a plan says who serves before and after. With writes any-region nobody is promoted; the record,
// which ends the switch, says who is active.
import type { Config, Region } from "./config/schema.ts";
import type { Plan, RoutingState } from "./contracts/routing-state.ts";
import type { Claim } from "./contracts/steps.ts";
import { leversFor, sameLevers } from "./desired-levers.ts";
import { InvariantViolated } from "./errors.ts";
import { isOut } from "./invariants.ts";
import { groupOf, leverRegions, servingRegions } from "./names.ts";
import { activeAmong, hasWriter, movesWriter } from "./writer.ts";

/** How long a claim holds before another run may take it over: longer than the longest stretch
 * between two renewals (fence 8 s, one drain or lever round 45 s, retries of a failed step). */
export const leaseSeconds = 180;

type GrantedClaim = Extract<Claim, { claimed: true }>;
type Destination = Pick<GrantedClaim, "plan" | "next">;
/** Who acts, and when; `now` is ms since 1970. */
export type Actor = { readonly executionArn: string; readonly now: number };

/** The Region that is to take over, or to serve again, once the claim is carried out. */
export function destinationOf(claim: Destination): Region {
  return claim.next === "restore" ? claim.plan.source : claim.plan.target;
}

/** The other one: where traffic leaves, except where it goes on serving beside its peer. */
export function departureOf(claim: Destination): Region {
  return claim.next === "restore" ? claim.plan.target : claim.plan.source;
}

/** All Regions that are to serve once the claim is carried out. */
export function servingAfter(claim: Destination): readonly Region[] {
  return claim.next === "restore" ? claim.plan.before : claim.plan.after;
}

/** The Regions that serve: of an active-active pair those whose desired levers are released. */
export function servingNow(
  config: Config,
  state: Pick<RoutingState, "active" | "levers">,
): Region[] {
  if (config.topology === "active-passive") return [state.active];
  return servingRegions(config).filter((region) => !isOut(state.levers[region]));
}

export function sameRegions(a: readonly Region[], b: readonly Region[]): boolean {
  return a.length === b.length && a.every((region) => b.includes(region));
}

/** A lease that still keeps others out at `now`. */
export function liveLease(state: RoutingState, now: number): RoutingState["lease"] {
  return state.lease !== null && state.lease.until > now ? state.lease : null;
}

/** The recorded plan of a switch whose holder is gone; null while nothing needs taking over. */
export function abandonedPlan(state: RoutingState, now: number): Plan | null {
  return state.phase === "switching" && liveLease(state, now) === null ? state.plan : null;
}

/** The recorded switch is being undone: the levers from before it are the desired ones. */
export function isRestoring(config: Config, state: RoutingState): boolean {
  return state.plan !== null && sameLevers(state.levers, leversFor(config, state.plan.before));
}

/** The target writes already: only levers and record are left. */
export function isPromoted(config: Config, { active, plan }: RoutingState): boolean {
  return plan !== null && movesWriter(config, plan) && active === plan.target;
}

function firstServing(config: Config): Region[] {
  return config.topology === "active-active" ? servingRegions(config) : [config.regions.primary];
}

export function initialState(config: Config, now: number): RoutingState {
  const { primary } = config.regions;
  return {
    group: groupOf(config),
    epoch: 1,
    active: primary,
    writer: hasWriter(config) ? primary : null,
    phase: "steady",
    levers: leversFor(config, firstServing(config)),
    switchAttempted: Object.fromEntries(leverRegions(config).map((r) => [r, "released"])),
    plan: null,
    lease: null,
    automation: config.automation,
    automationChange: null,
    claimedAt: now,
    automaticSwitchAt: null,
  };
}

/** A new switch: epoch + 1, the target's levers desired, and nobody writes if the writer changes.
 * Returns the state as it is when this execution holds the claim already. Throws
 * InvariantViolated. */
export function claimed(
  config: Config,
  state: RoutingState,
  claim: Actor & { readonly plan: Plan },
): RoutingState {
  if (state.lease?.executionArn === claim.executionArn) return state;
  demand(state.phase === "steady", "a switch is claimed only while steady");
  demand(liveLease(state, claim.now) === null, "no other execution's lease is live");
  const serving = servingNow(config, state);
  demand(serving.includes(claim.plan.source), "a switch leaves a Region that serves");
  demand(sameRegions(serving, claim.plan.before), "a plan begins with the Regions that serve");
  demand(servingRegions(config).includes(claim.plan.target), "the target is a serving Region");
  return checkedState(config, {
    ...granted(state, claim),
    writer: movesWriter(config, claim.plan) ? null : state.writer,
    phase: "switching",
    levers: leversFor(config, claim.plan.after),
    plan: claim.plan,
  });
}

/** `sourceReady` (default: yes): vouched for, or its levers are known to be restored. */
type TakeOver = {
  readonly targetVouched: boolean;
  readonly sourceReady?: boolean | undefined;
  readonly insisted?: boolean;
};

/** Where a claim on the recorded plan goes on, before it is made. `promoted`: the target was
 * promoted already. A switch that is being undone stays so, unless an operator insists on it or
 * only the target can serve; a promoted one is finished. */
export function takeOverCourse(
  config: Config,
  state: RoutingState,
  { targetVouched, sourceReady = true, insisted = false }: TakeOver,
): { next: "fence" | "levers" | "restore"; promoted: boolean } {
  const promoted = isPromoted(config, state);
  const { plan } = state;
  const forward = plan !== null && movesWriter(config, plan) ? "fence" : "levers";
  const turns = insisted || (!promoted && state.writer === null && targetVouched && !sourceReady);
  if (isRestoring(config, state)) return { next: turns ? forward : "restore", promoted };
  if (promoted) return { next: "levers", promoted };
  return { next: targetVouched || insisted ? forward : "restore", promoted };
}

/** A take-over of a lapsed lease: the recorded plan under a new epoch, finished or undone. After
 * promotion the target stays the writer. Throws InvariantViolated. */
export function takenOver(
  config: Config,
  state: RoutingState,
  claim: Actor & TakeOver,
): RoutingState {
  if (state.lease?.executionArn === claim.executionArn) return state;
  const plan = abandonedPlan(state, claim.now);
  if (plan === null) throw new InvariantViolated("Only an abandoned switch is taken over.");
  const { next } = takeOverCourse(config, state, claim);
  if (next === "restore") return restoring(config, state, claim);
  return checkedState(config, {
    ...granted(state, claim),
    plan: claim.insisted === true ? { ...plan, mode: "forced" } : plan,
    writer: state.writer === plan.source && movesWriter(config, plan) ? null : state.writer,
    levers: leversFor(config, plan.after),
  });
}

/** Un-fencing by the run that holds the claim: epoch + 1, the levers from before desired, and
 * nobody writes if the writer was to change. `active` stays what it was: a promoted target is left
 * only by `promoted`. */
export function undone(config: Config, state: RoutingState, claim: Actor): RoutingState {
  demandHolder(state, claim.executionArn);
  if (isRestoring(config, state)) return state;
  return restoring(config, state, claim);
}

function restoring(config: Config, state: RoutingState, claim: Actor): RoutingState {
  const { plan } = state;
  if (plan === null) throw new InvariantViolated("A switch without a plan can't be undone.");
  // Promoted back but not recorded: the source writes again, and only the record is left.
  const settled = state.writer === plan.source || !movesWriter(config, plan);
  return checkedState(config, {
    ...granted(state, claim),
    writer: settled ? state.writer : null,
    levers: leversFor(config, plan.before),
  });
}

/** The destination becomes writer and active. A no-op when it is already. */
export function promoted(
  config: Config,
  state: RoutingState,
  step: Actor & { readonly destination: Region },
): RoutingState {
  demandHolder(state, step.executionArn);
  const { plan } = state;
  if (plan === null) throw new InvariantViolated("A Region is promoted only while switching.");
  demand(movesWriter(config, plan), "a Region is promoted only where the writer changes");
  demand(
    state.writer === null || state.writer === step.destination,
    "nobody writes until the destination is promoted",
  );
  demand(
    sameLevers(
      state.levers,
      leversFor(config, step.destination === plan.target ? plan.after : plan.before),
    ),
    "the desired levers are those of the Regions that are to serve with it",
  );
  const next = {
    ...state,
    writer: step.destination,
    active: step.destination,
    // The cool-down counts switches that happened, not attempts.
    automaticSwitchAt: switched(plan, step.destination) ? step.now : state.automaticSwitchAt,
  };
  return checkedState(config, renewed(next, step));
}

function switched(plan: Plan, destination: Region): boolean {
  return plan.mode === "automatic" && plan.target === destination;
}

/** The holder's lease from now on; the epoch stays. */
export function renewed(state: RoutingState, step: Actor): RoutingState {
  demandHolder(state, step.executionArn);
  return { ...state, lease: leaseOf(step) };
}

/** The switch is over: steady, nothing leased. A no-op when it is steady already. Where nobody is
 * promoted, this is when the Regions that serve have changed. */
export function recorded(config: Config, state: RoutingState, step: Actor): RoutingState {
  if (state.phase === "steady" && state.lease === null) return state;
  demandHolder(state, step.executionArn);
  const steady = { ...state, phase: "steady", plan: null, lease: null } as const;
  const { plan } = state;
  if (!hasWriter(config) || (plan !== null && !movesWriter(config, plan))) {
    return checkedState(config, { ...steady, ...arrived(config, state, step) });
  }
  demand(state.writer === state.active, "the active Region writes before the phase is steady");
  return checkedState(config, steady);
}

function arrived(config: Config, state: RoutingState, { now }: Actor) {
  const { plan } = state;
  if (plan === null) throw new InvariantViolated("A switch without a plan can't be recorded.");
  const back = isRestoring(config, state);
  const active = activeAmong(config, back ? plan.before : plan.after);
  const counts = plan.mode === "automatic" && !back;
  return { active, automaticSwitchAt: counts ? now : state.automaticSwitchAt };
}

function granted(state: RoutingState, claim: Actor): RoutingState {
  return { ...state, epoch: state.epoch + 1, claimedAt: claim.now, lease: leaseOf(claim) };
}

function leaseOf(actor: Actor) {
  return { executionArn: actor.executionArn, until: actor.now + leaseSeconds * 1000 };
}

/** What every routing state must satisfy, whoever wrote it: asserted after it was read and before
 * it is written. Throws InvariantViolated. */
export function checkedState(config: Config, state: RoutingState): RoutingState {
  const serving = servingRegions(config);
  demand(serving.includes(state.active), "the active Region is a serving Region");
  demand(state.writer === null || state.writer === state.active, "only the active Region writes");
  const out = serving.filter((r) => isOut(state.levers[r]));
  demand(out.length < serving.length, "never are both Regions out by our levers");
  demand(hasWriter(config) || state.writer === null, "with writes any-region nobody is the writer");
  if (state.phase === "steady") demandSteady(config, state);
  else demand(state.plan !== null && state.lease !== null, "a switch has a plan and a lease");
  return state;
}

function demandSteady(config: Config, state: RoutingState): void {
  const { active, writer } = state;
  const now = servingNow(config, state);
  if (hasWriter(config)) {
    demand(writer === active, "while steady the active Region is the writer");
  }
  demand(state.lease === null && state.plan === null, "while steady nothing is leased");
  demand(active === activeAmong(config, now), "while steady the active Region serves");
  demand(
    sameLevers(state.levers, leversFor(config, now)),
    "while steady the desired levers are those of the Regions that serve",
  );
}

function demandHolder(state: RoutingState, executionArn: string): void {
  demand(state.lease?.executionArn === executionArn, "only the holder of the lease acts");
}

function demand(holds: boolean, sentence: string): asserts holds {
  if (!holds) throw new InvariantViolated(`Violated: ${sentence}.`);
}
