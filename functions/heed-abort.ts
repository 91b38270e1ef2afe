// Where a claimed run may stop: before a step after which it could only be finished. An operator's
// wish, found there, goes into the ledger and leads to the undoing that a failed step leads to; a
// run that is being undone already has nothing to heed.
import { abortInWords } from "../core/contracts/records.ts";
import type { Run } from "../core/contracts/steps.ts";
import { SwitchAborted } from "../core/errors.ts";
import type { ControlTable } from "./adapters/control-table.ts";
import type { Ledger } from "./adapters/ledger.ts";
import type { GrantedClaim } from "./hold-lease.ts";

export interface AbortPorts {
  readonly control: Pick<ControlTable, "findAbort">;
  readonly ledger: Ledger;
}

/** Throws SwitchAborted. */
export async function heedAbort(ports: AbortPorts, run: Run, claim: GrantedClaim): Promise<void> {
  if (claim.next === "restore") return;
  const wish = await ports.control.findAbort(run.executionArn);
  if (wish === null) return;
  const words = abortInWords(wish);
  await ports.ledger.append({
    execution: run.executionArn,
    epoch: claim.epoch,
    kind: "abort",
    sentence: `${words} Nothing is promoted yet: the switch is undone.`,
    detail: { ...wish },
  });
  throw new SwitchAborted(words);
}
