// The fence is the claim itself: since then no gate that reads again is open. What is left is to
// wait for the gates that read before: lease, deadline, and 1 s for what is in flight.
import type { Config } from "../../core/config/schema.ts";
import type { Claim, Fence, Run } from "../../core/contracts/steps.ts";
import { departureOf } from "../../core/plan.ts";
import type { Ledger } from "../adapters/ledger.ts";
import { granted, holdLease, type LeasePorts } from "../hold-lease.ts";

export interface FencePorts extends LeasePorts {
  readonly ledger: Ledger;
}

const inFlightSeconds = 1;

export async function fenceSource(
  ports: FencePorts,
  config: Config,
  input: { run: Run; claim: Claim },
): Promise<Fence> {
  const claim = granted(input.claim);
  await holdLease(ports, config, input.run, claim);
  const gatesSeconds = config.writeLeaseSeconds + config.writeDeadlineSeconds + inFlightSeconds;
  const fencedAt = claim.claimedAt + gatesSeconds * 1_000;
  const waitSeconds = Math.max(0, (fencedAt - ports.now()) / 1_000);
  const departed = departureOf(claim);
  const seconds = waitSeconds.toFixed(1);
  await ports.ledger.append({
    execution: input.run.executionArn,
    epoch: claim.epoch,
    kind: "fence",
    sentence: `Waiting ${seconds} s until no write gate of ${departed} is open.`,
    detail: { region: departed, waitSeconds, fencedAt },
  });
  return { waitSeconds, fencedAt };
}
