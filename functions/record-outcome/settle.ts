// The routing state at the end of a run that claimed: steady when the switch is made or undone.
// A run that failed half-way cuts its lease short instead, so that the next one takes over soon.
import type { Config } from "../../core/config/schema.ts";
import type { RoutingState } from "../../core/contracts/routing-state.ts";
import { checkedState, recorded } from "../../core/plan.ts";
import type { ControlTable } from "../adapters/control-table.ts";
import { lostEpoch } from "../hold-lease.ts";
import type { OutcomeInput } from "./outcome-of.ts";

export interface SettlePorts {
  readonly control: Pick<ControlTable, "readRouting" | "writeRouting">;
  now(): number;
}

/** No call of a step that was cut off is still under way by then. */
const handOverMilliseconds = 10_000;

/** Throws EpochLost when a switch is to be recorded and another run has taken over. */
export async function settle(
  ports: SettlePorts,
  config: Config,
  { run, claim, outcome }: OutcomeInput,
): Promise<void> {
  if (claim?.claimed !== true) return;
  const done = outcome === "switched" || outcome === "undone";
  if (!done && outcome !== "failed") return;
  const { executionArn } = run;
  const now = ports.now();
  const state = checkedState(config, await ports.control.readRouting());
  const mine = state.epoch === claim.epoch && state.lease?.executionArn === executionArn;
  if (!mine) {
    // Recorded already by an earlier attempt, or by whoever took over.
    if (!done || (state.epoch === claim.epoch && state.phase === "steady")) return;
    throw lostEpoch(claim);
  }
  const next: RoutingState = done
    ? recorded(config, state, { executionArn, now })
    : { ...state, lease: { executionArn, until: now + handOverMilliseconds } };
  if ((await ports.control.writeRouting(state, next)) === null) throw lostEpoch(claim);
}
