// How a run ends. Every way out goes through RecordOutcome, whose answer is the execution's output
// (of a Fail: its cause), so that a reader of the history finds one sentence at the end of each.
import {
  Choice,
  Condition,
  Fail,
  type IChainable,
  type State,
  Succeed,
} from "aws-cdk-lib/aws-stepfunctions";
import type { Construct } from "constructs";
import type { RunOutcome } from "../../core/contracts/steps.ts";
import { answer, type Expressions, type StepFunctions, stepTask } from "./step-task.ts";

type Outcome = RunOutcome["outcome"];

/** Error and the beginning of its cause, in a catcher. A function's cause is JSON with its message
 * before the trace; Step Functions' own is plain text, or none. */
export const caughtSentence =
  '{% ($cause := $states.errorOutput.Cause; $message := \'"errorMessage":"\'; ' +
  "$said := $contains($cause, $message) ? $substringBefore($substringBefore(" +
  "$substringAfter($cause, $message), '\",\"'), '\"}') : $cause; " +
  "$states.errorOutput.Error & ': ' & $substring($said, 0, 400)) %}";

/** What a transition to RecordOutcome sets. `why` is a literal or a JSONata expression. */
export function ending(outcome: Outcome | `{% ${string} %}`, why: string): Expressions {
  return { outcome, why };
}

export class Ending {
  /** Enter it with `assign: ending(...)`. */
  readonly recordOutcome: State;

  constructor(scope: Construct, functions: StepFunctions) {
    const failed = this.fail(scope, "SwitchFailed");
    const record = stepTask(scope, "RecordOutcome", "record-outcome", functions, {
      comment: "Ledger, metrics, notification; the routing state becomes steady if it is ours",
      payload: {
        run: "{% $run %}",
        request: "{% $request %}",
        outcome: "{% $outcome %}",
        why: "{% $why %}",
        decision: "{% $decision %}",
        claim: "{% $claim %}",
        promotion: "{% $promotion %}",
        drain: "{% $drain %}",
        shift: "{% $shift %}",
        verification: "{% $verification %}",
      },
      assign: { recorded: answer },
    });
    // The lease lapses, and the next run finishes or undoes what stands in the routing state.
    record.addCatch(failed, { errors: ["States.ALL"], assign: { recorded: caughtSentence } });
    record.next(this.ended(scope, failed));
    this.recordOutcome = record;
  }

  private ended(scope: Construct, failed: IChainable): Choice {
    const is = (outcome: Outcome) => Condition.jsonata(`{% $outcome = "${outcome}" %}`);
    const succeed = (id: string) => Succeed.jsonata(scope, id, { outputs: "{% $recorded %}" });
    return Choice.jsonata(scope, "Ended")
      .when(is("switched"), succeed("Switched"))
      .when(is("held"), succeed("Held"))
      .when(is("not-approved"), succeed("NotApproved"))
      .when(is("superseded"), succeed("Superseded"))
      .when(is("dry-run"), succeed("DryRun"))
      .when(is("undone"), this.fail(scope, "SwitchUndone"))
      .otherwise(failed);
  }

  private fail(scope: Construct, id: string): Fail {
    return Fail.jsonata(scope, id, { error: id, cause: "{% $string($recorded) %}" });
  }
}
