// A round: vouch for the destination, set its partner's and its own levers, then ask the zone's
// name servers until they answer the destination or the round is over. It reports what it found
// and judges nothing: whether another round follows, or the switch is undone, is the machine's.
import type { Config, Region } from "../../core/config/schema.ts";
import type { Claim, Run, Shift } from "../../core/contracts/steps.ts";
import { EpochLost } from "../../core/errors.ts";
import { destinationOf } from "../../core/plan.ts";
import type { ControlTable } from "../adapters/control-table.ts";
import type { NameServers } from "../adapters/name-servers.ts";
import { type GrantedClaim, granted, holdLease } from "../hold-lease.ts";
import { type LeverPorts, republishDrain } from "../levers.ts";
import { type MovedLevers, moveLevers } from "./move-levers.ts";
import { type VouchPorts, vouch } from "./vouch.ts";

export interface ShiftPorts extends LeverPorts, VouchPorts {
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
  const startedAt = ports.now();
  const claim = granted(input.claim);
  const destination = destinationOf(claim);
  await holdLease(ports, config, input.run, claim);
  const answersBefore = await ports.nameServers.answeredRegion();
  const vouched = await vouch(ports, config, {
    claim,
    destination,
    vouchedAt: input.vouchedAt,
    moves: answersBefore !== destination,
  });
  const moved = await moveLevers(ports, config, { ...input, claim, vouched });
  const until = startedAt + roundSeconds * 1_000;
  const again = () => releaseAgain(ports, { ...input, claim }, moved);
  const dnsAnswers = await awaitAnswer(ports, destination, moved, until, answersBefore, again);
  return shiftOf(ports, config, { destination, moved, dnsAnswers, vouchedAt: vouched.at });
}

async function awaitAnswer(
  ports: ShiftPorts,
  destination: Region,
  moved: MovedLevers,
  until: number,
  before: Region | null,
  again: () => Promise<void>,
): Promise<Region | null> {
  // Nothing was touched: there is nothing to wait for, and the next round may look again.
  if (!isAccepted(moved.switch) && !isAccepted(moved.drain)) {
    return (await ports.nameServers.answeredRegion()) ?? before;
  }
  let saidAt = ports.now();
  for (;;) {
    const answers = await ports.nameServers.answeredRegion();
    if (answers === destination) return answers;
    if (ports.now() + pollSeconds * 1_000 >= until) return answers;
    await ports.sleep(pollSeconds);
    if (ports.now() - saidAt < againSeconds * 1_000) continue;
    saidAt = ports.now();
    await again();
  }
}

/** The drain alarm takes the maximum of a minute: a release counts from the next minute on, and
 * only if it is said in that minute too. A pull counts at once. */
async function releaseAgain(
  ports: ShiftPorts,
  { run, claim }: { run: Run; claim: GrantedClaim },
  moved: MovedLevers,
): Promise<void> {
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
    dnsAnswers: Region | null;
    vouchedAt: number | null;
  },
): Shift {
  const { destination, moved, dnsAnswers, vouchedAt } = seen;
  const outcomes = [moved.switch, moved.drain];
  // One pulled lever takes a Region out; bringing one back needs every lever released.
  const releases = destination === config.regions.primary;
  const enough = releases ? outcomes.every(isAccepted) : outcomes.some(isAccepted);
  const there = dnsAnswers === destination;
  const effective = (outcome: MovedLevers["switch"]) =>
    there && outcome === "accepted" ? "effective" : outcome;
  return {
    shifted: enough && there,
    accepted: outcomes.some(isAccepted),
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

function isAccepted(outcome: MovedLevers["switch"]): boolean {
  return outcome === "accepted";
}
