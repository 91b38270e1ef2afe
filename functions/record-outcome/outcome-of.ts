// What a run came to, from what its steps answered. Times are ms since 1970; null where the run
// never got so far.
import type { z } from "zod";
import type { Plan } from "../../core/contracts/routing-state.ts";
import type { RunOutcome, stepInputs } from "../../core/contracts/steps.ts";
import { leavesSource } from "../../core/plan-for.ts";

export type OutcomeInput = z.output<(typeof stepInputs)["record-outcome"]>;

export function outcomeOf(input: OutcomeInput, now: number): RunOutcome {
  const { request, decision, promotion, shift } = input;
  const claim = input.claim?.claimed === true ? input.claim : null;
  const plan = claim?.plan ?? decision?.plan ?? null;
  const pausedFrom = claim?.intent === "switch" ? claim.claimedAt : null;
  return {
    outcome: input.outcome,
    sentence: sentenceOf(input, plan),
    plan,
    epoch: claim?.epoch ?? decision?.epoch ?? null,
    requestedBy: request.requestedBy,
    signalAt: signalAtOf(input),
    decidedAt: decision?.decidedAt ?? null,
    claimedAt: claim?.claimedAt ?? null,
    promotedAt: promotion?.promotedAt ?? null,
    // Levers may take effect after the last look at the name servers: then clients show it.
    shiftedAt: shift?.shiftedAt ?? (input.verification?.verified === true ? now : null),
    completedAt: now,
    lossBoundSeconds: lossBoundOf(input, plan),
    writePauseSeconds:
      promotion === null || pausedFrom === null
        ? null
        : (promotion.promotedAt - pausedFrom) / 1_000,
    levers: shift?.levers ?? { switch: "untouched", drain: "untouched" },
    because: decision?.because ?? [],
    blockedBy: decision?.blockedBy ?? [],
  };
}

/** null: unknown, as is what a promoted target wrote, until its drain back is through. */
function lossBoundOf({ claim, decision, drain }: OutcomeInput, plan: Plan | null): number | null {
  const own = claim?.claimed === true ? claim : null;
  const isBack = own !== null && own.next === "restore" && own.promotes && own.promoted;
  if (isBack && drain?.drained !== true) return null;
  if (plan !== null && risksNothing(plan)) return 0;
  return (own ?? decision)?.lossBound.seconds ?? null;
}

const risksNothing = (plan: Plan) => plan.mode === "planned" || !leavesSource(plan);

/** A signal that says no time was not seen later than the run began. */
function signalAtOf({ run, request }: OutcomeInput): number | null {
  if (request.signal === undefined) return null;
  return request.signalAt ?? Date.parse(run.startedAt);
}

function sentenceOf({ outcome, why }: OutcomeInput, plan: Plan | null): string {
  const move =
    plan === null
      ? "switch"
      : `${plan.mode} ${plan.direction} from ${plan.source} to ${plan.target}`;
  const because = why.trim().replace(/\.$/, "");
  switch (outcome) {
    case "switched":
      return `Done: ${move}. ${because}.`;
    case "held":
      return `Held: no ${move}. ${because}.`;
    case "not-approved":
      return `Not approved: no ${move}. ${because}.`;
    case "superseded":
      return `Superseded: another run acts instead of this ${move}. ${because}.`;
    case "dry-run":
      return `Dry run: nothing was changed. ${because}.`;
    case "undone":
      return (
        `Undone: the ${move} did not succeed, and who served before serves again: ` +
        `${plan?.before.join(" and ") ?? "the source"}. ${because}.`
      );
    case "failed":
      return `Failed: the ${move} stopped half-way; the next run takes over. ${because}.`;
  }
}
