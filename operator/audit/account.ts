// What one run's execution history and ledger say, taken apart for the bundle: pure, so that the
// command line and the console make the same bundle. What a run never came to is an empty list or
// null; what AWS does not record is "not known", never a number.
import { z } from "zod";
import type { Config } from "../../core/config/schema.ts";
import { evidenceSchema } from "../../core/contracts/evidence.ts";
import { type RoutingState, routingStateSchema } from "../../core/contracts/routing-state.ts";
import { drainSchema, type RunOutcome, runOutcomeSchema } from "../../core/contracts/steps.ts";
import type { HistoryEvent } from "../aws/executions.ts";
import { parsed } from "../timeline.ts";

/** As it was read, at `exportedAt` (ms since 1970). */
export interface RunRead {
  readonly config: Config;
  readonly executionArn: string;
  /** As AWS says it: RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED. */
  readonly status: string;
  /** Oldest first. */
  readonly events: readonly HistoryEvent[];
  /** Items of the ledger without their keys, in order. */
  readonly ledger: readonly unknown[];
  readonly exportedAt: number;
}

export const notKnown = "not known";
type Known<T> = T | typeof notKnown;

const known = <T>(value: T | null | undefined): Known<T> => value ?? notKnown;
const isoOf = (at: number) => new Date(at).toISOString();

export interface Assigned {
  readonly at: string;
  readonly value: unknown;
}

/** Every value that the machine gave that variable, in order; null is none. */
export function assigned(events: readonly HistoryEvent[], ...names: readonly string[]): Assigned[] {
  return events.flatMap(({ timestamp, stateExitedEventDetails: exit }) => {
    const variables = exit?.assignedVariables ?? {};
    return names.flatMap((name) => {
      const value = parsed(z.unknown(), variables[name]);
      return value === null ? [] : [{ at: isoOf(timestamp?.getTime() ?? 0), value }];
    });
  });
}

export function inputOf(events: readonly HistoryEvent[]): unknown {
  const started = events.find(({ type }) => type === "ExecutionStarted");
  return parsed(z.unknown(), started?.executionStartedEventDetails?.input);
}

/** null: it runs, or ended without one. */
export function outcomeOf(events: readonly HistoryEvent[]): RunOutcome | null {
  const last = events.at(-1);
  const text =
    last?.executionSucceededEventDetails?.output ?? last?.executionFailedEventDetails?.cause;
  return parsed(runOutcomeSchema, text);
}

/** Whoever holds a task's token may answer it: it is nobody's evidence. */
export function withoutTokens(value: unknown): unknown {
  if (typeof value === "string") {
    return value.replace(/("taskToken"\s*:\s*)"[^"]*"/g, '$1"left out"');
  }
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(withoutTokens);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, withoutTokens(member)]),
  );
}

export type Measured = ReturnType<typeof measuredOf>;

/** Times in seconds. What clients felt, and when the impact began, AWS does not record. */
export function measuredOf({ config, events }: RunRead) {
  const outcome = outcomeOf(events);
  const startedAt = events[0]?.timestamp?.getTime() ?? null;
  const shiftedAt = outcome?.shiftedAt ?? null;
  const since = (at: number | null | undefined) =>
    at == null || shiftedAt === null ? notKnown : (shiftedAt - at) / 1_000;
  const drain = z.array(drainSchema).parse(assigned(events, "drain").map(({ value }) => value));
  const proof = drain.findLast(({ drained, missing }) => drained && missing === 0);
  return {
    rto: {
      asClientsSawIt: notKnown,
      fromSignalToShift: since(outcome?.signalAt),
      fromStartToShift: since(startedAt),
      writePause: known(outcome?.writePauseSeconds),
      objective: config.objectives.rtoSeconds,
    },
    rpo: {
      lostWrites: proof !== undefined && outcome?.outcome === "switched" ? 0 : notKnown,
      bound: known(outcome?.lossBoundSeconds),
      readBack: proof === undefined ? notKnown : { checked: proof.checked, missing: 0 },
      objective: config.objectives.rpoSeconds,
    },
  };
}

const standing = z.string();
const pairs = z.record(z.string(), z.object({ switch: standing, drain: standing }));
type Pairs = z.output<typeof pairs>;

export type LeversAround = ReturnType<typeof leversAround>;

/** Before: as the last evidence before the claim saw them. After: as desired where the run says
 * that they were accepted, as before where it left them alone. */
export function leversAround({ events, ledger }: RunRead) {
  const seen = assigned(events, "evidence").flatMap(
    ({ value }) => evidenceSchema.safeParse(value).data ?? [],
  );
  const before: Known<Pairs> = known(seen.at(-1)?.levers);
  const desired = lastClaim(ledger)?.levers ?? null;
  const outcome = outcomeOf(events)?.levers ?? null;
  const after = desired === null || outcome === null ? null : afterwards(before, desired, outcome);
  return {
    before,
    desired: known(desired),
    outcome: known(outcome),
    after: desired === null && outcome !== null ? before : known(after),
  };
}

function afterwards(
  before: Known<Pairs>,
  desired: RoutingState["levers"],
  outcome: RunOutcome["levers"],
): Pairs {
  const of = (region: string, lever: "switch" | "drain") => {
    const was = before === notKnown ? notKnown : (before[region]?.[lever] ?? notKnown);
    if (outcome[lever] === "untouched") return was;
    return outcome[lever] === "failed" ? notKnown : (desired[region]?.[lever] ?? notKnown);
  };
  return Object.fromEntries(
    Object.keys(desired).map((region) => {
      return [region, { switch: of(region, "switch"), drain: of(region, "drain") }];
    }),
  );
}

const claimEntry = z.object({ kind: z.enum(["claim", "undo"]), detail: z.unknown() });

/** The routing state as this run's last claim, or undoing, announced it. */
function lastClaim(ledger: readonly unknown[]): RoutingState | null {
  const claims = ledger.flatMap((entry) => claimEntry.safeParse(entry).data ?? []);
  return routingStateSchema.safeParse(claims.at(-1)?.detail).data ?? null;
}
