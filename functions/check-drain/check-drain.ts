// Verified: every journal entry since the mark is read back at the destination, by key and
// version. Heartbeats (weaker, no second write): every shard shows a beat made after the gates
// had closed, which says nothing of a single item that replicates out of order.
import type { Config, Region } from "../../core/config/schema.ts";
import type { Claim, Drain, Run } from "../../core/contracts/steps.ts";
import { departureOf, destinationOf } from "../../core/plan.ts";
import type { ApplicationTable } from "../adapters/application-table.ts";
import type { ControlTable } from "../adapters/control-table.ts";
import type { Ledger } from "../adapters/ledger.ts";
import { type GrantedClaim, granted, holdLease } from "../hold-lease.ts";
import { firstMark, type JournalReader, readBack } from "../read-back.ts";

export interface DrainPorts {
  readonly control: Pick<ControlTable, "readRouting" | "writeRouting" | "readMark">;
  readonly ledger: Ledger;
  application(region: Region): JournalReader & Pick<ApplicationTable, "oldestHeartbeat">;
  now(): number;
}

export async function checkDrain(
  ports: DrainPorts,
  config: Config,
  input: { run: Run; claim: Claim; round: number },
): Promise<Drain> {
  const claim = granted(input.claim);
  await holdLease(ports, config, input.run, claim);
  const drain =
    config.drain === "verified"
      ? await verifiedDrain(ports, claim)
      : await heartbeatDrain(ports, config, claim);
  await ports.ledger.append({
    execution: input.run.executionArn,
    epoch: claim.epoch,
    kind: "drain",
    sentence: drain.detail,
    detail: { round: input.round, missing: drain.missing, checked: drain.checked },
  });
  return drain;
}

async function verifiedDrain(ports: DrainPorts, claim: GrantedClaim): Promise<Drain> {
  const source = departureOf(claim);
  const target = destinationOf(claim);
  const mark = (await ports.control.readMark(source)) ?? firstMark(source, claim.claimedAt);
  const until = ports.now() + 60_000; // The gates are closed: whatever is announced is meant.
  const { checked, missing } = await readBack(
    { source: ports.application(source), target: ports.application(target) },
    { source, mark, throughEpoch: claim.epoch, until },
  );
  return { drained: missing === 0, missing, checked, detail: sentenceOf(target, checked, missing) };
}

function sentenceOf(target: Region, checked: number, missing: number): string {
  return missing === 0
    ? `All ${checked} items written since the mark are readable in ${target}.`
    : `${missing} of ${checked} items written since the mark have not arrived in ${target}.`;
}

async function heartbeatDrain(
  ports: DrainPorts,
  config: Config,
  claim: GrantedClaim,
): Promise<Drain> {
  const source = departureOf(claim);
  const target = destinationOf(claim);
  const gatesSeconds = config.writeLeaseSeconds + config.writeDeadlineSeconds;
  const fencedAt = claim.claimedAt + gatesSeconds * 1_000;
  const newest = await ports.application(target).oldestHeartbeat(source);
  const drained = newest !== null && newest >= fencedAt;
  const seen = newest === null ? "no heartbeat" : "only older heartbeats";
  const detail = drained
    ? `${target} shows heartbeats of ${source} from after its gates closed.`
    : `${target} shows ${seen} of ${source} from after its gates closed.`;
  return { drained, missing: null, checked: 0, detail };
}
