// What an outage was to clients. Pure: histories in, numbers out.
//
// RTO of a client: from impact to the end of the first successful request that no failure of the
// same outage follows. Requests are ordered by when they began: with several under way, one that
// began earlier and timed out later does not undo a success. A client that never failed counts as
// the definition says, by its first success after impact, unless it was served by a Region that
// served before and wasn't left (active-active): it was not hit, and RTO is over those that were.
// `missing` answers (history.ts) count neither as failure nor as success here.
import type { Region } from "../../core/config/schema.ts";
import type { ClientHistory, RequestRecord } from "./history.ts";

/** Failures in [impactAt, endsAt) belong to the outage. ms since 1970. */
export interface Outage {
  readonly impactAt: number;
  readonly endsAt: number;
}

export interface SwitchTimes {
  /** When the faults of its source that stood at the decision began, in order. */
  readonly faultsAt: readonly number[];
  /** End of the switch before it; null: there was none. */
  readonly previousAt: number | null;
  readonly decidedAt: number;
  readonly claimedAt: number | null;
  readonly completedAt: number | null;
}

/** Null where a client has not recovered: no bound on it may be claimed. */
export interface Percentiles {
  readonly p50: number | null;
  readonly p99: number | null;
}

/** A resolver that ignores TTLs sends its clients to the old Region this long. */
const tailMilliseconds = 600_000;
/** Without a known fault, the first failure this long before the decision is the impact. */
const lookBackMilliseconds = 600_000;
/** Whoever failed so shortly before was failing still: each client asks now and then. */
const stillMilliseconds = 60_000;
/** A client gives up after so long: a fault shows within it or not at all. */
const giveUpMilliseconds = 10_000;

/** The outage that a switch answered. It ends when stale answers have ended, or earlier with
 * `nextAt`: the next fault or switch, whose failures are its own. Where nothing was wrong before,
 * the claim is the impact: it stops writes. Null: there was none, and clients felt nothing. */
export function outageOf(
  histories: readonly ClientHistory[],
  times: SwitchTimes,
  nextAt: number | null,
): Outage | null {
  const impactAt =
    hurtingFault(histories, times) ??
    firstFailure(histories, times) ??
    times.faultsAt.at(-1) ??
    times.claimedAt;
  if (impactAt === null) return null;
  const end = (times.completedAt ?? times.decidedAt) + tailMilliseconds;
  return { impactAt, endsAt: nextAt === null ? end : Math.min(end, nextAt) };
}

/** Seconds; null: the client never succeeded again. */
export function recoverySeconds(history: ClientHistory, outage: Outage): number | null {
  const ordered = [...history.requests].sort((a, b) => a.at - b.at);
  const lastFailure = ordered.findLast((request) => failedIn(request, outage));
  const success = ordered.find(
    (request) =>
      request.outcome === "ok" &&
      request.at >= outage.impactAt &&
      (lastFailure === undefined || request.at > lastFailure.at),
  );
  return success === undefined ? null : (success.endedAt - outage.impactAt) / 1000;
}

/** `rtoSeconds`: clients whose resolver honours TTLs. `rtoSecondsAll`: every client. `spared`: the
 * Regions that served and weren't left; 0 where all clients were served there and went on to be. */
export function recoveryOf(
  histories: readonly ClientHistory[],
  outage: Outage,
  spared: readonly Region[] = [],
): { rtoSeconds: Percentiles; rtoSecondsAll: Percentiles } {
  const of = (clients: readonly ClientHistory[]): Percentiles => {
    const hit = clients.filter((client) => !isSpared(client, outage, spared));
    if (clients.length > 0 && hit.length === 0) return { p50: 0, p99: 0 };
    return percentiles(hit.map((history) => recoverySeconds(history, outage)));
  };
  return {
    rtoSeconds: of(histories.filter((history) => !history.ignoresTtl)),
    rtoSecondsAll: of(histories),
  };
}

function isSpared({ requests }: ClientHistory, outage: Outage, spared: readonly Region[]): boolean {
  const before = requests.filter((one) => one.endedAt <= outage.impactAt && one.region !== null);
  const served = before.at(-1)?.region ?? null;
  return (
    served !== null &&
    spared.includes(served) &&
    !requests.some((request) => failedIn(request, outage))
  );
}

/** Requests that failed during planned switches. Stale DNS answers are part of what a planned
 * switch does to clients, so each counts from its start to the end of its outage's tail. */
export function failedDuringPlanned(
  histories: readonly ClientHistory[],
  switches: readonly Outage[],
): number {
  const requests = histories.flatMap((history) => history.requests);
  return requests.filter(
    (request) => request.outcome !== "ok" && switches.some((planned) => overlaps(request, planned)),
  ).length;
}

/** Longest time without an acknowledged write between `from` and `until`, though somebody wanted to
 * write: seconds from the first write that was left waiting or failed (at the earliest: the last
 * acknowledgement, and `from`) to the next acknowledgement. Null: nobody wrote. */
export function writePauseOf(
  histories: readonly ClientHistory[],
  from: number,
  until: number,
): number | null {
  const writes = histories
    .flatMap(({ requests }) => requests)
    .filter(({ kind, at, endedAt }) => kind === "write" && endedAt > from && at < until);
  if (writes.length === 0) return null;
  const acknowledged = writes
    .filter(({ outcome }) => outcome === "ok")
    .map(({ endedAt }) => endedAt)
    .sort((a, b) => a - b);
  const last = acknowledged.at(-1) ?? from;
  const ends = last < until ? [...acknowledged, until] : acknowledged;
  const pauses = ends.map((end, index) => {
    const since = ends[index - 1] ?? from;
    const begun = writes.filter(({ at, endedAt }) => endedAt > since && at < end);
    const first = Math.min(end, ...begun.map(({ at }) => at));
    return end - Math.max(since, first);
  });
  return Math.max(...pauses) / 1000;
}

/** Requests that failed in the outage. */
export function failedDuring(histories: readonly ClientHistory[], outage: Outage): number {
  return histories.flatMap(({ requests }) => requests).filter((one) => failedIn(one, outage))
    .length;
}

/** The first that clients felt, and still did when the next began: an earlier one may be of the
 * kind that only the controller sees, as a silent vantage point is, with an outage in between. */
function hurtingFault(
  histories: readonly ClientHistory[],
  { faultsAt, ...times }: SwitchTimes,
): number | null {
  const stale = staleUntil(times);
  const hurting = faultsAt.find((at, index) => {
    const next = faultsAt[index + 1];
    if (next !== undefined && next - at < giveUpMilliseconds) return true;
    const failures = failuresOf(histories).filter(({ endedAt }) => endedAt >= Math.max(at, stale));
    return next === undefined
      ? failures.some((one) => one.at <= Math.min(times.decidedAt, at + lookBackMilliseconds))
      : failures.some(({ endedAt }) => endedAt >= next - stillMilliseconds && endedAt < next);
  });
  return hurting ?? null;
}

function firstFailure(
  histories: readonly ClientHistory[],
  times: Pick<SwitchTimes, "decidedAt" | "previousAt">,
): number | null {
  const { decidedAt } = times;
  const from = Math.max(decidedAt - lookBackMilliseconds, staleUntil(times));
  const begun = failuresOf(histories)
    .filter(({ at }) => at >= from && at <= decidedAt)
    .map(({ at }) => at);
  return begun.length === 0 ? null : Math.min(...begun);
}

const staleUntil = ({ previousAt }: Pick<SwitchTimes, "previousAt">) =>
  previousAt === null ? 0 : previousAt + tailMilliseconds;

const failuresOf = (histories: readonly ClientHistory[]) =>
  histories.flatMap(({ requests }) => requests).filter(({ outcome }) => outcome === "failed");

/** One that was under way at impact and failed is a failure of the outage too; so one that was
 * under way when the next began is a failure of the next. */
function failedIn({ outcome, endedAt }: RequestRecord, { impactAt, endsAt }: Outage): boolean {
  return outcome === "failed" && endedAt > impactAt && endedAt <= endsAt;
}

const overlaps = (request: RequestRecord, { impactAt, endsAt }: Outage): boolean =>
  request.endedAt > impactAt && request.at < endsAt;

/** Nearest rank: the smallest value that at least so many of a hundred don't exceed. */
function percentiles(values: readonly (number | null)[]): Percentiles {
  const sorted = values.map((value) => value ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
  const rank = (percent: number): number | null => {
    const value = sorted[Math.ceil((sorted.length * percent) / 100) - 1];
    return value === undefined || value === Number.POSITIVE_INFINITY ? null : value;
  };
  return { p50: rank(50), p99: rank(99) };
}
