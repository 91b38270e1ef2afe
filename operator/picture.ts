// What is known of a deployment right now, put together from every Region that answered. With
// strong coordination replicas agree; with eventual the higher epoch is the newer truth, and a
// question that one replica knows as answered is answered.
import type { Config, Region } from "../core/config/schema.ts";
import type { Approval, CheckIds, View } from "../core/contracts/records.ts";
import type { RoutingState } from "../core/contracts/routing-state.ts";
import { servingRegions } from "../core/names.ts";
import { askAll, mostTelling, type Told } from "./aws/asking.ts";
import { readSnapshot, type Snapshot } from "./aws/control.ts";
import { type Desk, Refused } from "./desk.ts";

export interface Picture {
  /** ms since 1970 by the deployment's clocks. */
  readonly now: number;
  readonly told: readonly Told<Snapshot>[];
  /** null: nobody has created it yet. */
  readonly routing: RoutingState | null;
  readonly views: readonly View[];
  readonly checks: CheckIds | null;
  /** Open and unanswered, oldest first. */
  readonly approvals: readonly Approval[];
  readonly heartbeats: Readonly<Record<Region, number | null>>;
}

/** Serving Regions that answered; writes go to the first of them. */
export const answering = ({ told }: Picture): Region[] =>
  told.flatMap(({ region, ok }) => (ok ? [region] : []));

/** Throws Refused where no Region answered. */
export async function takePicture(desk: Desk): Promise<Picture> {
  const { config, clients } = desk;
  const told = await askAll(servingRegions(config), (region) =>
    readSnapshot(clients, config, region),
  );
  const snapshots = told.flatMap((one) => (one.ok ? [one.value] : []));
  if (snapshots.length === 0) throw noneAnswered(desk, told);
  const heartbeats = newestBeats(config, snapshots);
  const views = newestViews(snapshots);
  const now = deploymentNow(desk, views, heartbeats);
  return {
    now,
    told,
    routing: newestRouting(snapshots),
    views,
    checks: snapshots.find(({ checks }) => checks !== null)?.checks ?? null,
    approvals: openApprovals(snapshots, now),
    heartbeats,
  };
}

/** Virtual time is the lab's own: what was seen last there tells it to within some seconds. */
function deploymentNow(
  desk: Desk,
  views: readonly View[],
  heartbeats: Picture["heartbeats"],
): number {
  if (desk.target.kind === "aws") return desk.now();
  const seen = [...views.map(({ seenAt }) => seenAt), ...Object.values(heartbeats)];
  const known = seen.filter((at) => at !== null);
  return known.length === 0 ? desk.now() : Math.max(...known);
}

function newestRouting(snapshots: readonly Snapshot[]): RoutingState | null {
  const [newest] = snapshots
    .flatMap(({ routing }) => routing ?? [])
    .sort((a, b) => b.epoch - a.epoch);
  return newest ?? null;
}

function newestViews(snapshots: readonly Snapshot[]): View[] {
  const newest = new Map<string, View>();
  for (const view of snapshots.flatMap(({ views }) => views)) {
    const key = `${view.vantage} ${view.serving}`;
    if ((newest.get(key)?.seenAt ?? 0) < view.seenAt) newest.set(key, view);
  }
  return [...newest.values()];
}

function newestBeats(config: Config, snapshots: readonly Snapshot[]): Picture["heartbeats"] {
  const newest = (region: Region) => {
    const beats = snapshots.flatMap(({ heartbeats }) => heartbeats[region] ?? []);
    return beats.length === 0 ? null : Math.max(...beats);
  };
  return Object.fromEntries(servingRegions(config).map((region) => [region, newest(region)]));
}

function openApprovals(snapshots: readonly Snapshot[], now: number): Approval[] {
  const all = snapshots.flatMap(({ approvals }) => approvals);
  const closed = new Set(all.filter(({ status }) => status !== "pending").map(({ id }) => id));
  const open = new Map<string, Approval>();
  for (const one of all) if (!closed.has(one.id) && one.expiresAt > now) open.set(one.id, one);
  return [...open.values()].sort((a, b) => a.askedAt - b.askedAt);
}

function noneAnswered({ config, target }: Desk, told: readonly Told<unknown>[]): Error {
  const faults = told.flatMap((one) => (one.ok ? [] : [one.fault]));
  if (faults.some(({ kind }) => kind === "missing")) {
    const where = servingRegions(config).join(" and ");
    return new Refused(
      `There is no deployment of "${config.application}" in ${where} of ${target.words}: ` +
        "check --config, --profile and --target, or deploy it (docs/deploying.md).",
    );
  }
  const fault = mostTelling(faults);
  return new Refused(`Nothing is known of ${target.words}. ${fault.message}`, { cause: fault });
}

/** Throws Refused while there is no routing state. */
export function routingOf({ routing }: Picture): RoutingState {
  if (routing !== null) return routing;
  throw new Refused("There is no routing state yet: the watch functions create it in a minute.");
}
