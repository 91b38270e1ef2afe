// Retry and Catch around the three states that can have them. The evaluation of Output and Assign
// is inside: a fault there is retried and caught like any other failure of the state.
// Source: Step Functions developer guide, "Handling errors".
import { runLanes } from "./branches.ts";
import type { GuardedState, Retrier } from "./definition.ts";
import { attemptsMax, catcherFor, retrierFor, retryDelaySeconds, StateFailure } from "./failure.ts";
import { type Frame, type Run, sleep, type Thread } from "./run.ts";
import { leave, type Settled, type Step, settle } from "./settle.ts";
import { runTask } from "./task.ts";

/** @throws StateFailure when neither a retrier nor a catcher takes it */
export async function guardedStep(
  run: Run,
  thread: Thread,
  frame: Frame,
  state: GuardedState,
): Promise<Step> {
  const used = new Map<Retrier, number>();
  for (;;) {
    const outcome = await attempt(run, thread, frame, state);
    if (!(outcome instanceof StateFailure)) return leave(thread, frame, outcome, state.Next);
    const delaySeconds = nextRetry(run, state, outcome, used);
    if (delaySeconds === null) return handle(run, thread, frame, state, outcome);
    frame.retryCount += 1;
    await sleep(run, thread, delaySeconds * 1000);
  }
}

async function attempt(
  run: Run,
  thread: Thread,
  frame: Frame,
  state: GuardedState,
): Promise<Settled | StateFailure> {
  try {
    const result =
      state.Type === "Task"
        ? await runTask(run, thread, frame, state)
        : await runLanes(run, thread, frame, state);
    return await settle(run, thread, frame, state, { result });
  } catch (thrown) {
    if (thrown instanceof StateFailure) return thrown;
    throw thrown;
  }
}

/** Seconds to wait before another attempt, or null for none. Counts it. */
function nextRetry(
  run: Run,
  state: GuardedState,
  failure: StateFailure,
  used: Map<Retrier, number>,
): number | null {
  const retrier = retrierFor(state.Retry, failure, state.Type === "Task");
  if (!retrier) return null;
  const attemptNumber = (used.get(retrier) ?? 0) + 1;
  if (attemptNumber > attemptsMax(retrier)) return null;
  used.set(retrier, attemptNumber);
  return retryDelaySeconds(retrier, attemptNumber, () => run.world.random());
}

async function handle(
  run: Run,
  thread: Thread,
  frame: Frame,
  state: GuardedState,
  failure: StateFailure,
): Promise<Step> {
  const catcher = catcherFor(state.Catch, failure, state.Type === "Task");
  if (!catcher) {
    // A Parallel that failed so is redriven with all of its branches.
    if (failure.error === "States.DataLimitExceeded") frame.lanes = null;
    throw failure;
  }
  const errorOutput = failure.output();
  const settled = await settle(run, thread, frame, catcher, { errorOutput });
  return leave(thread, frame, settled, catcher.Next);
}
