// Verified: every journal entry since the mark is read back at the destination, by key and
// version. Heartbeats (weaker, no second write): every shard shows a beat made after the gates
// had closed, which says nothing of a single item that replicates out of order.
import type { Config, Region } from "../../core/config/schema.ts";
import type { Claim, Drain, Run } from "../../core/contracts/steps.ts";
import { departureOf, destinationOf } from "../../core/plan.ts";
import type { ApplicationTable } from "../adapters/application-table.ts";
import type { ControlTable } from "../adapters/control-table.ts";
import type { Ledger } from "../adapters/ledger.ts";
import { heedAbort } from "../heed-abort.ts";
import { type GrantedClaim, granted, holdLease } from "../hold-lease.ts";
import { type JournalReader, readBack, unprovable } from "../read-back.ts";
import { noticedAt, type ReplicaPorts } from "../replicas.ts";

export interface DrainPorts extends ReplicaPorts {
  readonly control: Pick<
    ControlTable,
    "readRouting" | "writeRouting" | "readMark" | "readHeartbeats" | "findAbort"
  >;
  readonly ledger: Ledger;
  application(region: Region): JournalReader & Pick<ApplicationTable, "oldestHeartbeat">;
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}

/** The second beat from now is late enough, and it takes a moment to arrive. With beats 10 s apart
 * a round of this is 25 s of the step's 60. */
const graceMilliseconds = 5_000;
const pollMilliseconds = 1_000;

export async function checkDrain(
  ports: DrainPorts,
  config: Config,
  input: { run: Run; claim: Claim; round: number },
): Promise<Drain> {
  const claim = granted(input.claim);
  await holdLease(ports, config, input.run, claim);
  await heedAbort(ports, input.run, claim);
  const drain = (await unfenced(ports, claim)) ?? (await drainOf(ports, config, claim));
  await ports.ledger.append({
    execution: input.run.executionArn,
    epoch: claim.epoch,
    kind: "drain",
    sentence: drain.detail,
    detail: { round: input.round, missing: drain.missing, checked: drain.checked },
  });
  return drain;
}

/** What stays in the way of any drain: gates that may be open, since their Region's replica of the
 * control table does not show the claim (eventual coordination alone). */
async function unfenced(ports: DrainPorts, claim: GrantedClaim): Promise<Drain | null> {
  const { epoch } = claim;
  const region = departureOf(claim);
  if (ports.replicas === undefined) return null;
  const asked = { region, epoch, milliseconds: 0 };
  if ((await noticedAt(ports.replicas, asked, ports.now)) !== null) return null;
  return { ...undrained, detail: `The control table in ${region} does not show epoch ${epoch}.` };
}

function drainOf(ports: DrainPorts, config: Config, claim: GrantedClaim): Promise<Drain> {
  return config.drain === "verified"
    ? verifiedDrain(ports, claim)
    : heartbeatDrain(ports, config, claim);
}

async function verifiedDrain(ports: DrainPorts, claim: GrantedClaim): Promise<Drain> {
  const source = departureOf(claim);
  const target = destinationOf(claim);
  const [mark, heartbeats] = await Promise.all([
    ports.control.readMark(source),
    ports.control.readHeartbeats(),
  ]);
  // Announcements bear the source's clock, which may be ahead: its heartbeat says how far. The
  // gates are closed, so whatever is announced is meant.
  const clock = Math.max(ports.now(), heartbeats[source] ?? 0);
  const detail = unprovable(source, mark, clock);
  if (mark === null || detail !== null) return { ...undrained, detail: detail ?? "" };
  const { checked, missing } = await readBack(
    { source: ports.application(source), target: ports.application(target) },
    { source, mark, throughEpoch: claim.epoch, until: null, clock },
  );
  return { drained: missing === 0, missing, checked, detail: sentenceOf(target, checked, missing) };
}

const undrained = { drained: false, missing: null, checked: 0 };

function sentenceOf(target: Region, checked: number, missing: number): string {
  return missing === 0
    ? `All ${checked} items written since the mark are readable in ${target}.`
    : `${missing} of ${checked} items written since the mark have not arrived in ${target}.`;
}

/** No clock is held against another: a gate passes a write while its own heartbeat is younger than
 * heartbeatSeconds. So what was written before the gates closed bears, on the source's clock, at
 * most the newest heartbeat that there is now, and heartbeatSeconds, and the deadline. */
async function heartbeatDrain(
  ports: DrainPorts,
  config: Config,
  claim: GrantedClaim,
): Promise<Drain> {
  const source = departureOf(claim);
  const target = destinationOf(claim);
  const beat = (await ports.control.readHeartbeats())[source] ?? null;
  const gateSeconds = config.detection.heartbeatSeconds + config.writeDeadlineSeconds;
  const closed = beat === null ? Infinity : beat + gateSeconds * 1_000;
  const until = ports.now() + 2 * config.detection.heartbeatSeconds * 1_000 + graceMilliseconds;
  for (;;) {
    const newest = await ports.application(target).oldestHeartbeat(source);
    if (newest !== null && newest >= closed) {
      const detail = `${target} shows heartbeats of ${source} from after its gates closed.`;
      return { ...undrained, drained: true, detail };
    }
    if (beat === null || ports.now() + pollMilliseconds > until) {
      const seen = newest === null ? "no heartbeat" : "only older heartbeats";
      const detail = `${target} shows ${seen} of ${source} from after its gates closed.`;
      return { ...undrained, detail };
    }
    await ports.sleep(pollMilliseconds);
  }
}
