// Whether a write may be accepted now, judged from one strongly consistent reading: pure. Ages run
// from *sending* the reading on a monotonic clock, so that a slow answer, a frozen container or a
// stepped clock can only close the gate earlier than the bound that the fence waits for:
//   heartbeat + heartbeatSeconds, and claim + writeLeaseSeconds, both + writeDeadlineSeconds.
import type { Region } from "../../core/config/schema.ts";
import type { RoutingState } from "../../core/contracts/routing-state.ts";
import { noticedLeaseSeconds } from "../../core/writer.ts";

export interface Reading {
  /** Null: there is no routing state yet, so nobody may write. */
  readonly routing: RoutingState | null;
  /** This Region's control-table heartbeat as read, ms since 1970 on its clock; null: none. */
  readonly heartbeatAt: number | null;
  /** The epoch after which a planned claim comes; null: none was announced. */
  readonly noticedEpoch?: number | null;
  /** When the reading was sent: ms since 1970, and ms on the monotonic clock. */
  readonly sentAt: number;
  readonly sentTick: number;
}

export interface GatePolicy {
  readonly region: Region;
  readonly leaseSeconds: number;
  readonly deadlineSeconds: number;
  readonly heartbeatSeconds: number;
}

/** writer: only the writing Region passes. proof: the canaries' own items, from any Region. */
export type Demand = "writer" | "proof";

export type Verdict =
  | { readonly kind: "open"; readonly routing: RoutingState }
  /** No reading, or too old: nothing can be said. */
  | { readonly kind: "unread" }
  /** Would be open, if only this Region could show that it is alive. */
  | { readonly kind: "beatless"; readonly routing: RoutingState }
  | { readonly kind: "closed"; readonly routing: RoutingState | null };

export function judge(
  reading: Reading | null,
  demand: Demand,
  tick: number,
  policy: GatePolicy,
): Verdict {
  if (reading === null || ageSeconds(reading, tick) > leaseSecondsOf(reading, policy)) {
    return { kind: "unread" };
  }
  const { routing } = reading;
  if (routing === null) return { kind: "closed", routing };
  if (demand === "writer" && routing.writer !== policy.region) return { kind: "closed", routing };
  const beat = heartbeatAgeSeconds(reading, tick);
  if (beat === null || beat > policy.heartbeatSeconds) return { kind: "beatless", routing };
  return { kind: "open", routing };
}

/** Refresh in the background once half of the lease is used, so that a busy gate never waits. */
export function needsRefresh(reading: Reading, tick: number, policy: GatePolicy): boolean {
  const isOld = ageSeconds(reading, tick) > leaseSecondsOf(reading, policy) / 2;
  return isOld || needsBeat(reading, tick, policy);
}

/** The watch beats every heartbeatSeconds, so that its beat alone would be too old now and then;
 * at 60 % the gate beats itself, which leaves 4 s of the default 10 for doing so. */
export function needsBeat(reading: Reading, tick: number, policy: GatePolicy): boolean {
  const age = heartbeatAgeSeconds(reading, tick);
  return age === null || age > policy.heartbeatSeconds * 0.6;
}

/** How long the reading may be rested on: not for long once it shows that a claim is coming. */
function leaseSecondsOf(reading: Reading, { leaseSeconds }: GatePolicy): number {
  const isNoticed = reading.routing !== null && reading.routing.epoch === reading.noticedEpoch;
  return isNoticed ? Math.min(noticedLeaseSeconds, leaseSeconds) : leaseSeconds;
}

function ageSeconds(reading: Reading, tick: number): number {
  return (tick - reading.sentTick) / 1_000;
}

function heartbeatAgeSeconds(reading: Reading, tick: number): number | null {
  if (reading.heartbeatAt === null) return null;
  return (reading.sentAt - reading.heartbeatAt) / 1_000 + ageSeconds(reading, tick);
}
