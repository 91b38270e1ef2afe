// What each vantage point's fresh looks say of each serving Region: all failed is failing, all
// passed is healthy, anything else, or fewer looks than asked for, is unknown.
import type { Config } from "../../core/config/schema.ts";
import type { Look, VantageReport } from "../../core/contracts/evidence.ts";
import type { Verdict, View } from "../../core/contracts/records.ts";
import { servingRegions, vantageRegions } from "../../core/names.ts";
import { type LooksByVantage, looksWanted } from "./looks-from-all.ts";

/** A minute without looks restarts the stability clock. Views are confirmed every 30 s. */
const viewGapMilliseconds = 60_000;

export function reportsOf(
  config: Config,
  answers: LooksByVantage,
  views: readonly View[],
  now: number,
): VantageReport[] {
  return vantageRegions(config).flatMap((vantage) =>
    servingRegions(config).map((serving) => {
      const answer = answers.get(vantage);
      const looks = (answer?.looks ?? []).filter((l) => l.serving === serving);
      const view = views.find((each) => each.vantage === vantage && each.serving === serving);
      const healthySince = stableSince(view, now, answer?.clockAhead ?? 0);
      return { vantage, serving, ...summaryOf(looks), healthySince };
    }),
  );
}

function summaryOf(looks: readonly Look[]) {
  const passed = looks.filter((look) => look.passed).length;
  const ends = looks.map((look) => look.startedAt + look.milliseconds);
  const failed = looks.find((look) => !look.passed);
  return {
    verdict: verdictOf(looks.length, passed),
    looks: looks.length,
    passed,
    at: ends.length === 0 ? null : Math.max(...ends),
    detail: failed === undefined ? silence(looks) : `${failed.failedStep}: ${failed.detail}`,
  };
}

function verdictOf(looks: number, passed: number): Verdict {
  if (looks < looksWanted) return "unknown";
  if (passed === looks) return "healthy";
  return passed === 0 ? "failing" : "unknown";
}

function silence(looks: readonly Look[]): string {
  return looks.length === 0 ? "The vantage point did not answer." : "";
}

/** A view is stamped by its vantage point's clock; the answer is on ours. */
function stableSince(view: View | undefined, now: number, clockAhead: number): number | null {
  const current = view !== undefined && now + clockAhead - view.seenAt <= viewGapMilliseconds;
  return current && view.verdict === "healthy" ? view.since - clockAhead : null;
}
