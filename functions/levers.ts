// Pulls and releases the two levers of a Region, and reads how they stand. The ledger says it
// first; each call follows a strong read, at most 5 s older, that shows the caller as holder of
// the lease (reconcile: that nobody holds it). One lever that fails never stops the other.
import type { Region } from "../core/config/schema.ts";
import type { CheckIds } from "../core/contracts/records.ts";
import type { LeverPair, LeverPosition, RoutingState } from "../core/contracts/routing-state.ts";
import { EpochLost, TransientFault } from "../core/errors.ts";
import type { DrainMetric } from "./adapters/cloudwatch.ts";
import type { ControlTable } from "./adapters/control-table.ts";
import type { Ledger } from "./adapters/ledger.ts";
import type { Route53, SwitchCheck } from "./adapters/route53.ts";
import { faultWords } from "./faults.ts";

export interface LeverPorts {
  readonly control: Pick<ControlTable, "readRouting" | "writeRouting">;
  readonly ledger: Ledger;
  readonly route53: Route53;
  readonly drain: DrainMetric;
  now(): number;
}

export type Lever = keyof LeverPair;

export interface LeverOrder {
  /** Whose levers. */
  readonly region: Region;
  readonly desired: LeverPair;
  /** Default: both. The switch check gets a new version even when it looks right. */
  readonly levers?: readonly Lever[];
  readonly checks: CheckIds;
  readonly epoch: number;
  /** Execution that holds the lease; null: nobody may hold one (reconcile). */
  readonly holder: string | null;
  /** The ledger's chain. */
  readonly execution: string;
  /** One clause for the ledger: "so that us-west-2 serves". */
  readonly because: string;
  /** No call is sent later (ms since 1970): until then a look vouches for the target. */
  readonly notAfter: number | null;
}

export interface LeverResult {
  readonly switch: "accepted" | "failed" | "untouched";
  readonly drain: "accepted" | "failed" | "untouched";
  readonly route53Calls: number;
  /** One sentence a lever that failed. */
  readonly details: readonly string[];
}

/** How old the strong read may be when the call that rests on it is sent. */
const strongReadSecondsMax = 5;
const attemptsMax = 2;
const bothLevers: readonly Lever[] = ["switch", "drain"];

/** Throws EpochLost when another holds the right to touch them. */
export async function setLevers(ports: LeverPorts, order: LeverOrder): Promise<LeverResult> {
  const levers = order.levers ?? bothLevers;
  // What another holder does by now must not even be announced.
  await readAsHolder(ports, order);
  for (const lever of levers) await announce(ports, order, lever);
  const calls = { route53: 0 };
  const [switchOutcome, drainOutcome] = await Promise.all([
    levers.includes("switch") ? attempted(() => setSwitch(ports, order, calls)) : null,
    levers.includes("drain") ? attempted(() => setDrain(ports, order)) : null,
  ]);
  for (const outcome of [switchOutcome, drainOutcome]) {
    if (outcome?.lost) throw outcome.lost;
  }
  return {
    switch: switchOutcome?.result ?? "untouched",
    drain: drainOutcome?.result ?? "untouched",
    route53Calls: calls.route53,
    details: [
      ...(switchOutcome?.words ? [`Switch lever of ${order.region}: ${switchOutcome.words}.`] : []),
      ...(drainOutcome?.words ? [`Drain lever of ${order.region}: ${drainOutcome.words}.`] : []),
    ],
  };
}

async function announce(ports: LeverPorts, order: LeverOrder, lever: Lever): Promise<void> {
  const position = order.desired[lever];
  const verb = position === "pulled" ? "Pulling" : "Releasing";
  await ports.ledger.append({
    execution: order.execution,
    epoch: order.epoch,
    kind: position === "pulled" ? "pull-lever" : "release-lever",
    sentence: `${verb} the ${lever} lever of ${order.region}, ${order.because}.`,
    detail: { region: order.region, lever, position },
  });
}

interface Attempt {
  readonly result: "accepted" | "failed";
  readonly words: string;
  readonly lost: EpochLost | null;
}

async function attempted(work: () => Promise<void>): Promise<Attempt> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await work();
      return { result: "accepted", words: "", lost: null };
    } catch (error) {
      const lost = error instanceof EpochLost ? error : null;
      if (lost !== null || attempt === attemptsMax) {
        return { result: "failed", words: faultWords(error), lost };
      }
    }
  }
}

async function setSwitch(
  ports: LeverPorts,
  order: LeverOrder,
  calls: { route53: number },
): Promise<void> {
  const position = order.desired.switch;
  const checkId = checksOf(order).switch;
  calls.route53 += 1;
  const before = await ports.route53.readSwitch(checkId);
  if (position === "pulled") await recordAttempt(ports, order, "pulled");
  const { readAt } = await readAsHolder(ports, order);
  const seconds = secondsLeft(ports, order, readAt);
  calls.route53 += 1;
  const version = before.version;
  try {
    const after = await ports.route53.updateSwitch({ checkId, version, position, seconds });
    assertPosition(after, position);
  } catch (error) {
    calls.route53 += 1;
    await readBack(ports, checkId, before, position, error);
  }
  if (position === "released") await recordAttempt(ports, order, "released");
}

/** The answer was lost or late, or the client's repetition found the version that its own first
 * attempt had made: the update counts if the check says so and is newer. */
async function readBack(
  ports: LeverPorts,
  checkId: string,
  before: SwitchCheck,
  position: LeverPosition,
  cause: unknown,
): Promise<void> {
  const now = await ports.route53.readSwitch(checkId);
  if (now.position === position && now.version > before.version) return;
  throw cause;
}

function assertPosition(check: SwitchCheck, position: LeverPosition): void {
  if (check.position === position) return;
  throw new TransientFault(`Route 53 answered the switch as ${check.position}.`);
}

async function setDrain(ports: LeverPorts, order: LeverOrder): Promise<void> {
  const { readAt } = await readAsHolder(ports, order);
  const seconds = secondsLeft(ports, order, readAt);
  await ports.drain.publish(order.region, order.desired.drain, readAt, seconds);
}

async function recordAttempt(
  ports: LeverPorts,
  order: LeverOrder,
  position: LeverPosition,
): Promise<void> {
  const { state } = await readAsHolder(ports, order);
  const switchAttempted = { ...state.switchAttempted, [order.region]: position };
  const written = await ports.control.writeRouting(state, { ...state, switchAttempted });
  if (written === null) throw lost(order);
}

/** `readAt`: when the strong read was sent, ms since 1970. */
async function readAsHolder(
  ports: Pick<LeverPorts, "control" | "now">,
  order: Pick<LeverOrder, "epoch" | "holder" | "region">,
): Promise<{ state: RoutingState; readAt: number }> {
  const readAt = ports.now();
  const state = await ports.control.readRouting();
  const holds =
    order.holder === null
      ? state.lease === null && state.phase === "steady"
      : state.lease?.executionArn === order.holder;
  if (state.epoch !== order.epoch || !holds) throw lost(order);
  return { state, readAt };
}

function secondsLeft(ports: LeverPorts, order: LeverOrder, readAt: number): number {
  const now = ports.now();
  if (order.notAfter !== null && now > order.notAfter) {
    throw new TransientFault("no look younger than 60 s vouches for the target");
  }
  const left = strongReadSecondsMax - (now - readAt) / 1_000;
  if (left > 0) return left;
  throw new TransientFault("the routing state took too long to read");
}

function checksOf(order: LeverOrder) {
  const checks = order.checks[order.region];
  if (checks !== undefined) return checks;
  throw new TransientFault(`no health-check ids of ${order.region} are known yet`);
}

function lost(order: Pick<LeverOrder, "epoch" | "region">): EpochLost {
  return new EpochLost(`Epoch ${order.epoch} no longer allows to touch ${order.region}'s levers.`);
}

/** Says again what is desired, so that the drain check keeps a value. It moves nothing, so the
 * ledger is silent. Throws EpochLost unless `holder` holds the lease; null: nobody does. */
export async function republishDrain(
  ports: Pick<LeverPorts, "control" | "drain" | "now">,
  region: Region,
  epoch: number,
  holder: string | null = null,
): Promise<void> {
  const { state, readAt } = await readAsHolder(ports, { region, epoch, holder });
  const desired = state.levers[region]?.drain;
  if (desired !== undefined) await ports.drain.publish(region, desired, readAt);
}

export type LeverReading = Record<Lever, LeverPosition | "unknown">;

/** As Route 53 and CloudWatch tell; what can't be read is unknown. `reachable`: Route 53's API
 * answered. */
export async function readLevers(
  ports: Pick<LeverPorts, "route53" | "drain" | "now">,
  checks: CheckIds | null,
  regions: readonly Region[],
): Promise<{ levers: Record<Region, LeverReading>; reachable: boolean }> {
  const readings = await Promise.all(
    regions.map(async (region) => {
      const checkId = checks?.[region]?.switch;
      const [check, drain] = await Promise.all([
        checkId === undefined ? null : ports.route53.readSwitch(checkId).catch(() => null),
        ports.drain.read(region, ports.now()).catch(() => null),
      ]);
      const reading = { switch: check?.position ?? "unknown", drain: drain ?? "unknown" } as const;
      return { region, reading, reachable: check !== null };
    }),
  );
  return {
    levers: Object.fromEntries(readings.map(({ region, reading }) => [region, reading])),
    reachable: readings.some(({ reachable }) => reachable),
  };
}
