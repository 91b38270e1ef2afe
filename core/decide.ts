// From evidence to a decision: pure and total. Within one evaluation safety only goes down: go,
// then ask, then hold. Gates say what blocks (gates.ts); this file says which gates apply to whom,
// and what forced mode and the loss policy let pass, each by name; what people say to it is in
// people.ts.
import type { Config } from "./config/schema.ts";
import type { Evidence } from "./contracts/evidence.ts";
import type { Abort } from "./contracts/records.ts";
import type { Plan } from "./contracts/routing-state.ts";
import type { ApprovalAnswer, Decision, LossBound, SwitchRequest } from "./contracts/steps.ts";
import { leversFor, standingLevers } from "./desired-levers.ts";
import { unreadReports } from "./divergence.ts";
import {
  automaticGates,
  type Blocker,
  type Case,
  divergenceGate,
  lossReason,
  operatorGates,
  requestGates,
  sourceGate,
  standingGates,
  targetVeto,
  voteGates,
} from "./gates.ts";
import { assertHolds, neverLeavesHealthy } from "./invariants.ts";
import { lossBoundAtDecide, lossInWords } from "./loss-bound.ts";
import { abortGate, answered } from "./people.ts";
import { abandonedPlan, takeOverCourse } from "./plan.ts";
import { insistsOn, isReturn, leavesSource, planFor } from "./plan-for.ts";
import { isReasonCode, type ReasonCode, reasonSentence } from "./reasons.ts";
import { stepsInWords, transitions } from "./transitions.ts";
import { type Votes, votesAgainst, vouchingFor } from "./votes.ts";
import { hasWriter } from "./writer.ts";

export type DecideInput = {
  readonly request: SwitchRequest;
  readonly evidence: Evidence;
  /** The answer to this run's last question; null: none was asked. */
  readonly approval: ApprovalAnswer | null;
  /** An operator's wish that this run stop; null or absent: there is none. */
  readonly abort?: Abort | null;
};

/** What was found, before it is put into a Decision. */
type Finding = {
  readonly because: readonly ReasonCode[];
  readonly blockers: readonly Blocker[];
  readonly waived: readonly ReasonCode[];
  readonly intent: Decision["intent"];
  /** The active Region is impaired, or an operator waits: a hold needs people. */
  readonly urgent: boolean;
  readonly votes: Votes;
  /** Of a take-over, for its claim. */
  readonly sourceReady?: boolean;
  /** Who approved with the divergence reports before their eyes. */
  readonly readBy?: string;
};

/** `now`: ms since 1970. Never throws but InvariantViolated, which would be a defect here. */
export function decide(input: DecideInput, config: Config, now: number): Decision {
  const { request, evidence } = input;
  const { given, bound, found } = considered(input, config, now);
  const decision = conclude(given, request, bound, found);
  if (found.intent === "take-over") return decision;
  const { kind } = decision;
  assertHolds(neverLeavesHealthy({ config, evidence, kind, plan: given.plan, intent: "switch" }));
  return decision;
}

/** What stands between a request and its switch, each with its sentence: for people to see. */
export function obstacles(input: DecideInput, config: Config, now: number) {
  const { given, found } = considered(input, config, now);
  const { source, target } = given.plan;
  const blockers = found.blockers.map(({ code, stops, detail }) => {
    return { code, stops, sentence: reasonSentence(code, { source, target, detail }) };
  });
  return { source, target, kind: kindOf(found.blockers), blockers };
}

function considered(input: DecideInput, config: Config, now: number) {
  const { request, evidence, approval, abort = null } = input;
  const abandoned = abandonedPlan(evidence.routing, now);
  const insisted = abandoned !== null && insistsOn(config, request, abandoned);
  const recorded: Plan | null = insisted ? { ...abandoned, mode: "forced" } : abandoned;
  const plan = recorded ?? planFor(config, evidence, request);
  const given: Case = { config, evidence, plan, now };
  const bound = lossBoundAtDecide(config, evidence, plan.source, now);
  if (abandoned !== null) return { given, bound, found: takeOver(given, bound, insisted) };
  const mine = request.mode === "automatic" ? automatic(given, bound) : operators(given, bound);
  const standing = [...abortGate(abort), ...requestGates(config, request)];
  const found = { ...mine, blockers: [...standing, ...mine.blockers] };
  return { given, bound, found: answered({ ...given, bound }, request, found, approval) };
}

/** Away from an impaired Region, either direction. Without a quorum nothing else is looked at:
 * there is nothing to veto. */
function automatic(given: Case, bound: LossBound): Finding {
  const { config, evidence, plan, now } = given;
  const votes = votesAgainst(config, evidence, plan.source, now);
  const standing = standingGates(given);
  const short = voteGates(given, votes);
  const base = { intent: "switch", votes } as const;
  if (short.length > 0 || standing.some((b) => b.code === "already-active")) {
    const because = standingVotes(votes);
    return { ...base, because, blockers: [...standing, ...short], waived: [], urgent: false };
  }
  const blockers = [...standing, ...targetVeto(given), ...automaticGates(given, bound)];
  const accepted = config.policy.onLossUnknown === "proceed" ? lossReason(config, bound) : null;
  const unread = divergenceGate(given).map((b) => b.code);
  const waived = [...(accepted === null ? [] : [accepted]), ...unread];
  return { ...base, because: ["quorum-reached"], blockers, waived, urgent: true };
}

/** Needs no votes, ignores the cool-down, and isn't stopped by pause. */
function operators(given: Case, bound: LossBound): Finding {
  const { config, evidence, plan, now } = given;
  const votes = votesAgainst(config, evidence, plan.source, now);
  const forced = plan.mode === "forced";
  const all = [...standingGates(given), ...targetVeto(given), ...operatorGates(given)];
  const forceable = (b: Blocker) => forced && b.forceable;
  const loss = forced && leavesSource(plan) ? lossReason(config, bound) : null;
  const waived = [...all.filter(forceable).map((b) => b.code), ...(loss === null ? [] : [loss])];
  const blockers = all.filter((b) => !forceable(b));
  const asks = blockers.some((b) => b.code === "failback-needs-approval");
  const because: ReasonCode[] = ["operator-request"];
  if (asks && blockers.every((b) => b.stops === "ask")) because.push("failback-needs-approval");
  return { because, blockers, waived, intent: "switch", urgent: true, votes };
}

/** The recorded plan of a run that is gone, whatever automation says. It is held only while levers
 * would have to move towards a Region that nobody vouches for. */
function takeOver(given: Case, bound: LossBound, insisted: boolean): Finding {
  const { config, evidence, plan, now } = given;
  const votes = votesAgainst(config, evidence, plan.source, now);
  const targetVouched = vouchingFor(config, evidence, plan.target, now).vouchedAt !== null;
  const sourceVouched = vouchingFor(config, evidence, plan.source, now).vouchedAt !== null;
  const sourceReady = sourceVouched || leversRestored(config, evidence, plan);
  const facts = { targetVouched, sourceReady, insisted };
  const { next } = takeOverCourse(config, evidence.routing, facts);
  const stuck = next === "restore" && !sourceReady;
  const stale = now - evidence.at > 60_000;
  const blockers: Blocker[] = [];
  const never = { stops: "hold", forceable: false, detail: "" } as const;
  if (stuck) blockers.push({ code: "nobody-vouched", ...never });
  if (stale) blockers.push({ code: "evidence-stale", ...never });
  const because: ReasonCode[] = insisted ? ["lease-lapsed", "operator-request"] : ["lease-lapsed"];
  const waived = plan.mode === "forced" ? forcedAnyway(given, bound) : [];
  return { because, blockers, waived, intent: "take-over", urgent: true, votes, sourceReady };
}

/** By name, what a forced switch that is taken over goes past. */
function forcedAnyway(given: Case, bound: LossBound): ReasonCode[] {
  const { config, evidence, plan } = given;
  const left = leavesSource(plan);
  const loss = left ? lossReason(config, bound) : null;
  const source = left ? sourceGate(config, evidence, plan.source) : [];
  const past = [...targetVeto(given), ...source];
  return [...past.map((b) => b.code), ...(loss === null ? [] : [loss])];
}

function leversRestored(config: Config, evidence: Evidence, { before }: Plan): boolean {
  const { switchAttempted } = evidence.routing;
  return Object.entries(leversFor(config, before)).every(
    ([region, pair]) =>
      standingLevers(pair, evidence.levers[region], switchAttempted[region]).length === 2,
  );
}

function standingVotes(votes: Votes): ReasonCode[] {
  const because: ReasonCode[] = [];
  if (votes.failing.length > 0) because.push("vantage-failing");
  if (votes.healthIssues.length > 0) because.push("health-issue-open");
  if (votes.components.length > 0) because.push("components-failing");
  if (votes.dnsMoved) because.push("dns-moved");
  return because;
}

// Holds that need nobody: there is nothing to do, or somebody does it already.
const quiet: readonly ReasonCode[] = [
  "already-active",
  "switch-in-progress",
  "not-approved",
  "aborted",
];

function conclude(
  given: Case,
  request: SwitchRequest,
  lossBound: LossBound,
  found: Finding,
): Decision {
  const { config, evidence, plan, now } = given;
  const { because, blockers, waived, intent, urgent, sourceReady, readBy } = found;
  const kind = kindOf(blockers);
  const { automation, epoch } = evidence.routing;
  const shadow = request.mode === "automatic" && automation === "shadow" && intent === "switch";
  const dryRun = request.dryRun === true || shadow;
  const shown = dryRun && kind !== "hold" && intent === "switch";
  const planned = transitions(config, plan, evidence.routing, evidence.levers);
  const steps = shown ? [stepsInWords(planned)] : [];
  const nothingToDo = blockers.some((b) => b.code === "already-active");
  const heldUrgently = kind === "hold" && urgent && !blockers.some((b) => quiet.includes(b.code));
  return {
    kind,
    because: [...because],
    blockedBy: blockers.map((b) => b.code),
    waived: [...waived],
    sentences: [...sentencesOf(given, lossBound, found, kind, dryRun), ...steps],
    plan: nothingToDo ? null : plan,
    intent,
    lossBound,
    dryRun,
    page: !dryRun && (kind === "ask" || heldUrgently),
    decidedAt: now,
    epoch,
    automation,
    vouchedAt: vouchingFor(config, evidence, plan.target, now).vouchedAt,
    ...(sourceReady === undefined ? {} : { sourceReady }),
    ...unreadReports(isReturn(config, plan) ? evidence.divergence : [], readBy),
  };
}

function kindOf(blockers: readonly Blocker[]): Decision["kind"] {
  if (blockers.some((b) => b.stops === "hold")) return "hold";
  return blockers.length > 0 ? "ask" : "go";
}

function sentencesOf(
  { config, plan }: Case,
  bound: LossBound,
  found: Finding,
  kind: Decision["kind"],
  dryRun: boolean,
): string[] {
  const { source, target } = plan;
  const said = found.because.map((code) => {
    return reasonSentence(code, { source, target, detail: detailOf(code, found.votes) });
  });
  const blocked = found.blockers
    .filter((b) => !found.because.includes(b.code))
    .map(({ code, detail }) => reasonSentence(code, { source, target, detail }));
  const waived = found.waived
    .filter(isReasonCode)
    .map((code) => `Waived: ${reasonSentence(code, { source, target })}`);
  const loss = lossSentence(config, plan, bound);
  return [...said, ...blocked, ...waived, summary(plan, loss, found, kind, dryRun)];
}

function detailOf(code: ReasonCode, votes: Votes): string {
  if (code === "components-failing") {
    return votes.components.map(({ component, detail }) => `${component}: ${detail}`).join("; ");
  }
  return code === "quorum-reached" || code === "vantage-failing" ? inFull(votes) : "";
}

function inFull({ failing, healthIssues, components, dnsMoved, count }: Votes): string {
  const parts = failing.length > 0 ? [`failing as seen from ${failing.join(", ")}`] : [];
  if (healthIssues.length > 0) parts.push("AWS Health reports an issue");
  if (components.length > 0) {
    parts.push(`CloudWatch shows ${components.map((c) => c.component).join(", ")} failing`);
  }
  if (dnsMoved) parts.push("DNS has moved away");
  return `${count} ${count === 1 ? "vote" : "votes"}: ${parts.join("; ")}`;
}

/** Where any Region writes, a planned switch stops nobody's writes, and what a Region that is left
 * had not replicated arrives when it is back. */
function lossSentence(config: Config, plan: Plan, bound: LossBound): string {
  const planned = plan.mode === "planned";
  const missing = `${lossInWords(bound)} may be missing`;
  if (hasWriter(config)) return planned ? "nothing is to be lost" : missing;
  if (planned || !leavesSource(plan)) return "both Regions go on writing";
  return `${missing} until ${plan.source} is back`;
}

function summary(
  plan: Plan,
  loss: string,
  found: Finding,
  kind: Decision["kind"],
  dryRun: boolean,
): string {
  const what = `${plan.mode} ${plan.direction} from ${plan.source} to ${plan.target}`;
  const action = found.intent === "take-over" ? `take-over of the ${what}` : what;
  const blocked = found.blockers.map((b) => b.code).join(", ");
  const prefix = dryRun ? "Dry run, nothing changes. " : "";
  switch (kind) {
    case "go":
      return `${prefix}Go: ${action}; ${loss}.`;
    case "ask":
      return `${prefix}Ask: ${action} awaits approval (${blocked}); ${loss}.`;
    case "hold":
      return `${prefix}Hold: no ${action} (${blocked}).`;
  }
}
