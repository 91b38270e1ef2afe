// What a claim would write, or why it is not to be tried: the epoch and automation must be as the
// evidence saw them, and no other lease may be live. A take-over goes on whatever automation says.
import type { z } from "zod";
import type { Config } from "../../core/config/schema.ts";
import type { RoutingState } from "../../core/contracts/routing-state.ts";
import type { Decision, SwitchRequest, stepInputs } from "../../core/contracts/steps.ts";
import {
  type Actor,
  abandonedPlan,
  claimed,
  liveLease,
  takenOver,
  undone,
} from "../../core/plan.ts";
import { insistsOn } from "../../core/plan-for.ts";

/** A claim has four attempts, two minutes together, and a planned one is made twice. What is older
 * waited for something else: its Region was down, or its run was stopped and redriven later. */
const decisionMaximumAgeSeconds = 180;

export type ClaimInput = z.output<(typeof stepInputs)["claim-epoch"]>;

export type Attempt =
  | { readonly kind: "write"; readonly next: RoutingState }
  /** This execution holds the claim already: an earlier attempt got through. */
  | { readonly kind: "held" }
  | { readonly kind: "refused"; readonly why: string; readonly again: boolean };

export function attemptOf(
  config: Config,
  state: RoutingState,
  actor: Actor,
  { decision, intent, request }: ClaimInput,
): Attempt {
  const mine = state.lease?.executionArn === actor.executionArn;
  if (intent === "undo") return mine ? undoing(config, state, actor) : refused(lost(state));
  if (mine) return { kind: "held" };
  if (state.epoch !== decision.epoch) return refused(lost(state));
  if (liveLease(state, actor.now) !== null) return refused("Another run holds the lease.");
  const age = Math.round((actor.now - decision.decidedAt) / 1000);
  if (age > decisionMaximumAgeSeconds) return again(`What was decided is ${age} s old.`);
  return intent === "switch"
    ? switching(config, state, actor, decision)
    : takingOver(config, state, actor, decision, request);
}

function switching(
  config: Config,
  state: RoutingState,
  actor: Actor,
  { plan, automation }: Decision,
): Attempt {
  if (plan === null) return refused("The decision has no plan: there is nothing to do.");
  if (state.automation !== automation) {
    return again(`Automation changed from ${automation} to ${state.automation} meanwhile.`);
  }
  if (state.phase !== "steady") return refused("A switch is under way; it is to be taken over.");
  return { kind: "write", next: claimed(config, state, { ...actor, plan }) };
}

function takingOver(
  config: Config,
  state: RoutingState,
  actor: Actor,
  { vouchedAt, sourceReady }: Decision,
  request: SwitchRequest,
): Attempt {
  const abandoned = abandonedPlan(state, actor.now);
  if (abandoned === null) return refused("No abandoned switch stands.");
  const targetVouched = vouchedAt !== null;
  const insisted = insistsOn(config, request, abandoned);
  const facts = { targetVouched, sourceReady, insisted };
  return { kind: "write", next: takenOver(config, state, { ...actor, ...facts }) };
}

function undoing(config: Config, state: RoutingState, actor: Actor): Attempt {
  const next = undone(config, state, actor);
  return next === state ? { kind: "held" } : { kind: "write", next };
}

const refused = (why: string): Attempt => ({ kind: "refused", why, again: false });
/** Nobody else acts; what was decided on is no longer so. */
const again = (why: string): Attempt => ({ kind: "refused", why, again: true });
const lost = ({ epoch }: RoutingState) => `The epoch is ${epoch} by now: another run acts.`;
