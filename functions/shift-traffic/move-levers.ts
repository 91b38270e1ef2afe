// The levers of a round. The first sets all of them, also those that look right: a new version of
// the switch check fences off older readers. Later rounds set what is not as desired yet.
import type { Config, Region } from "../../core/config/schema.ts";
import type { CheckIds } from "../../core/contracts/records.ts";
import type { LeverPair, RoutingState } from "../../core/contracts/routing-state.ts";
import type { Run } from "../../core/contracts/steps.ts";
import { destinationOf, leversFor, standingLevers } from "../../core/plan.ts";
import type { ControlTable } from "../adapters/control-table.ts";
import type { GrantedClaim } from "../hold-lease.ts";
import {
  type Lever,
  type LeverOrder,
  type LeverPorts,
  type LeverResult,
  readLevers,
  setLevers,
} from "../levers.ts";
import type { Vouched } from "./vouch.ts";

export interface MovePorts extends LeverPorts {
  readonly control: LeverPorts["control"] & Pick<ControlTable, "readChecks">;
}

/** One Region's levers before the round. */
export interface Stand {
  readonly region: Region;
  readonly desired: LeverPair;
  readonly standing: readonly Lever[];
}

export interface MoveRequest {
  readonly run: Run;
  readonly claim: GrantedClaim;
  readonly vouched: Vouched;
  readonly checks: CheckIds;
  readonly stands: readonly Stand[];
  /** From 1. */
  readonly round: number;
}

export type MovedLevers = LeverResult;

const levers: readonly Lever[] = ["switch", "drain"];
const untouched = { switch: "untouched", drain: "untouched", route53Calls: 0 } as const;

/** Nothing is read: nothing is known to stand. Released before pulled, so that never are both
 * Regions out. */
export function unreadStands(config: Config, destination: Region): Stand[] {
  return Object.entries(leversFor(config, destination))
    .sort(([, a], [, b]) => Number(a.switch === "pulled") - Number(b.switch === "pulled"))
    .map(([region, desired]) => ({ region, desired, standing: [] }));
}

export async function readStands(
  ports: MovePorts,
  stands: readonly Stand[],
  checks: CheckIds,
  { switchAttempted }: RoutingState,
): Promise<Stand[]> {
  const regions = stands.map(({ region }) => region);
  const { levers: seen } = await readLevers(ports, checks, regions);
  return stands.map(({ region, desired }) => {
    const standing = standingLevers(desired, seen[region], switchAttempted[region]);
    return { region, desired, standing };
  });
}

export function allStand(stands: readonly Stand[]): boolean {
  return stands.every(({ standing }) => levers.every((lever) => standing.includes(lever)));
}

export async function moveLevers(ports: MovePorts, request: MoveRequest): Promise<MovedLevers> {
  const moved: MovedLevers[] = [];
  for (const stand of request.stands) moved.push(await moveRegion(ports, request, stand));
  return moved.reduce(merged, { ...untouched, details: [] });
}

/** A lever that stands and isn't set again counts as accepted. */
async function moveRegion(
  ports: MovePorts,
  { claim, run, vouched, checks, round }: MoveRequest,
  { region, desired, standing }: Stand,
): Promise<MovedLevers> {
  const kept = (set: readonly Lever[], result: MovedLevers): MovedLevers => {
    const outcome = (lever: Lever) =>
      !set.includes(lever) && standing.includes(lever) ? "accepted" : result[lever];
    return { ...result, switch: outcome("switch"), drain: outcome("drain") };
  };
  if (!vouched.allowed) return kept([], { ...untouched, details: [vouched.why] });
  const set = round <= 1 ? levers : levers.filter((lever) => !standing.includes(lever));
  const order: LeverOrder = {
    region,
    desired,
    levers: set,
    checks,
    epoch: claim.epoch,
    holder: run.executionArn,
    execution: run.executionArn,
    because: `so that ${destinationOf(claim)} serves`,
    notAfter: vouched.notAfter,
  };
  return kept(set, await setLevers(ports, order));
}

/** A lever counts as accepted when it is in every Region that has one. */
function merged(a: MovedLevers, b: MovedLevers): MovedLevers {
  const both = (lever: Lever) =>
    a[lever] === "untouched" || (a[lever] === "accepted" && b[lever] !== "untouched")
      ? b[lever]
      : a[lever];
  return {
    switch: both("switch"),
    drain: both("drain"),
    route53Calls: a.route53Calls + b.route53Calls,
    details: [...a.details, ...b.details],
  };
}
