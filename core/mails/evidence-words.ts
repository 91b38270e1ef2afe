// Evidence as people read it in a mail: what was seen, in short, and, apart from it, what is not
// known. Who has to answer at night must not have to notice what is missing.
import type { Config, Region } from "../config/schema.ts";
import type { Evidence } from "../contracts/evidence.ts";
import type { LossBound } from "../contracts/steps.ts";
import { leverRegions, servingRegions, vantageRegions } from "../names.ts";
import { failingComponents, openIssues, reportOf } from "../votes.ts";

/** A failing step's answer may be a page long. */
const detailLengthMax = 80;

export function seenWords(config: Config, evidence: Evidence, now: number): string[] {
  const seen = servingRegions(config).map(
    (region) => `${region}: ${looks(config, evidence, region)}`,
  );
  const dns =
    evidence.dnsAnswers === null ? [] : [`Route 53 sends clients to ${list(evidence.dnsAnswers)}`];
  const health = servingRegions(config).flatMap((region) =>
    openIssues(evidence, region, now).map(
      ({ service }) => `AWS Health reports an open issue of ${service} in ${region}`,
    ),
  );
  const components = servingRegions(config).flatMap((region) =>
    failingComponents(evidence, region).map(
      ({ component, detail }) => `CloudWatch of ${region}: ${component} failing (${short(detail)})`,
    ),
  );
  return [...seen, ...dns, ...health, ...components];
}

function looks(config: Config, evidence: Evidence, region: Region): string {
  const told = vantageRegions(config).map((vantage) => {
    const report = reportOf(evidence, vantage, region);
    const why = report?.verdict === "failing" ? ` (${short(report.detail)})` : "";
    return `${report?.verdict ?? "unknown"} from ${vantage}${why}`;
  });
  return told.join(", ");
}

export function unknownWords(
  config: Config,
  evidence: Evidence,
  source: Region,
  bound: LossBound,
): string[] {
  const target = servingRegions(config).find((region) => region !== source);
  const views = servingRegions(config).flatMap((region) =>
    vantageRegions(config)
      .filter(
        (vantage) => (reportOf(evidence, vantage, region)?.verdict ?? "unknown") === "unknown",
      )
      .map((vantage) => `how ${region} looks from ${vantage}`),
  );
  const levers = leverRegions(config).flatMap((region) =>
    (["switch", "drain"] as const)
      .filter((lever) => (evidence.levers[region]?.[lever] ?? "unknown") === "unknown")
      .map((lever) => `how the ${lever} lever of ${region} stands`),
  );
  const missing: [boolean, string][] = [
    [evidence.dnsAnswers === null, "where Route 53 sends clients"],
    [!evidence.route53Reachable, "whether Route 53's API takes a change: it did not answer"],
    [(evidence.controlHeartbeats[source] ?? null) === null, `when ${source} could last write`],
    [(evidence.replication[source] ?? null) === null, `up to when ${source} has reached ${target}`],
    [bound.seconds !== null && bound.estimatedWrites === null, "how many writes that window holds"],
  ];
  const said = missing.flatMap(([isMissing, words]) => (isMissing ? [words] : []));
  return [...views, ...levers, ...said];
}

const list = (regions: readonly Region[]) =>
  regions.length === 0 ? "nobody" : regions.join(" and ");

function short(detail: string): string {
  return detail.length <= detailLengthMax ? detail : `${detail.slice(0, detailLengthMax - 1)}…`;
}
