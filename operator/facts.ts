// What an operator looks at beside the routing state: where requests go, how far replication is and
// what a switch could lose now, which alarms sound, what AWS Health reports. Shown, never decided
// on; what could not be read is said to be unknown.
import type { Region } from "../core/config/schema.ts";
import { lossBoundOf } from "../core/loss-bound.ts";
import { peerOf, servingRegions, vantageRegions } from "../core/names.ts";
import { askAll, firstOf, type Told } from "./aws/asking.ts";
import { alarmsSounding, healthIssuesIn, oldestBeat, requestsOf } from "./aws/measures.ts";
import type { Desk } from "./desk.ts";

const trafficMinutes = 15;

/** When it is, and each Region's newest control-table heartbeat, by the deployment's clocks. */
export interface Known {
  readonly at: number;
  readonly heartbeats: Readonly<Record<Region, number | null>>;
}

/** Never throws. Times are ms since 1970. */
export async function readFacts(desk: Desk, known: Known) {
  const { config, clients } = desk;
  const [traffic, { replication, alarms, health, unknown }] = await Promise.all([
    askAll(servingRegions(config), (region) =>
      requestsOf(clients, config, region, { now: known.at, minutes: trafficMinutes }),
    ),
    readCondition(desk, Promise.resolve(known)),
  ]);
  return {
    traffic: Object.fromEntries(traffic.map((one) => [one.region, one.ok ? one.value : null])),
    replication: Object.fromEntries(
      Object.entries(replication).map(([source, { to, lagSeconds, lossBoundSeconds }]) => {
        return [source, { to, lagSeconds, lossBoundSeconds }] as const;
      }),
    ),
    alarms,
    health: (health ?? []).map(
      ({ region, service, eventTypeCode: code, updatedAt, counts, why }) => {
        return { region, service, code, updatedAt, counts, why };
      },
    ),
    unknown: [...unread("requests", traffic), ...unknown],
  };
}

/** `later` is told while Regions are asked already what needs no time. Throws what `later` does. */
export async function readCondition(desk: Desk, later: Promise<Known>) {
  const { config, clients } = desk;
  const serving = servingRegions(config);
  const [known, health, alarms, beats] = await Promise.all([
    later,
    later
      .then(({ at }) => firstOf(serving, (region) => healthIssuesIn(clients, config, region, at)))
      .catch(() => null),
    askAll(vantageRegions(config), (region) => alarmsSounding(clients, config, region)),
    Promise.all(serving.map((source) => beatAtPeer(desk, source))),
  ]);
  return {
    replication: Object.fromEntries(
      beats.map(([source, beat]) => [source, replicationOf(desk, source, known, beat)]),
    ),
    alarms: alarms.flatMap((one) => (one.ok ? one.value : [])),
    /** Those that don't count as well; null: not known. */
    health: health?.toSorted((a, b) => b.updatedAt - a.updatedAt) ?? null,
    unknown: [
      ...unread("alarms", alarms),
      ...(health === null ? ["AWS Health's issues: no Region's control table answered"] : []),
    ],
  };
}

const unread = (what: string, told: readonly Told<unknown>[]) =>
  told.flatMap((one) => (one.ok ? [] : [`${what}: ${one.fault.message}`]));

/** null: not seen there, or its peer did not answer. */
async function beatAtPeer({ config, clients }: Desk, source: Region) {
  const beat = await oldestBeat(clients, config, peerOf(config, source), source).catch(() => null);
  return [source, beat] as const;
}

function replicationOf({ config }: Desk, source: Region, known: Known, beat: number | null) {
  const { seconds } = lossBoundOf(config, {
    // How far the source's clock is from the operator's, nobody has measured: its heartbeat bounds.
    claimAt: null,
    sourceHeartbeat: known.heartbeats[source] ?? null,
    newestAtTarget: beat,
    writesPerSecond: null,
  });
  const lagSeconds = beat === null ? null : Math.max(0, known.at - beat) / 1000;
  const to = peerOf(config, source);
  return { to, newestAtTarget: beat, lagSeconds, lossBoundSeconds: seconds };
}
