// What stands between evidence and a switch: each gate returns its blockers. A blocker holds or
// asks; `forceable` ones are waived, by name, in forced mode; an approval waives only asking ones.
// What would break an invariant, or can't succeed at all, is neither.
import type { Config, Region } from "./config/schema.ts";
import type { Evidence } from "./contracts/evidence.ts";
import type { Plan } from "./contracts/routing-state.ts";
import type { LossBound, SwitchRequest } from "./contracts/steps.ts";
import { divergenceInWords } from "./divergence.ts";
import { unboundedWords } from "./loss-bound.ts";
import { servingRegions, vantageRegions } from "./names.ts";
import { liveLease, sameRegions, servingNow } from "./plan.ts";
import { isReturn, leavesSource, unfitRegion } from "./plan-for.ts";
import type { ReasonCode } from "./reasons.ts";
import { outsideOf, reportOf, type Votes, vouchingFor } from "./votes.ts";

export type Blocker = {
  readonly code: ReasonCode;
  readonly stops: "hold" | "ask";
  readonly forceable: boolean;
  readonly detail: string;
};

/** One evaluation: everything that a gate may look at. `now`: ms since 1970. */
export type Case = {
  readonly config: Config;
  readonly evidence: Evidence;
  readonly plan: Plan;
  readonly now: number;
};

const evidenceMaximumAgeSeconds = 60;

const hold = (holds: boolean, code: ReasonCode, detail = ""): Blocker[] =>
  holds ? [{ code, stops: "hold", forceable: true, detail }] : [];
const ask = (holds: boolean, code: ReasonCode, detail = ""): Blocker[] =>
  holds ? [{ code, stops: "ask", forceable: true, detail }] : [];
const never = (holds: boolean, code: ReasonCode, detail = ""): Blocker[] =>
  holds ? [{ code, stops: "hold", forceable: false, detail }] : [];

const secondsSince = (instant: number, now: number) => Math.round((now - instant) / 1000);

/** Nothing waives these: there is nothing to do, or another run does it, or nothing is known. */
export function standingGates({ config, evidence, plan, now }: Case): Blocker[] {
  const lease = liveLease(evidence.routing, now);
  const serving = servingNow(config, evidence.routing);
  const done = !serving.includes(plan.source) || sameRegions(serving, plan.after);
  const stale = now - evidence.at > evidenceMaximumAgeSeconds * 1000;
  return [
    ...never(done, "already-active"),
    ...never(lease !== null, "switch-in-progress", lease?.executionArn),
    ...never(stale, "evidence-stale", `${secondsSince(evidence.at, now)} s`),
    ...leverGates(config, evidence, plan),
  ];
}

/** What the request asks for can't be done at all. */
export function requestGates(config: Config, request: SwitchRequest): Blocker[] {
  return never(unfitRegion(config, request), "region-not-selectable", request.region);
}

/** Bringing a Region back needs both of its levers released. A switch that was attempted to be
 * pulled counts as pulled, whatever it reads, and only Route 53's API releases it: without the API
 * nothing is begun. One that was never touched, since the API was gone then too, stands in nobody's
 * way. */
function leverGates(config: Config, evidence: Evidence, plan: Plan): Blocker[] {
  if (!isReturn(config, plan)) return [];
  const { target } = plan;
  const drain = evidence.levers[target]?.drain ?? "unknown";
  const untouched = evidence.routing.switchAttempted[target] === "released";
  return [
    ...never(!evidence.route53Reachable && !untouched, "switch-not-releasable"),
    ...never(drain === "unknown", "drain-not-releasable"),
  ];
}

/** Nobody moves to a Region that an outside vantage point or Health speaks against, that nobody
 * outside vouches for, or whose own heartbeat does not reach the control table: its gate would
 * refuse every write, or, with writes any-region, nothing shows that it is alive. */
export function targetVeto({ config, evidence, plan, now }: Case): Blocker[] {
  const { failing, vouchers, healthIssues } = vouchingFor(config, evidence, plan.target, now);
  const arns = healthIssues.map((issue) => issue.eventArn).join(", ");
  return [
    ...hold(failing.length > 0, "target-failing", `seen from ${failing.join(", ")}`),
    ...hold(vouchers.length === 0, "target-unvouched"),
    ...hold(healthIssues.length > 0, "target-health-issue", arns),
    ...readiness(config, evidence, plan.target),
  ];
}

/** Two beats may be late, not more. */
function readiness({ detection }: Config, evidence: Evidence, target: Region): Blocker[] {
  const beat = evidence.controlHeartbeats[target] ?? null;
  if (beat === null) return hold(true, "target-not-ready", "none was seen");
  const age = secondsSince(beat, evidence.at + (evidence.clocksAhead?.[target] ?? 0));
  return hold(age > 2 * detection.heartbeatSeconds, "target-not-ready", `${age} s old`);
}

/** The votes against the Region that would be left, for an automatic switch. */
export function voteGates({ config, plan }: Case, votes: Votes): Blocker[] {
  const { failing, healthy } = votes.outside;
  return [
    ...never(!votes.quorum, "no-quorum", `${votes.count} of ${config.detection.quorum}`),
    ...never(
      !votes.outsideMajority,
      "no-outside-majority",
      `${failing} failing, ${healthy} healthy, of ${outsideOf(config, plan.source).join(", ")}`,
    ),
  ];
}

/** What an automatic switch away from an impaired Region still has to pass. */
export function automaticGates(given: Case, bound: LossBound): Blocker[] {
  const { config, evidence, plan, now } = given;
  const { automation, automaticSwitchAt: last } = evidence.routing;
  const since = last === null ? null : secondsSince(last, now);
  const { cooldownSeconds } = config.policy;
  return [
    ...hold(automation === "paused", "automation-paused"),
    ...ask(automation === "approval", "automation-asks"),
    ...ask(
      last !== null && now - last < cooldownSeconds * 1000,
      "cooldown",
      `${since} s of ${cooldownSeconds} s`,
    ),
    ...lossGate(config, bound, plan.source),
    // An emergency return: the impaired Region's own view of its peer is worth nothing.
    ...(isReturn(config, plan) ? ask(...stability(given, vantagesBut(config, plan.source))) : []),
  ];
}

const vantagesBut = (config: Config, region: Region) =>
  vantageRegions(config).filter((vantage) => vantage !== region);

/** Within the objective: none. `proceed` blocks nothing; decide() records what it let pass. */
export function lossGate(config: Config, bound: LossBound, source: Region): Blocker[] {
  const code = lossReason(config, bound);
  const policy = config.policy.onLossUnknown;
  if (code === null || policy === "proceed") return [];
  const detail =
    bound.seconds === null ? unboundedWords(bound, source) : `${Math.ceil(bound.seconds)} s`;
  return [{ code, stops: policy, forceable: true, detail }];
}

export function lossReason(
  { objectives }: Config,
  { seconds }: LossBound,
): "loss-unknown" | "loss-above-objective" | null {
  if (seconds === null) return "loss-unknown";
  return seconds > objectives.rpoSeconds ? "loss-above-objective" : null;
}

/** What an operator's switch has to pass; planned and forced alike, forced waives by name. */
export function operatorGates(given: Case): Blocker[] {
  const { config, evidence, plan, now } = given;
  const returns = isReturn(config, plan);
  return [
    // A source that goes on serving beside the target isn't drained.
    ...(leavesSource(plan) ? sourceGate(config, evidence, plan.source) : []),
    ...replicationGate(config, evidence, now),
    ...coordinationGate(config, evidence),
    ...(returns ? hold(...stability(given, vantageRegions(config))) : []),
    ...divergenceGate(given),
    ...(returns
      ? [{ code: "failback-needs-approval", stops: "ask", forceable: false, detail: "" } as const]
      : []),
  ];
}

/** Healthy: an outside vantage point finds it so, and none, its own included, finds it failing. */
export function sourceGate(config: Config, evidence: Evidence, source: Region): Blocker[] {
  const verdicts = vantageRegions(config).map((vantage) => ({
    vantage,
    verdict: reportOf(evidence, vantage, source)?.verdict ?? "unknown",
  }));
  const failing = verdicts.some(({ verdict }) => verdict === "failing");
  const healthy = verdicts.some((v) => v.vantage !== source && v.verdict === "healthy");
  const seen = verdicts.map(({ vantage, verdict }) => `${vantage}: ${verdict}`).join(", ");
  return hold(failing || !healthy, "source-not-healthy", seen);
}

/** Whoever brings a Region back is to know first what it and its peer wrote beside each other. An
 * automatic return doesn't wait; its decision records what was unread. */
export function divergenceGate({ config, evidence, plan }: Case): Blocker[] {
  if (!isReturn(config, plan)) return [];
  const words = (unknown: boolean) =>
    evidence.divergence
      .filter(({ status }) => (status === "waiting") === unknown)
      .map((report) => `epoch ${report.epoch}: ${divergenceInWords(report)}`);
  const [unknown, unread] = [words(true), words(false)];
  return [
    ...hold(unknown.length > 0, "divergence-unknown", unknown.join("; ")),
    ...ask(unread.length > 0, "divergence-unread", unread.join("; ")),
  ];
}

/** Heartbeats of each Region, as visible at the other, at most rpoSeconds old. */
function replicationGate(config: Config, evidence: Evidence, now: number): Blocker[] {
  const { rpoSeconds } = config.objectives;
  const ages = servingRegions(config).map((region) => {
    const at = evidence.replication[region] ?? null;
    // A heartbeat is stamped by its Region's own clock.
    const ahead = evidence.clocksAhead?.[region] ?? 0;
    return { region, age: at === null ? null : (now + ahead - at) / 1000 };
  });
  const stale = ages.filter(({ age }) => age === null || age > rpoSeconds);
  const words = stale.map(({ region, age }) =>
    age === null ? `${region}: unknown` : `${region}: ${Math.round(age)} s old`,
  );
  return hold(stale.length > 0, "replication-not-fresh", words.join(", "));
}

/** Eventual coordination: where a Region's beats don't reach the other's replica of the control
 * table, a claim would not either. Two beats may be late, not more. */
function coordinationGate(config: Config, evidence: Evidence): Blocker[] {
  if (config.coordination === "strong") return [];
  const most = 2 * config.detection.heartbeatSeconds;
  const words = servingRegions(config).flatMap((region) => {
    const beat = evidence.controlReplication?.[region] ?? null;
    if (beat === null) return [`${region}: unknown`];
    const age = secondsSince(beat, evidence.at + (evidence.clocksAhead?.[region] ?? 0));
    return age > most ? [`${region}: ${age} s old`] : [];
  });
  return hold(words.length > 0, "coordination-not-fresh", words.join(", "));
}

function stability(
  { config, evidence, plan, now }: Case,
  vantages: readonly Region[],
): [boolean, ReasonCode, string] {
  const { stabilitySeconds } = config.policy;
  const unstable = vantages.filter((vantage) => {
    const report = reportOf(evidence, vantage, plan.target);
    if (report?.verdict !== "healthy") return true;
    if (stabilitySeconds === 0) return false;
    return report.healthySince === null || now - report.healthySince < stabilitySeconds * 1000;
  });
  const detail = `${stabilitySeconds} s are needed; not so seen from ${unstable.join(", ")}`;
  return [unstable.length > 0, "target-not-stable", detail];
}
