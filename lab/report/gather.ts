// From what the lab logged to the result of the contract. Switches and decisions are read from
// what the executions and the ledger themselves say; what clients felt, from the clients; calls
// and lever moves, from the services.
import { z } from "zod";
import type { Config, Region } from "../../core/config/schema.ts";
import { ledgerEntrySchema } from "../../core/contracts/ledger.ts";
import { type RoutingState, routingStateSchema } from "../../core/contracts/routing-state.ts";
import { type RunOutcome, runOutcomeSchema } from "../../core/contracts/steps.ts";
import { movesWriter } from "../../core/writer.ts";
import type { AcknowledgedWrite, ClientHistory } from "../clients/history.ts";
import {
  failedDuringPlanned,
  type Outage,
  outageOf,
  recoveryOf,
  writePauseOf,
} from "../clients/outages.ts";
import type { LabEvent } from "../kernel.ts";
import type { DecisionResult, SwitchResult } from "./result.ts";
import { ClockOffsets, inTrueTime } from "./true-times.ts";
import { faultDetail } from "./unreachable.ts";

export interface Facts {
  readonly config: Config;
  /** ms since 1970 of 0s. */
  readonly zero: number;
  readonly events: readonly LabEvent[];
  readonly histories: readonly ClientHistory[];
  readonly missing: readonly AcknowledgedWrite[];
}

/** An execution that claimed an epoch, and how it ended. */
export interface Run {
  readonly arn: string;
  readonly status: string;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly transitions: number;
  readonly outcome: RunOutcome;
}

const noPercentiles = { p50: null, p99: null };
const endedSchema = z.object({
  arn: z.string(),
  status: z.string(),
  output: z.string().nullish(),
  cause: z.string().nullish(),
});
const arnSchema = z.object({ arn: z.string() });

function outcomeOf(text: string | null | undefined): RunOutcome | null {
  if (!text) return null;
  try {
    return runOutcomeSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/** Every ended execution whose output says what came of it. */
export function runsOf(events: readonly LabEvent[]): Run[] {
  const started = new Map<string, number>();
  const transitions = new Map<string, number>();
  const runs: Run[] = [];
  const clocks = new ClockOffsets();
  for (const event of events) {
    const { kind, at, detail } = event;
    clocks.take(event);
    const arn = arnSchema.safeParse(detail).data?.arn ?? "";
    if (kind === "execution-started") started.set(arn, at);
    if (kind === "state-entered") transitions.set(arn, (transitions.get(arn) ?? 0) + 1);
    if (kind !== "execution-ended") continue;
    const ended = endedSchema.safeParse(detail).data;
    const outcome = outcomeOf(ended?.output) ?? outcomeOf(ended?.cause);
    if (!ended || !outcome) continue;
    runs.push({
      arn,
      status: ended.status,
      startedAt: started.get(arn) ?? at,
      endedAt: at,
      transitions: transitions.get(arn) ?? 0,
      outcome: inTrueTime(outcome, clocks, arn),
    });
  }
  return runs;
}

const decisionDetail = z.object({
  kind: z.enum(["go", "ask", "hold"]),
  because: z.array(z.string()),
  blockedBy: z.array(z.string()),
});

/** From the ledger's decision entries, in order. */
export function decisionsOf({ events, zero }: Facts): DecisionResult[] {
  return events.flatMap((event) => {
    const entry = ledgerEntrySchema.safeParse(event.detail.item).data;
    if (event.kind !== "item-written" || entry?.kind !== "decision") return [];
    const decision = decisionDetail.safeParse(entry.detail).data;
    if (!decision) return [];
    const at = (event.at - zero) / 1000;
    return [{ at: round(at), executionArn: entry.execution, ...decision }];
  });
}

/** The last routing state that was written; null before the first. */
export function routingAtEnd(events: readonly LabEvent[]): RoutingState | null {
  const written = events.findLast(
    ({ kind, detail }) => kind === "item-written" && detail.sk === "routing",
  );
  return routingStateSchema.safeParse(written?.detail.item).data ?? null;
}

/** Every switch that claimed an epoch and ended, in order. A run that another one took over from is
 * none: whoever took over tells what came of the switch. */
export function switchesOf(facts: Facts): SwitchResult[] {
  const claimed = runsOf(facts.events).filter(
    ({ outcome }) =>
      outcome.plan !== null && outcome.claimedAt !== null && outcome.outcome !== "superseded",
  );
  return claimed.map((run, index) =>
    switchResult(run, claimed[index - 1] ?? null, claimed[index + 1] ?? null, facts),
  );
}

/** Who serves, where that can be more than the active Region. */
export function servingIn({ topology }: Config, serving: readonly Region[]) {
  return topology === "active-active" ? { serving: [...serving] } : {};
}

/** Only those that moved the application. */
export function completed(switches: readonly SwitchResult[]): SwitchResult[] {
  return switches.filter((one) => one.status === "SUCCEEDED");
}

function switchResult(run: Run, before: Run | null, next: Run | null, facts: Facts): SwitchResult {
  const { outcome } = run;
  const { plan } = outcome;
  if (plan === null) throw new Error(`${run.arn} claimed an epoch without a plan`);
  const since = (at: number | null) => (at === null ? null : round((at - facts.zero) / 1000));
  const outage = plan.mode === "planned" ? null : outageFor(run, before, next, facts);
  const spared = plan.before.filter((region) => region !== plan.source);
  const felt = outage
    ? recoveryOf(facts.histories, outage, spared)
    : { rtoSeconds: noPercentiles, rtoSecondsAll: noPercentiles };
  return {
    direction: plan.direction,
    mode: plan.mode,
    from: plan.source,
    to: plan.target,
    ...servingIn(facts.config, plan.after),
    epoch: outcome.epoch,
    executionArn: run.arn,
    status: run.status,
    requestedBy: outcome.requestedBy,
    impactAt: since(outage?.impactAt ?? null),
    // By the clock of whoever saw it, which may be fast: a signal comes before the run it begins.
    signalAt: since(outcome.signalAt && Math.min(outcome.signalAt, run.startedAt)),
    decidedAt: since(outcome.decidedAt),
    shiftedAt: since(outcome.shiftedAt),
    completedAt: since(run.endedAt),
    rtoSeconds: rounded(felt.rtoSeconds),
    rtoSecondsAll: rounded(felt.rtoSecondsAll),
    baseline: null,
    lossBoundSeconds: upwards(outcome.lossBoundSeconds),
    lostWrites: lostBy(run, before, facts).length,
    writePauseSeconds: pauseOf(run, facts),
    levers: outcome.levers,
    route53ControlPlaneCalls: route53Calls(run, facts.events),
    stateTransitions: run.transitions,
    because: outcome.because,
  };
}

/** As clients saw it, of a switch that ended with a writer: not as the machine counts. */
function pauseOf({ outcome, endedAt }: Run, { config, histories }: Facts): number | null {
  const { claimedAt, writePauseSeconds, plan } = outcome;
  if (claimedAt === null || plan === null || config.writes === "any-region") return null;
  if (writePauseSeconds === null && movesWriter(config, plan)) return null;
  const pause = writePauseOf(histories, claimedAt, endedAt);
  return pause === null ? null : round(pause);
}

function outageFor(run: Run, before: Run | null, next: Run | null, facts: Facts): Outage | null {
  const decidedAt = run.outcome.decidedAt ?? run.startedAt;
  const nextFault = facts.events.find(({ kind, at }) => kind === "fault" && at > decidedAt);
  const ends = [nextFault?.at, next?.outcome.claimedAt].filter((at) => at != null);
  return outageOf(
    facts.histories,
    {
      faultsAt: faultsBehind(run, facts.events),
      previousAt: before?.endedAt ?? null,
      decidedAt,
      claimedAt: run.outcome.claimedAt,
      completedAt: run.endedAt,
    },
    ends.length > 0 ? Math.min(...ends) : null,
  );
}

/** When the faults began that hit the source and stood at the decision, in order. */
function faultsBehind(run: Run, events: readonly LabEvent[]): number[] {
  const source = run.outcome.plan?.source ?? "";
  const standing = new Map<string, number>();
  for (const event of events) {
    if (event.at > (run.outcome.decidedAt ?? run.startedAt)) break;
    if (event.kind === "heal") standing.delete(String(event.detail.id));
    const fault = event.kind === "fault" ? faultDetail.safeParse(event.detail).data : undefined;
    if (fault?.regions.includes(source)) standing.set(fault.id, event.at);
  }
  return [...standing.values()].sort((a, b) => a - b);
}

/** A lost order is charged to the first switch away from where it was acknowledged: by its epoch,
 * where a claim ends writing (epochs between two switches are those of runs that were taken over);
 * by its time with writes any-region, where no claim does. */
function lostBy(run: Run, before: Run | null, facts: Facts): AcknowledgedWrite[] {
  const { config, missing } = facts;
  const ofSource = missing.filter(
    ({ kind, region }) => kind !== "event" && region === run.outcome.plan?.source,
  );
  if (config.writes === "any-region") {
    return ofSource.filter(({ at }) => at > (before?.endedAt ?? 0) && at <= run.endedAt);
  }
  const [since, until] = [before?.outcome.epoch ?? 0, run.outcome.epoch ?? 0];
  return ofSource.filter(({ epoch }) => epoch === null || (epoch >= since && epoch < until));
}

/** Calls of the Route 53 API that succeeded while the run was under way. */
export function route53Calls(run: Run, events: readonly LabEvent[]): number {
  return events.filter(
    ({ kind, at }) => kind === "route53-call" && at >= run.startedAt && at <= run.endedAt,
  ).length;
}

/** Requests that failed from each planned switch's claim (before, it changes nothing) until its
 * stale answers ended, or until the next fault, whose failures are its own. */
export function plannedFailures(facts: Facts): number {
  const planned = runsOf(facts.events).filter(({ outcome }) => outcome.plan?.mode === "planned");
  const windows = planned.flatMap(({ outcome: { claimedAt }, endedAt }) => {
    if (claimedAt === null) return [];
    const fault = facts.events.find(({ kind, at }) => kind === "fault" && at > claimedAt);
    return [{ impactAt: claimedAt, endsAt: Math.min(endedAt + 600_000, fault?.at ?? Infinity) }];
  });
  return failedDuringPlanned(facts.histories, windows);
}

/** When a lever was pulled or released. Republishing the same position is no move. */
export function leverMoves({ events, zero }: Facts): { at: number; lever: string }[] {
  const position = new Map<string, string>();
  return events.flatMap(({ kind, at, detail }) => {
    if (kind !== "lever") return [];
    const lever = `${String(detail.lever)} lever of ${String(detail.region)}`;
    const before = position.get(lever) ?? "released";
    const now = String(detail.position);
    position.set(lever, now);
    return before === now ? [] : [{ at: round((at - zero) / 1000), lever }];
  });
}

const round = (seconds: number): number => Math.round(seconds * 10) / 10;

/** A bound that was rounded down would promise too much. */
const upwards = (seconds: number | null) =>
  seconds === null ? null : Math.ceil(seconds * 10) / 10;

function rounded(given: { p50: number | null; p99: number | null }) {
  const one = (value: number | null) => (value === null ? null : round(value));
  return { p50: one(given.p50), p99: one(given.p99) };
}
