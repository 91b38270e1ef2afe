// The state of a deployment as one value: what `status --json` prints, and what the screen is drawn
// from. Nothing is decided here; what was not told is null or "unknown".
import type { Config } from "../core/config/schema.ts";
import type { Abort, Verdict } from "../core/contracts/records.ts";
import type { RoutingState } from "../core/contracts/routing-state.ts";
import { servingRegions, vantageRegions } from "../core/names.ts";
import { sameRegions, servingNow } from "../core/plan.ts";
import { askAll, firstOf } from "./aws/asking.ts";
import { readAbort } from "./aws/control.ts";
import { listRuns } from "./aws/executions.ts";
import { whoAmI } from "./aws/identity.ts";
import { leversStanding } from "./aws/levers.ts";
import type { Desk } from "./desk.ts";
import { openReports } from "./divergence.ts";
import { type Picture, takePicture } from "./picture.ts";
import { questionJson } from "./questions.ts";

/** Views are confirmed every 30 s; an older one says nothing about now. */
const viewGapMilliseconds = 90_000;

export type Status = Awaited<ReturnType<typeof readStatus>>;

/** Throws Refused where no Region answered. Times are ms since 1970. */
export async function readStatus(desk: Desk, taken: Promise<Picture> = takePicture(desk)) {
  const { config, clients } = desk;
  const [picture, runs, divergence] = await Promise.all([
    taken,
    runningRuns(desk),
    openReports(desk),
  ]);
  const { routing, now } = picture;
  const [standing, aborts] = await Promise.all([
    leversStanding(clients, config, picture.checks, now),
    abortWishes(desk, routing?.lease?.executionArn, runs),
  ]);
  return {
    application: config.application,
    target: desk.target.kind,
    at: now,
    epoch: routing?.epoch ?? null,
    active: routing?.active ?? null,
    serving: routing === null ? [] : servingNow(config, routing),
    writer: routing?.writer ?? null,
    writes: config.writes,
    phase: routing?.phase ?? null,
    latched: routing === null ? null : isLatched(config, routing),
    automation: routing?.automation ?? null,
    automationChange: routing?.automationChange ?? null,
    plan: routing?.plan ?? null,
    lease: routing?.lease ?? null,
    levers: Object.fromEntries(
      Object.entries(standing).map(([region, stands]) => {
        return [region, { desired: routing?.levers[region] ?? null, standing: stands }];
      }),
    ),
    vantagePoints: vantagePoints(config, picture),
    heartbeats: picture.heartbeats,
    approvals: picture.approvals.map((question) => questionJson(config, question)),
    runs,
    aborts,
    divergence,
    regions: picture.told.map((one) => ({
      region: one.region,
      answered: one.ok,
      why: one.ok ? null : one.fault.message,
    })),
  };
}

/** Not who serves normally serves: so it stays until an operator fails back. */
function isLatched(config: Config, routing: RoutingState): boolean {
  const { primary } = config.regions;
  const normally = config.topology === "active-active" ? servingRegions(config) : [primary];
  return !sameRegions(servingNow(config, routing), normally);
}

function vantagePoints(config: Config, { views, now }: Picture) {
  return vantageRegions(config).map((vantage) => ({
    vantage,
    sees: servingRegions(config).map((serving) => {
      const view = views.find((one) => one.vantage === vantage && one.serving === serving);
      const isCurrent = view !== undefined && now - view.seenAt <= viewGapMilliseconds;
      const verdict: Verdict = isCurrent ? view.verdict : "unknown";
      return {
        serving,
        verdict,
        since: isCurrent ? view.since : null,
        seenAt: view?.seenAt ?? null,
        detail: isCurrent ? view.detail : silence(view?.seenAt, now),
      };
    }),
  }));
}

function silence(seenAt: number | undefined, now: number): string {
  if (seenAt === undefined) return "never reported";
  return `last reported ${Math.round((now - seenAt) / 1000)} s ago`;
}

/** null: that Region could not be asked. */
async function runningRuns(desk: Desk) {
  const { config, clients } = desk;
  const identity = await whoAmI(clients, config).catch(() => null);
  const regions = servingRegions(config);
  if (identity === null) return regions.map((region) => ({ region, executions: null }));
  const told = await askAll(regions, (region) =>
    listRuns(clients, config, { region, ...identity }, { most: 10, running: true }),
  );
  return told.map((one) => ({
    region: one.region,
    executions: one.ok ? one.value.map(({ executionArn }) => executionArn ?? "") : null,
  }));
}

/** Of runs under way, and of the one that holds the lease; null: it is not known of one of them. */
async function abortWishes(
  { config, clients }: Desk,
  holder: string | undefined,
  runs: Awaited<ReturnType<typeof runningRuns>>,
): Promise<Abort[] | null> {
  const running = new Set(runs.flatMap(({ executions }) => executions ?? []));
  if (holder !== undefined) running.add(holder);
  const wishes = [...running].map((execution) =>
    firstOf(servingRegions(config), (region) => readAbort(clients, config, region, execution)),
  );
  const told = await Promise.all(wishes).catch(() => null);
  return told?.filter((wish) => wish !== null) ?? null;
}
