// Parallel and inline Map: several threads under one state. The first that fails stops the others
// at once and fails the state, with its own error, as AWS records it.
// Source: Step Functions developer guide, "Parallel", "Map"; order of events as recorded from AWS.
import type { Json } from "../../kernel.ts";
import { markAborted, markIterationAborted } from "./abort.ts";
import type { MapState, ParallelState } from "./definition.ts";
import { EvaluationFault, evaluateKind, evaluateTemplate } from "./expressions.ts";
import { StateFailure } from "./failure.ts";
import {
  Cancellation,
  evaluating,
  type Frame,
  type LaneProgress,
  type Run,
  scopeOf,
  Thread,
} from "./run.ts";

/** One branch or iteration. */
interface Lane {
  readonly mapItem: { readonly Index: number; readonly Value: Json } | null;
  /** As the execution that is redriven left it. */
  readonly before?: LaneProgress;
  run(thread: Thread): Promise<Json>;
}

/** Iterations of an inline Map that run at a time when MaxConcurrency is 0 or absent. */
const concurrencyDefault = 40;

/** One attempt of a Parallel or Map state; answers `$states.result`, outputs in order.
 * @throws StateFailure the first failing lane's */
export async function runLanes(
  run: Run,
  thread: Thread,
  frame: Frame,
  state: ParallelState | MapState,
): Promise<Json> {
  try {
    const { lanes, limit } =
      state.Type === "Map"
        ? await mapLanes(run, thread, frame, state)
        : (haltedLanes(run, frame, state) ?? (await parallelLanes(run, thread, frame, state)));
    const outputs = await new LaneGroup(run, thread, frame, lanes).runAll(limit);
    thread.mark(`${state.Type}StateSucceeded`);
    return outputs;
  } catch (thrown) {
    if (!(thrown instanceof StateFailure)) throw thrown;
    thread.append(`${state.Type}StateFailed`);
    if (state.Type === "Map" && thrown.kind === "branch" && toleratesFailures(state)) {
      throw new StateFailure("States.Runtime", "The lab models no tolerated failures of a Map.");
    }
    throw thrown;
  }
}

const toleratesFailures = (state: MapState) =>
  state.ToleratedFailureCount !== undefined || state.ToleratedFailurePercentage !== undefined;

interface Prepared {
  readonly lanes: Lane[];
  readonly limit: number;
}

/** Null: the branches begin. */
function haltedLanes(run: Run, frame: Frame, state: ParallelState): Prepared | null {
  const halted = frame.resumes ? frame.lanes : null;
  frame.resumes = false;
  if (halted === null) return null;
  const lanes = state.Branches.map((branch, index) => {
    const before = halted[index];
    if (before === undefined) throw new Error(`branch ${index} of ${frame.name} never began`);
    return { mapItem: null, before, run: (lane: Thread) => run.goOn(lane, branch, before.thread) };
  });
  return { lanes, limit: lanes.length };
}

async function parallelLanes(
  run: Run,
  thread: Thread,
  frame: Frame,
  state: ParallelState,
): Promise<Prepared> {
  const scope = scopeOf(run, thread, frame);
  const input =
    state.Arguments === undefined
      ? frame.input
      : await evaluating(thread, frame, () =>
          evaluateTemplate(state.Arguments ?? null, "Arguments", scope, run.world),
        );
  thread.append("ParallelStateStarted");
  const lanes = state.Branches.map((branch) => ({
    mapItem: null,
    run: (lane: Thread) => run.runBranch(lane, branch, input),
  }));
  return { lanes, limit: lanes.length };
}

async function mapLanes(
  run: Run,
  thread: Thread,
  frame: Frame,
  state: MapState,
): Promise<Prepared> {
  const { items, limit } = await evaluating(thread, frame, async () => ({
    items: await itemsOf(run, thread, frame, state),
    limit: await concurrency(run, thread, frame, state),
  }));
  thread.append("MapStateStarted", { mapStateStartedEventDetails: { length: items.length } });
  const lanes = items.map((item, index) => ({
    mapItem: { Index: index, Value: item },
    run: async (lane: Thread) => {
      const input = await selectItem(run, lane, frame, state, item);
      return run.runBranch(lane, state.ItemProcessor, input);
    },
  }));
  return { lanes, limit };
}

async function itemsOf(run: Run, thread: Thread, frame: Frame, state: MapState): Promise<Json[]> {
  const scope = scopeOf(run, thread, frame);
  const items =
    state.Items === undefined
      ? frame.input
      : await evaluateKind("array", state.Items, "Items", scope, run.world);
  if (Array.isArray(items)) return items;
  const was = JSON.stringify(items);
  throw new EvaluationFault(`Map state input must be an array but was: ${was}`, null);
}

async function concurrency(
  run: Run,
  thread: Thread,
  frame: Frame,
  state: MapState,
): Promise<number> {
  const scope = scopeOf(run, thread, frame);
  for (const field of ["ToleratedFailureCount", "ToleratedFailurePercentage"] as const) {
    const template = state[field];
    if (template !== undefined) await evaluateKind("number", template, field, scope, run.world);
  }
  if (state.MaxConcurrency === undefined) return concurrencyDefault;
  const limit = await evaluateKind(
    "number",
    state.MaxConcurrency,
    "MaxConcurrency",
    scope,
    run.world,
  );
  return Number(limit) || concurrencyDefault;
}

async function selectItem(
  run: Run,
  lane: Thread,
  frame: Frame,
  state: MapState,
  item: Json,
): Promise<Json> {
  const selector = state.ItemSelector;
  if (selector === undefined) return item;
  const scope = scopeOf(run, lane, frame);
  return evaluating(lane, frame, () =>
    evaluateTemplate(selector, "ItemSelector", scope, run.world),
  );
}

/** Runs lanes with a bound on how many at a time. */
class LaneGroup {
  private readonly group: Cancellation;
  private readonly progress: LaneProgress[] = [];
  private readonly start: number;
  private next = 0;
  private failure: unknown = null;
  private readonly run: Run;
  private readonly parent: Thread;
  private readonly frame: Frame;
  private readonly lanes: Lane[];

  constructor(run: Run, parent: Thread, frame: Frame, lanes: Lane[]) {
    this.run = run;
    this.parent = parent;
    this.frame = frame;
    this.lanes = lanes;
    this.group = new Cancellation(parent.cancellation);
    this.start = parent.previous;
    frame.lanes = this.progress;
  }

  async runAll(limit: number): Promise<Json[]> {
    const workers = Array.from({ length: Math.min(limit, this.lanes.length) }, () => this.work());
    await Promise.all(workers);
    this.parent.children.clear();
    if (this.failure !== null) throw this.failure;
    return this.progress.map(({ output }) => output ?? null);
  }

  /** Takes lane after lane until none is left or one has failed. */
  private async work(): Promise<void> {
    let from = this.start;
    for (;;) {
      const index = this.next++;
      const lane = this.lanes[index];
      if (!lane || this.failure !== null) return;
      const { before, mapItem } = lane;
      if (before?.output !== undefined) {
        this.progress[index] = before;
        continue;
      }
      const { variables } = before?.thread ?? this.parent;
      const begun = { previous: before?.thread.previous ?? from, variables, mapItem };
      const thread = new Thread(this.run.history, this.group, begun);
      const progress: LaneProgress = { thread, output: undefined };
      this.progress[index] = progress;
      this.parent.children.add(thread);
      try {
        this.iteration(thread, "Started");
        progress.output = await lane.run(thread);
        from = thread.previous;
        this.iteration(thread, "Succeeded");
        this.parent.previous = thread.previous;
      } catch (thrown) {
        this.fail(thread, thrown);
        return;
      }
      this.parent.children.delete(thread);
    }
  }

  private iteration(thread: Thread, what: "Started" | "Succeeded" | "Failed"): void {
    if (!thread.mapItem) return;
    const details = { index: thread.mapItem.Index, name: this.frame.name };
    const type = `MapIteration${what}`;
    const event = { [`mapIteration${what}EventDetails`]: details };
    if (what === "Failed") thread.mark(type, event);
    else thread.append(type, event);
  }

  private fail(thread: Thread, thrown: unknown): void {
    if (this.failure !== null) return;
    this.failure = thrown instanceof StateFailure ? ofBranch(thrown) : thrown;
    if (thrown instanceof StateFailure) {
      this.iteration(thread, "Failed");
      this.parent.children.delete(thread);
      for (const sibling of this.parent.children) {
        markAborted(sibling, thread);
        markIterationAborted(sibling, this.frame.name, thread);
      }
      this.parent.previous = thread.previous;
    }
    this.group.cancel();
  }
}

const ofBranch = (failure: StateFailure) =>
  new StateFailure(failure.error, failure.causeText, "branch");
