// Runs a state machine: walks from state to state, keeps variables, writes the history. Promises
// settle by microtasks only, so that on a virtual clock a whole run takes no real time.
// Source: https://states-language.net/spec.html, Step Functions developer guide.
import type { Json } from "../../kernel.ts";
import { markAborted } from "./abort.ts";
import type { Branch, ChoiceState, Definition, FailState, State, WaitState } from "./definition.ts";
import { evaluateKind, evaluateTemplate } from "./expressions.ts";
import { StateFailure } from "./failure.ts";
import { guardedStep } from "./guard.ts";
import {
  entered,
  errorAndCause,
  eventsMax,
  History,
  type HistoryEvent,
  HistoryFull,
} from "./history.ts";
import type { ExecutionInfo, Frame, Run, World } from "./run.ts";
import { Cancellation, Cancelled, evaluating, scopeOf, sleep, Thread } from "./run.ts";
import { leave, type Step, settle } from "./settle.ts";

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
}

/** Starts an execution. `heard` is told of each history event as it is written. */
export function startExecution(
  definition: Definition,
  info: ExecutionInfo,
  world: World,
  heard: (event: HistoryEvent) => void = () => {},
): Execution {
  const history = new History(() => world.now(), heard);
  const run: Run = {
    world,
    history,
    info,
    runBranch: (thread, branch, input) => runBranch(run, thread, branch, input),
  };
  const root = new Thread(history, new Cancellation(), {
    previous: 0,
    variables: {},
    mapItem: null,
  });
  let interrupted: Ending | null = null;
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
  const done = runToEnd(run, root, definition, () => interrupted).then((ending) => {
    cancelTimeout();
    root.cancellation.cancel();
    return ending;
  });
  return {
    history: history.events,
    done,
    stop: (error, cause) => interrupt({ status: "ABORTED", error, cause }),
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
  definition: Definition,
  interrupted: () => Ending | null,
): Promise<Ending> {
  run.history.append("ExecutionStarted", 0, {
    executionStartedEventDetails: {
      input: JSON.stringify(run.info.input),
      inputDetails: { truncated: false },
      roleArn: run.info.roleArn,
    },
  });
  try {
    const output = JSON.stringify(await runBranch(run, root, definition, run.info.input));
    return close(run, root, { status: "SUCCEEDED", output });
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

/** Runs a machine, a branch or an iteration to its end; answers its output.
 * @throws StateFailure, Cancelled, HistoryFull */
async function runBranch(run: Run, thread: Thread, branch: Branch, input: Json): Promise<Json> {
  let name = branch.StartAt;
  let data = input;
  for (;;) {
    const state = branch.States[name];
    if (!state) throw new Error(`no state ${name}: the definition was not checked`);
    const step = await runState(run, thread, name, state, data);
    thread.frame = null;
    if (step.next === null) return step.output;
    name = step.next;
    data = step.output;
  }
}

async function runState(
  run: Run,
  thread: Thread,
  name: string,
  state: State,
  input: Json,
): Promise<Step> {
  const pause = run.world.transitionMilliseconds();
  await (pause > 0 ? sleep(run, thread, pause) : Promise.resolve());
  const before = thread.previous;
  const id = thread.append(`${state.Type}StateEntered`, entered(name, JSON.stringify(input)));
  const enteredAt = new Date(run.world.now()).toISOString();
  const frame = { name, state, input, id, before, enteredAt, retryCount: 0, token: null };
  thread.frame = frame;
  return perform(run, thread, frame, state);
}

async function perform(run: Run, thread: Thread, frame: Frame, state: State): Promise<Step> {
  switch (state.Type) {
    case "Pass":
      return leave(thread, frame, await settle(run, thread, frame, state, {}), state.Next);
    case "Succeed":
      return leave(thread, frame, await settle(run, thread, frame, state, {}), undefined);
    case "Fail":
      return fail(run, thread, frame, state);
    case "Choice":
      return choose(run, thread, frame, state);
    case "Wait":
      await wait(run, thread, frame, state);
      return leave(thread, frame, await settle(run, thread, frame, state, {}), state.Next);
    case "Task":
    case "Parallel":
    case "Map":
      return guardedStep(run, thread, frame, state);
    default:
      return state satisfies never;
  }
}

async function fail(run: Run, thread: Thread, frame: Frame, state: FailState): Promise<never> {
  const scope = scopeOf(run, thread, frame);
  const text = async (field: "Error" | "Cause") => {
    const template = state[field];
    if (template === undefined) return null;
    return String(await evaluateKind("string", template, field, scope, run.world));
  };
  const [error, cause] = await evaluating(thread, frame, async () => [
    await text("Error"),
    await text("Cause"),
  ]);
  throw new StateFailure(error ?? null, cause ?? null);
}

async function choose(run: Run, thread: Thread, frame: Frame, state: ChoiceState): Promise<Step> {
  const scope = scopeOf(run, thread, frame);
  for (const [index, rule] of state.Choices.entries()) {
    const location = `Choices[${index}]/Condition`;
    const holds = await evaluating(thread, frame, () =>
      evaluateKind("boolean", rule.Condition, location, scope, run.world),
    );
    if (holds === true) {
      return leave(thread, frame, await settle(run, thread, frame, rule, {}), rule.Next);
    }
  }
  if (state.Default !== undefined) {
    return leave(thread, frame, await settle(run, thread, frame, state, {}), state.Default);
  }
  const cause =
    `An error occurred while executing the state '${frame.name}' (entered at the event id ` +
    `#${frame.id}). Failed to transition out of the state: no choice matched and no Default.`;
  throw new StateFailure("States.NoChoiceMatched", cause);
}

async function wait(run: Run, thread: Thread, frame: Frame, state: WaitState): Promise<void> {
  const scope = scopeOf(run, thread, frame);
  const milliseconds = await evaluating(thread, frame, async () => {
    if (state.Seconds !== undefined) {
      const seconds = await evaluateKind("number", state.Seconds, "Seconds", scope, run.world);
      return Number(seconds) * 1000;
    }
    const until = await evaluateTemplate(state.Timestamp ?? "", "Timestamp", scope, run.world);
    return Date.parse(String(until)) - run.world.now();
  });
  if (Number.isNaN(milliseconds)) {
    throw new StateFailure("States.Runtime", `Wait state '${frame.name}': no valid timestamp`);
  }
  if (milliseconds > 0) await sleep(run, thread, milliseconds);
}
