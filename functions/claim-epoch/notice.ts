// Before a planned claim the gates of the source are told that it is coming. A gate that has read
// so rests on a reading for a second, not for writeLeaseSeconds; once that long has passed since,
// every open gate has. Then the claim is made, and its fence waits for the short lease: writes
// pause for half the time. Nothing is claimed by a notice; a run that dies after it leaves gates
// that read more often until the next epoch.
import type { Config } from "../../core/config/schema.ts";
import type { RoutingState } from "../../core/contracts/routing-state.ts";
import type { Claim } from "../../core/contracts/steps.ts";
import { movesWriter, noticedLeaseSeconds } from "../../core/writer.ts";
import type { ControlTable } from "../adapters/control-table.ts";
import type { Ledger } from "../adapters/ledger.ts";
import type { ClaimInput } from "./transitions.ts";

export interface NoticePorts {
  readonly control: Pick<ControlTable, "putNotice">;
  readonly ledger: Ledger;
  now(): number;
}

type Noticed = Extract<Claim, { claimed: false }>;

/** Null: the claim may be made now. */
export async function noticeFirst(
  ports: NoticePorts,
  config: Config,
  input: ClaimInput,
  state: RoutingState,
): Promise<Noticed | null> {
  if (!needsNotice(config, input, state)) return null;
  const { noticed } = input;
  if (noticed?.epoch === state.epoch) {
    const isKnown = ports.now() - noticed.at >= config.writeLeaseSeconds * 1_000;
    return isKnown ? null : waiting(noticed);
  }
  const { run } = input;
  const { epoch, writer } = state;
  await ports.ledger.append({
    execution: run.executionArn,
    epoch,
    kind: "notice",
    sentence: `Telling the write gates of ${writer} that they are about to be shut.`,
    detail: { region: writer },
  });
  await ports.control.putNotice(epoch, ports.now());
  return waiting({ epoch, at: ports.now() });
}

/** What of the claim the fence must know. A claim that rested on a notice is found again by the
 * epoch before its own. */
export function gateLeaseOf(
  { writeLeaseSeconds }: Config,
  { intent, noticed }: ClaimInput,
  { epoch }: RoutingState,
): { gateLeaseSeconds?: number } {
  if (intent !== "switch" || noticed?.epoch !== epoch - 1) return {};
  return { gateLeaseSeconds: Math.min(noticedLeaseSeconds, writeLeaseSeconds) };
}

/** With eventual coordination nobody knows when the source's gates read what; whoever isn't asked
 * for a planned switch has no seconds to spare. */
function needsNotice(
  config: Config,
  { intent, decision }: ClaimInput,
  { writer }: RoutingState,
): boolean {
  const { plan } = decision;
  if (intent !== "switch" || plan?.mode !== "planned" || !movesWriter(config, plan)) return false;
  const isShorter = config.writeLeaseSeconds > noticedLeaseSeconds;
  return config.coordination === "strong" && isShorter && writer === plan.source;
}

const waiting = (noticed: { epoch: number; at: number }): Noticed => ({
  ...{ claimed: false, again: false, noticed },
  why: "The source's gates are being told.",
});
