// The ten invariants as named predicates over small plain snapshots: code asserts those it can see
// before and after a transition, the lab's checkers evaluate all of them. Each returns null when it
// holds, else the sentence that says what is wrong. Times are ms since 1970, of one clock.
import type { Config, Region } from "./config/schema.ts";
import type { Evidence } from "./contracts/evidence.ts";
import { firstPrevious, type LedgerEntry, ledgerBytes } from "./contracts/ledger.ts";
import type { LeverPair, Plan, RoutingState } from "./contracts/routing-state.ts";
import type { Decision } from "./contracts/steps.ts";
import { InvariantViolated } from "./errors.ts";
import { vantageRegions } from "./names.ts";

export const invariantNames = [
  "some-region-serves",
  "one-writer-per-epoch",
  "fit-target",
  "planned-loses-nothing",
  "bounded-loss",
  "never-leaves-healthy",
  "write-ahead-ledger",
  "control-plane-free",
  "one-switch-at-a-time",
  "converges",
] as const;
export type InvariantName = (typeof invariantNames)[number];
export type Verdict = string | null;

/** Throws InvariantViolated with the sentence. */
export function assertHolds(verdict: Verdict): void {
  if (verdict !== null) throw new InvariantViolated(verdict);
}

export const isOut = (pair: LeverPair | undefined) =>
  pair?.switch === "pulled" || pair?.drain === "pulled";

/** 1. `levers`: actual positions of the Regions that have levers. `pulling`: the pull that is being
 * made, if any, and whether evidence at most 60 s old vouches for the other Region (re-asserting a
 * latch is no pull). */
export function someRegionServes(seen: {
  serving: readonly Region[];
  levers: Readonly<Record<Region, LeverPair>>;
  pulling: { region: Region; otherVouched: boolean } | null;
}): Verdict {
  if (seen.serving.every((region) => isOut(seen.levers[region])))
    return `All of ${seen.serving.join(" and ")} are out by our levers.`;
  if (seen.pulling !== null && !seen.pulling.otherVouched)
    return `A lever of ${seen.pulling.region} is pulled, and nobody vouches for the other Region.`;
  return null;
}

/** With eventual coordination a Region that is cut off from its peer can't learn of a claim, and
 * can't be stopped. What it accepts meanwhile is all that one-writer-per-epoch, and the end of the
 * window of bounded-loss, leave out there. `cutOff`: when it was accepted, its Region's replica of
 * the control table had not shown the newer epoch, or for less time than a gate may stay open. */
const isExcused = (coordination: Config["coordination"], cutOff: boolean | undefined) =>
  coordination === "eventual" && cutOff === true;

/** 2. `writes`: customers' applied writes, in the order in which they were applied. */
export function oneWriterPerEpoch(
  writes: Iterable<{ region: Region; epoch: number; cutOff?: boolean }>,
  coordination: Config["coordination"] = "strong",
): Verdict {
  const writers = new Map<number, Region>();
  const newest = new Map<Region, number>();
  for (const { region, epoch, cutOff } of writes) {
    if (isExcused(coordination, cutOff)) continue;
    const writer = writers.get(epoch) ?? region;
    if (writer !== region)
      return `Writes of epoch ${epoch} come from ${writer} and from ${region}.`;
    writers.set(epoch, region);
    for (const [other, since] of newest) {
      if (other !== region && epoch < since)
        return `${region} applied a write of epoch ${epoch} after ${other}'s first of ${since}.`;
    }
    newest.set(region, Math.max(epoch, newest.get(region) ?? 0));
  }
  return null;
}

/** 3. A lever call that moves traffic towards `target`. */
export function fitTarget(call: {
  target: Region;
  at: number;
  vouchedAt: number | null;
  forced: boolean;
  reassertsLatch: boolean;
}): Verdict {
  if (call.forced || call.reassertsLatch) return null;
  if (call.vouchedAt === null) return `A lever moves traffic to ${call.target}, unvouched for.`;
  const age = (call.at - call.vouchedAt) / 1000;
  return age > 60 ? `The look that vouches for ${call.target} is ${age} s old.` : null;
}

/** 4. `missing`: acknowledged writes that were not readable at the target when it first accepted
 * one, by key. */
export function plannedLosesNothing(seen: {
  mode: Plan["mode"];
  missing: readonly string[];
}): Verdict {
  if (seen.mode !== "planned" || seen.missing.length === 0) return null;
  return `A planned switch lost ${seen.missing.length} writes (${sample(seen.missing)}).`;
}

/** 5. `window`: the stated one, null when unknown; `agreed`: an operator agreed to what was stated
 * as unknown or above the objective. Times on the source's clock. */
export function boundedLoss(seen: {
  coordination?: Config["coordination"];
  missing: readonly { key: string; acknowledgedAt: number; cutOff?: boolean }[];
  window: { from: number; to: number } | null;
  agreedToUnknown: boolean;
}): Verdict {
  const { window, coordination = "strong" } = seen;
  if (seen.missing.length === 0) return null;
  if (window === null) {
    const keys = seen.missing.map(({ key }) => key);
    return seen.agreedToUnknown ? null : `Nobody agreed to an unknown loss (${sample(keys)}).`;
  }
  const beyond = seen.missing.filter(
    (w) =>
      w.acknowledgedAt < window.from || (outlives(w, window) && !isExcused(coordination, w.cutOff)),
  );
  if (beyond.length === 0) return null;
  return `Writes outside the stated window are missing (${sample(beyond.map((w) => w.key))}).`;
}

const outlives = (write: { acknowledgedAt: number }, window: { to: number }) =>
  write.acknowledgedAt > window.to;

/** 6. As recorded with the decision. */
export function neverLeavesHealthy(seen: {
  config: Config;
  evidence: Pick<Evidence, "reports">;
  kind: Decision["kind"];
  plan: Plan;
  intent: Decision["intent"];
}): Verdict {
  const { config, evidence, kind, plan, intent } = seen;
  if (kind !== "go" || plan.mode !== "automatic" || intent === "take-over") return null;
  const outside = vantageRegions(config).filter((vantage) => vantage !== plan.source);
  const reports = evidence.reports.filter(
    (r) => r.serving === plan.source && outside.includes(r.vantage),
  );
  const healthy = reports.filter((r) => r.verdict === "healthy").length;
  const failing = reports.filter((r) => r.verdict === "failing").length;
  if (failing > healthy) return null;
  const outsideViews = `${healthy} healthy, ${failing} failing`;
  return `${plan.source} is left although outside vantage points find it: ${outsideViews}.`;
}

type Recorded = { execution: string; epoch: number; kind: LedgerEntry["kind"]; at: number };

/** 7a. A transition that happened has an entry of its kind, epoch and execution written before. */
export function writeAheadLedger(
  transition: Recorded,
  entries: Iterable<Pick<LedgerEntry, "execution" | "epoch" | "kind" | "at">>,
): Verdict {
  for (const entry of entries) {
    const same = entry.kind === transition.kind && entry.epoch === transition.epoch;
    if (same && entry.execution === transition.execution && entry.at <= transition.at) return null;
  }
  const { kind, epoch } = transition;
  return `A ${kind} of epoch ${epoch} happened without a ledger entry before it.`;
}

/** 7b. One execution's entries, whole, in order of their sequence. `sha256` returns hex. */
export function ledgerChainVerifies(
  entries: readonly LedgerEntry[],
  sha256: (bytes: string) => string,
): Verdict {
  return ledgerFaults(entries, sha256)[0] ?? null;
}

/** Every fault of such a chain, in order; what follows on a changed entry is none by itself. */
export function ledgerFaults(
  entries: readonly LedgerEntry[],
  sha256: (bytes: string) => string,
): string[] {
  let previous = firstPrevious;
  let place = 0;
  return entries.flatMap((entry) => {
    const { hash, sequence, ...rest } = entry;
    const name = `Ledger entry ${sequence} of ${entry.execution}`;
    const stands = { follows: entry.previous === previous, place: place + 1 };
    previous = hash;
    place = sequence;
    if (sequence !== stands.place) return [`${name} stands at place ${stands.place}.`];
    if (!stands.follows) return [`${name} does not follow the entry before it.`];
    if (sha256(ledgerBytes({ ...rest, sequence })) === hash) return [];
    return [`${name} was changed after it was written.`];
  });
}

/** 8. A failover that was decided, and what was unreachable while it ran. The three that it must
 * do without are the source Region, Route 53's control plane and the Health API. */
export function controlPlaneFree(run: {
  plan: Plan;
  completed: boolean;
  unreachable: readonly ("source" | "route53-control-plane" | "health-api" | "other")[];
}): Verdict {
  if (run.completed || run.plan.direction !== "failover") return null;
  if (run.plan.mode !== "automatic" || run.unreachable.includes("other")) return null;
  const without = run.unreachable.length > 0 ? run.unreachable.join(", ") : "nothing";
  return `A failover did not complete although only these were unreachable: ${without}.`;
}

/** 9. `leases`: every lease that was granted, `until` as last renewed or cut short. `levers`: every
 * lever call, with the strong read that it followed: when it was sent, and the holder it showed. */
export function oneSwitchAtATime(seen: {
  leases: readonly { executionArn: string; from: number; until: number }[];
  levers: readonly { sender: string; at: number; readAt: number | null; holder: string | null }[];
}): Verdict {
  const leases = [...seen.leases].sort((a, b) => a.from - b.from);
  for (const [index, lease] of leases.entries()) {
    const next = leases[index + 1];
    if (next && next.executionArn !== lease.executionArn && next.from < lease.until)
      return `The leases of ${lease.executionArn} and ${next.executionArn} overlap.`;
  }
  for (const { sender, at, readAt, holder } of seen.levers) {
    if (readAt === null || readAt > at || at - readAt > 5000)
      return `${sender} touched a lever without a strong read in the 5 s before.`;
    if (holder !== null && holder !== sender)
      return `${sender} touched a lever while ${holder} held the lease.`;
  }
  return null;
}

/** How long after the last disturbance everything has to be at rest. */
export const restMilliseconds = 15 * 60_000;

/** 10. `quietSince`: the last fault healed and the last approval was answered or lapsed; null while
 * one is open. `serving`: who is to serve by the state. `dnsAnswers`: the Regions that the zone's
 * name servers send clients to. */
export function converges(seen: {
  now: number;
  quietSince: number | null;
  state: RoutingState;
  levers: Readonly<Record<Region, LeverPair>>;
  serving: readonly Region[];
  dnsAnswers: readonly Region[] | null;
}): Verdict {
  const { state, quietSince, serving } = seen;
  if (quietSince === null || seen.now - quietSince < restMilliseconds) return null;
  if (state.phase !== "steady") return "15 minutes after the last fault the phase is not steady.";
  if (state.lease !== null) return "15 minutes after the last fault a lease is still held.";
  for (const [region, desired] of Object.entries(state.levers)) {
    const actual = seen.levers[region];
    if (actual?.switch !== desired.switch || actual.drain !== desired.drain)
      return `15 minutes after the last fault the levers of ${region} are not the desired ones.`;
  }
  const answers = seen.dnsAnswers ?? [];
  if (answers.length !== serving.length || serving.some((region) => !answers.includes(region)))
    return `15 minutes after the last fault DNS does not answer ${serving.join(" and ")}.`;
  return null;
}

const sample = (keys: readonly string[]) =>
  keys.length > 3 ? `${keys.slice(0, 3).join(", ")}, …` : keys.join(", ");
