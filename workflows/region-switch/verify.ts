// Calls the public name from two vantage points until it answers from the target. Bounded, and a
// switch that can't be verified has still happened: the outcome says what was seen.
import { Duration } from "aws-cdk-lib";
import { Choice, Condition, Pass, type State, Wait, WaitTime } from "aws-cdk-lib/aws-stepfunctions";
import type { Construct } from "constructs";
import { caughtSentence, type Ending, ending } from "./ending.ts";
import { answer, type StepFunctions, stepTask } from "./step-task.ts";

// An alias record lives 60 s in a resolver: twelve rounds, 10 s apart, are two minutes.
const verifyRounds = 12;
const pauseSeconds = 10;

const verified = "{% $claim.plan.target & ' serves, and the public name answers from there' %}";
const unverified =
  "{% $claim.plan.target & ' is to serve; the public name was not seen to answer from there' %}";

/** Returns the first state. */
export function verifyShift(scope: Construct, functions: StepFunctions, end: Ending): State {
  const begin = Pass.jsonata(scope, "BeginVerify", { assign: { verifyRound: 1 } });
  const task = stepTask(scope, "VerifyShift", "verify-shift", functions, {
    comment: "The public name, called from two vantage points, answers from the target",
    payload: { run: "{% $run %}", claim: "{% $claim %}", round: "{% $verifyRound %}" },
    assign: { verification: answer, verifyRound: "{% $verifyRound + 1 %}" },
  });
  task.addCatch(end.recordOutcome, {
    errors: ["EpochLost"],
    assign: ending("superseded", caughtSentence),
  });
  task.addCatch(end.recordOutcome, {
    errors: ["States.ALL"],
    assign: ending("switched", unverified),
  });
  const again = Wait.jsonata(scope, "VerifyPause", {
    time: WaitTime.duration(Duration.seconds(pauseSeconds)),
  });
  again.next(task);
  task.next(
    Choice.jsonata(scope, "Verified")
      .when(Condition.jsonata("{% $verification.verified %}"), end.recordOutcome, {
        assign: ending("switched", verified),
      })
      .when(Condition.jsonata(`{% $verifyRound > ${verifyRounds} %}`), end.recordOutcome, {
        assign: ending("switched", unverified),
      })
      .otherwise(again),
  );
  begin.next(task);
  return begin;
}
