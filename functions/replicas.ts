// With eventual coordination each serving Region has its own replica of the control table:
// conditions and strong reads hold in it alone, and the last writer of an item wins. What must not
// rest on one replica asks the peer's too. With strong coordination there is one truth, and nobody
// asks.
import type { Config, Region } from "../core/config/schema.ts";
import type { RoutingState } from "../core/contracts/routing-state.ts";
import type { ControlTable } from "./adapters/control-table.ts";

export type RoutingReplica = Pick<ControlTable, "findRouting">;

export interface Replicas {
  /** Where this runs. */
  readonly region: Region;
  /** The routing state as that Region's own replica shows it. */
  readonly of: (region: Region) => RoutingReplica;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** Absent with strong coordination. */
export interface ReplicaPorts {
  readonly replicas?: Replicas;
}

/** What a handler spreads into its ports. */
export function replicaPorts(config: Config, replicas: Replicas): ReplicaPorts {
  return config.coordination === "eventual" ? { replicas } : {};
}

/** The peer's replica beside what was read here. newer: its epoch is. differs: the same epoch, by
 * or for another. behind: it has yet to learn. unread: it did not answer, or is empty. */
export type Beside = "same" | "newer" | "differs" | "behind" | "unread";

export async function beside(peer: RoutingReplica, own: RoutingState): Promise<Beside> {
  const theirs = await peer.findRouting().catch(() => null);
  if (theirs === null) return "unread";
  if (theirs.epoch !== own.epoch) return theirs.epoch > own.epoch ? "newer" : "behind";
  const same = theirs.phase === own.phase && theirs.lease?.executionArn === own.lease?.executionArn;
  return same ? "same" : "differs";
}

const pollMilliseconds = 500;

/** When that Region's replica was first seen to show the epoch, ms since 1970; null: not within so
 * long. One read more may take 5 s. */
export async function noticedAt(
  { of, sleep }: Replicas,
  asked: { readonly region: Region; readonly epoch: number; readonly milliseconds: number },
  now: () => number,
): Promise<number | null> {
  const until = now() + asked.milliseconds;
  for (;;) {
    const state = await of(asked.region)
      .findRouting()
      .catch(() => null);
    if (state !== null && state.epoch >= asked.epoch) return now();
    if (now() + pollMilliseconds > until) return null;
    await sleep(pollMilliseconds);
  }
}
