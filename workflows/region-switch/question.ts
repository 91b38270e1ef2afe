// From the wake-up to the decision, and to an operator's answer. An approval doesn't let the run
// go on from where it was: evidence and decision come again, since the answer may be minutes old.
import {
  Choice,
  Condition,
  Pass,
  type State,
  type TaskStateBase,
} from "aws-cdk-lib/aws-stepfunctions";
import type { Construct } from "constructs";
import { questionsMost } from "../../core/run-length.ts";
import { caughtSentence, type Ending, ending } from "./ending.ts";
import { answer, type StepFunctions, stepTask } from "./step-task.ts";

const sentences = "{% $join($decision.sentences, ' ') %}";
const rejected =
  "{% 'Rejected by ' & $approval.by & ($approval.reason ? ': ' & $approval.reason) %}";
// Each question names only what still stops the run, so earlier answers of the run go on counting;
// after a rejected one there is no next. What was asked about goes with the answer.
const answered =
  "{% $merge([$states.result, {'plan': $decision.plan, " +
  "'divergenceHash': $decision.divergenceHash, " +
  "'lossBoundSeconds': $decision.lossBound.seconds, 'decidedAt': $decision.decidedAt, " +
  "'waives': [$distinct($append($approval.waives, $states.result.waives))]}]) %}";
const unanswered = "Nobody answered within the approval's time, which means no";
const tooMany = `${questionsMost} approvals did not waive every reason`;

export class Question {
  /** The machine's first state. */
  readonly start: State;
  /** GatherEvidence: where a run goes back to that is to decide again. */
  readonly gather: TaskStateBase;

  constructor(
    private readonly scope: Construct,
    private readonly functions: StepFunctions,
    private readonly approvalTimeoutSeconds: number,
    private readonly end: Ending,
  ) {
    this.gather = this.gatherEvidence();
    const begin = this.begin();
    begin.next(this.gather);
    this.start = begin;
  }

  /** Where a decision to go leads. */
  goOn(claim: State): void {
    const decide = this.decide();
    this.gather.next(decide);
    decide.next(this.whatFollows(this.awaitApproval(this.gather), claim));
  }

  private begin(): Pass {
    return Pass.jsonata(this.scope, "Begin", {
      comment: "Every variable that a later state reads has a value from here on",
      assign: {
        run: {
          executionArn: "{% $states.context.Execution.Id %}",
          startedAt: "{% $states.context.Execution.StartTime %}",
        },
        request: "{% $states.input %}",
        decision: null,
        approval: null,
        questions: 0,
        claim: null,
        claims: 0,
        noticed: null,
        drain: null,
        promotion: null,
        shift: null,
        shiftRound: 1,
        verification: null,
      },
    });
  }

  private gatherEvidence(): TaskStateBase {
    const task = stepTask(this.scope, "GatherEvidence", "gather-evidence", this.functions, {
      comment: "Fresh looks from every vantage point, and what is stored; missing is unknown",
      payload: { run: "{% $run %}", request: "{% $request %}" },
      assign: { evidence: answer },
    });
    this.failed(task);
    return task;
  }

  private decide(): TaskStateBase {
    const task = stepTask(this.scope, "Decide", "decide", this.functions, {
      comment: "go, ask or hold, with reasons",
      payload: {
        run: "{% $run %}",
        request: "{% $request %}",
        evidence: "{% $evidence %}",
        approval: "{% $approval %}",
      },
      assign: { decision: answer },
    });
    this.failed(task);
    return task;
  }

  private whatFollows(ask: State, claim: State): Choice {
    const is = (kind: string) => `$decision.kind = "${kind}"`;
    const record = this.end.recordOutcome;
    return Choice.jsonata(this.scope, "WhatFollows")
      .when(Condition.jsonata(`{% ${is("hold")} %}`), record, { assign: ending("held", sentences) })
      .when(Condition.jsonata("{% $decision.dryRun %}"), record, {
        assign: ending("dry-run", sentences),
      })
      .when(Condition.jsonata(`{% ${is("go")} %}`), claim)
      .when(Condition.jsonata(`{% $questions < ${questionsMost} %}`), ask)
      .otherwise(
        Pass.jsonata(this.scope, "QuestionsUsedUp", {
          assign: ending("not-approved", tooMany),
        }).next(record),
      );
  }

  private awaitApproval(gather: State): State {
    const task = stepTask(this.scope, "AwaitApproval", "request-approval", this.functions, {
      comment: "Asks people, and waits for SendTaskSuccess; no answer means no",
      payload: {
        run: "{% $run %}",
        request: "{% $request %}",
        evidence: "{% $evidence %}",
        decision: "{% $decision %}",
        question: "{% $questions + 1 %}",
        taskToken: "{% $states.context.Task.Token %}",
      },
      assign: { approval: answered, questions: "{% $questions + 1 %}" },
      answerWithinSeconds: this.approvalTimeoutSeconds,
    });
    const record = this.end.recordOutcome;
    task.addCatch(record, {
      errors: ["ApprovalNotAsked"],
      assign: ending("held", caughtSentence),
    });
    task.addCatch(record, {
      errors: ["States.Timeout"],
      assign: ending("not-approved", unanswered),
    });
    this.failed(task);
    return task.next(
      Choice.jsonata(this.scope, "Approved")
        .when(Condition.jsonata("{% $approval.approved %}"), gather)
        .otherwise(
          Pass.jsonata(this.scope, "Rejected", {
            assign: ending("not-approved", rejected),
          }).next(record),
        ),
    ).startState;
  }

  private failed(task: TaskStateBase): void {
    task.addCatch(this.end.recordOutcome, {
      errors: ["States.ALL"],
      assign: ending("failed", caughtSentence),
    });
  }
}
