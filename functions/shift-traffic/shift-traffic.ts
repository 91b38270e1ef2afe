// A round: vouch for the destination, set the levers, then ask the zone's name servers until they
// answer the Regions that are to serve or the round is over. It reports what it found
// and judges nothing: whether another round follows, or the switch is undone, is the machine's.
import type { Config, Region } from "../../core/config/schema.ts";
import type { CheckIds } from "../../core/contracts/records.ts";
import type { RoutingState } from "../../core/contracts/routing-state.ts";
import type { Claim, Run, Shift } from "../../core/contracts/steps.ts";
import { EpochLost } from "../../core/errors.ts";
import { destinationOf, sameRegions, servingAfter } from "../../core/plan.ts";
import type { ControlTable } from "../adapters/control-table.ts";
import type { NameServers } from "../adapters/name-servers.ts";
import type { LookPorts } from "../fresh-look.ts";
import { heedAbort } from "../heed-abort.ts";
import { type GrantedClaim, granted, holdLease } from "../hold-lease.ts";
import { type LeverPorts, republishDrain } from "../levers.ts";
import {
  allStand,
  believed,
  type MovedLevers,
  moveLevers,
  readStands,
  type Stand,
  unreadStands,
} from "./move-levers.ts";
import { isYoung, vouch } from "./vouch.ts";

export interface ShiftPorts extends LeverPorts, LookPorts {
  readonly control: Pick<ControlTable, "readRouting" | "writeRouting" | "readChecks" | "findAbort">;
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
  // With writes any-region nobody is promoted, and this is the last place to turn back.
  if (!claim.promotes) await heedAbort(ports, run, claim);
  const checks = (await ports.control.readChecks()) ?? {};
  const unread = unreadStands(config, claim);
  // A fresh look lets all of them be set: how they stand is not waited for.
  const early = round <= 1 && isYoung(vouchedAt, ports.now());
  const toRead = early ? unread.filter(({ moves }) => !moves) : unread;
  const read = toRead.length === 0 ? [] : await readAll(ports, toRead, checks, state);
  const stands = unread.map((stand) => read.find((r) => r.region === stand.region) ?? stand);
  const stood = allStand(stands);
  const vouched = await vouch(ports, config, { claim, destination, vouchedAt, moves: !stood });
  const moved = await moveLevers(ports, { run, claim, vouched, checks, stands, round });
  const moves = !stood && vouched.allowed;
  const dnsAnswers = await awaitAnswer(ports, { run, claim, moved, moves, until });
  return shiftOf(ports, { claim, moved, stands, dnsAnswers, vouchedAt: vouched.at });
}

async function readAll(
  ports: ShiftPorts,
  stands: readonly Stand[],
  ...known: [checks: CheckIds, state: RoutingState]
): Promise<Stand[]> {
  const read = await readStands(ports, stands, ...known);
  if (!read.some(({ moves, drainUnread }) => !moves && drainUnread)) return read;
  const answers = await ports.nameServers.answeredRegions();
  return read.map((stand) => believed(stand, answers));
}

interface Awaited {
  readonly run: Run;
  readonly claim: GrantedClaim;
  readonly moved: MovedLevers;
  /** A lever was to move in this round. */
  readonly moves: boolean;
  /** ms since 1970. */
  readonly until: number;
}

const isAnswered = (claim: GrantedClaim, answers: readonly Region[] | null) =>
  answers !== null && sameRegions(answers, servingAfter(claim));

async function awaitAnswer(ports: ShiftPorts, awaited: Awaited): Promise<Region[] | null> {
  const { claim, moved, moves, until } = awaited;
  // A release that one lever refused leads nowhere: the next round tries again, and nobody writes
  // meanwhile. Nor is waited where levers that are put back stood: what DNS answers then is
  // Route 53's own doing.
  if (!moved.enough || (!moves && claim.next === "restore")) {
    return ports.nameServers.answeredRegions();
  }
  let saidAt = ports.now();
  for (;;) {
    const answers = await ports.nameServers.answeredRegions();
    if (isAnswered(claim, answers)) return answers;
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
  if (!isAccepted(moved.drain)) return;
  for (const region of servingAfter(claim)) {
    try {
      await republishDrain(ports, region, claim.epoch, run.executionArn);
    } catch (error) {
      if (error instanceof EpochLost) throw error;
      // The next time, or the next round.
    }
  }
}

function shiftOf(
  ports: ShiftPorts,
  seen: {
    claim: GrantedClaim;
    moved: MovedLevers;
    stands: readonly Stand[];
    dnsAnswers: Region[] | null;
    vouchedAt: number | null;
  },
): Shift {
  const { claim, moved, stands, dnsAnswers, vouchedAt } = seen;
  const answered = isAnswered(claim, dnsAnswers);
  const releases = stands.some(({ moves, desired }) => moves && desired.switch === "released");
  const effective = (outcome: MovedLevers["switch"]) =>
    answered && outcome === "accepted" ? "effective" : outcome;
  const named = dnsAnswers?.join(" and ") ?? "nothing that all of them agree on";
  return {
    shifted: moved.enough && answered,
    answered,
    latched: moved.enough && !releases,
    accepted: isAccepted(moved.switch) || isAccepted(moved.drain),
    stood: allStand(stands),
    levers: { switch: effective(moved.switch), drain: effective(moved.drain) },
    dnsAnswers,
    vouchedAt,
    shiftedAt: moved.enough && answered ? ports.now() : null,
    route53Calls: moved.route53Calls,
    detail: [`The zone's name servers answer ${named}.`, ...moved.details].join(" "),
  };
}

function isAccepted(outcome: MovedLevers["switch"]): boolean {
  return outcome === "accepted";
}
