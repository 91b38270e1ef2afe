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
  const serving = servingRegions(config);
  const [traffic, alarms, replication, health] = await Promise.all([
    askAll(serving, (region) =>
      requestsOf(clients, config, region, { now: known.at, minutes: trafficMinutes }),
    ),
    askAll(vantageRegions(config), (region) => alarmsSounding(clients, config, region)),
    Promise.all(serving.map((source) => replicationOf(desk, source, known))),
    firstOf(serving, (region) => healthIssuesIn(clients, config, region, known.at)).catch(
      () => null,
    ),
  ]);
  return {
    traffic: Object.fromEntries(traffic.map((one) => [one.region, one.ok ? one.value : null])),
    replication: Object.fromEntries(replication),
    alarms: alarms.flatMap((one) => (one.ok ? one.value : [])),
    health: (health ?? [])
      .map(({ region, service, eventTypeCode: code, updatedAt, counts, why }) => {
        return { region, service, code, updatedAt, counts, why };
      })
      .sort((a, b) => b.updatedAt - a.updatedAt),
    unknown: [
      ...unread("requests", traffic),
      ...unread("alarms", alarms),
      ...(health === null ? ["AWS Health's issues: no Region's control table answered"] : []),
    ],
  };
}

const unread = (what: string, told: readonly Told<unknown>[]) =>
  told.flatMap((one) => (one.ok ? [] : [`${what}: ${one.fault.message}`]));

async function replicationOf({ config, clients }: Desk, source: Region, known: Known) {
  const to = peerOf(config, source);
  const beat = await oldestBeat(clients, config, to, source).catch(() => null);
  const { seconds } = lossBoundOf(config, {
    claimAt: known.at,
    sourceHeartbeat: known.heartbeats[source] ?? null,
    newestAtTarget: beat,
    writesPerSecond: null,
  });
  const lagSeconds = beat === null ? null : Math.max(0, known.at - beat) / 1000;
  return [source, { to, lagSeconds, lossBoundSeconds: seconds }] as const;
}
