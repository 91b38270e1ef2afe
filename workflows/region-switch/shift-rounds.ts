// The levers, in bounded rounds: used by the planned path, beside the fence in an unplanned one,
// and to put levers back. A variable of the machine can't be set inside a Parallel branch, so each
// use names its own.
import { Duration } from "aws-cdk-lib";
import {
  Choice,
  Condition,
  type IChainable,
  type State,
  type TaskStateBase,
  Wait,
  WaitTime,
} from "aws-cdk-lib/aws-stepfunctions";
import type { Construct } from "constructs";
import { answer, type StepFunctions, stepTask } from "./step-task.ts";

export interface ShiftRounds {
  readonly id: string;
  readonly comment: string;
  /** Variables: the round, from 1; and the newest Shift, null before the first. */
  readonly round: string;
  readonly shift: string;
  /** Condition on the newest Shift that ends the rounds; default: shifted. */
  readonly enough?: string;
  readonly done: IChainable;
  /** Out of rounds, or the step failed. */
  readonly exhausted: IChainable;
  /** Errors that leave the rounds at once, by a catcher of the caller's. */
  readonly lost: (task: TaskStateBase) => void;
}

// A drain lever alone takes effect within a period of its alarm and what Route 53 adds, two to
// three minutes: five rounds of up to 45 s and 5 s between them are 245 s.
export const shiftRounds = 5;
const pauseSeconds = 5;

/** Returns the first state of the rounds. */
export function shiftInRounds(
  scope: Construct,
  functions: StepFunctions,
  rounds: ShiftRounds,
): State {
  const { id, round, shift, enough = `$${shift}.shifted` } = rounds;
  const task = stepTask(scope, id, "shift-traffic", functions, {
    comment: rounds.comment,
    payload: {
      run: "{% $run %}",
      claim: "{% $claim %}",
      // The newest look that vouches for the destination; an undo starts without one.
      vouchedAt:
        `{% $${shift}.vouchedAt != null ? $${shift}.vouchedAt : ` +
        `$claim.next = "restore" ? null : $decision.vouchedAt %}`,
      round: `{% $${round} %}`,
    },
    assign: { [shift]: answer, [round]: `{% $${round} + 1 %}` },
  });
  rounds.lost(task);
  task.addCatch(rounds.exhausted, { errors: ["States.ALL"] });
  const again = Wait.jsonata(scope, `${id}Pause`, {
    time: WaitTime.duration(Duration.seconds(pauseSeconds)),
  });
  again.next(task);
  task.next(
    Choice.jsonata(scope, `${id}Done`)
      .when(Condition.jsonata(`{% ${enough} %}`), rounds.done)
      .when(Condition.jsonata(`{% $${round} > ${shiftRounds} %}`), rounds.exhausted)
      .otherwise(again),
  );
  return task;
}
