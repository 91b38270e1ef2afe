// One execution that switched, as the log tells it; tests spread the difference over it.
import type { RunOutcome } from "../../../core/contracts/steps.ts";
import { atSecond, failover, run, type ScriptedLog } from "../scripted-log.ts";

export const switched: RunOutcome = {
  outcome: "switched",
  sentence: "Switched.",
  plan: failover,
  epoch: 2,
  requestedBy: "signal:watch",
  signalAt: atSecond(150.04),
  decidedAt: atSecond(160),
  claimedAt: atSecond(162),
  promotedAt: atSecond(172),
  shiftedAt: atSecond(190),
  completedAt: atSecond(215),
  lossBoundSeconds: 18.5,
  writePauseSeconds: 12,
  levers: { switch: "effective", drain: "accepted" },
  because: ["quorum-reached"],
  blockedBy: [],
};

interface Told {
  readonly arn?: string;
  readonly from?: number;
  readonly to?: number;
  readonly states?: number;
  readonly status?: string;
}

/** Logs the execution from `from` to `to` seconds; one that failed says its outcome as its cause. */
export function execution(
  { emit }: ScriptedLog,
  outcome: Partial<RunOutcome> = {},
  { arn = run, from = 150, to = 215, states = 3, status = "SUCCEEDED" }: Told = {},
): void {
  const said = JSON.stringify({ ...switched, ...outcome });
  emit(from, "execution-started", { arn });
  for (let state = 0; state < states; state++) emit(from, "state-entered", { arn });
  const end = status === "SUCCEEDED" ? { output: said } : { cause: said, error: "SwitchUndone" };
  emit(to, "execution-ended", { arn, status, ...end });
}
