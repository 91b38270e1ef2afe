// The fence is the claim itself: since then no gate that reads again is open. What is left is to
// wait for the gates that read before: lease, deadline, and 1 s for what is in flight. The lease is
// short where the gates had been told that the claim would come. With
// eventual coordination a Region's gates read its own replica, so that the time runs from when that
// replica shows the claim; a Region whose replica doesn't is dead, or cut off and not to be fenced.
import type { Config } from "../../core/config/schema.ts";
import type { Claim, Fence, Run } from "../../core/contracts/steps.ts";
import { FenceUnseen } from "../../core/errors.ts";
import { departureOf } from "../../core/plan.ts";
import type { Ledger } from "../adapters/ledger.ts";
import { type GrantedClaim, granted, holdLease, type LeasePorts } from "../hold-lease.ts";
import { noticedAt, type ReplicaPorts } from "../replicas.ts";

export interface FencePorts extends LeasePorts, ReplicaPorts {
  readonly ledger: Ledger;
}

const inFlightSeconds = 1;
/** Beside one read of up to 5 s within the step's 15. */
const noticeSeconds = 8;

export async function fenceSource(
  ports: FencePorts,
  config: Config,
  input: { run: Run; claim: Claim },
): Promise<Fence> {
  const claim = granted(input.claim);
  await holdLease(ports, config, input.run, claim);
  const leaseSeconds = claim.gateLeaseSeconds ?? config.writeLeaseSeconds;
  const gatesSeconds = leaseSeconds + config.writeDeadlineSeconds + inFlightSeconds;
  const departed = departureOf(claim);
  const { since, unseen } = await fencedSince(ports, claim, departed);
  const fencedAt = since + gatesSeconds * 1_000;
  const waitSeconds = Math.max(0, (fencedAt - ports.now()) / 1_000);
  const seconds = waitSeconds.toFixed(1);
  await ports.ledger.append({
    execution: input.run.executionArn,
    epoch: claim.epoch,
    kind: "fence",
    sentence: `Waiting ${seconds} s until no write gate of ${departed} is open.${unseen}`,
    detail: { region: departed, waitSeconds, fencedAt },
  });
  return { waitSeconds, fencedAt };
}

/** From when on gates that read again are shut. `unseen`: a sentence, where nobody could see it. */
async function fencedSince(
  ports: FencePorts,
  claim: GrantedClaim,
  departed: string,
): Promise<{ since: number; unseen: string }> {
  const { claimedAt, epoch, plan, next } = claim;
  if (ports.replicas === undefined) return { since: claimedAt, unseen: "" };
  const asked = { region: departed, epoch, milliseconds: noticeSeconds * 1_000 };
  const noticed = await noticedAt(ports.replicas, asked, ports.now);
  if (noticed !== null) return { since: Math.max(claimedAt, noticed), unseen: "" };
  const unseen = `The control table in ${departed} does not show epoch ${epoch}`;
  // Planned: every write must be found, so every gate must be known to be shut.
  if (plan.mode === "planned" && next === "fence") throw new FenceUnseen(`${unseen}.`);
  return { since: claimedAt, unseen: ` ${unseen}: it may be cut off and go on writing.` };
}
