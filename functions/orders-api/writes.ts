// The two writes: an order, and a canary's item. Both pass the gate, and neither is sent or
// acknowledged later than the gate's deadline: what can't be acknowledged in time is answered 503,
// and the client repeats it under the same key, here or in the other Region. A canary's item has no
// journal entry: no customer misses it, and its vantage point writes it again in seconds.
import type { Region } from "../../core/config/schema.ts";
import {
  activeRegionHeader,
  idempotencyHeader,
  type NewOrder,
  newCanarySchema,
  newOrderSchema,
  type Order,
} from "../../core/contracts/orders.ts";
import {
  applicationKeys,
  type JournalEntry,
  journalDays,
  type Stamp,
} from "../../core/contracts/records.ts";
import { type ApplicationTable, journalSortKey } from "../adapters/application-table.ts";
import type { Gate, GateAnswer } from "../write-gate/gate.ts";
import type { Demand } from "../write-gate/judge.ts";
import { type ApiAnswer, type ApiRequest, bodyOf, headerOf, json, problem } from "./answers.ts";
import { contentOf, orderId, shardOf, versionOf } from "./identity.ts";

export interface WritePorts {
  readonly region: Region;
  readonly gate: Gate;
  /** Announce each order first, for the verified drain. */
  readonly journals: boolean;
  readonly table: Pick<ApplicationTable, "putOrder" | "readOrder" | "putCanary" | "putJournal">;
  /** The gate refused a customer's write: somebody should look. Never fails, is bounded. */
  readonly wake: (why: string, active: Region | null) => Promise<void>;
  /** ms since 1970. */
  readonly now: () => number;
  readonly say: (sentence: string) => void;
}

type Open = Extract<GateAnswer, { open: true }>;

/** What the deadline cut off. */
class DeadlinePassed extends Error {
  override readonly name = "DeadlinePassed";
}

/** A switch's write pause is some seconds; sooner is only noise. */
const retryAfterSeconds = "5";

export async function postOrder(request: ApiRequest, ports: WritePorts): Promise<ApiAnswer> {
  const parsed = newOrderSchema.safeParse(bodyOf(request));
  if (!parsed.success) {
    return problem(ports.region, invalid(parsed.error.issues));
  }
  const key = headerOf(request, idempotencyHeader);
  if (key !== undefined && (key.length === 0 || key.length > 255)) {
    const detail = `${idempotencyHeader} must have 1 to 255 characters.`;
    return problem(ports.region, { title: "Bad request", status: 400, detail });
  }
  return throughGate("writer", ports, (open) => writeOrder(parsed.data, key, open, request, ports));
}

export async function postCanary(request: ApiRequest, ports: WritePorts): Promise<ApiAnswer> {
  const parsed = newCanarySchema.safeParse(bodyOf(request));
  if (!parsed.success) return problem(ports.region, invalid(parsed.error.issues));
  return throughGate("proof", ports, async (open) => {
    const stamp = stampOf(open, request, ports);
    const item = { vantage: parsed.data.vantage, serving: ports.region, ...stamp };
    await ports.table.putCanary(item, secondsLeft(open));
    secondsLeft(open);
    return json(ports.region, 201, item);
  });
}

async function throughGate(
  demand: Demand,
  ports: WritePorts,
  write: (open: Open) => Promise<ApiAnswer>,
): Promise<ApiAnswer> {
  const gate = await ports.gate.check(demand);
  if (!gate.open) {
    if (demand === "writer") await ports.wake(gate.why, gate.active);
    return refusal(gate.why, gate.active, ports.region);
  }
  try {
    return await write(gate);
  } catch (error) {
    const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    ports.say(`A write was not acknowledged: ${why}`);
    const late = "The write could not be confirmed in time: repeat it.";
    return refusal(late, gate.active, ports.region);
  }
}

async function writeOrder(
  wanted: NewOrder,
  key: string | undefined,
  open: Open,
  request: ApiRequest,
  ports: WritePorts,
): Promise<ApiAnswer> {
  const stamp = stampOf(open, request, ports);
  const id = orderId(wanted, key);
  const order: Order = {
    id,
    ...wanted,
    createdAt: new Date(stamp.writtenAt).toISOString(),
    ...stamp,
  };
  if (ports.journals) await ports.table.putJournal(journalOf(order, stamp), secondsLeft(open));
  const created = await ports.table.putOrder(order, secondsLeft(open));
  const stored = created ? order : await ports.table.readOrder(id);
  secondsLeft(open);
  if (stored === null) throw new Error(`order ${id} is there and isn't`);
  if (contentOf(stored) !== contentOf(wanted)) return keyReused(ports.region);
  return json(ports.region, created ? 201 : 200, stored);
}

function stampOf(open: Open, request: ApiRequest, ports: WritePorts): Stamp {
  const writtenAt = ports.now();
  return {
    writerRegion: ports.region,
    writerEpoch: open.epoch,
    writtenAt,
    version: versionOf(open.epoch, writtenAt, request.requestContext.requestId),
  };
}

function journalOf(order: Order, stamp: Stamp): JournalEntry {
  const at = stamp.writtenAt;
  const hour = Math.floor(at / 3_600_000);
  const { writerRegion, writerEpoch, version } = stamp;
  return {
    pk: applicationKeys.journalPartition(writerRegion, writerEpoch, shardOf(order.id), hour),
    sk: journalSortKey(at, version),
    at,
    key: applicationKeys.order(order.id),
    version,
    expiresAt: Math.floor(at / 1_000) + journalDays * 86_400,
  };
}

/** Seconds that a call may still take; throws when the deadline has passed. */
function secondsLeft(open: Open): number {
  const left = open.remainingMilliseconds();
  if (left > 0) return left / 1_000;
  throw new DeadlinePassed("the write deadline has passed since the gate was checked");
}

function refusal(detail: string, active: Region | null, region: Region): ApiAnswer {
  return problem(
    region,
    { title: "Writes are not accepted here now", status: 503, detail, active },
    {
      "Retry-After": retryAfterSeconds,
      ...(active === null ? {} : { [activeRegionHeader]: active }),
    },
  );
}

function keyReused(region: Region): ApiAnswer {
  const detail = `This ${idempotencyHeader} was used for another order of this customer.`;
  return problem(region, { title: "Idempotency key reused", status: 422, detail });
}

function invalid(issues: readonly { path: PropertyKey[]; message: string }[]) {
  const detail = issues
    .map(({ path, message }) => `${path.map(String).join(".") || "body"}: ${message}`)
    .join("; ");
  return { title: "Bad request", status: 400, detail };
}
