// One conditional write: active and writer become the destination. The ledger says so first; a
// repetition finds it done and writes neither again.
import type { Config } from "../../core/config/schema.ts";
import type { Claim, Promotion, Run } from "../../core/contracts/steps.ts";
import { destinationOf, promoted } from "../../core/plan.ts";
import type { Ledger } from "../adapters/ledger.ts";
import { granted, holdLease, type LeasePorts, lostEpoch } from "../hold-lease.ts";

export interface PromotePorts extends LeasePorts {
  readonly ledger: Ledger;
}

export async function promoteTarget(
  ports: PromotePorts,
  config: Config,
  input: { run: Run; claim: Claim },
): Promise<Promotion> {
  const claim = granted(input.claim);
  const { executionArn } = input.run;
  const destination = destinationOf(claim);
  const state = await holdLease(ports, config, input.run, claim);
  const now = ports.now();
  if (state.writer === destination) return { writer: destination, promotedAt: now };
  const next = promoted(config, state, { executionArn, now, destination });
  await ports.ledger.append({
    execution: executionArn,
    epoch: claim.epoch,
    kind: "promote",
    sentence: `${destination} becomes the active Region and accepts writes.`,
    detail: { ...next },
  });
  const written = await ports.control.writeRouting(state, next);
  if (written === null) throw lostEpoch(claim);
  return { writer: destination, promotedAt: now };
}
