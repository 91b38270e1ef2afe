// A request's writes, behind the gate. Each is checked, stamped, announced in the journal and then
// sent, and neither sent nor acknowledged later than the gate's deadline: what can't be
// acknowledged in time is answered 503, and the client repeats it, here or in the other Region.
// Where another Region may write, that one answers (passage.ts).
//
// There is no delete on purpose: an item that is gone has no version, so nothing could show that
// its end has arrived at the other Region. Mark items as deleted, and let them expire.
import type { Region } from "../../core/config/schema.ts";
import { activeRegionHeader } from "../../core/contracts/orders.ts";
import type {
  ItemAddress,
  JournalEntry,
  ReplacementItem,
  Stamp,
} from "../../core/contracts/records.ts";
import { versionParts } from "../../core/divergence.ts";
import { addressOf, KeyRefused, refuseReserved, replicatedTable } from "../../core/tables.ts";
import type { Item, Items, Made, WriteCondition } from "../adapters/items.ts";
import { type ApiAnswer, type ApiRequest, problem } from "../api/answers.ts";
import type { GateAnswer } from "./gate.ts";
import { journalEntry, replacementEntry, versionOf } from "./journal.ts";
import { type PassagePorts, passageOf } from "./passage.ts";

export interface WritePorts extends PassagePorts {
  /** Announce each write first, for the verified drain. */
  readonly journals: boolean;
  readonly items: Pick<Items, "put" | "update">;
  readonly putJournal: (entry: JournalEntry | ReplacementItem, seconds: number) => Promise<void>;
  /** ms since 1970. */
  readonly now: () => number;
}

export interface Writes {
  /** When the gate was passed, ms since 1970: the time on every stamp of this request. */
  readonly at: number;
  /** Replaces the item, or makes it. What was stored, stamp included; null: the condition did not
   * hold. `table` as in the configuration; the item holds its key attributes. */
  put<I extends Item>(
    table: string,
    item: I,
    condition?: WriteCondition,
  ): Promise<(I & Stamp) | null>;
  /** Sets these attributes of the item and no others, also where there is none yet. The stamp;
   * null: the condition did not hold. */
  update(
    table: string,
    key: Item,
    changes: Item,
    condition?: WriteCondition,
  ): Promise<Stamp | null>;
}

type Open = Extract<GateAnswer, { open: true }>;

/** What the deadline cut off. */
class DeadlinePassed extends Error {
  override readonly name = "DeadlinePassed";
}

/** A switch's write pause is some seconds; sooner is only noise. */
const retryAfterSeconds = "5";

/** `write` answers the request; its answer is sent only if the deadline has not passed then. Where
 * another Region may write, the whole request is answered there, and `write` isn't called here. */
export async function gated(
  request: ApiRequest,
  ports: WritePorts,
  write: (writes: Writes) => Promise<ApiAnswer>,
): Promise<ApiAnswer> {
  const passage = await passageOf(request, ports);
  switch (passage.kind) {
    case "open":
      return written(passage.gate, request, ports, write);
    case "answered":
      return passage.answer;
    case "refused":
      return refusal(passage.detail, passage.active, ports.region);
  }
}

/** For the canaries' own items, which every Region may write. They have no journal entry: no
 * customer misses one, and its vantage point writes it again in seconds. */
export async function proven(
  request: ApiRequest,
  ports: WritePorts,
  write: (writes: Writes) => Promise<ApiAnswer>,
): Promise<ApiAnswer> {
  const gate = await ports.gate.check("proof");
  if (!gate.open) return refusal(gate.why, gate.active, ports.region);
  return written(gate, request, { ...ports, journals: false }, write);
}

async function written(
  gate: Open,
  request: ApiRequest,
  ports: WritePorts,
  write: (writes: Writes) => Promise<ApiAnswer>,
): Promise<ApiAnswer> {
  try {
    const answer = await write(writesThrough(gate, request, ports));
    secondsLeft(gate);
    return answer;
  } catch (error) {
    if (error instanceof KeyRefused) throw error;
    const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    ports.say(`A write was not acknowledged: ${why}`);
    const late = "The write could not be confirmed in time: repeat it.";
    return refusal(late, gate.active, ports.region);
  }
}

function writesThrough(open: Open, request: ApiRequest, ports: WritePorts): Writes {
  const { config, region, items } = ports;
  const at = ports.now();
  let count = 0;
  const nextStamp = (): Stamp => {
    const version = versionOf(open.epoch, at, request.requestContext.requestId, count);
    count += 1;
    return { writerRegion: region, writerEpoch: open.epoch, writtenAt: at, version };
  };
  const announce = async (table: string, key: Item, stamp: Stamp, written: Item) => {
    const address = addressOf(replicatedTable(config, table), key);
    refuseReserved(address);
    const entry = journalEntry(address, stamp, written);
    if (ports.journals) await ports.putJournal(entry, secondsLeft(open));
    return { address, entry, stamp };
  };
  return {
    at,
    async put(table, item, condition) {
      const stamp = nextStamp();
      const stamped = { ...item, ...stamp };
      const announced = await announce(table, item, stamp, item);
      const made = await items.put(table, stamped, secondsLeft(open), condition);
      await annotate(open, announced, made, ports);
      return made === null ? null : stamped;
    },
    async update(table, key, changes, condition) {
      const stamp = nextStamp();
      const announced = await announce(table, key, stamp, changes);
      const { address } = announced;
      const left = secondsLeft(open);
      const made = await items.update(address, { ...changes, ...stamp }, left, condition);
      await annotate(open, announced, made, ports);
      return made === null ? null : stamp;
    },
  };
}

interface Announced {
  readonly address: ItemAddress;
  readonly entry: JournalEntry;
  readonly stamp: Stamp;
}

/** What only the write itself could tell: that it was not made, or that it replaced an item of
 * another epoch, which its Region has therefore seen. The write stands without it; a divergence
 * report then names an item too many. */
async function annotate(
  open: Open,
  { address, entry, stamp }: Announced,
  made: Made | null,
  { journals, putJournal, say }: WritePorts,
): Promise<void> {
  const note =
    made === null
      ? { ...entry, withdrawn: true }
      : made.replaced !== null && versionParts(made.replaced)?.epoch !== stamp.writerEpoch
        ? replacementEntry(address, stamp, made.replaced)
        : null;
  const left = open.remainingMilliseconds() / 1_000;
  if (!journals || note === null || left <= 0) return;
  await putJournal(note, left).catch((fault: unknown) => {
    say(`The journal lacks what became of ${entry.version}: ${String(fault)}`);
  });
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
