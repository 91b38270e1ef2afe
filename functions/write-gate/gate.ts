// The write gate: lets a write pass only while this Region is known to be the writer. An open gate
// is answered from the last reading while that is young enough; a refusal never is: it reads
// again first. What can't be read or beaten is closed, so an isolated Region fences itself.
import type { Region } from "../../core/config/schema.ts";
import type { Reading, Verdict } from "./judge.ts";
import { type Demand, type GatePolicy, judge, needsBeat, needsRefresh } from "./judge.ts";

export interface GatePorts {
  /** One strongly consistent read of routing state, own heartbeat and notice. */
  readonly read: () => Promise<Pick<Reading, "routing" | "heartbeatAt" | "noticedEpoch">>;
  /** Writes this Region's control-table heartbeat, unless a newer one is there. */
  readonly beat: (at: number) => Promise<void>;
  /** ms since 1970. */
  readonly now: () => number;
  /** ms on a monotonic clock. */
  readonly tick: () => number;
}

export type GateAnswer =
  | {
      readonly open: true;
      readonly epoch: number;
      /** Which Region is active, for an answer that comes too late; null: any accepts writes. */
      readonly active: Region | null;
      /** ms until the write must have been sent and acknowledged; negative: too late. */
      readonly remainingMilliseconds: () => number;
    }
  | ClosedGate;

export interface ClosedGate {
  readonly open: false;
  readonly why: string;
  readonly active: Region | null;
  /** Whose gate is open, as just read; null: nobody's, or it is not known. */
  readonly writer: Region | null;
  /** A switch is under way: in some seconds there is a writer again. */
  readonly isSwitching: boolean;
}

export interface Gate {
  check(demand: Demand): Promise<GateAnswer>;
}

/** A background refresh that has not come back by then is given up: its container was frozen. */
const refreshGivenUpMilliseconds = 2_000;

/** What came to nothing so soon is read once more: a kept connection may have been cut meanwhile,
 * and a reading during a notice is good for a second only. */
const readAgainWithinMilliseconds = 1_500;

export function createGate(policy: GatePolicy, ports: GatePorts): Gate {
  let newest: Reading | null = null;
  let refreshingSince: number | null = null;

  /** Where to write instead: the last that was known, however long ago. */
  const lastSeen = (): Region | null => newest?.routing?.active ?? null;

  async function readAgain(): Promise<void> {
    const sent = { sentAt: ports.now(), sentTick: ports.tick() };
    const reading = { ...(await ports.read()), ...sent };
    // A background refresh that comes back late must not replace a newer reading.
    if (newest === null || newest.sentTick <= sent.sentTick) newest = reading;
  }

  function refreshInBackground(reading: Reading): void {
    const tick = ports.tick();
    if (!needsRefresh(reading, tick, policy)) return;
    if (refreshingSince !== null && tick - refreshingSince < refreshGivenUpMilliseconds) return;
    refreshingSince = tick;
    const beat = needsBeat(reading, tick, policy) ? ports.beat(ports.now()) : Promise.resolve();
    beat
      .then(readAgain)
      // What goes wrong here goes wrong again, and visibly, when the reading has become too old.
      .catch(() => undefined)
      .finally(() => {
        refreshingSince = null;
      });
  }

  function judged(demand: Demand): { verdict: Verdict; checkedAt: number } {
    const checkedAt = ports.tick();
    return { verdict: judge(newest, demand, checkedAt, policy), checkedAt };
  }

  async function judgedAfresh(demand: Demand) {
    const fromCache = judged(demand);
    if (fromCache.verdict.kind === "open") return fromCache;
    const since = ports.tick();
    const isEarly = () => ports.tick() - since <= readAgainWithinMilliseconds;
    await readAgain().catch((error) => (isEarly() ? readAgain() : Promise.reject(error)));
    if (judged(demand).verdict.kind === "unread" && isEarly()) await readAgain();
    const fresh = judged(demand);
    if (fresh.verdict.kind !== "beatless") return fresh;
    await ports.beat(ports.now());
    await readAgain();
    return judged(demand);
  }

  return {
    async check(demand) {
      try {
        const { verdict, checkedAt } = await judgedAfresh(demand);
        if (verdict.kind !== "open") return refusal(verdict, policy.region, lastSeen());
        if (newest !== null) refreshInBackground(newest);
        return {
          open: true,
          epoch: verdict.routing.epoch,
          active: verdict.routing.active,
          remainingMilliseconds: () => policy.deadlineSeconds * 1_000 - (ports.tick() - checkedAt),
        };
      } catch (error) {
        const cause = error instanceof Error ? error.message : String(error);
        const why = `${policy.region} can't confirm that it may write: ${cause}`;
        return { open: false, why, active: lastSeen(), ...unknown };
      }
    },
  };
}

const unknown = { writer: null, isSwitching: false };

function refusal(
  verdict: Exclude<Verdict, { kind: "open" }>,
  region: Region,
  active: Region | null,
): ClosedGate {
  switch (verdict.kind) {
    case "unread":
      return { open: false, why: slowWords(region), active, ...unknown };
    case "beatless":
      return { open: false, why: `${region} can't show a heartbeat.`, active, ...unknown };
    case "closed": {
      const { routing } = verdict;
      const isSwitching = routing?.phase === "switching" && routing.writer === null;
      const writer = routing?.writer ?? null;
      return { open: false, why: closedWords(verdict, region), active, writer, isSwitching };
    }
  }
}

const slowWords = (region: Region) => `${region} read the routing state too slowly.`;

function closedWords(verdict: Extract<Verdict, { kind: "closed" }>, region: Region): string {
  const { routing } = verdict;
  if (routing === null) return "There is no routing state yet: nobody may write.";
  if (routing.writer === null) return "A switch is under way: nobody may write for some seconds.";
  return `${routing.writer} accepts writes, ${region} does not.`;
}
