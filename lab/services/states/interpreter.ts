// Runs a state machine from its start, or from where it stopped, to its end, and writes how it
// ended into the history. Promises settle by microtasks only, so that on a virtual clock a whole
// run takes no real time.
// Source: https://states-language.net/spec.html, Step Functions developer guide.
import type { Json } from "../../kernel.ts";
import { markAborted } from "./abort.ts";
import type { Definition } from "./definition.ts";
import { StateFailure } from "./failure.ts";
import { errorAndCause, eventsMax, History, type HistoryEvent, HistoryFull } from "./history.ts";
import { refuseUnmodelled } from "./redrive.ts";
import type { ExecutionInfo, Run, World } from "./run.ts";
import { Cancellation, Cancelled, Thread } from "./run.ts";
import { goOn, runBranch } from "./walk.ts";

/** How an execution ended; `output` is JSON text. */
export type Ending =
  | { readonly status: "SUCCEEDED"; readonly output: string }
  | { readonly status: "FAILED"; readonly error: string | null; readonly cause: string | null }
  | { readonly status: "ABORTED"; readonly error: string | null; readonly cause: string | null }
  | { readonly status: "TIMED_OUT" };

export interface Execution {
  readonly history: readonly HistoryEvent[];
  /** Settles once; rejects only on a defect of the interpreter. */
  readonly done: Promise<Ending>;
  /** As StopExecution; no effect when it has ended. */
  stop(error: string | null, cause: string | null): void;
  /** As RedriveExecution, once it has ended otherwise than well: goes on in the same history, with
   * a time-out of its own.
   * @throws RedriveRefused */
  redrive(): Execution;
}

/** Starts an execution. `heard` is told of each history event as it is written. */
export function startExecution(
  definition: Definition,
  info: ExecutionInfo,
  world: World,
  heard: (event: HistoryEvent) => void = () => {},
): Execution {
  const history = new History(() => world.now(), heard);
  const run = runOf(world, history, info, null);
  const root = new Thread(history, new Cancellation(), {
    previous: 0,
    variables: {},
    mapItem: null,
  });
  root.mark("ExecutionStarted", {
    executionStartedEventDetails: {
      input: JSON.stringify(info.input),
      inputDetails: { truncated: false },
      roleArn: info.roleArn,
    },
  });
  return attempt(run, definition, root, () => runBranch(run, root, definition, info.input));
}

function redriven(run: Run, definition: Definition, halted: Thread): Execution {
  refuseUnmodelled(halted);
  const { world, history, info } = run;
  const count = (run.redrive?.count ?? 0) + 1;
  history.append("ExecutionRedriven", history.events.length, {
    executionRedrivenEventDetails: { redriveCount: count },
  });
  const next = runOf(world, history, info, { count, time: new Date(world.now()).toISOString() });
  const root = new Thread(history, new Cancellation(), halted);
  return attempt(next, definition, root, () => goOn(next, root, definition, halted));
}

function runOf(world: World, history: History, info: ExecutionInfo, redrive: Run["redrive"]): Run {
  const run: Run = {
    ...{ world, history, info, redrive },
    runBranch: (thread, branch, input) => runBranch(run, thread, branch, input),
    goOn: (thread, branch, halted) => goOn(run, thread, branch, halted),
  };
  return run;
}

/** From a start or a redrive to the next end. */
function attempt(
  run: Run,
  definition: Definition,
  root: Thread,
  walk: () => Promise<Json>,
): Execution {
  const { world, history } = run;
  let interrupted: Ending | null = null;
  let ended = false;
  const interrupt = (ending: Ending) => {
    if (interrupted || root.cancellation.cancelled) return;
    interrupted = ending;
    recordAborted(root);
    root.cancellation.cancel();
  };
  const cancelTimeout =
    definition.TimeoutSeconds === undefined
      ? () => {}
      : world.after(definition.TimeoutSeconds * 1000, () => interrupt({ status: "TIMED_OUT" }));
  const done = runToEnd(run, root, walk, () => interrupted).then((ending) => {
    ended = ending.status !== "SUCCEEDED";
    cancelTimeout();
    root.cancellation.cancel();
    return ending;
  });
  return {
    history: history.events,
    done,
    stop: (error, cause) => interrupt({ status: "ABORTED", error, cause }),
    redrive: () => {
      if (!ended) throw new Error("it runs, has succeeded, or was redriven already");
      ended = false;
      return redriven(run, definition, root);
    },
  };
}

/** A full history has no room for it; the closing event is what counts. */
function recordAborted(root: Thread): void {
  try {
    markAborted(root, root);
  } catch (thrown) {
    if (!(thrown instanceof HistoryFull)) throw thrown;
  }
}

async function runToEnd(
  run: Run,
  root: Thread,
  walk: () => Promise<Json>,
  interrupted: () => Ending | null,
): Promise<Ending> {
  try {
    return close(run, root, { status: "SUCCEEDED", output: JSON.stringify(await walk()) });
  } catch (thrown) {
    return close(run, root, endingOf(thrown, interrupted()));
  }
}

function endingOf(thrown: unknown, interrupted: Ending | null): Ending {
  if (thrown instanceof Cancelled && interrupted) return interrupted;
  if (thrown instanceof StateFailure) {
    return { status: "FAILED", error: thrown.error, cause: thrown.causeText };
  }
  if (thrown instanceof HistoryFull) {
    const cause = `The execution reached the maximum number of history events (${eventsMax}).`;
    return { status: "FAILED", error: "States.Runtime", cause };
  }
  throw thrown;
}

function close(run: Run, root: Thread, ending: Ending): Ending {
  switch (ending.status) {
    case "SUCCEEDED":
      run.history.close("ExecutionSucceeded", root.previous, {
        executionSucceededEventDetails: {
          output: ending.output,
          outputDetails: { truncated: false },
        },
      });
      return ending;
    case "FAILED":
      run.history.close("ExecutionFailed", root.previous, {
        executionFailedEventDetails: errorAndCause(ending.error, ending.cause),
      });
      return ending;
    case "ABORTED":
      run.history.close("ExecutionAborted", root.previous, {
        executionAbortedEventDetails: errorAndCause(ending.error, ending.cause),
      });
      return ending;
    case "TIMED_OUT":
      run.history.close("ExecutionTimedOut", root.previous, { executionTimedOutEventDetails: {} });
      return ending;
    default:
      return ending satisfies never;
  }
}
