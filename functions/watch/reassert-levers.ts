// Keeps the levers where the routing state wants them: a lever that Route 53's API refused during
// a switch follows here when the API is back, and the drain metric is said again every minute. A
// switch whose position could not be read is left alone; a drain is published anyway, through the
// ledger unless it is known to stand there already. Where that would move traffic, a fresh look
// must vouch for the active Region; while none does, the levers are left for the next minute.
import type { Config, Region } from "../../core/config/schema.ts";
import type { CheckIds } from "../../core/contracts/records.ts";
import type { LeverPair, LeverPosition, RoutingState } from "../../core/contracts/routing-state.ts";
import { EpochLost } from "../../core/errors.ts";
import { leverRegions } from "../../core/names.ts";
import { standingLevers } from "../../core/plan.ts";
import type { ControlTable } from "../adapters/control-table.ts";
import { freshLook, type LookPorts, vouchMilliseconds } from "../fresh-look.ts";
import {
  type Lever,
  type LeverOrder,
  type LeverPorts,
  type LeverReading,
  readLevers,
  republishDrain,
  setLevers,
} from "../levers.ts";

export interface ReassertPorts extends LeverPorts, LookPorts {
  readonly config: Config;
  readonly region: Region;
  readonly control: Pick<ControlTable, "readRouting" | "writeRouting" | "readChecks">;
  readonly say: (sentence: string) => void;
}

/** Of one Region that has levers. */
interface Stand {
  readonly region: Region;
  readonly desired: LeverPair;
  readonly reading: LeverReading;
  readonly attempted: LeverPosition | undefined;
}

interface Setting extends Pick<LeverOrder, "notAfter"> {
  readonly levers: Lever[];
  readonly checks: CheckIds | null;
}

export async function reassertLevers(ports: ReassertPorts, routing: RoutingState): Promise<void> {
  const regions = leverRegions(ports.config);
  const checks = await ports.control.readChecks();
  const { levers } = await readLevers(ports, checks, regions);
  for (const region of regions) {
    const desired = routing.levers[region];
    const reading = levers[region];
    if (desired === undefined || reading === undefined) continue;
    const attempted = routing.switchAttempted[region];
    try {
      await reassert(ports, routing, { region, desired, reading, attempted }, checks);
    } catch (error) {
      // A run has claimed the levers since: they are its business now.
      if (!(error instanceof EpochLost)) throw error;
    }
  }
}

async function reassert(
  ports: ReassertPorts,
  routing: RoutingState,
  stand: Stand,
  checks: CheckIds | null,
): Promise<void> {
  const { region } = stand;
  const levers = differingLevers(stand);
  const moves = levers.length > 0 && movesTraffic(stand);
  const vouchedAt = moves ? await freshLook(ports, ports.config, routing.active) : null;
  if (moves && vouchedAt === null) {
    return ports.say(
      `Left ${levers.join(" and ")} of ${region}: no look vouches for ${routing.active}.`,
    );
  }
  const notAfter = vouchedAt === null ? null : vouchedAt + vouchMilliseconds;
  if (levers.length > 0) await set(ports, routing, stand, { levers, checks, notAfter });
  if (!levers.includes("drain")) await republishDrain(ports, region, routing.epoch);
}

async function set(
  ports: ReassertPorts,
  routing: RoutingState,
  { region, desired, reading }: Stand,
  { levers, checks, notAfter }: Setting,
): Promise<void> {
  const result = await setLevers(ports, {
    region,
    desired,
    levers,
    checks: checks ?? {},
    epoch: routing.epoch,
    holder: null,
    execution: `reconcile/${ports.region}/${Math.floor(ports.now() / 60_000)}`,
    because: `since ${routing.active} serves${unread(levers, reading)}`,
    notAfter,
  });
  const said = result.details.length === 0 ? "accepted." : result.details.join(" ");
  ports.say(`Re-asserted ${levers.join(" and ")} of ${region}: ${said}`);
}

/** So that a ledger that says it every minute says why. */
const unread = (levers: readonly Lever[], reading: LeverReading) =>
  levers.every((lever) => reading[lever] === "unknown") ? "; how it stands can't be read" : "";

/** A pull whose answer never came may still take effect: it stands until a release was read back,
 * so a release is made again even where the check looks released. */
function differingLevers({ desired, reading, attempted }: Stand): Lever[] {
  const unsettled = attempted !== undefined && attempted !== desired.switch;
  const differing: Lever[] = [];
  if (reading.switch !== "unknown" && (reading.switch !== desired.switch || unsettled)) {
    differing.push("switch");
  }
  if (reading.drain !== desired.drain) differing.push("drain");
  return differing;
}

/** One pulled lever takes a Region out, so a second one moves nothing; every release may. */
function movesTraffic({ desired, reading, attempted }: Stand): boolean {
  if (desired.switch === "released") return Object.values(reading).includes("pulled");
  return standingLevers(desired, reading, attempted).length === 0;
}
