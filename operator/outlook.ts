// The status with what an operator weighs before a switch: replication, alarms, AWS Health's
// issues, and what would block one now. The last is the machine's own decision function on what is
// recorded; a run, or a dry run, looks afresh, and its decision is the one that counts.
import type { Config } from "../core/config/schema.ts";
import type { Evidence } from "../core/contracts/evidence.ts";
import type { Direction } from "../core/contracts/routing-state.ts";
import { obstacles } from "../core/decide.ts";
import { peerOf, servingRegions } from "../core/names.ts";
import type { Desk } from "./desk.ts";
import { readCondition } from "./facts.ts";
import { type Picture, takePicture } from "./picture.ts";
import { readStatus, type Status } from "./status.ts";

type Condition = Awaited<ReturnType<typeof readCondition>>;
export type WholeStatus = Awaited<ReturnType<typeof readWholeStatus>>;

/** Throws Refused where no Region answered. Times are ms since 1970. */
export async function readWholeStatus(desk: Desk) {
  const taken = takePicture(desk);
  const known = taken.then(({ now, heartbeats }) => ({ at: now, heartbeats }));
  const [picture, status, condition] = await Promise.all([
    taken,
    readStatus(desk, taken),
    readCondition(desk, known),
  ]);
  const { replication, alarms, health, unknown } = condition;
  const outlook = outlookOf(desk.config, picture, status, condition);
  return { ...status, replication, alarms, health, outlook, unknown };
}

/** null: something that could stand in the way is not known. */
function outlookOf(config: Config, picture: Picture, status: Status, condition: Condition) {
  const evidence = evidenceOf(config, picture, status, condition);
  if (evidence === null) return null;
  return requestsOf(config).map(({ direction, region }) => {
    const request = { direction, mode: "planned", requestedBy: "", region } as const;
    const input = { request, evidence, approval: null };
    return { direction, ...obstacles(input, config, picture.now) };
  });
}

/** In active-active either Region may be taken out. */
function requestsOf(config: Config): { direction: Direction; region?: string }[] {
  const isShared = config.topology === "active-active";
  const outs = isShared ? servingRegions(config).map((region) => ({ region })) : [{}];
  return [
    ...outs.map((out) => ({ direction: "failover" as const, ...out })),
    { direction: "failback" },
  ];
}

function evidenceOf(
  config: Config,
  { now, routing, heartbeats, told }: Picture,
  { vantagePoints, levers, divergence }: Status,
  { replication, health }: Condition,
): Evidence | null {
  if (routing === null || health === null || divergence === null) return null;
  const standing = Object.entries(levers).map(([region, one]) => [region, one.standing] as const);
  const atPeers = servingRegions(config).map((region) => {
    const peer = told.find((one) => one.region === peerOf(config, region));
    return [region, (peer?.ok && peer.value.heartbeats[region]) || null] as const;
  });
  return {
    ...{ at: now, gatheredIn: config.regions.witness, routing, health, divergence },
    reports: vantagePoints.flatMap(({ vantage, sees }) =>
      sees.map(({ serving, verdict, since, seenAt, detail }) => {
        const healthySince = verdict === "healthy" ? since : null;
        return { vantage, serving, verdict, looks: 0, passed: 0, at: seenAt, detail, healthySince };
      }),
    ),
    ...{ canaries: [], components: [], dnsAnswers: null, writesPerSecond: null },
    controlHeartbeats: { ...heartbeats },
    ...(config.coordination === "strong"
      ? {}
      : { controlReplication: Object.fromEntries(atPeers) }),
    replication: Object.fromEntries(
      Object.entries(replication).map(([source, one]) => [source, one.newestAtTarget]),
    ),
    route53Reachable: standing.every(([, one]) => one.switch !== "unknown"),
    levers: Object.fromEntries(standing),
  };
}
