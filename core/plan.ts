// What a switch consists of, and what each transition does to the routing state: pure, with the
// invariants that plain state can show asserted before and after. One definition serves both
// directions; a failback is a failover with source and target swapped.
import type { Config, Region } from "./config/schema.ts";
import type {
  Direction,
  LeverPair,
  LeverPosition,
  Plan,
  RoutingState,
  SwitchMode,
} from "./contracts/routing-state.ts";
import type { Claim, SwitchRequest } from "./contracts/steps.ts";
import { InvariantViolated } from "./errors.ts";
import { isOut } from "./invariants.ts";
import { groupOf, leverRegions, servingRegions } from "./names.ts";

/** How long a claim holds before another run may take it over: longer than the longest stretch
 * between two renewals (fence 8 s, one drain or lever round 45 s, retries of a failed step). */
export const leaseSeconds = 180;

type GrantedClaim = Extract<Claim, { claimed: true }>;
type Destination = Pick<GrantedClaim, "plan" | "next">;
/** Who acts, and when; `now` is ms since 1970. */
export type Actor = { readonly executionArn: string; readonly now: number };

/** The Region that is to serve once the claim is carried out. */
export function destinationOf(claim: Destination): Region {
  return claim.next === "restore" ? claim.plan.source : claim.plan.target;
}

/** The Region that is to stop serving. */
export function departureOf(claim: Destination): Region {
  return claim.next === "restore" ? claim.plan.target : claim.plan.source;
}

/** Desired lever positions while `active` serves: every other Region with levers is out. */
export function leversFor(config: Config, active: Region): Record<Region, LeverPair> {
  const position = (region: Region): LeverPosition => (region === active ? "released" : "pulled");
  return Object.fromEntries(
    leverRegions(config).map((r) => [r, { switch: position(r), drain: position(r) }]),
  );
}

export function sameLevers(a: RoutingState["levers"], b: RoutingState["levers"]): boolean {
  const regions = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...regions].every((r) => a[r]?.switch === b[r]?.switch && a[r]?.drain === b[r]?.drain);
}

/** The levers of a Region that are known to stand as desired: setting them moves nothing. An
 * attempt to pull counts as pulled until a release was read back, so a recorded release holds even
 * while Route 53's API can't be read. */
export function standingLevers(
  desired: LeverPair,
  seen: Readonly<Record<keyof LeverPair, LeverPosition | "unknown">> | undefined,
  attempted: LeverPosition | undefined,
): (keyof LeverPair)[] {
  const read = seen?.switch ?? "unknown";
  const released = read === "unknown" && desired.switch === "released";
  const standing: (keyof LeverPair)[] = [];
  if (attempted === desired.switch && (read === desired.switch || released))
    standing.push("switch");
  if (seen?.drain === desired.drain) standing.push("drain");
  return standing;
}

export function planOf(config: Config, direction: Direction, mode: SwitchMode): Plan {
  const { primary, secondary } = config.regions;
  return direction === "failover"
    ? { direction, mode, source: primary, target: secondary }
    : { direction, mode, source: secondary, target: primary };
}

/** The direction that leads away from `active`. */
export function directionFrom(config: Config, active: Region): Direction {
  return active === config.regions.primary ? "failover" : "failback";
}

/** A lease that still keeps others out at `now`. */
export function liveLease(state: RoutingState, now: number): RoutingState["lease"] {
  return state.lease !== null && state.lease.until > now ? state.lease : null;
}

/** The recorded plan of a switch whose holder is gone; null while nothing needs taking over. */
export function abandonedPlan(state: RoutingState, now: number): Plan | null {
  return state.phase === "switching" && liveLease(state, now) === null ? state.plan : null;
}

/** The recorded switch is being undone: its source's levers are the desired ones. */
export function isRestoring(config: Config, state: RoutingState): boolean {
  return state.plan !== null && sameLevers(state.levers, leversFor(config, state.plan.source));
}

export function initialState(config: Config, now: number): RoutingState {
  const { primary } = config.regions;
  return {
    group: groupOf(config),
    epoch: 1,
    active: primary,
    writer: primary,
    phase: "steady",
    levers: leversFor(config, primary),
    switchAttempted: Object.fromEntries(leverRegions(config).map((r) => [r, "released"])),
    plan: null,
    lease: null,
    automation: config.automation,
    automationChange: null,
    claimedAt: now,
    automaticSwitchAt: null,
  };
}

/** A new switch: epoch + 1, nobody writes, the target's levers desired. Returns the state as it
 * is when this execution holds the claim already. Throws InvariantViolated. */
export function claimed(
  config: Config,
  state: RoutingState,
  claim: Actor & { readonly plan: Plan },
): RoutingState {
  if (state.lease?.executionArn === claim.executionArn) return state;
  demand(state.phase === "steady", "a switch is claimed only while steady");
  demand(liveLease(state, claim.now) === null, "no other execution's lease is live");
  demand(state.active === claim.plan.source, "a switch leaves the active Region");
  demand(servingRegions(config).includes(claim.plan.target), "the target is a serving Region");
  return checkedState(config, {
    ...granted(state, claim),
    writer: null,
    phase: "switching",
    levers: leversFor(config, claim.plan.target),
    plan: claim.plan,
  });
}

/** An operator forces the very switch whose run is gone: it is finished as a forced one. */
export function insistsOn(request: SwitchRequest, abandoned: Plan): boolean {
  return request.mode === "forced" && request.direction === abandoned.direction;
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
  const promoted = state.plan !== null && state.active === state.plan.target;
  const turns = insisted || (!promoted && state.writer === null && targetVouched && !sourceReady);
  if (isRestoring(config, state)) return { next: turns ? "fence" : "restore", promoted };
  if (promoted) return { next: "levers", promoted };
  return { next: targetVouched || insisted ? "fence" : "restore", promoted };
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
    writer: state.writer === plan.target ? plan.target : null,
    levers: leversFor(config, plan.target),
  });
}

/** Un-fencing by the run that holds the claim: epoch + 1, nobody writes, the source's levers
 * desired. `active` stays what it was: a promoted target is left only by `promoted`. */
export function undone(config: Config, state: RoutingState, claim: Actor): RoutingState {
  demandHolder(state, claim.executionArn);
  if (isRestoring(config, state)) return state;
  return restoring(config, state, claim);
}

function restoring(config: Config, state: RoutingState, claim: Actor): RoutingState {
  const { plan } = state;
  if (plan === null) throw new InvariantViolated("A switch without a plan can't be undone.");
  // Promoted back but not recorded: the source writes again, and only the record is left.
  const settled = state.writer === plan.source;
  return checkedState(config, {
    ...granted(state, claim),
    writer: settled ? plan.source : null,
    levers: leversFor(config, plan.source),
  });
}

/** The destination becomes writer and active. A no-op when it is already. */
export function promoted(
  config: Config,
  state: RoutingState,
  step: Actor & { readonly destination: Region },
): RoutingState {
  demandHolder(state, step.executionArn);
  demand(state.phase === "switching", "a Region is promoted only while switching");
  demand(
    state.writer === null || state.writer === step.destination,
    "nobody writes until the destination is promoted",
  );
  demand(
    sameLevers(state.levers, leversFor(config, step.destination)),
    "the desired levers are those of the Region to be promoted",
  );
  const next = {
    ...state,
    writer: step.destination,
    active: step.destination,
    // The cool-down counts switches that happened, not attempts.
    automaticSwitchAt: switched(state.plan, step.destination) ? step.now : state.automaticSwitchAt,
  };
  return checkedState(config, renewed(next, step));
}

function switched(plan: Plan | null, destination: Region): boolean {
  return plan?.mode === "automatic" && plan.target === destination;
}

/** The holder's lease from now on; the epoch stays. */
export function renewed(state: RoutingState, step: Actor): RoutingState {
  demandHolder(state, step.executionArn);
  return { ...state, lease: leaseOf(step) };
}

/** The switch is over: steady, nothing leased. A no-op when it is steady already. */
export function recorded(config: Config, state: RoutingState, step: Actor): RoutingState {
  if (state.phase === "steady" && state.lease === null) return state;
  demandHolder(state, step.executionArn);
  demand(state.writer === state.active, "the active Region writes before the phase is steady");
  return checkedState(config, { ...state, phase: "steady", plan: null, lease: null });
}

/** Recorded before the switch lever is touched: an attempt to pull counts as pulled until a
 * release was read back. */
export function switchAttempted(
  state: RoutingState,
  region: Region,
  position: LeverPosition,
): RoutingState {
  return { ...state, switchAttempted: { ...state.switchAttempted, [region]: position } };
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
  if (state.phase === "steady") {
    demand(state.writer === state.active, "while steady the active Region is the writer");
    demand(state.lease === null && state.plan === null, "while steady nothing is leased");
    demand(
      sameLevers(state.levers, leversFor(config, state.active)),
      "while steady the desired levers are those of the active Region",
    );
  } else {
    demand(state.plan !== null && state.lease !== null, "a switch has a plan and a lease");
  }
  return state;
}

function demandHolder(state: RoutingState, executionArn: string): void {
  demand(state.lease?.executionArn === executionArn, "only the holder of the lease acts");
}

function demand(holds: boolean, sentence: string): asserts holds {
  if (!holds) throw new InvariantViolated(`Violated: ${sentence}.`);
}
