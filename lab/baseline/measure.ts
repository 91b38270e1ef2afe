// Of an outage that a switch answered: what the same clients saw with Route 53 alone. Measured as
// the switch's own RTO is, from the same impact, so that the two numbers can stand side by side.
import type { Region } from "../../core/config/schema.ts";
import { failedDuring, type Outage, type Percentiles, recoveryOf } from "../clients/outages.ts";
import type { Baseline, DrillResult, SwitchResult } from "../report/result.ts";
import type { BaselineRecord } from "./record.ts";

/** After the last fault: until the checks, and then the clients, have come back. Later, both
 * Regions answer, whatever a resolver still says. */
export const tailSeconds = 300;

/** Only an unplanned switch answers an outage. */
export const needsBaseline = ({ mode, impactAt }: SwitchResult) =>
  mode !== "planned" && impactAt !== null;

export function withBaselines(result: DrillResult, record: BaselineRecord): DrillResult {
  const switches = result.switches.map((one) => ({ ...one, baseline: baselineOf(one, record) }));
  return { ...result, switches };
}

/** Null where there is nothing to compare: nothing was wrong with the Region that was left. */
export function baselineOf(one: SwitchResult, record: BaselineRecord): Baseline | null {
  if (!needsBaseline(one) || one.impactAt === null) return null;
  const instant = (seconds: number) => record.zero + seconds * 1000;
  const impactAt = instant(one.impactAt);
  const decidedAt = instant(one.decidedAt ?? one.impactAt);
  const behind = record.disturbances.filter(
    ({ at, until, regions }) =>
      regions.includes(one.from) && at <= decidedAt && (until === null || until > impactAt),
  );
  if (behind.length === 0) return null;
  const ends = behind.map(({ until }) => until ?? Number.POSITIVE_INFINITY);
  const healedAt = Math.max(...ends);
  // As for the switch: what began after it was decided has failures of its own.
  const next = record.disturbances.find(({ at }) => at > decidedAt)?.at ?? record.endedAt;
  const outage = {
    impactAt,
    endsAt: Math.min(healedAt + tailSeconds * 1000, next, record.endedAt),
  };
  const answered = answeredAt(record, impactAt);
  const spared = answered.regions.filter((region) => region !== one.from);
  const felt = recoveryOf(record.histories, outage, spared);
  const since = (at: number | null) => (at === null ? null : round((at - record.zero) / 1000));
  return {
    simulated: true,
    rtoSeconds: rounded(felt.rtoSeconds),
    rtoSecondsAll: rounded(felt.rtoSecondsAll),
    failed: failedDuring(record.histories, outage),
    movedAt: since(
      leftAt(record, one.from, { ...outage, endsAt: Math.min(healedAt, outage.endsAt) }),
    ),
    healedAt: since(Number.isFinite(healedAt) ? healedAt : null),
  };
}

function answeredAt({ answers }: BaselineRecord, instant: number) {
  const answer = answers.findLast(({ at }) => at <= instant) ?? answers[0];
  if (answer === undefined) throw new Error("a record begins with what is answered");
  return answer;
}

/** When Route 53 stopped sending clients there; it may have before clients felt anything. */
function leftAt(record: BaselineRecord, region: Region, outage: Outage): number | null {
  const first = answeredAt(record, outage.impactAt);
  if (!first.regions.includes(region)) return first.at;
  const left = record.answers.find(
    ({ at, regions }) => at > outage.impactAt && at <= outage.endsAt && !regions.includes(region),
  );
  return left?.at ?? null;
}

const round = (seconds: number): number => Math.round(seconds * 10) / 10;

function rounded({ p50, p99 }: Percentiles): Percentiles {
  const one = (value: number | null) => (value === null ? null : round(value));
  return { p50: one(p50), p99: one(p99) };
}
