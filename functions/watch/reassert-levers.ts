// Keeps the levers where the routing state wants them: a lever that Route 53's API refused during
// a switch follows here when the API is back, and the drain metric is said again every minute. A
// switch whose position could not be read is left alone; a drain is published anyway, through the
// ledger unless it is known to stand there already. Where that would move traffic, a fresh look
// must vouch for the Region that gets it; while none does, the levers are left for the next minute.
// Nothing is pulled while a lever of the other Region may be: never are both out.
import type { Config, Region } from "../../core/config/schema.ts";
import type { CheckIds } from "../../core/contracts/records.ts";
import type { LeverPair, LeverPosition, RoutingState } from "../../core/contracts/routing-state.ts";
import { releasedFirst, standingLevers } from "../../core/desired-levers.ts";
import { EpochLost } from "../../core/errors.ts";
import { leverRegions, peerOf } from "../../core/names.ts";
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
  const stands = releasedFirst(routing.levers).flatMap(([region, desired]) => {
    const reading = levers[region];
    const attempted = routing.switchAttempted[region];
    return reading === undefined ? [] : [{ region, desired, reading, attempted }];
  });
  for (const stand of stands) {
    try {
      await reassert(ports, routing, stand, stands, checks);
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
  stands: readonly Stand[],
  checks: CheckIds | null,
): Promise<void> {
  const { region } = stand;
  const towards = towardsOf(ports, stand);
  const levers = differingLevers(stand);
  const moves = levers.length > 0 && movesTraffic(stand);
  const vouchedAt = moves ? await freshLook(ports, ports.config, towards) : null;
  const left = `Left ${levers.join(" and ")} of ${region}:`;
  if (moves && vouchedAt === null) return ports.say(`${left} no look vouches for ${towards}.`);
  const other = stands.find((each) => each.region === towards && each !== stand);
  if (moves && other !== undefined && !isIn(other)) {
    return ports.say(`${left} ${towards} may be out by a lever.`);
  }
  const notAfter = vouchedAt === null ? null : vouchedAt + vouchMilliseconds;
  if (levers.length > 0) await set(ports, routing, stand, { levers, checks, notAfter });
  if (!levers.includes("drain")) await republishDrain(ports, region, routing.epoch);
}

/** Who gets the traffic where the lever moves any. */
const towardsOf = ({ config }: ReassertPorts, { region, desired }: Stand) =>
  desired.switch === "released" ? region : peerOf(config, region);

/** As it was read: one that has just been released is known to be in a minute later. */
const isIn = ({ desired, reading, attempted }: Stand) =>
  standingLevers(desired, reading, attempted).length === 2;

async function set(
  ports: ReassertPorts,
  routing: RoutingState,
  stand: Stand,
  { levers, checks, notAfter }: Setting,
): Promise<void> {
  const { region, desired, reading } = stand;
  const result = await setLevers(ports, {
    region,
    desired,
    levers,
    checks: checks ?? {},
    epoch: routing.epoch,
    holder: null,
    execution: `reconcile/${ports.region}/${Math.floor(ports.now() / 60_000)}`,
    because: `since ${towardsOf(ports, stand)} serves${unread(levers, reading)}`,
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
