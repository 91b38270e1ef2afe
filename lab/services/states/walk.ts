// From state to state: enters one, does what its type says, follows to the next. A line of
// execution that stopped goes on from where it was, as RedriveExecution has it.
// Source: https://states-language.net/spec.html, Step Functions developer guide.
import type { Json } from "../../kernel.ts";
import type { Branch, ChoiceState, FailState, State, WaitState } from "./definition.ts";
import { evaluateKind, evaluateTemplate } from "./expressions.ts";
import { StateFailure } from "./failure.ts";
import { guardedStep } from "./guard.ts";
import { entered } from "./history.ts";
import type { Frame, Place, Run } from "./run.ts";
import { evaluating, scopeOf, sleep, type Thread } from "./run.ts";
import { leave, type Step, settle } from "./settle.ts";

/** Runs a machine, a branch or an iteration to its end; answers its output.
 * @throws StateFailure, Cancelled, HistoryFull */
export function runBranch(run: Run, thread: Thread, branch: Branch, input: Json): Promise<Json> {
  return walk(run, thread, branch, { name: branch.StartAt, input });
}

/** Goes on where `halted`, a thread of the same branch, stopped: its state is performed again, with
 * the input that it had. What came before it is kept. */
export async function goOn(
  run: Run,
  thread: Thread,
  branch: Branch,
  halted: Thread,
): Promise<Json> {
  const { frame, place } = halted;
  if (place === null) throw new Error("a thread that never began can't go on");
  // A Fail is entered once more; whatever else was entered stays so.
  const entersAnew = frame === null || frame.state.Type === "Fail";
  if (frame?.state.Type === "Fail") thread.previous = frame.before;
  if (entersAnew) return walk(run, thread, branch, place);
  const again: Frame = { ...frame, retryCount: 0, token: null, resumes: true };
  [thread.place, thread.frame, thread.previous] = [place, again, frame.id];
  await transition(run, thread);
  const step = await perform(run, thread, again, frame.state);
  thread.frame = null;
  if (step.next === null) return step.output;
  return walk(run, thread, branch, { name: step.next, input: step.output });
}

async function walk(run: Run, thread: Thread, branch: Branch, from: Place): Promise<Json> {
  let { name, input } = from;
  for (;;) {
    const state = branch.States[name];
    if (!state) throw new Error(`no state ${name}: the definition was not checked`);
    thread.place = { name, input };
    const step = await runState(run, thread, name, state, input);
    thread.frame = null;
    if (step.next === null) return step.output;
    name = step.next;
    input = step.output;
  }
}

async function transition(run: Run, thread: Thread): Promise<void> {
  const pause = run.world.transitionMilliseconds();
  await (pause > 0 ? sleep(run, thread, pause) : Promise.resolve());
}

async function runState(
  run: Run,
  thread: Thread,
  name: string,
  state: State,
  input: Json,
): Promise<Step> {
  await transition(run, thread);
  const before = thread.previous;
  const id = thread.append(`${state.Type}StateEntered`, entered(name, JSON.stringify(input)));
  const enteredAt = new Date(run.world.now()).toISOString();
  const fresh = { retryCount: 0, token: null, lanes: null, resumes: false };
  const frame = { name, state, input, id, before, enteredAt, ...fresh };
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
