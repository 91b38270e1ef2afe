// Which executions RedriveExecution takes, in AWS's words, and which of them the lab doesn't model.
// Source: Step Functions developer guide, "Restarting state machine executions with redrive"; API
// Reference, DescribeExecution.
import type { Ending } from "./interpreter.ts";
import type { Thread } from "./run.ts";

const dayMilliseconds = 86_400_000;
const redrivablePeriodMilliseconds = 14 * dayMilliseconds;
const openTimeMilliseconds = 365 * dayMilliseconds;
/** ExecutionRedriven and one more event must fit. */
const eventsMost = 24_998;

/** Nobody models how this one goes on. */
export class RedriveRefused extends Error {
  override readonly name = "RedriveRefused";
}

interface Candidate {
  readonly ended: { readonly ending: Ending; readonly at: number } | null;
  readonly startedAt: number;
  readonly execution: { readonly history: readonly unknown[] };
}

/** Why it can't be redriven; null: it can. */
export function redriveRefusal(
  { ended, startedAt, execution }: Candidate,
  now: number,
): string | null {
  if (ended === null) return "Execution is RUNNING and cannot be redriven";
  if (ended.ending.status === "SUCCEEDED") return "Execution is SUCCEEDED and cannot be redriven";
  if (execution.history.length > eventsMost) return "Execution history event limit exceeded";
  if (now - startedAt > openTimeMilliseconds) {
    return "Execution has exceeded the max execution time";
  }
  if (now - ended.at > redrivablePeriodMilliseconds) return "Execution redrivable period exceeded";
  return null;
}

/** @throws RedriveRefused where it stopped in a Map, or in a Succeed that failed */
export function refuseUnmodelled({ frame }: Thread): void {
  if (frame === null) return;
  const { Type } = frame.state;
  if (Type === "Map" || Type === "Succeed") {
    throw new RedriveRefused(`The lab models no redrive of a ${Type} state: '${frame.name}'.`);
  }
  for (const { thread, output } of frame.lanes ?? []) {
    if (output === undefined) refuseUnmodelled(thread);
  }
}
