// One run of region-switch as a console shows it: its timeline, the step it stands in, what it
// decided. All of it from the execution's own history; a state that this version doesn't know is
// part of no step.
import type { Decision } from "../../core/contracts/steps.ts";
import { decisionSchema, runOutcomeSchema } from "../../core/contracts/steps.ts";
import { lossInWords } from "../../core/loss-bound.ts";
import { describeRun, type HistoryEvent, nameOfArn, regionOfArn } from "../aws/executions.ts";
import type { Desk } from "../desk.ts";
import { findRun } from "../history.ts";
import { parsed, timelineOf } from "../timeline.ts";
import type { RunShown, StepName } from "./contract.ts";

/** States of the machine by the step that they belong to, waits included. */
export const statesOfStep: { readonly [step in StepName]: readonly string[] } = {
  gather: ["GatherEvidence"],
  decide: ["Decide"],
  approve: ["AwaitApproval"],
  claim: ["ClaimEpoch"],
  fence: [
    ...["FenceSource", "WaitForGates", "WaitForGatesInFull"],
    ...["FenceSourceNow", "WaitForGatesNow", "WaitForGatesNowInFull"],
  ],
  drain: ["DrainReplication", "DrainPause"],
  shift: ["ShiftTraffic", "ShiftTrafficPause", "ShiftTrafficNow", "ShiftTrafficNowPause"],
  promote: ["PromoteTarget"],
  verify: ["VerifyShift", "VerifyPause"],
  record: ["RecordOutcome"],
  undo: [
    ...["UndoClaim", "RestoreLevers", "RestoreLeversPause", "DrainBack", "DrainBackPause"],
    ...["FenceTarget", "WaitForTargetGates", "WaitForTargetGatesInFull", "PromoteSource"],
  ],
};
const stepOf = new Map(
  Object.entries(statesOfStep).flatMap(([step, states]) => states.map((one) => [one, step])),
);

/** `wanted`: an execution's ARN, or its name. Throws Refused, AwsFault. */
export async function shownRun(desk: Desk, wanted: string): Promise<RunShown> {
  const { arn } = await findRun(desk, wanted);
  // First the status: what happened until it was read is then in the history.
  const run = await describeRun(desk.clients, arn);
  const { events } = await findRun(desk, arn);
  const status = run.status ?? "UNKNOWN";
  const decision = lastDecision(events);
  return {
    executionArn: arn,
    name: nameOfArn(arn),
    region: regionOfArn(arn),
    status,
    entries: timelineOf(events),
    parallel: isParallel(events, decision),
    steps: stepsOf(events, status),
    standsIn: status === "RUNNING" ? standsIn(events) : null,
    decision: decision === null ? null : { ...decision, loss: lossInWords(decision.lossBound) },
    outcome: parsed(runOutcomeSchema, run.output) ?? parsed(runOutcomeSchema, run.cause),
  };
}

function lastDecision(events: readonly HistoryEvent[]): Decision | null {
  const texts = events.flatMap(
    ({ stateExitedEventDetails: exit }) => exit?.assignedVariables?.decision ?? [],
  );
  return parsed(decisionSchema, texts.at(-1));
}

/** As the machine branches once it has claimed; before that, as it will. */
function isParallel(events: readonly HistoryEvent[], decision: Decision | null): boolean {
  const entered = events.some(
    ({ stateEnteredEventDetails: entry }) => entry?.name === "ShiftWhileFencing",
  );
  const mode = decision?.plan?.mode;
  const isForcedAway = mode === "forced" && decision?.waived.includes("source-not-healthy");
  return entered || mode === "automatic" || isForcedAway === true;
}

interface Trace {
  entered: number;
  exited: number;
  at: number | null;
}

export function stepsOf(events: readonly HistoryEvent[], status: string): RunShown["steps"] {
  const traces = new Map<string, Trace>();
  let last: string | null = null;
  for (const {
    stateEnteredEventDetails: entry,
    stateExitedEventDetails: exit,
    timestamp,
  } of events) {
    const step = stepOf.get(entry?.name ?? exit?.name ?? "");
    if (step === undefined) continue;
    const trace = traces.get(step) ?? { entered: 0, exited: 0, at: null };
    traces.set(step, trace);
    if (entry !== undefined) {
      trace.entered += 1;
      trace.at = timestamp?.getTime() ?? null;
      last = step;
    }
    if (exit !== undefined) trace.exited += 1;
  }
  const names = Object.keys(statesOfStep) as StepName[];
  return names.map((name) => {
    const trace = traces.get(name);
    return { name, state: stateOf(trace, status, name === last), at: trace?.at ?? null };
  });
}

type StepState = RunShown["steps"][number]["state"];

function stateOf(trace: Trace | undefined, status: string, isLast: boolean): StepState {
  const isRunning = status === "RUNNING";
  if (trace === undefined) return isRunning ? "ahead" : "skipped";
  const isOpen = trace.entered > trace.exited;
  if (isRunning) return isOpen || isLast ? "current" : "done";
  return isOpen ? "failed" : "done";
}

function standsIn(events: readonly HistoryEvent[]): string | null {
  return (
    events.findLast((one) => one.stateEnteredEventDetails)?.stateEnteredEventDetails?.name ?? null
  );
}
