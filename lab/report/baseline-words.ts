// What the screen says of the yardstick: the same outage with Route 53 alone. Always "simulated".
import { formatClock } from "./clock-words.ts";
import type { SwitchResult } from "./result.ts";

type Told = Pick<SwitchResult, "baseline" | "from">;

const unit = (value: number | null) => (value === null ? "never" : `${value} s`);

export function baselineRows({ baseline }: Told): [string, string][] {
  if (baseline === null) return [];
  const { rtoSeconds: rto, rtoSecondsAll: all } = baseline;
  return [
    ["Route 53 alone, simulated: p50 / p99", `${unit(rto.p50)} / ${unit(rto.p99)}`],
    ["  with resolvers that ignore TTL", `${unit(all.p50)} / ${unit(all.p99)}`],
  ];
}

/** Null where nothing was compared. */
export function baselineSentence({ baseline, from }: Told): string | null {
  if (baseline === null) return null;
  const { movedAt, healedAt, failed } = baseline;
  const healed =
    healedAt === null ? "which stayed broken" : `which healed at ${formatClock(healedAt)}`;
  const moved =
    movedAt === null
      ? `clients would have stayed at ${from}, ${healed}`
      : `clients would have been sent elsewhere at ${formatClock(movedAt)}`;
  return `Route 53 alone, simulated: ${moved}; ${failed} requests would have failed.`;
}

/** For a line a seed. */
export function shortBaseline({ baseline }: Told): string {
  if (baseline === null) return "";
  const { p50, p99 } = baseline.rtoSeconds;
  return ` (Route 53 alone ${p50 ?? "never"}/${p99 ?? "never"} s)`;
}
