// One way to make a task of the machine: which function, what it is given, what is kept of its
// answer, and how often it is tried. Every step is idempotent for one execution, so all of them
// may be retried; how often is bounded here and nowhere else.
import { Duration } from "aws-cdk-lib";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import {
  IntegrationPattern,
  TaskInput,
  type TaskStateBase,
  Timeout,
} from "aws-cdk-lib/aws-stepfunctions";
import { LambdaInvoke } from "aws-cdk-lib/aws-stepfunctions-tasks";
import type { Construct } from "constructs";
import { type StepName, stepTimeoutSeconds, taskMarginSeconds } from "./step-timeouts.ts";

export type StepFunctions = Readonly<Record<StepName, IFunction>>;

/** Values are literals or JSONata expressions in {% %}. */
export type Expressions = { readonly [name: string]: string | number | boolean | null };

export interface StepTask {
  readonly payload: Expressions;
  /** Variables to set from the answer. */
  readonly assign: Expressions;
  readonly comment: string;
  /** The task ends when SendTaskSuccess answers its token, within so many seconds. */
  readonly answerWithinSeconds?: number;
}

/** What the function returned. */
export const answer = "{% $states.result.Payload %}";

// Transient by AWS's own account, or by ours. Sandbox.Timedout, Runtime.ExitError and
// Lambda.Unknown are a function that ran out of time or died: its effects are conditional writes,
// so it may run again.
const transient = [
  "TransientFault",
  "Lambda.ServiceException",
  "Lambda.AWSLambdaException",
  "Lambda.SdkClientException",
  "Lambda.ClientExecutionTimeoutException",
  "Lambda.TooManyRequestsException",
  "Lambda.Unknown",
  "Runtime.ExitError",
  "Sandbox.Timedout",
  "States.Timeout",
];

export function stepTask(
  scope: Construct,
  id: string,
  step: StepName,
  functions: StepFunctions,
  task: StepTask,
): TaskStateBase {
  const seconds = task.answerWithinSeconds ?? stepTimeoutSeconds[step] + taskMarginSeconds;
  const state = LambdaInvoke.jsonata(scope, id, {
    comment: task.comment,
    lambdaFunction: functions[step],
    integrationPattern:
      task.answerWithinSeconds === undefined
        ? IntegrationPattern.REQUEST_RESPONSE
        : IntegrationPattern.WAIT_FOR_TASK_TOKEN,
    payload: TaskInput.fromObject(task.payload),
    assign: task.assign,
    taskTimeout: Timeout.duration(Duration.seconds(seconds)),
    retryOnServiceExceptions: false,
  });
  // After 1, 2 and 4 s: 7 s of waiting, and four attempts at most. A question is not asked again
  // because nobody answered it.
  return state.addRetry({
    errors: transient.filter((e) => !(e === "States.Timeout" && task.answerWithinSeconds)),
    interval: Duration.seconds(1),
    backoffRate: 2,
    maxAttempts: 3,
  });
}
