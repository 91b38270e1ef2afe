// One conditional write: active and writer become the destination. The ledger says so first; a
// repetition finds it done and writes neither again. Where no drain went before, a divergence
// report is opened first: what the old writer did not get across in time is to be compared later.
import type { Config } from "../../core/config/schema.ts";
import type { Claim, Promotion, Run } from "../../core/contracts/steps.ts";
import { isDrained, openedReport } from "../../core/divergence.ts";
import { departureOf, destinationOf, promoted } from "../../core/plan.ts";
import type { ControlTable } from "../adapters/control-table.ts";
import type { Divergences } from "../adapters/divergences.ts";
import type { Ledger } from "../adapters/ledger.ts";
import { type AbortPorts, heedAbort } from "../heed-abort.ts";
import {
  type GrantedClaim,
  granted,
  holdLease,
  type LeasePorts,
  lostEpoch,
} from "../hold-lease.ts";

export interface PromotePorts extends LeasePorts, AbortPorts {
  readonly control: LeasePorts["control"] & AbortPorts["control"] & Pick<ControlTable, "readMark">;
  readonly divergences: Pick<Divergences, "create">;
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
  await heedAbort(ports, input.run, claim);
  const next = promoted(config, state, { executionArn, now, destination });
  await openReport(ports, config, claim, now);
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

/** A repetition finds it there. */
async function openReport(
  ports: PromotePorts,
  config: Config,
  claim: GrantedClaim,
  now: number,
): Promise<void> {
  if (isDrained(claim)) return;
  const mark = await ports.control.readMark(departureOf(claim));
  await ports.divergences.create(openedReport(config, claim, mark, now));
}
