// One conditional write on the epoch that the decision saw. The ledger is written first, so an
// entry without its claim is possible and harmless. A claim that was lost is a value: another run
// acts, and this one ends. Repeated, it finds its own claim and answers the same. A planned one is
// made twice: first the source's gates are told (notice.ts).
import type { Config } from "../../core/config/schema.ts";
import { abortInWords } from "../../core/contracts/records.ts";
import type { RoutingState } from "../../core/contracts/routing-state.ts";
import type { Claim, LossBound } from "../../core/contracts/steps.ts";
import { InvariantViolated } from "../../core/errors.ts";
import { checkedState, isPromoted, isRestoring } from "../../core/plan.ts";
import { movesWriter } from "../../core/writer.ts";
import type { ControlTable } from "../adapters/control-table.ts";
import type { Ledger } from "../adapters/ledger.ts";
import type { ReplicaPorts } from "../replicas.ts";
import { besidePeer, stillOurs } from "./claim-replicas.ts";
import { lossAfterClaim, lossRefusal } from "./loss-at-claim.ts";
import { gateLeaseOf, noticeFirst } from "./notice.ts";
import { type Attempt, attemptOf, type ClaimInput } from "./transitions.ts";

export type { ClaimInput } from "./transitions.ts";

export interface ClaimPorts extends ReplicaPorts {
  readonly control: Pick<
    ControlTable,
    "readRouting" | "writeRouting" | "readHeartbeats" | "putNotice" | "findAbort"
  >;
  readonly ledger: Ledger;
  now(): number;
}

export async function claimEpoch(
  ports: ClaimPorts,
  config: Config,
  input: ClaimInput,
): Promise<Claim> {
  const { run, decision, intent } = input;
  const { executionArn } = run;
  const state = checkedState(config, await ports.control.readRouting());
  const actor = { executionArn, now: ports.now() };
  const attempt = attemptOf(config, state, actor, input);
  if (attempt.kind === "refused") return { claimed: false, why: attempt.why, again: attempt.again };
  if (attempt.kind === "held") return standing(ports, config, input, state);
  const wish = intent === "switch" ? await ports.control.findAbort(executionArn) : null;
  // Decided again, it is held, and says why.
  if (wish !== null) return { claimed: false, why: abortInWords(wish), again: true };
  const tooMuch =
    intent === "switch" ? await lossRefusal(ports, config, decision, attempt.next) : null;
  if (tooMuch !== null) return { claimed: false, why: tooMuch, again: true };
  const peer = await besidePeer(ports.replicas, config, input, state, actor.now);
  if (peer.refusal !== null) return peer.refusal;
  const notice = await noticeFirst(ports, config, input, state);
  if (notice !== null) return notice;
  await announce(ports.ledger, config, input, attempt);
  const written = await ports.control.writeRouting(state, attempt.next, stillSo(state, intent));
  const read = () => ports.control.readRouting();
  if (written !== null && (await stillOurs(ports.replicas, peer.settles, read, written))) {
    return standing(ports, config, input, written);
  }
  return { claimed: false, why: "Another run claimed the epoch first.", again: false };
}

/** What the write is conditional on beside the epoch. A holder may renew a lapsed lease, and keeps
 * it then: two runs would act. */
function stillSo({ automation, lease }: RoutingState, intent: ClaimInput["intent"]) {
  switch (intent) {
    case "switch":
      return { automation };
    case "take-over":
      return { lease };
    case "undo":
      return {};
  }
}

/** A claim that stands now, whether just made or found. The write may have taken long, and gates
 * that read before it stay open from its landing on: so both fence and bound run from here. */
async function standing(
  ports: ClaimPorts,
  config: Config,
  input: ClaimInput,
  state: RoutingState,
): Promise<Claim> {
  const { decision, intent } = input;
  const at = ports.now();
  const stated =
    intent === "undo"
      ? decision.lossBound
      : await lossAfterClaim(ports, config, decision, state, at);
  return { ...claimOf(config, state, at, stated, intent), ...gateLeaseOf(config, input, state) };
}

async function announce(
  ledger: Ledger,
  config: Config,
  { run, intent }: ClaimInput,
  { next }: Extract<Attempt, { kind: "write" }>,
): Promise<void> {
  await ledger.append({
    execution: run.executionArn,
    epoch: next.epoch,
    kind: intent === "undo" ? "undo" : "claim",
    sentence: sentenceOf(config, next, intent),
    detail: { ...next },
  });
}

function sentenceOf(
  config: Config,
  { epoch, plan }: RoutingState,
  intent: ClaimInput["intent"],
): string {
  const pause = (until: string) =>
    plan !== null && movesWriter(config, plan) ? `; until it is ${until} nobody writes` : "";
  const what = `the ${plan?.mode} ${plan?.direction} from ${plan?.source} to ${plan?.target}`;
  switch (intent) {
    case "switch":
      return `Claiming epoch ${epoch} for ${what}${pause("promoted")}.`;
    case "take-over":
      return `Claiming epoch ${epoch} to take over ${what}, whose run is gone.`;
    case "undo":
      return `Claiming epoch ${epoch} to undo ${what}${pause("undone")}.`;
  }
}

function claimOf(
  config: Config,
  state: RoutingState,
  claimedAt: number,
  lossBound: LossBound,
  intent: ClaimInput["intent"],
): Claim {
  const { epoch, plan } = state;
  if (plan === null) throw new InvariantViolated(`Epoch ${epoch} is claimed without a plan.`);
  const promotes = movesWriter(config, plan);
  const promoted = isPromoted(config, state);
  const course = !promotes || state.writer === plan.target ? "levers" : "fence";
  const next = isRestoring(config, state) ? "restore" : course;
  return { claimed: true, epoch, claimedAt, plan, intent, next, promotes, promoted, lossBound };
}
