// Un-fencing: a claim of its own, with a new epoch, that gives the source back its traffic and its
// writes. Levers first; then, if the target had been promoted, fence and drain the other way; only
// then may the source write. It ends the run as failed, and says so.
import { Duration } from "aws-cdk-lib";
import {
  Choice,
  Condition,
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

// The way back needs no more than the way there: six rounds, 5 s apart, are 30 s beside the reads.
const drainRounds = 6;
const drainPauseSeconds = 5;

export class Undo {
  /** Claims the undo. Enter it with `assign: { undoWhy }`. */
  readonly claim: State;
  /** For a take-over whose claim says "restore" already. Enter it with `assign: { undoWhy }`. */
  readonly restore: State;

  constructor(
    private readonly scope: Construct,
    private readonly functions: StepFunctions,
    private readonly gates: GateTimes,
    private readonly end: Ending,
  ) {
    this.restore = this.restoreLevers(this.afterLevers(this.promoteSource()));
    this.claim = this.undoClaim();
  }

  private undoClaim(): State {
    const task = stepTask(this.scope, "UndoClaim", "claim-epoch", this.functions, {
      comment: "A new epoch: writer none, the source's levers desired",
      payload: {
        run: "{% $run %}",
        request: "{% $request %}",
        decision: "{% $decision %}",
        intent: "undo",
      },
      assign: { claim: answer },
    });
    this.lost(task);
    task.addCatch(this.end.recordOutcome, {
      errors: ["States.ALL"],
      assign: ending("failed", caughtSentence),
    });
    const claimed = Choice.jsonata(this.scope, "UndoClaimed")
      .when(Condition.jsonata("{% $claim.claimed = false %}"), this.end.recordOutcome, {
        assign: ending("superseded", "{% $claim.why %}"),
      })
      .otherwise(this.restore);
    task.next(claimed);
    return task;
  }

  private restoreLevers(restored: State): State {
    // Neither levers nor DNS are back: the lease lapses, and the next run goes on from there.
    const elsewhere = "{% $not($shift.stood = true or $shift.answered = true) %}";
    const restoredAfterAll = Choice.jsonata(this.scope, "SourceAnswers")
      .when(Condition.jsonata(elsewhere), this.end.recordOutcome, {
        assign: ending("failed", "Levers could not be put back; the next run takes over"),
      })
      .otherwise(restored);
    const levers = shiftInRounds(this.scope, this.functions, {
      id: "RestoreLevers",
      comment: "Levers so that the source serves",
      round: "restoreRound",
      shift: "shift",
      // Levers are what is ours to put back. A source that died meanwhile is not answered by DNS,
      // and is left by the next run, on fresh evidence.
      enough: "$shift.shifted or $shift.stood",
      done: restored,
      exhausted: restoredAfterAll,
      lost: (task) => this.lost(task),
    });
    const begin = Pass.jsonata(this.scope, "BeginRestore", {
      assign: { restoreRound: 1, drain: null, shift: null },
    });
    begin.next(levers);
    return begin;
  }

  /** The target may have accepted writes since it was promoted: wait for its gates, and for what
   * it acknowledged to arrive at the source. */
  private afterLevers(promoteSource: State): State {
    const drain = this.drainBack(promoteSource);
    const fence = gatesClosed(this.scope, this.functions, this.gates, {
      id: "FenceTarget",
      variable: "fence",
      next: drain,
      lost: (task) => this.lost(task),
    });
    return (
      Choice.jsonata(this.scope, "TargetWasPromoted")
        // Every Region has been writing all along: nobody is promoted.
        .when(Condition.jsonata("{% $not($claim.promotes) %}"), this.end.recordOutcome, {
          assign: ending("undone", "{% $undoWhy %}"),
        })
        .when(Condition.jsonata("{% $claim.promoted %}"), fence)
        .otherwise(promoteSource)
    );
  }

  private drainBack(promoteSource: State): State {
    const begin = Pass.jsonata(this.scope, "BeginDrainBack", { assign: { drainBackRound: 1 } });
    const task = stepTask(this.scope, "DrainBack", "check-drain", this.functions, {
      comment: "Every write that the target acknowledged is read back at the source; bounded",
      payload: { run: "{% $run %}", claim: "{% $claim %}", round: "{% $drainBackRound %}" },
      assign: { drain: answer, drainBackRound: "{% $drainBackRound + 1 %}" },
    });
    this.lost(task);
    // Whatever is missing then arrives later; without a writer nobody is served at all.
    task.addCatch(promoteSource, { errors: ["States.ALL"] });
    const again = Wait.jsonata(this.scope, "DrainBackPause", {
      time: WaitTime.duration(Duration.seconds(drainPauseSeconds)),
    });
    again.next(task);
    const goOn = `{% $drain.drained or $drainBackRound > ${drainRounds} %}`;
    task.next(
      Choice.jsonata(this.scope, "DrainedBack")
        .when(Condition.jsonata(goOn), promoteSource)
        .otherwise(again),
    );
    begin.next(task);
    return begin;
  }

  private promoteSource(): State {
    const task = stepTask(this.scope, "PromoteSource", "promote-target", this.functions, {
      comment: "The source is writer and active again",
      payload: { run: "{% $run %}", claim: "{% $claim %}" },
      assign: { promotion: answer, ...ending("undone", "{% $undoWhy %}") },
    });
    this.lost(task);
    task.addCatch(this.end.recordOutcome, {
      errors: ["States.ALL"],
      assign: ending("failed", caughtSentence),
    });
    task.next(this.end.recordOutcome);
    return task;
  }

  private lost(task: TaskStateBase): void {
    lostOrBroken(task, this.end);
  }
}

/** The two ways out that every step after the claim has: another run goes on, or state is not what
 * an invariant demands, and nothing more is touched. */
export function lostOrBroken(task: TaskStateBase, end: Ending): void {
  task.addCatch(end.recordOutcome, {
    errors: ["EpochLost"],
    assign: ending("superseded", caughtSentence),
  });
  task.addCatch(end.recordOutcome, {
    errors: ["InvariantViolated", "InputRefused"],
    assign: ending("failed", caughtSentence),
  });
}
