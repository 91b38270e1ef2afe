// The levers of a round. The first sets all of them, also those that look right: a new version of
// the switch check fences off older readers. Later rounds set what is not as desired yet.
import type { Config, Region } from "../../core/config/schema.ts";
import type { LeverPair } from "../../core/contracts/routing-state.ts";
import type { Run } from "../../core/contracts/steps.ts";
import { destinationOf, leversFor } from "../../core/plan.ts";
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

export interface MoveRequest {
  readonly run: Run;
  readonly claim: GrantedClaim;
  readonly vouched: Vouched;
  /** From 1. */
  readonly round: number;
}

export type MovedLevers = LeverResult;

const levers: readonly Lever[] = ["switch", "drain"];
const untouched = { switch: "untouched", drain: "untouched", route53Calls: 0 } as const;

export async function moveLevers(
  ports: MovePorts,
  config: Config,
  request: MoveRequest,
): Promise<MovedLevers> {
  const { claim, vouched } = request;
  if (!vouched.allowed) return { ...untouched, details: [vouched.why] };
  const destination = destinationOf(claim);
  // Released before pulled, so that never are both Regions out.
  const wanted = Object.entries(leversFor(config, destination)).sort(
    ([, a], [, b]) => Number(a.switch === "pulled") - Number(b.switch === "pulled"),
  );
  const moved: MovedLevers[] = [];
  for (const [region, desired] of wanted) {
    moved.push(await moveRegion(ports, request, region, desired, vouched.notAfter));
  }
  return moved.reduce(merged, { ...untouched, details: [] });
}

async function moveRegion(
  ports: MovePorts,
  request: MoveRequest,
  region: Region,
  desired: LeverPair,
  notAfter: number | null,
): Promise<MovedLevers> {
  const { claim, run } = request;
  const checks = (await ports.control.readChecks()) ?? {};
  const wrong = request.round <= 1 ? levers : await notAsDesired(ports, checks, region, desired);
  const order: LeverOrder = {
    region,
    desired,
    levers: wrong,
    checks,
    epoch: claim.epoch,
    holder: run.executionArn,
    execution: run.executionArn,
    because: `so that ${destinationOf(claim)} serves`,
    notAfter,
  };
  const result = await setLevers(ports, order);
  const standing = (lever: Lever) => (wrong.includes(lever) ? result[lever] : "accepted");
  return { ...result, switch: standing("switch"), drain: standing("drain") };
}

async function notAsDesired(
  ports: MovePorts,
  checks: LeverOrder["checks"],
  region: Region,
  desired: LeverPair,
): Promise<Lever[]> {
  const { levers: read } = await readLevers(ports, checks, [region]);
  return levers.filter((lever) => read[region]?.[lever] !== desired[lever]);
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
