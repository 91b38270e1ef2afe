// A round: vouch for the destination, set its partner's and its own levers, then ask the zone's
// name servers until they answer the destination or the round is over. It reports what it found
// and judges nothing: whether another round follows, or the switch is undone, is the machine's.
import type { Config, Region } from "../../core/config/schema.ts";
import type { Claim, Run, Shift } from "../../core/contracts/steps.ts";
import { EpochLost } from "../../core/errors.ts";
import { destinationOf } from "../../core/plan.ts";
import type { ControlTable } from "../adapters/control-table.ts";
import type { NameServers } from "../adapters/name-servers.ts";
import type { LookPorts } from "../fresh-look.ts";
import { type GrantedClaim, granted, holdLease } from "../hold-lease.ts";
import { type LeverPorts, republishDrain } from "../levers.ts";
import { allStand, type MovedLevers, moveLevers, readStands, unreadStands } from "./move-levers.ts";
import { isYoung, vouch } from "./vouch.ts";

export interface ShiftPorts extends LeverPorts, LookPorts {
  readonly control: Pick<ControlTable, "readRouting" | "writeRouting" | "readChecks">;
  readonly nameServers: NameServers;
  sleep(seconds: number): Promise<void>;
}

export interface ShiftInput {
  readonly run: Run;
  readonly claim: Claim;
  readonly vouchedAt: number | null;
  readonly round: number;
}

/** From the first call to the last question: the next round may be told of anything new. */
const roundSeconds = 45;
const pollSeconds = 2;
const againSeconds = 10;

export async function shiftTraffic(
  ports: ShiftPorts,
  config: Config,
  input: ShiftInput,
): Promise<Shift> {
  const { run, round, vouchedAt } = input;
  const until = ports.now() + roundSeconds * 1_000;
  const claim = granted(input.claim);
  const destination = destinationOf(claim);
  const state = await holdLease(ports, config, run, claim);
  const checks = (await ports.control.readChecks()) ?? {};
  const unread = unreadStands(config, destination);
  // A fresh look lets all of them be set: how they stand is not waited for.
  const early = round <= 1 && isYoung(vouchedAt, ports.now());
  const stands = early ? unread : await readStands(ports, unread, checks, state);
  const stood = allStand(stands);
  const vouched = await vouch(ports, config, { claim, destination, vouchedAt, moves: !stood });
  const moved = await moveLevers(ports, { run, claim, vouched, checks, stands, round });
  const moves = !stood && vouched.allowed;
  const enough = isEnough(config, destination, moved);
  const dnsAnswers = await awaitAnswer(ports, { run, claim, moved, enough, moves, until });
  return shiftOf(ports, config, { destination, moved, stood, dnsAnswers, vouchedAt: vouched.at });
}

interface Awaited {
  readonly run: Run;
  readonly claim: GrantedClaim;
  readonly moved: MovedLevers;
  /** As many levers were accepted as it takes. */
  readonly enough: boolean;
  /** A lever was to move in this round. */
  readonly moves: boolean;
  /** ms since 1970. */
  readonly until: number;
}

async function awaitAnswer(ports: ShiftPorts, awaited: Awaited): Promise<Region | null> {
  const { claim, enough, moves, until } = awaited;
  // A release that one lever refused leads nowhere: the next round tries again, and nobody writes
  // meanwhile. Nor is waited where levers that are put back stood: what DNS answers then is
  // Route 53's own doing.
  if (!enough || (!moves && claim.next === "restore")) return ports.nameServers.answeredRegion();
  let saidAt = ports.now();
  for (;;) {
    const answers = await ports.nameServers.answeredRegion();
    if (answers === destinationOf(claim)) return answers;
    if (ports.now() + pollSeconds * 1_000 >= until) return answers;
    await ports.sleep(pollSeconds);
    if (ports.now() - saidAt < againSeconds * 1_000) continue;
    saidAt = ports.now();
    await releaseAgain(ports, awaited);
  }
}

/** The drain alarm takes the maximum of a minute: a release counts from the next minute on, and
 * only if it is said in that minute too. A pull counts at once. */
async function releaseAgain(ports: ShiftPorts, { run, claim, moved }: Awaited): Promise<void> {
  const destination = destinationOf(claim);
  if (!isAccepted(moved.drain)) return;
  try {
    await republishDrain(ports, destination, claim.epoch, run.executionArn);
  } catch (error) {
    if (error instanceof EpochLost) throw error;
    // The next time, or the next round.
  }
}

function shiftOf(
  ports: ShiftPorts,
  config: Config,
  seen: {
    destination: Region;
    moved: MovedLevers;
    stood: boolean;
    dnsAnswers: Region | null;
    vouchedAt: number | null;
  },
): Shift {
  const { destination, moved, stood, dnsAnswers, vouchedAt } = seen;
  const enough = isEnough(config, destination, moved);
  const there = dnsAnswers === destination;
  const effective = (outcome: MovedLevers["switch"]) =>
    there && outcome === "accepted" ? "effective" : outcome;
  return {
    shifted: enough && there,
    accepted: isAccepted(moved.switch) || isAccepted(moved.drain),
    stood,
    levers: { switch: effective(moved.switch), drain: effective(moved.drain) },
    dnsAnswers,
    vouchedAt,
    shiftedAt: enough && there ? ports.now() : null,
    route53Calls: moved.route53Calls,
    detail: [
      `The zone's name servers answer ${dnsAnswers ?? "nothing that all of them agree on"}.`,
      ...moved.details,
    ].join(" "),
  };
}

/** One pulled lever takes a Region out; bringing one back needs every lever released. */
function isEnough(config: Config, destination: Region, moved: MovedLevers): boolean {
  const outcomes = [moved.switch, moved.drain];
  const releases = destination === config.regions.primary;
  return releases ? outcomes.every(isAccepted) : outcomes.some(isAccepted);
}

function isAccepted(outcome: MovedLevers["switch"]): boolean {
  return outcome === "accepted";
}
