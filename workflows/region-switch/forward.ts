// From the claim to the target's serving. A planned switch goes fence, drain, promote, shift; an
// unplanned one, and a forced one whose source isn't healthy, shifts while it fences and drains
// nothing, since its source can't be read. A
// switch whose levers don't take is undone, so that no Region is left without a writer.
import { Duration } from "aws-cdk-lib";
import {
  Choice,
  Condition,
  Fail,
  type IChainable,
  Parallel,
  Pass,
  type State,
  type TaskStateBase,
  Wait,
  WaitTime,
} from "aws-cdk-lib/aws-stepfunctions";
import type { Construct } from "constructs";
import { caughtSentence, type Ending, ending } from "./ending.ts";
import { type GateTimes, gatesClosed } from "./gates.ts";
import { shiftInRounds } from "./shift-rounds.ts";
import { answer, type StepFunctions, stepTask } from "./step-task.ts";
import { lostOrBroken, type Undo } from "./undo.ts";
import { verifyShift } from "./verify.ts";

// Replication takes a second or so, and writes are held meanwhile: the first pauses are short. All
// fifteen rounds are a minute beside the reads. An operator who forces waits for five of them,
// since the source may not be readable at all.
const drainRounds = 15;
const drainRoundsForced = 5;
const drainPause = "{% $drainRound <= 4 ? 1 : 5 %}";

// Levers count when the name servers answer as they should, or when one was pulled and will take
// effect; a Region that is brought back needs both released, so that only the answer tells.
const leversMissed = Condition.jsonata(
  "{% $not($shift.shifted = true or $shift.answered = true or $shift.latched = true) %}",
);

/** Claims of one run that may find that they are to be decided again. */
const claimsMost = 3;
const again = Condition.jsonata(
  `{% $claim.claimed = false and $claim.again and $claims < ${claimsMost} %}`,
);
// The first claim of a planned switch tells the source's gates, and is made once they know.
const noticed = Condition.jsonata("{% $claim.claimed = false and $exists($claim.noticed) %}");
// There is nothing to drain that could be read: traffic moves beside the fence, as in an outage.
const undrainable = Condition.jsonata(
  '{% $claim.plan.mode = "automatic" or ' +
    '($claim.plan.mode = "forced" and "source-not-healthy" in $decision.waived) %}',
);

const undoWhy = {
  levers:
    "{% 'Levers were not accepted, and DNS does not answer exactly ' & " +
    "$join($claim.plan.after, ' and ') %}",
  drain: "{% 'Not every write arrived at the target: ' & $drain.detail %}",
  takeOver: "The recorded switch could not be finished and was undone",
};

export class Forward {
  /** ClaimEpoch. */
  readonly start: State;
  private readonly verify: State;

  constructor(
    private readonly scope: Construct,
    private readonly functions: StepFunctions,
    private readonly gates: GateTimes,
    private readonly undo: Undo,
    private readonly end: Ending,
    gather: State,
  ) {
    this.verify = verifyShift(scope, functions, end);
    const shift = this.shiftTraffic();
    const promote = this.promoteTarget(shift);
    const planned = gatesClosed(scope, functions, gates, {
      id: "FenceSource",
      variable: "fence",
      next: this.drain(promote),
      lost: (task) => {
        lostOrBroken(task, end);
        task.addCatch(undo.claim, {
          errors: ["FenceUnseen"],
          assign: { undoWhy: caughtSentence },
        });
      },
    });
    const paths = { planned, unplanned: this.shiftWhileFencing(promote), shift, gather };
    this.start = this.claimEpoch(paths);
  }

  private claimEpoch(paths: Record<"planned" | "unplanned" | "shift" | "gather", State>): State {
    const task = stepTask(this.scope, "ClaimEpoch", "claim-epoch", this.functions, {
      comment: "The right to change who serves: one conditional write, a new epoch",
      payload: {
        run: "{% $run %}",
        request: "{% $request %}",
        decision: "{% $decision %}",
        intent: "{% $decision.intent %}",
        noticed: "{% $noticed %}",
      },
      assign: { claim: answer, claims: "{% $claims + 1 %}" },
    });
    task.addCatch(this.end.recordOutcome, {
      errors: ["EpochLost"],
      assign: ending("superseded", caughtSentence),
    });
    task.addCatch(this.end.recordOutcome, {
      errors: ["States.ALL"],
      assign: ending("failed", caughtSentence),
    });
    const untilNoticed = Wait.jsonata(this.scope, "WaitForNotice", {
      comment: "Until every open gate of the source rests on a reading that shows the notice",
      time: WaitTime.duration(Duration.seconds(Math.ceil(this.gates.writeLeaseSeconds))),
    });
    untilNoticed.next(task);
    const next = (step: string) => Condition.jsonata(`{% $claim.next = "${step}" %}`);
    return task.next(
      Choice.jsonata(this.scope, "Claimed")
        .when(noticed, untilNoticed, { assign: { noticed: "{% $claim.noticed %}" } })
        .when(again, paths.gather)
        .when(Condition.jsonata("{% $claim.claimed = false %}"), this.end.recordOutcome, {
          assign: ending('{% $claim.again ? "held" : "superseded" %}', "{% $claim.why %}"),
        })
        .when(next("restore"), this.undo.restore, {
          assign: { undoWhy: undoWhy.takeOver },
        })
        .when(next("levers"), paths.shift)
        .when(undrainable, paths.unplanned)
        .otherwise(paths.planned),
    ).startState;
  }

  /** Both branches end well or not at all: a lever that fails must not cancel the fence. */
  private shiftWhileFencing(promote: State): State {
    const parallel = Parallel.jsonata(this.scope, "ShiftWhileFencing", {
      comment: "Unplanned: the source can't be drained, so traffic moves while its gates close",
      assign: { shift: "{% $states.result[0] %}", fence: "{% $states.result[1] %}" },
    });
    parallel.branch(this.shiftNow(), this.fenceNow());
    parallel.addCatch(this.end.recordOutcome, {
      errors: ["EpochLost"],
      assign: ending("superseded", caughtSentence),
    });
    parallel.addCatch(this.end.recordOutcome, {
      errors: ["States.ALL"],
      assign: ending("failed", caughtSentence),
    });
    parallel.next(
      Choice.jsonata(this.scope, "LeversTook")
        .when(leversMissed, this.undo.claim, { assign: { undoWhy: undoWhy.levers } })
        .otherwise(promote),
    );
    return parallel;
  }

  private shiftNow(): IChainable {
    const done = Pass.jsonata(this.scope, "ShiftedNow", { outputs: "{% $shiftNow %}" });
    const begin = Pass.jsonata(this.scope, "BeginShiftNow", {
      assign: { shiftNowRound: 1, shiftNow: null },
    });
    return begin.next(
      shiftInRounds(this.scope, this.functions, {
        id: "ShiftTrafficNow",
        comment: "Levers so that the target serves, until the name servers answer it",
        round: "shiftNowRound",
        shift: "shiftNow",
        done,
        exhausted: done,
        lost: (task) => leaveParallel(this.scope, task, "ShiftLost"),
      }),
    );
  }

  private fenceNow(): IChainable {
    const done = Pass.jsonata(this.scope, "GatesClosedNow", { outputs: "{% $fenceNow %}" });
    const begin = Pass.jsonata(this.scope, "BeginFenceNow", { assign: { fenceNow: null } });
    return begin.next(
      gatesClosed(this.scope, this.functions, this.gates, {
        id: "FenceSourceNow",
        variable: "fenceNow",
        next: done,
        lost: (task) => leaveParallel(this.scope, task, "FenceLost"),
      }),
    );
  }

  private drain(promote: State): State {
    const begin = Pass.jsonata(this.scope, "BeginDrain", { assign: { drainRound: 1 } });
    const exhausted = Choice.jsonata(this.scope, "DrainExhausted")
      .when(Condition.jsonata('{% $claim.plan.mode != "forced" %}'), this.undo.claim, {
        assign: { undoWhy: undoWhy.drain },
      })
      .otherwise(promote);
    const task = stepTask(this.scope, "DrainReplication", "check-drain", this.functions, {
      comment: "Every write acknowledged since the mark is read back at the target",
      payload: { run: "{% $run %}", claim: "{% $claim %}", round: "{% $drainRound %}" },
      assign: { drain: answer, drainRound: "{% $drainRound + 1 %}" },
    });
    lostOrBroken(task, this.end);
    this.undone(task);
    task.addCatch(exhausted, {
      errors: ["States.ALL"],
      assign: { drain: { drained: false, missing: null, checked: 0, detail: caughtSentence } },
    });
    const again = Wait.jsonata(this.scope, "DrainPause", {
      time: WaitTime.seconds(drainPause),
    });
    again.next(task);
    const most = `($claim.plan.mode = "forced" ? ${drainRoundsForced} : ${drainRounds})`;
    task.next(
      Choice.jsonata(this.scope, "Drained")
        .when(Condition.jsonata("{% $drain.drained %}"), promote)
        .when(Condition.jsonata(`{% $drainRound > ${most} %}`), exhausted)
        .otherwise(again),
    );
    begin.next(task);
    return begin;
  }

  private promoteTarget(shift: State): State {
    const task = stepTask(this.scope, "PromoteTarget", "promote-target", this.functions, {
      comment: "The target is writer and active",
      payload: { run: "{% $run %}", claim: "{% $claim %}" },
      assign: { promotion: answer },
    });
    lostOrBroken(task, this.end);
    this.undone(task);
    // Not undone: whether it was written is unknown. The lease lapses, and the next run reads it.
    task.addCatch(this.end.recordOutcome, {
      errors: ["States.ALL"],
      assign: ending("failed", caughtSentence),
    });
    task.next(
      Choice.jsonata(this.scope, "ShiftedAlready")
        .when(Condition.jsonata("{% $shift = null %}"), shift)
        .otherwise(this.verify),
    );
    return task;
  }

  private shiftTraffic(): State {
    const took = Choice.jsonata(this.scope, "LeversTookAfterAll")
      .when(leversMissed, this.undo.claim, { assign: { undoWhy: undoWhy.levers } })
      .otherwise(this.verify);
    return shiftInRounds(this.scope, this.functions, {
      id: "ShiftTraffic",
      comment: "Levers so that the target serves, until the name servers answer it",
      round: "shiftRound",
      shift: "shift",
      done: this.verify,
      exhausted: took,
      lost: (task) => {
        lostOrBroken(task, this.end);
        this.undone(task);
      },
    });
  }

  /** Where a run that an operator aborts turns back. Not beside the fence: what leaves a branch
   * there would cut off a lever's call. */
  private undone(task: TaskStateBase): void {
    task.addCatch(this.undo.claim, {
      errors: ["SwitchAborted"],
      assign: { undoWhy: caughtSentence },
    });
  }
}

/** A catcher can't leave its branch: the branch fails by that name, and so does the Parallel. */
function leaveParallel(scope: Construct, task: TaskStateBase, id: string): void {
  const leave = Fail.jsonata(scope, id, {
    error: "{% $states.input.Error %}",
    cause: "{% $states.input.Cause %}",
  });
  task.addCatch(leave, { errors: ["EpochLost", "InvariantViolated", "InputRefused"] });
}
