// What one execution carries while it runs: its world, its history, and one Thread per branch.
// Cancellation is explicit, since a failing branch stops its siblings at once and StopExecution
// stops them all: after a cancel nothing of that branch reaches the history any more.
import type { Json } from "../../kernel.ts";
import type { Branch, State } from "./definition.ts";
import type { ExpressionWorld, Scope } from "./expressions.ts";
import { EvaluationFault } from "./expressions.ts";
import { StateFailure } from "./failure.ts";
import type { History } from "./history.ts";

/** How a waiting task is answered from outside, by its token. */
export interface PendingTask {
  succeed(output: Json): void;
  fail(error: string | null, cause: string | null): void;
  heartbeat(): void;
}

/** What an execution needs from outside. */
export interface World extends ExpressionWorld {
  readonly region: string;
  /** Runs `run` so many ms later; returns a cancel function. */
  after(milliseconds: number, run: () => void): () => void;
  /** How long the service takes from one state to the next; 0: no time passes. */
  transitionMilliseconds(): number;
  /** The service call of an arn:aws:states:::lambda:invoke task; answers with AWS's result.
   * @throws StateFailure (rejects) */
  invokeLambda(parameters: Json): Promise<Json>;
  /** A fresh task token, and who is told about its answer. */
  newToken(): string;
  expect(token: string, task: PendingTask): void;
  forget(token: string): void;
}

/** Identity of an execution, as `$states.context` shows it. */
export interface ExecutionInfo {
  readonly executionArn: string;
  readonly name: string;
  readonly stateMachineArn: string;
  readonly stateMachineName: string;
  readonly roleArn: string;
  readonly input: Json;
  /** ISO 8601. */
  readonly startTime: string;
}

/** This branch was stopped from outside; nobody may record anything for it. */
export class Cancelled extends Error {
  override readonly name = "Cancelled";
}

export class Cancellation {
  cancelled = false;
  private readonly listeners = new Set<() => void>();

  constructor(parent?: Cancellation) {
    parent?.onCancel(() => this.cancel());
  }

  cancel(): void {
    if (this.cancelled) return;
    this.cancelled = true;
    for (const listener of [...this.listeners]) listener();
    this.listeners.clear();
  }

  /** Returns a function that stops listening. */
  onCancel(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

/** A promise that `start` settles, unless the branch is cancelled first. `start` returns what has
 * to be undone (timers) once it is settled, whichever way.
 * @throws Cancelled (rejects) */
export function cancellable<T>(
  cancellation: Cancellation,
  start: (resolve: (value: T) => void, reject: (reason: unknown) => void) => () => void,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    if (cancellation.cancelled) {
      reject(new Cancelled());
      return;
    }
    let undo = () => {};
    const end = () => {
      stopListening();
      undo();
    };
    const stopListening = cancellation.onCancel(() => {
      end();
      reject(new Cancelled());
    });
    undo = start(
      (value) => {
        end();
        resolve(value);
      },
      (reason) => {
        end();
        reject(reason);
      },
    );
  });
}

/** The state a thread is in. `id` is its …StateEntered event, `before` that event's predecessor. */
export interface Frame {
  readonly name: string;
  readonly state: State;
  readonly input: Json;
  readonly id: number;
  readonly before: number;
  readonly enteredAt: string;
  retryCount: number;
  token: string | null;
  /** Of a Parallel's newest attempt, in the order of its branches; null: none has begun. */
  lanes: readonly LaneProgress[] | null;
  /** The next attempt goes on with `lanes`, and leaves alone what succeeded. */
  resumes: boolean;
}

/** How far a branch came; `output` undefined: not to its end. */
export interface LaneProgress {
  readonly thread: Thread;
  output: Json | undefined;
}

/** A state that was or is about to be entered. */
export interface Place {
  readonly name: string;
  readonly input: Json;
}

/** One line of execution: the machine itself, a Parallel's branch, or a Map's iteration. */
export class Thread {
  /** The event that the next one of this thread follows. */
  previous: number;
  variables: { readonly [name: string]: Json };
  frame: Frame | null = null;
  place: Place | null = null;
  /** Threads started by the state this one is in, oldest first. */
  readonly children = new Set<Thread>();
  readonly cancellation: Cancellation;
  readonly history: History;
  readonly mapItem: { readonly Index: number; readonly Value: Json } | null;

  constructor(
    history: History,
    cancellation: Cancellation,
    from: {
      previous: number;
      variables: { readonly [name: string]: Json };
      mapItem: { readonly Index: number; readonly Value: Json } | null;
    },
  ) {
    this.history = history;
    this.cancellation = cancellation;
    this.previous = from.previous;
    this.variables = from.variables;
    this.mapItem = from.mapItem;
  }

  /** Appends an event after this thread's last one and moves on to it.
   * @throws Cancelled */
  append(type: string, details: { [key: string]: Json } = {}): number {
    this.previous = this.mark(type, details);
    return this.previous;
  }

  /** Like append, but the thread's next event does not link to it (as AWS does in places). */
  mark(type: string, details: { [key: string]: Json } = {}): number {
    if (this.cancellation.cancelled) throw new Cancelled();
    return this.history.append(type, this.previous, details);
  }
}

export interface Run {
  readonly world: World;
  readonly history: History;
  readonly info: ExecutionInfo;
  /** Runs a machine, a branch or an iteration to its end; answers its output. Here, since states
   * run branches and branches run states. Rejects with StateFailure, Cancelled, HistoryFull. */
  runBranch(thread: Thread, branch: Branch, input: Json): Promise<Json>;
  /** Goes on where `halted`, a thread of that branch, stopped. Rejects likewise. */
  goOn(thread: Thread, branch: Branch, halted: Thread): Promise<Json>;
  /** The newest redrive; null: none. `time` in ISO 8601. */
  readonly redrive: { readonly count: number; readonly time: string } | null;
}

export function sleep(run: Run, thread: Thread, milliseconds: number): Promise<void> {
  return cancellable(thread.cancellation, (resolve) =>
    run.world.after(milliseconds, () => resolve(undefined)),
  );
}

/** `$states` as a field of this state sees it. */
export function scopeOf(
  run: Run,
  thread: Thread,
  frame: Frame,
  extra: { readonly result?: Json; readonly errorOutput?: Json } = {},
): Scope {
  const { info, redrive } = run;
  const context = {
    Execution: {
      Id: info.executionArn,
      Input: info.input,
      Name: info.name,
      RoleArn: info.roleArn,
      StartTime: info.startTime,
      RedriveCount: redrive?.count ?? 0,
      ...(redrive === null ? {} : { RedriveTime: redrive.time }),
    },
    State: { EnteredTime: frame.enteredAt, Name: frame.name, RetryCount: frame.retryCount },
    StateMachine: { Id: info.stateMachineArn, Name: info.stateMachineName },
    ...(frame.token === null ? {} : { Task: { Token: frame.token } }),
    ...(thread.mapItem === null ? {} : { Map: { Item: { ...thread.mapItem } } }),
  };
  return { variables: thread.variables, states: { input: frame.input, context, ...extra } };
}

/** Runs an evaluation; a fault in it becomes the state's failure, with its event.
 * @throws StateFailure States.QueryEvaluationError */
export async function evaluating<T>(
  thread: Thread,
  frame: Frame,
  evaluation: () => Promise<T>,
): Promise<T> {
  try {
    return await evaluation();
  } catch (thrown) {
    if (!(thrown instanceof EvaluationFault)) throw thrown;
    const cause =
      `An error occurred while executing the state '${frame.name}' ` +
      `(entered at the event id #${frame.id}). ${thrown.message}`;
    const error = "States.QueryEvaluationError";
    if (thread.previous === frame.id) thread.previous = frame.before;
    thread.append("EvaluationFailed", {
      evaluationFailedEventDetails: {
        cause,
        error,
        ...(thrown.location === null ? {} : { location: thrown.location }),
        state: frame.name,
      },
    });
    throw new StateFailure(error, cause, "evaluation");
  }
}
