// What every step after the claim begins with: a strong read that shows this execution as holder
// of the claim's epoch, and a lease that starts anew. A step that finds another epoch stops. With
// eventual coordination also one whose lease has lapsed: another Region may have taken over without
// this replica's knowing, and would be overwritten.
import type { Config } from "../core/config/schema.ts";
import type { RoutingState } from "../core/contracts/routing-state.ts";
import type { Claim, Run } from "../core/contracts/steps.ts";
import { EpochLost, InputRefused } from "../core/errors.ts";
import { checkedState, renewed } from "../core/plan.ts";
import type { ControlTable } from "./adapters/control-table.ts";

export type GrantedClaim = Extract<Claim, { claimed: true }>;

export interface LeasePorts {
  readonly control: Pick<ControlTable, "readRouting" | "writeRouting">;
  now(): number;
}

/** Steps follow only on a claim that was granted. */
export function granted(claim: Claim): GrantedClaim {
  if (claim.claimed) return claim;
  throw new InputRefused(`This step needs a claim, and it was not granted: ${claim.why}`);
}

/** The state as it stands, with the lease renewed. Throws EpochLost. */
export async function holdLease(
  ports: LeasePorts,
  config: Config,
  run: Run,
  claim: GrantedClaim,
): Promise<RoutingState> {
  const state = checkedState(config, await ports.control.readRouting());
  const { executionArn } = run;
  if (state.epoch !== claim.epoch || state.lease?.executionArn !== executionArn) {
    throw lostEpoch(claim);
  }
  const lapsed = state.lease.until <= ports.now();
  if (lapsed && config.coordination === "eventual") throw lostEpoch(claim);
  const next = renewed(state, { executionArn, now: ports.now() });
  const held = await ports.control.writeRouting(state, next);
  if (held === null) throw lostEpoch(claim);
  return held;
}

export function lostEpoch(claim: GrantedClaim): EpochLost {
  return new EpochLost(`Another execution has taken over from epoch ${claim.epoch}.`);
}
