// A state's failure, and what Retry and Catch make of it: which names match, how long to wait.
// Source: Step Functions developer guide, "Handling errors".
import type { Json } from "../../kernel.ts";
import type { Catcher, Retrier } from "./definition.ts";

/** A state failed. `kind` says which names besides its own match it. */
export class StateFailure extends Error {
  override readonly name = "StateFailure";
  readonly error: string | null;
  readonly causeText: string | null;
  readonly kind: "plain" | "timeout" | "heartbeat" | "branch" | "evaluation";

  constructor(
    error: string | null,
    causeText: string | null,
    kind: StateFailure["kind"] = "plain",
  ) {
    super(`${error ?? "no error name"}: ${causeText ?? "no cause"}`);
    this.error = error;
    this.causeText = causeText;
    this.kind = kind;
  }

  /** What `$states.errorOutput` holds. */
  output(): { [key: string]: Json } {
    return {
      ...(this.error === null ? {} : { Error: this.error }),
      ...(this.causeText === null ? {} : { Cause: this.causeText }),
    };
  }
}

/** Errors that States.ALL does not match, by the developer guide. (A recording from 2024 shows it
 * catching a Lambda result that is too large; the lab takes the less forgiving of the two.) */
const terminal = ["States.DataLimitExceeded", "States.Runtime"];

/** Does one of a Retry's or Catch's names match? `ofTask`: the state is a Task. */
export function matches(names: readonly string[], failure: StateFailure, ofTask: boolean): boolean {
  return names.some((name) => matchesName(name, failure, ofTask));
}

function matchesName(name: string, failure: StateFailure, ofTask: boolean): boolean {
  if (name === failure.error) return true;
  const isTerminal = terminal.includes(failure.error ?? "");
  if (name === "States.ALL") return !isTerminal;
  if (name === "States.TaskFailed") {
    return ofTask && !isTerminal && failure.error !== "States.Timeout";
  }
  if (name === "States.HeartbeatTimeout") return failure.kind === "heartbeat";
  return name === "States.BranchFailed" && failure.kind === "branch";
}

/** Seconds before attempt number `attempt` (1 for the first retry) of a retrier. `random` in
 * [0, 1) is used by JitterStrategy FULL only. */
export function retryDelaySeconds(retrier: Retrier, attempt: number, random: () => number): number {
  const interval = retrier.IntervalSeconds ?? 1;
  const grown = interval * (retrier.BackoffRate ?? 2) ** (attempt - 1);
  const capped = Math.min(grown, retrier.MaxDelaySeconds ?? Number.POSITIVE_INFINITY);
  return retrier.JitterStrategy === "FULL" ? capped * random() : capped;
}

/** The first retrier that matches decides alone, even when its attempts are used up. */
export function retrierFor(
  retriers: readonly Retrier[] | undefined,
  failure: StateFailure,
  ofTask: boolean,
): Retrier | null {
  return retriers?.find((r) => matches(r.ErrorEquals, failure, ofTask)) ?? null;
}

export function catcherFor(
  catchers: readonly Catcher[] | undefined,
  failure: StateFailure,
  ofTask: boolean,
): Catcher | null {
  return catchers?.find((c) => matches(c.ErrorEquals, failure, ofTask)) ?? null;
}

export const attemptsMax = (retrier: Retrier) => retrier.MaxAttempts ?? 3;
