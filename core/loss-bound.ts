// How many seconds of acknowledged writes may be missing at the target when it takes over. Both
// ends are on the source's clock: its heartbeats, and the claim where the source's own looks tell
// how far its clock is from the claimer's. Where they don't, the claim says nothing: clocks that
// differ would make a bound that is too short. Missing is unknown, never zero.
import type { Config, Region } from "./config/schema.ts";
import type { Evidence } from "./contracts/evidence.ts";
import type { LossBound } from "./contracts/steps.ts";

/** At Decide the claim is still to come: evidence is decided on, then claimed, within 5 s. */
const claimAheadSeconds = 5;

/** A heartbeat that arrived proves its own partition alone: another's writes of the same instant
 * may be this much later (MREC keeps no order between items; typically all arrive in a second). */
export const replicationSkewSeconds = 2;

/** What the bound rests on; times are ms since 1970. */
export type LossFacts = {
  /** When the epoch is claimed, at the latest, on the source's clock; null: not known on that. */
  readonly claimAt: number | null;
  /** Newest control-table heartbeat of the source; null: never seen. */
  readonly sourceHeartbeat: number | null;
  /** Oldest shard's heartbeat of the source as visible at the target; null: not seen. */
  readonly newestAtTarget: number | null;
  readonly writesPerSecond: number | null;
};

/** The claim asks again with the heartbeat re-read and the real time of the claim. */
export function lossBoundOf(config: Config, facts: LossFacts): LossBound {
  const { claimAt, sourceHeartbeat, newestAtTarget, writesPerSecond } = facts;
  if (sourceHeartbeat === null || newestAtTarget === null) {
    return { seconds: null, estimatedWrites: null, stopBound: null, newestAtTarget };
  }
  const openMilliseconds = (config.writeLeaseSeconds + config.writeDeadlineSeconds) * 1000;
  const beatMilliseconds = config.detection.heartbeatSeconds * 1000;
  // With eventual coordination the source learns of the claim when it has replicated.
  const learns = config.coordination === "eventual" ? replicationSkewSeconds * 1000 : 0;
  const lastBeat = sourceHeartbeat + beatMilliseconds;
  const lastOpen = claimAt === null ? lastBeat : Math.min(claimAt + learns, lastBeat);
  const stopBound = lastOpen + openMilliseconds;
  const seconds = Math.max(0, stopBound - newestAtTarget) / 1000 + replicationSkewSeconds;
  const estimatedWrites = writesPerSecond === null ? null : Math.ceil(seconds * writesPerSecond);
  return { seconds, estimatedWrites, stopBound, newestAtTarget };
}

export function lossBoundAtDecide(
  config: Config,
  evidence: Evidence,
  source: Region,
  now: number,
): LossBound {
  const sourceAhead = aheadOf(evidence, source);
  const bound = lossBoundOf(config, {
    claimAt: onSourceClock(now + claimAheadSeconds * 1000, sourceAhead),
    sourceHeartbeat: evidence.controlHeartbeats[source] ?? null,
    newestAtTarget: evidence.replication[source] ?? null,
    writesPerSecond: evidence.writesPerSecond,
  });
  return { ...bound, sourceAhead };
}

function aheadOf({ clocksAhead }: Evidence, region: Region): number | null {
  return clocksAhead === undefined ? 0 : (clocksAhead[region] ?? null);
}

/** `ahead`: as in a bound; null: unknown. */
export function onSourceClock(at: number, ahead: number | null): number | null {
  return ahead === null ? null : at + ahead;
}

/** Whether a claim with this bound may go on under the decision that was made for another one: it
 * may when it is within the objective, or no more than what was decided on. */
export function lossStillAccepted(config: Config, bound: LossBound, decided: LossBound): boolean {
  if (bound.seconds === null) return decided.seconds === null;
  if (bound.seconds <= config.objectives.rpoSeconds) return true;
  return decided.seconds === null || bound.seconds <= decided.seconds;
}

/** Why there is no bound: what of it was never seen. */
export function unboundedWords({ newestAtTarget }: LossBound, source: Region): string {
  return newestAtTarget === null
    ? `no heartbeat of ${source} has been seen where it replicates to`
    : `the control table shows no heartbeat of ${source}`;
}

/** "at most 18 s of acknowledged writes (about 36)", or that it is unknown. */
export function lossInWords({ seconds, estimatedWrites }: LossBound): string {
  if (seconds === null) return "an unknown number of acknowledged writes";
  const about = estimatedWrites === null ? "how many is not known" : `about ${estimatedWrites}`;
  return `at most ${Math.ceil(seconds)} s of acknowledged writes (${about})`;
}
