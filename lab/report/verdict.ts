// The result of a drill, whole: what was gathered, what was expected, what the invariants say.
import type { Region } from "../../core/config/schema.ts";
import { ledgerEntrySchema } from "../../core/contracts/ledger.ts";
import type { RoutingState } from "../../core/contracts/routing-state.ts";
import type { InvariantBook } from "../checkers/book.ts";
import type { Checkers } from "../checkers/checkers.ts";
import type { LoadedScenario } from "../scenarios/load.ts";
import { unmetExpectations } from "./expectations.ts";
import {
  completed,
  decisionsOf,
  type Facts,
  leverMoves,
  plannedFailures,
  type Run,
  runsOf,
  servingIn,
  switchesOf,
} from "./gather.ts";
import type { DrillResult } from "./result.ts";
import { unreachableDuring } from "./unreachable.ts";

export interface Measured {
  readonly seed: number;
  /** ms since 1970. */
  readonly endedAt: number;
  /** At the scenario's end; null: it was never written. */
  readonly routing: RoutingState | null;
  /** At the scenario's end. */
  readonly serving: readonly Region[];
  readonly pendingApprovals: number;
  readonly counts: { requests: number; failed: number; acknowledgedWrites: number };
  readonly book: InvariantBook;
  /** What went wrong with the effects of events, a sentence each. */
  readonly wrongEffects: readonly string[];
  readonly claimEnded: Checkers["claimEnded"];
  readonly wallMilliseconds: number;
  readonly logSha256: string;
}

export function drillResult(
  { scenario, config, regionOf }: LoadedScenario,
  facts: Facts,
  measured: Measured,
): DrillResult {
  const aborted = abortedRuns(facts);
  for (const run of runsOf(facts.events)) {
    if (!aborted.has(run.arn)) checkControlPlaneFree(run, facts, measured);
  }
  checkUnfinished(facts, measured);
  const { counts, book } = measured;
  const switches = switchesOf(facts);
  const result = {
    scenario: scenario.name,
    seed: measured.seed,
    virtualSeconds: (measured.endedAt - facts.zero) / 1000,
    wallMilliseconds: measured.wallMilliseconds,
    logSha256: measured.logSha256,
    activeRegion: measured.routing?.active ?? config.regions.primary,
    ...servingIn(config, measured.serving),
    epoch: measured.routing?.epoch ?? 0,
    switches,
    decisions: decisionsOf(facts),
    clients: {
      requests: counts.requests,
      failed: counts.failed,
      acknowledgedWrites: counts.acknowledgedWrites,
      lostWrites: facts.missing.length,
      failedDuringPlanned: plannedFailures(facts),
    },
    invariants: [...book.counts()],
    denied: deniedOf(facts),
  };
  const failures = [
    ...book.sentences(),
    ...measured.wrongEffects,
    ...unmetExpectations(scenario.expect, {
      result,
      // What ends while the last requests are answered is no part of the scenario.
      completed: completed(switches).filter(
        ({ completedAt }) => (completedAt ?? 0) <= scenario.until,
      ),
      leverMoves: leverMoves(facts),
      pendingApprovals: measured.pendingApprovals,
      route53Calls: switches.reduce((sum, one) => sum + one.route53ControlPlaneCalls, 0),
      regionOf,
    }),
    ...result.denied.map(
      ({ principal, action, resource }) => `${principal} was denied ${action} on ${resource}.`,
    ),
  ];
  failures.push(...defectsOf(facts));
  const { scenario: name, seed, ...rest } = result;
  return { scenario: name, seed, passed: failures.length === 0, failures, ...rest };
}

/** Executions that heeded a person's wish to have the switch undone. */
function abortedRuns({ events }: Facts): Set<string> {
  const entries = events.flatMap(
    ({ kind, detail }) =>
      (kind === "item-written" && ledgerEntrySchema.safeParse(detail.item).data) || [],
  );
  return new Set(entries.flatMap(({ kind, execution }) => (kind === "abort" ? [execution] : [])));
}

function checkControlPlaneFree(run: Run, facts: Facts, { claimEnded }: Measured): void {
  const { plan, claimedAt, outcome } = run.outcome;
  // Whoever took over from a run answers for its switch.
  if (plan === null || claimedAt === null || outcome === "superseded") return;
  const isOver = outcome === "switched";
  const met = unreachableDuring({ plan, from: run.startedAt, until: run.endedAt }, facts);
  claimEnded({ plan, completed: isOver, unreachable: met });
}

/** A failover is measured in minutes: one that was claimed longer ago and isn't over, never was. */
const unfinishedAfterMilliseconds = 600_000;

function checkUnfinished(facts: Facts, { routing, claimEnded, endedAt }: Measured): void {
  if (routing?.plan == null || endedAt - routing.claimedAt < unfinishedAfterMilliseconds) return;
  const { plan, claimedAt } = routing;
  const met = unreachableDuring({ plan, from: claimedAt, until: endedAt }, facts);
  claimEnded({ plan, completed: false, unreachable: met });
}

/** What the lab itself could not do: no drill passes on it. */
export function defectsOf({ events }: Pick<Facts, "events">): string[] {
  const sentences = events.flatMap(({ kind, detail }) => {
    const { service, operation, why } = detail;
    if (kind === "not-modelled") return [`The lab does not model ${service}: ${operation}.`];
    return kind === "lab-defect" ? [`The lab's ${service} broke: ${why}.`] : [];
  });
  return [...new Set(sentences)];
}

/** Each denied call once, however often it was tried. */
function deniedOf({ events }: Facts): DrillResult["denied"] {
  const denied = new Map<string, DrillResult["denied"][number]>();
  for (const { kind, detail } of events) {
    if (kind !== "denied") continue;
    const [principal, action, resource] = [detail.principal, detail.action, detail.resource].map(
      String,
    );
    const one = { principal: principal ?? "", action: action ?? "", resource: resource ?? "" };
    denied.set(JSON.stringify(one), one);
  }
  return [...denied.values()];
}
