// Fence and wait: until no write gate of an older epoch can still be open. The wait is what
// closes gates; the function only says how much of it is left. Where it can't say, the machine
// waits the whole time.
import { Duration } from "aws-cdk-lib";
import {
  type IChainable,
  type State,
  type TaskStateBase,
  Wait,
  WaitTime,
} from "aws-cdk-lib/aws-stepfunctions";
import type { Construct } from "constructs";
import { answer, type StepFunctions, stepTask } from "./step-task.ts";

export interface GateTimes {
  readonly writeLeaseSeconds: number;
  readonly writeDeadlineSeconds: number;
}

export interface Fence {
  readonly id: "FenceSource" | "FenceSourceNow" | "FenceTarget";
  readonly variable: string;
  readonly next: IChainable;
  readonly lost: (task: TaskStateBase) => void;
}

/** Lease, deadline, and 1 s for what is in flight; whole seconds, as Wait wants them. */
export function fenceSeconds(gates: GateTimes): number {
  return Math.ceil(gates.writeLeaseSeconds + gates.writeDeadlineSeconds + 1);
}

/** Returns the first state. */
export function gatesClosed(
  scope: Construct,
  functions: StepFunctions,
  gates: GateTimes,
  fence: Fence,
): State {
  const task = stepTask(scope, fence.id, "fence-source", functions, {
    comment: "Says how long gates of an older epoch may still be open",
    payload: { run: "{% $run %}", claim: "{% $claim %}" },
    assign: { [fence.variable]: answer },
  });
  fence.lost(task);
  const inFull = Wait.jsonata(scope, waitId(fence.id, "InFull"), {
    time: WaitTime.duration(Duration.seconds(fenceSeconds(gates))),
  });
  inFull.next(fence.next);
  task.addCatch(inFull, { errors: ["States.ALL"] });
  const wait = Wait.jsonata(scope, waitId(fence.id, ""), {
    time: WaitTime.seconds(`{% $max([0, $ceil($${fence.variable}.waitSeconds)]) %}`),
  });
  task.next(wait);
  wait.next(fence.next);
  return task;
}

const waits = {
  FenceSource: "WaitForGates",
  FenceSourceNow: "WaitForGatesNow",
  FenceTarget: "WaitForTargetGates",
} as const;

function waitId(id: Fence["id"], suffix: string): string {
  return `${waits[id]}${suffix}`;
}
