// The loss bound at the claim. Before it, the source's heartbeat is read again: a bound that grew
// beyond what was decided on needs another decision. After it, once more: a beat between the two
// may have kept a gate open, and what is stated must hold.
import type { Config, Region } from "../../core/config/schema.ts";
import type { RoutingState } from "../../core/contracts/routing-state.ts";
import type { Decision, LossBound } from "../../core/contracts/steps.ts";
import {
  lossBoundOf,
  lossInWords,
  lossStillAccepted,
  onSourceClock,
} from "../../core/loss-bound.ts";
import type { ControlTable } from "../adapters/control-table.ts";

interface LossPorts {
  readonly control: Pick<ControlTable, "readHeartbeats">;
  now(): number;
}

/** Why the claim must not be made; null: it may. Only a new automatic switch is decided by its
 * bound: planned ones drain, forced ones accept what an operator named. */
export async function lossRefusal(
  ports: LossPorts,
  config: Config,
  decision: Decision,
  { plan }: RoutingState,
): Promise<string | null> {
  if (plan?.mode !== "automatic") return null;
  const heartbeat = (await ports.control.readHeartbeats())[plan.source] ?? null;
  const bound = boundAt(config, decision, ports.now(), heartbeat);
  if (lossStillAccepted(config, bound, decision.lossBound)) return null;
  return `The claim would risk ${lossInWords(bound)}: it is to be decided again.`;
}

/** `claimedAt`: when the claim was known to be written. A gate that read before is open until lease
 * and deadline have passed since. */
export async function lossAfterClaim(
  ports: LossPorts,
  config: Config,
  decision: Decision,
  { plan, active }: RoutingState,
  claimedAt: number,
): Promise<LossBound> {
  const source: Region = plan?.source ?? active;
  const known = decision.lossBound.stopBound !== null;
  const beats = await ports.control.readHeartbeats().catch(() => null);
  // Unread: the claim itself bounds what the source can have acknowledged, if it is known when
  // that was by the source's clock.
  const claimThere = onSourceClock(claimedAt, decision.lossBound.sourceAhead ?? null);
  const heartbeat = beats === null && known ? claimThere : (beats?.[source] ?? null);
  return boundAt(config, decision, claimedAt, heartbeat);
}

function boundAt(
  config: Config,
  { lossBound }: Decision,
  claimAt: number,
  sourceHeartbeat: number | null,
): LossBound {
  const { seconds, estimatedWrites, newestAtTarget, sourceAhead = 0 } = lossBound;
  const rateKnown = estimatedWrites !== null && seconds !== null && seconds > 0;
  const bound = lossBoundOf(config, {
    claimAt: onSourceClock(claimAt, sourceAhead),
    sourceHeartbeat,
    newestAtTarget,
    writesPerSecond: rateKnown ? estimatedWrites / seconds : null,
  });
  return { ...bound, sourceAhead };
}
