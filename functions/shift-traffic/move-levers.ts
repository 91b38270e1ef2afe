// The levers of a round. The first sets all that the plan moves, also those that look right: a new
// version of the switch check fences off older readers. Later rounds set what is not as desired
// yet. Where both Regions have levers nothing is pulled before the Regions that are to serve are
// known to be in: never are both out.
import type { Config, Region } from "../../core/config/schema.ts";
import type { CheckIds } from "../../core/contracts/records.ts";
import type { LeverPair, RoutingState } from "../../core/contracts/routing-state.ts";
import type { Run } from "../../core/contracts/steps.ts";
import { leversFor, releasedFirst, standingLevers } from "../../core/desired-levers.ts";
import { destinationOf, servingAfter } from "../../core/plan.ts";
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
  /** The plan moves them; else they are where they are to stay. */
  readonly moves: boolean;
  /** The drain lever alone is not known: its metric could not be read. */
  readonly drainUnread: boolean;
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

/** Of the Regions that the plan moves: a lever counts as accepted when it is in each of them. */
export interface MovedLevers extends LeverResult {
  /** As many as it takes: every release in both levers, every pull in one. */
  readonly enough: boolean;
}

const levers: readonly Lever[] = ["switch", "drain"];
const untouched = { switch: "untouched", drain: "untouched", route53Calls: 0 } as const;

/** Nothing is read: nothing is known to stand. Released before pulled. A Region that stays in is of
 * interest only where another is taken out. */
export function unreadStands(config: Config, claim: GrantedClaim): Stand[] {
  const { before, after } = claim.plan;
  const stands = releasedFirst(leversFor(config, servingAfter(claim))).map(([region, desired]) => {
    const moves = before.includes(region) !== after.includes(region);
    return { region, desired, moves, standing: [], drainUnread: false };
  });
  const pulls = stands.some(({ moves, desired }) => moves && desired.switch === "pulled");
  return stands.filter(({ moves }) => moves || pulls);
}

export async function readStands(
  ports: MovePorts,
  stands: readonly Stand[],
  checks: CheckIds,
  { switchAttempted }: RoutingState,
): Promise<Stand[]> {
  const regions = stands.map(({ region }) => region);
  const { levers: seen } = await readLevers(ports, checks, regions);
  return stands.map((stand) => {
    const { region, desired } = stand;
    const standing = standingLevers(desired, seen[region], switchAttempted[region]);
    const drainUnread = seen[region]?.drain === "unknown" && standing.includes("switch");
    return { ...stand, standing, drainUnread };
  });
}

/** Of a Region that stays in service: the name servers send clients there, so no lever holds it
 * out. Without this, a silent witness, whose metrics can't be read, would forbid to drain its
 * peer. */
export function believed(stand: Stand, answers: readonly Region[] | null): Stand {
  const { region, moves, drainUnread } = stand;
  const isIn = !moves && drainUnread && answers?.includes(region) === true;
  return isIn ? { ...stand, standing: levers } : stand;
}

export function allStand(stands: readonly Stand[]): boolean {
  return stands.every(({ standing }) => levers.every((lever) => standing.includes(lever)));
}

export async function moveLevers(ports: MovePorts, request: MoveRequest): Promise<MovedLevers> {
  const moved: LeverResult[] = [];
  const kept: LeverResult[] = [];
  let enough = true;
  for (const stand of request.stands) {
    const result = enough ? await moveRegion(ports, request, stand) : waiting(request, stand);
    enough &&= isEnough(stand, result);
    (stand.moves ? moved : kept).push(result);
  }
  const all = [...kept, ...moved];
  const [first = { ...untouched, details: [] }, ...others] = moved;
  return {
    ...others.reduce(merged, first),
    route53Calls: all.reduce((sum, { route53Calls }) => sum + route53Calls, 0),
    details: all.flatMap(({ details }) => details),
    enough,
  };
}

function isEnough({ desired }: Stand, result: LeverResult): boolean {
  const accepted = levers.map((lever) => result[lever] === "accepted");
  return desired.switch === "released" ? accepted.every(Boolean) : accepted.some(Boolean);
}

/** A lever that stands and isn't set again counts as accepted. */
async function moveRegion(
  ports: MovePorts,
  { claim, run, vouched, checks, round }: MoveRequest,
  { region, desired, standing, moves }: Stand,
): Promise<LeverResult> {
  if (!vouched.allowed) return kept(standing, [], { ...untouched, details: [vouched.why] });
  const again = round <= 1 && moves;
  const set = again ? levers : levers.filter((lever) => !standing.includes(lever));
  if (set.length === 0 && !moves) return kept(standing, [], { ...untouched, details: [] });
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
  return kept(standing, set, await setLevers(ports, order));
}

function kept(standing: readonly Lever[], set: readonly Lever[], result: LeverResult): LeverResult {
  const outcome = (lever: Lever) =>
    !set.includes(lever) && standing.includes(lever) ? "accepted" : result[lever];
  return { ...result, switch: outcome("switch"), drain: outcome("drain") };
}

function waiting({ claim }: MoveRequest, { region, standing }: Stand): LeverResult {
  const into = destinationOf(claim);
  const why = `The levers of ${region} wait until ${into} is known to be in service.`;
  return kept(standing, [], { ...untouched, details: [why] });
}

function merged(a: LeverResult, b: LeverResult): LeverResult {
  const both = (lever: Lever) => (a[lever] === "accepted" ? b[lever] : a[lever]);
  return { ...b, switch: both("switch"), drain: both("drain") };
}
