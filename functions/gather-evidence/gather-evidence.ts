// Looks take seconds, tables milliseconds: so the looks run first, beside what asks slow services,
// and tables and name servers are read at their end, as fresh as the decision gets them. What can't
// be had is null or unknown; only the routing state must be readable, or the step is tried again.
import { componentRules, seriesOf } from "../../core/component-metrics.ts";
import { componentReports } from "../../core/components.ts";
import type { Config, Region } from "../../core/config/schema.ts";
import type { Evidence } from "../../core/contracts/evidence.ts";
import type { SwitchMode } from "../../core/contracts/routing-state.ts";
import { isOpen } from "../../core/divergence.ts";
import { withApiIssues } from "../../core/health.ts";
import { leverRegions, peerOf, servingRegions } from "../../core/names.ts";
import { checkedState } from "../../core/plan.ts";
import type { ControlTable } from "../adapters/control-table.ts";
import type { Divergences } from "../adapters/divergences.ts";
import type { HealthApi } from "../adapters/health-api.ts";
import type { HealthIssues } from "../adapters/health-issues.ts";
import type { NameServers } from "../adapters/name-servers.ts";
import { type LeverPorts, readLevers } from "../levers.ts";
import { type CanaryPorts, canaryRuns } from "./canary-runs.ts";
import { type ComponentPorts, componentReadings } from "./component-readings.ts";
import { type LookPorts, type LooksByVantage, looksFromAll } from "./looks-from-all.ts";
import { type ReplicationPorts, replicationSeen, writesPerSecond } from "./replication-seen.ts";
import { reportsOf } from "./reports.ts";

export interface EvidencePorts
  extends LookPorts,
    CanaryPorts,
    ComponentPorts,
    ReplicationPorts,
    Pick<LeverPorts, "route53" | "drain"> {
  readonly control: Pick<
    ControlTable,
    "readRouting" | "readViews" | "readHeartbeats" | "readChecks"
  >;
  readonly divergences: Pick<Divergences, "list">;
  readonly health: Pick<HealthIssues, "list">;
  readonly healthApi: HealthApi;
  readonly nameServers: NameServers;
  /** The control table as that Region's replica shows it. */
  readonly controlIn: (region: Region) => Pick<ControlTable, "readHeartbeats">;
}

/** Where the gathering runs. */
export interface Here {
  readonly config: Config;
  readonly region: Region;
  /** Deployed name of the function behind the API; null: not known. */
  readonly apiFunction: string | null;
}

export async function gatherEvidence(
  ports: EvidencePorts,
  here: Here,
  mode: SwitchMode,
): Promise<Evidence> {
  const [looks, slow] = await Promise.all([
    looksFromAll(ports, here, mode),
    slowEvidence(ports, here),
  ]);
  const tables = await tableEvidence(ports, here);
  const at = ports.now();
  const { readings } = slow;
  const facts = { routing: tables.routing, apiFunction: here.apiFunction, readings };
  return {
    at,
    gatheredIn: here.region,
    clocksAhead: clocksAhead(looks),
    routing: tables.routing,
    reports: reportsOf(here.config, looks, tables.views, at),
    canaries: slow.canaries,
    health: withApiIssues(tables.health, slow.healthApi ?? []),
    healthApiAnswered: slow.healthApi !== null,
    components: componentReports(here.config, facts),
    controlHeartbeats: tables.heartbeats,
    ...tables.coordination,
    replication: tables.replication,
    dnsAnswers: tables.dnsAnswers,
    route53Reachable: slow.levers.reachable,
    levers: slow.levers.levers,
    writesPerSecond: tables.writes,
    divergence: tables.divergence,
  };
}

/** Of the vantage points that answered. */
function clocksAhead(looks: LooksByVantage): Record<Region, number> {
  return Object.fromEntries(
    [...looks].flatMap(([vantage, answer]) =>
      answer?.clockAhead === undefined ? [] : [[vantage, answer.clockAhead] as const],
    ),
  );
}

/** Each bounded to a few seconds by its adapter, beside looks that take longer. */
async function slowEvidence(ports: EvidencePorts, { config, apiFunction }: Here) {
  const series = seriesOf(componentRules(config, apiFunction));
  const checks = await ports.control.readChecks().catch(() => null);
  const [canaries, levers, readings, healthApi] = await Promise.all([
    canaryRuns(ports, config),
    readLevers(ports, checks, leverRegions(config)),
    componentReadings(ports, config, series),
    // Silence, an error or no support plan: not known, which takes nothing away.
    ports.healthApi.openIssues(ports.now()).catch(() => null),
  ]);
  return { canaries, levers, readings, healthApi };
}

async function tableEvidence(ports: EvidencePorts, here: Here) {
  const { config, region } = here;
  const [routing, views, health, heartbeats, replication, dnsAnswers, coordination, reports] =
    await Promise.all([
      ports.control.readRouting(),
      ports.control.readViews().catch(() => []),
      // Unread is not "no issue": it would take a veto away.
      ports.health.list(ports.now()),
      ports.control.readHeartbeats().catch(() => ({})),
      replicationSeen(ports, config, region),
      // Route 53 may have moved while the looks waited for a dead Region.
      ports.nameServers.answeredRegions().catch(() => null),
      coordinationSeen(ports, config),
      // Unread is not "nothing diverged".
      ports.divergences.list(),
    ]);
  checkedState(config, routing);
  const newest = replication[routing.active] ?? null;
  const writes = await writesPerSecond(ports, here, routing, newest);
  const divergence = reports.filter(isOpen);
  const seen = { routing, views, health, heartbeats, replication, dnsAnswers, coordination };
  return { ...seen, writes, divergence };
}

/** With strong coordination every replica shows the same. */
async function coordinationSeen(
  ports: EvidencePorts,
  config: Config,
): Promise<Pick<Evidence, "controlReplication">> {
  if (config.coordination === "strong") return {};
  const seen = await Promise.all(
    servingRegions(config).map(async (region) => {
      const peers = ports.controlIn(peerOf(config, region));
      const beats = await peers.readHeartbeats().catch(() => null);
      return [region, beats?.[region] ?? null] as const;
    }),
  );
  return { controlReplication: Object.fromEntries(seen) };
}
