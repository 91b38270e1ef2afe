// Holds a drill's result against what its scenario expects: each unmet expectation is one sentence
// that says what was expected and what was found.
import type { Region } from "../../core/config/schema.ts";
import { formatDuration } from "../scenarios/duration.ts";
import type { Expectations } from "../scenarios/schema.ts";
import type { DecisionResult, DrillResult, SwitchResult } from "./result.ts";

/** What expectations ask about, beyond the result itself. */
export interface Observed {
  readonly result: Omit<DrillResult, "passed" | "failures">;
  /** Completed switches, in order. */
  readonly completed: readonly SwitchResult[];
  /** Virtual seconds at which a lever was pulled or released (republishing is no move). */
  readonly leverMoves: readonly { readonly at: number; readonly lever: string }[];
  readonly pendingApprovals: number;
  readonly route53Calls: number;
  regionOf(name: string): Region;
}

type Check = (expect: Expectations, observed: Observed) => string[];

export function unmetExpectations(expect: Expectations, observed: Observed): string[] {
  return checks.flatMap((check) => check(expect, observed));
}

const activeRegion: Check = (expect, { result, regionOf }) => {
  if (expect.activeRegion === undefined) return [];
  const wanted = regionOf(expect.activeRegion);
  return result.activeRegion === wanted
    ? []
    : [`At the end ${result.activeRegion} is active; expected ${wanted}.`];
};

const counts: Check = (expect, { completed, pendingApprovals, route53Calls }) => {
  const of = (direction: string) => completed.filter((one) => one.direction === direction).length;
  return [
    exactly("completed failovers", expect.failovers, of("failover")),
    exactly("completed failbacks", expect.failbacks, of("failback")),
    exactly("approvals pending at the end", expect.pendingApprovals, pendingApprovals),
    atMost(
      "successful Route 53 API calls of switches",
      expect.route53ControlPlaneCalls,
      route53Calls,
    ),
  ].flat();
};

const clients: Check = (expect, { result, completed }) => [
  ...atMost("lost writes", expect.lostWrites, result.clients.lostWrites),
  ...atMost(
    "requests failed during planned switches",
    expect.failedRequestsPlanned,
    result.clients.failedDuringPlanned,
  ),
  ...completed
    .filter((one) => one.mode === "planned" && one.lostWrites > 0)
    .map((one) => `The planned ${one.direction} to ${one.to} lost ${one.lostWrites} writes.`),
];

const noSwitch: Check = (expect, { leverMoves }) =>
  (expect.noSwitch ?? []).flatMap(([from, to]) =>
    leverMoves
      .filter(({ at }) => at >= from && at <= to)
      .map(
        ({ at, lever }) =>
          `The ${lever} moved at ${formatDuration(at)}, inside ` +
          `${formatDuration(from)} to ${formatDuration(to)}, when none may move.`,
      ),
  );

const switchWithin: Check = (expect, { completed }) => {
  const wanted = expect.switchWithin;
  if (!wanted) return [];
  const { direction, after, within } = wanted;
  const found = completed.find(
    (one) => one.direction === direction && one.shiftedAt !== null && one.shiftedAt >= after,
  );
  const took = found?.shiftedAt == null ? null : found.shiftedAt - after;
  if (took !== null && took <= within) return [];
  const said = took === null ? "there was none" : `it took ${formatDuration(took)}`;
  return [
    `Expected a ${direction} within ${formatDuration(within)} after ${formatDuration(after)}; ${said}.`,
  ];
};

const rto: Check = (expect, { completed }) =>
  completed
    .filter((one) => one.mode !== "planned")
    .flatMap((one) =>
      (["p50", "p99"] as const).flatMap((name) => {
        const limit = expect.rtoSeconds?.[name];
        const found = one.rtoSeconds[name];
        if (limit === undefined || (found !== null && found <= limit)) return [];
        const said = found === null ? "could not be measured" : `was ${found} s`;
        return [
          `RTO ${name} of the ${one.direction} to ${one.to} ${said}; at most ${limit} s expected.`,
        ];
      }),
    );

const decisions: Check = (expect, { result }) =>
  (expect.decisions ?? [])
    .filter((wanted) => !result.decisions.some((found) => fits(found, wanted)))
    .map((wanted) => {
      const because = wanted.because ? ` because ${wanted.because.join(", ")}` : "";
      const blocked = wanted.blockedBy ? ` blocked by ${wanted.blockedBy.join(", ")}` : "";
      return `No decision was "${wanted.kind}"${because}${blocked}.`;
    });

function fits(found: DecisionResult, wanted: NonNullable<Expectations["decisions"]>[number]) {
  return (
    found.kind === wanted.kind &&
    (wanted.because ?? []).every((code) => found.because.includes(code)) &&
    (wanted.blockedBy ?? []).every((code) => found.blockedBy.includes(code))
  );
}

function exactly(what: string, wanted: number | undefined, found: number): string[] {
  if (wanted === undefined || wanted === found) return [];
  return [`Expected ${wanted} ${what}; found ${found}.`];
}

function atMost(what: string, limit: number | undefined, found: number): string[] {
  if (limit === undefined || found <= limit) return [];
  return [`Expected at most ${limit} ${what}; found ${found}.`];
}

const checks: readonly Check[] = [
  activeRegion,
  counts,
  clients,
  noSwitch,
  switchWithin,
  rto,
  decisions,
];
