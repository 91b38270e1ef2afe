// A Task state: lambda:invoke, plain or waiting for its token. Everything else is refused by name,
// so that a drill never passes over a service that the lab does not model.
// Source: Step Functions developer guide, "Lambda", "Wait for a callback with task token".
import type { Json } from "../../kernel.ts";
import type { TaskState } from "./definition.ts";
import { evaluateKind, evaluateTemplate } from "./expressions.ts";
import { StateFailure } from "./failure.ts";
import { errorAndCause } from "./history.ts";
import { cancellable, evaluating, type Frame, type Run, scopeOf, type Thread } from "./run.ts";
import { refuseTooLarge } from "./settle.ts";

/** "arn:aws:states:::lambda:invoke" as history names it. */
interface Resource {
  readonly resource: "invoke" | "invoke.waitForTaskToken";
  readonly resourceType: "lambda";
}

/** @throws StateFailure States.Runtime for a resource that nobody models */
function resourceOf(state: TaskState): Resource {
  const name = /^arn:aws[a-z-]*:states:::lambda:(.*)$/.exec(state.Resource)?.[1];
  if (name === "invoke" || name === "invoke.waitForTaskToken") {
    return { resource: name, resourceType: "lambda" };
  }
  throw new StateFailure("States.Runtime", `The lab models no task resource ${state.Resource}.`);
}

interface Call {
  readonly parameters: Json;
  readonly timeoutSeconds: number | null;
  readonly heartbeatSeconds: number | null;
  readonly token: string | null;
}

/** One attempt; answers `$states.result`.
 * @throws StateFailure */
export async function runTask(
  run: Run,
  thread: Thread,
  frame: Frame,
  state: TaskState,
): Promise<Json> {
  const resource = resourceOf(state);
  const waits = resource.resource === "invoke.waitForTaskToken";
  frame.token = waits ? run.world.newToken() : null;
  const call = await prepare(run, thread, frame, state);
  thread.append("TaskScheduled", {
    taskScheduledEventDetails: {
      parameters: JSON.stringify(call.parameters),
      region: run.world.region,
      ...resource,
      ...(call.timeoutSeconds === null ? {} : { timeoutInSeconds: call.timeoutSeconds }),
      ...(call.heartbeatSeconds === null ? {} : { heartbeatInSeconds: call.heartbeatSeconds }),
    },
  });
  thread.append("TaskStarted", { taskStartedEventDetails: { ...resource } });
  try {
    const result = await perform(run, thread, resource, call);
    refuseTooLarge(result, "lambda");
    thread.append("TaskSucceeded", { taskSucceededEventDetails: outputDetails(resource, result) });
    return result;
  } catch (thrown) {
    if (thrown instanceof StateFailure) recordFailure(thread, resource, thrown);
    throw thrown;
  } finally {
    if (call.token !== null) run.world.forget(call.token);
  }
}

async function prepare(run: Run, thread: Thread, frame: Frame, state: TaskState): Promise<Call> {
  const scope = scopeOf(run, thread, frame);
  const seconds = async (field: "TimeoutSeconds" | "HeartbeatSeconds") => {
    const template = state[field];
    if (template === undefined) return null;
    return Number(await evaluateKind("number", template, field, scope, run.world));
  };
  return evaluating(thread, frame, async () => {
    const parameters = await evaluateTemplate(
      state.Arguments ?? frame.input,
      "Arguments",
      scope,
      run.world,
    );
    refuseTooLarge(parameters, frame.name);
    const timeoutSeconds = await seconds("TimeoutSeconds");
    const heartbeatSeconds = await seconds("HeartbeatSeconds");
    return { parameters, timeoutSeconds, heartbeatSeconds, token: frame.token };
  });
}

const outputDetails = (resource: Resource, output: Json) => ({
  ...resource,
  output: JSON.stringify(output),
  outputDetails: { truncated: false },
});

function recordFailure(thread: Thread, resource: Resource, failure: StateFailure): void {
  const details = { ...resource, ...errorAndCause(failure.error, failure.causeText) };
  if (failure.kind === "timeout" || failure.kind === "heartbeat") {
    thread.append("TaskTimedOut", { taskTimedOutEventDetails: details });
  } else {
    thread.append("TaskFailed", { taskFailedEventDetails: details });
  }
}

/** Calls, and waits for the answer or the token, at most as long as the state says. */
function perform(run: Run, thread: Thread, resource: Resource, call: Call): Promise<Json> {
  const { world } = run;
  return cancellable<Json>(thread.cancellation, (resolve, reject) => {
    const timedOut = (kind: "timeout" | "heartbeat") => () =>
      reject(new StateFailure("States.Timeout", null, kind));
    const stopTimeout = after(world, call.timeoutSeconds, timedOut("timeout"));
    let stopHeartbeat = after(world, call.heartbeatSeconds, timedOut("heartbeat"));
    let answered: (() => void) | null = null;
    let submitted = call.token === null;
    /** An answer that overtakes the invocation's own end waits for it. */
    const answer = (settle: () => void) => {
      if (submitted) settle();
      else answered ??= settle;
    };
    if (call.token !== null) {
      world.expect(call.token, {
        succeed: (output) => answer(() => resolve(output)),
        fail: (error, cause) => answer(() => reject(new StateFailure(error, cause))),
        heartbeat: () => {
          stopHeartbeat();
          stopHeartbeat = after(world, call.heartbeatSeconds, timedOut("heartbeat"));
        },
      });
    }
    const called = (result: Json) => {
      if (call.token === null) return resolve(result);
      if (thread.cancellation.cancelled || thread.frame?.token !== call.token) return;
      thread.append("TaskSubmitted", {
        taskSubmittedEventDetails: outputDetails(resource, result),
      });
      submitted = true;
      answered?.();
    };
    world.invokeLambda(call.parameters).then(called).catch(reject);
    return () => {
      stopTimeout();
      stopHeartbeat();
    };
  });
}

function after(world: Run["world"], seconds: number | null, run: () => void): () => void {
  return seconds === null ? () => {} : world.after(seconds * 1000, run);
}

/** What lambda:invoke answers; HTTP metadata is reduced to what a machine could read. */
export function invokeResult(payload: Json, requestId: string): Json {
  return {
    ExecutedVersion: "$LATEST",
    Payload: payload,
    SdkHttpMetadata: { HttpStatusCode: 200 },
    SdkResponseMetadata: { RequestId: requestId },
    StatusCode: 200,
  };
}
