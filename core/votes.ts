// Who speaks against a Region, and who vouches for one. Unknown counts for nobody: it neither
// votes nor vouches. Health, metrics and DNS bring votes but are never the outside view. However
// many components of a Region fail, they are one vote: they fail together as a rule.
import type { Config, Region } from "./config/schema.ts";
import type {
  ComponentReport,
  Evidence,
  HealthIssue,
  VantageReport,
} from "./contracts/evidence.ts";
import { healthCounts } from "./health.ts";
import { leverRegions, vantageRegions } from "./names.ts";
import { servingNow } from "./plan.ts";

/** A look vouches for so long (invariant fit-target). */
export const vouchSeconds = 60;

export type Votes = {
  readonly region: Region;
  /** Vantage points that find it failing, its own included. */
  readonly failing: readonly Region[];
  readonly healthIssues: readonly HealthIssue[];
  readonly components: readonly ComponentReport[];
  readonly dnsMoved: boolean;
  readonly count: number;
  readonly outside: { readonly failing: number; readonly healthy: number };
  /** Enough votes. Such a Region neither vetoes nor vouches for another. */
  readonly quorum: boolean;
  /** More outside vantage points find it failing than healthy. */
  readonly outsideMajority: boolean;
};

export function reportOf(
  evidence: Evidence,
  vantage: Region,
  serving: Region,
): VantageReport | undefined {
  return evidence.reports.find((r) => r.vantage === vantage && r.serving === serving);
}

/** The vantage points of other Regions. */
export function outsideOf(config: Config, region: Region): Region[] {
  return vantageRegions(config).filter((vantage) => vantage !== region);
}

export function votesAgainst(
  config: Config,
  evidence: Evidence,
  region: Region,
  now: number,
): Votes {
  const verdict = (vantage: Region) => reportOf(evidence, vantage, region)?.verdict;
  const failing = vantageRegions(config).filter((v) => verdict(v) === "failing");
  const healthIssues = openIssues(evidence, region, now);
  const components = failingComponents(evidence, region);
  const dnsMoved = movedAway(config, evidence, region);
  const outside = {
    failing: failing.filter((v) => v !== region).length,
    healthy: outsideOf(config, region).filter((v) => verdict(v) === "healthy").length,
  };
  const others = [healthIssues.length > 0, components.length > 0, dnsMoved];
  const count = failing.length + others.filter((votes) => votes).length;
  return {
    region,
    failing,
    healthIssues,
    components,
    dnsMoved,
    count,
    outside,
    quorum: count >= config.detection.quorum,
    outsideMajority: outside.failing > outside.healthy,
  };
}

export function openIssues(evidence: Evidence, region: Region, now: number): HealthIssue[] {
  return evidence.health.filter((issue) => issue.region === region && healthCounts(issue, now));
}

export function failingComponents(evidence: Evidence, region: Region): ComponentReport[] {
  return evidence.components.filter((c) => c.region === region && c.verdict === "failing");
}

/** Route 53 by itself sends nobody to a Region that serves. Only when every lever is known to be
 * released: what we did ourselves, or may have done, is no vote. Where Route 53's API does not tell
 * how a switch lever stands, what was last attempted does: nobody else moves it. */
function movedAway(config: Config, evidence: Evidence, region: Region): boolean {
  if (!servingNow(config, evidence.routing).includes(region)) return false;
  if (evidence.dnsAnswers === null || evidence.dnsAnswers.includes(region)) return false;
  return leverRegions(config).every((r) => {
    const seen = evidence.levers[r];
    const attempted = evidence.routing.switchAttempted[r];
    const position = (seen?.switch ?? "unknown") === "unknown" ? attempted : seen?.switch;
    return position === "released" && seen?.drain === "released";
  });
}

export type Vouching = {
  /** Outside vantage points that find it failing. */
  readonly failing: readonly Region[];
  readonly vouchers: readonly Region[];
  readonly healthIssues: readonly HealthIssue[];
  /** End of the newest look that vouches, ms since 1970; null: vetoed, or nobody vouches. */
  readonly vouchedAt: number | null;
};

/** What outside vantage points and Health say of a Region that is to serve. */
export function vouchingFor(
  config: Config,
  evidence: Evidence,
  region: Region,
  now: number,
): Vouching {
  const credible = outsideOf(config, region).filter(
    (vantage) =>
      vantage === config.regions.witness || !votesAgainst(config, evidence, vantage, now).quorum,
  );
  const reports = credible.flatMap((vantage) => reportOf(evidence, vantage, region) ?? []);
  const failing = reports.filter((r) => r.verdict === "failing").map((r) => r.vantage);
  const vouches = reports.flatMap((r) => freshLook(r, evidence.at, now));
  const healthIssues = openIssues(evidence, region, now);
  const vetoed = failing.length > 0 || healthIssues.length > 0 || vouches.length === 0;
  return {
    failing,
    vouchers: vouches.map((v) => v.vantage),
    healthIssues,
    vouchedAt: vetoed ? null : Math.max(...vouches.map((v) => v.at)),
  };
}

/** A vantage point's clock may be ahead: a look is never newer than the evidence it came with. */
function freshLook(report: VantageReport, evidenceAt: number, now: number) {
  if (report.verdict !== "healthy" || report.at === null) return [];
  const at = Math.min(report.at, evidenceAt);
  return now - at <= vouchSeconds * 1000 ? [{ vantage: report.vantage, at }] : [];
}
