// A claim with eventual coordination: one conditional write on one replica. The peer's replica is
// asked before, since a Region that was cut off or down reads a state that is long past, and would
// put it over the newer one: the last writer wins. Afterwards the claim is left alone until it has
// met what the peer may have claimed at the same moment; the loser finds the other's name in it.
import type { Config } from "../../core/config/schema.ts";
import type { RoutingState } from "../../core/contracts/routing-state.ts";
import type { Claim } from "../../core/contracts/steps.ts";
import { peerOf } from "../../core/names.ts";
import { abandonedPlan } from "../../core/plan.ts";
import { insistsOn } from "../../core/plan-for.ts";
import { type Beside, beside, type Replicas } from "../replicas.ts";
import type { ClaimInput } from "./transitions.ts";

/** MREC replicates typically within a second; a claim waits so long before it counts. */
const settleMilliseconds = 3_000;

type Refusal = Extract<Claim, { claimed: false }>;

export type Checked =
  | { readonly refusal: Refusal }
  /** `settles`: the peer answers, so that its claim could meet this one. */
  | { readonly refusal: null; readonly settles: boolean };

/** Before the write. */
export async function besidePeer(
  replicas: Replicas | undefined,
  config: Config,
  input: ClaimInput,
  state: RoutingState,
  now: number,
): Promise<Checked> {
  if (replicas === undefined) return { refusal: null, settles: false };
  const peer = peerOf(config, replicas.region);
  const found = await beside(replicas.of(peer), state);
  const refusal = refusalOf(found, peer, mayActAlone(replicas, config, input, state, now));
  return refusal === null ? { refusal, settles: found !== "unread" } : { refusal };
}

function refusalOf(found: Beside, peer: string, mayAlone: boolean): Refusal | null {
  switch (found) {
    case "same":
    case "behind":
      return null;
    case "newer":
      return refuse(`The control table in ${peer} shows a newer epoch: another run acts.`, false);
    case "differs":
      return refuse(`The control table in ${peer} shows another holder of this epoch.`, true);
    case "unread":
      return mayAlone
        ? null
        : refuse(`The control table in ${peer} can't be read, and this needs both replicas.`, true);
  }
}

const refuse = (why: string, again: boolean): Refusal => ({ claimed: false, why, again });

/** Without the peer's replica: an unplanned switch, since its source may be gone; an abandoned one
 * only in the Region that it leads to, or both would finish it; and whoever holds the claim. */
function mayActAlone(
  { region }: Replicas,
  config: Config,
  { intent, decision, request }: ClaimInput,
  state: RoutingState,
  now: number,
): boolean {
  switch (intent) {
    case "undo":
      return true;
    case "switch":
      return decision.plan?.mode !== "planned";
    case "take-over": {
      const abandoned = abandonedPlan(state, now);
      return (
        abandoned !== null && (abandoned.target === region || insistsOn(config, request, abandoned))
      );
    }
  }
}

/** After the write; false: the peer's claim won. */
export async function stillOurs(
  replicas: Replicas | undefined,
  settles: boolean,
  read: () => Promise<RoutingState>,
  claimed: RoutingState,
): Promise<boolean> {
  if (replicas === undefined || !settles) return true;
  await replicas.sleep(settleMilliseconds);
  const { epoch, lease } = await read();
  return epoch === claimed.epoch && lease?.executionArn === claimed.lease?.executionArn;
}
