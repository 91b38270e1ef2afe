// What stands in the queue becomes an item, once. No write gate here: an event was accepted when it
// was put on this Region's bus, is inserted by the client's id and never changed, so that inserts
// of both Regions commute, and a Region that is fenced, or back from the dead, may still finish
// what it accepted. A second delivery finds the item and is a success. What can't be parsed fails
// each time, until the queue moves it to the dead-letter queue.
import { isDeepStrictEqual } from "node:util";
import * as z from "zod";
import type { Region } from "../../core/config/schema.ts";
import { type NewEvent, type QueuedEvent, queuedEventSchema } from "../../core/contracts/events.ts";
import type { Stamp } from "../../core/contracts/records.ts";
import type { EventItems } from "../adapters/event-items.ts";
import { faultWords } from "../faults.ts";

/** The part of SQS's batch that is used. */
export const batchSchema = z.object({
  Records: z.array(z.object({ messageId: z.string(), body: z.string() })),
});
/** Lambda leaves these messages in the queue and deletes the others. */
export const batchAnswerSchema = z.object({
  batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })),
});

type Batch = z.output<typeof batchSchema>;
type Message = Batch["Records"][number];

/** No number of tries will process it. */
class PoisonMessage extends Error {
  override readonly name = "PoisonMessage";
}

export interface ProcessPorts {
  readonly region: Region;
  readonly items: Pick<EventItems, "insert" | "read" | "putCanary">;
  /** The newest that is known here; 0: none yet. It says when, and fences nothing. */
  readonly epoch: () => Promise<number>;
  /** ms since 1970. */
  readonly now: () => number;
  readonly say: (sentence: string) => void;
}

export async function processEvents(
  batch: Batch,
  ports: ProcessPorts,
): Promise<z.output<typeof batchAnswerSchema>> {
  const epoch = await ports.epoch();
  const results = await Promise.all(
    batch.Records.map((message) => processed(message, epoch, ports)),
  );
  const failed = batch.Records.filter((_, index) => results[index] !== true);
  return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
}

/** One message never fails the others. */
async function processed(message: Message, epoch: number, ports: ProcessPorts): Promise<boolean> {
  try {
    await store(eventIn(message), stampOf(message, epoch, ports), ports);
    return true;
  } catch (error) {
    ports.say(`Message ${message.messageId} was not processed: ${faultWords(error)}`);
    return false;
  }
}

/** What is wrong is said by its place: bodies hold customers' data, logs don't. */
function eventIn({ body }: Message): QueuedEvent {
  const parsed = queuedEventSchema.safeParse(jsonOf(body));
  if (parsed.success) return parsed.data;
  const places = parsed.error.issues.map(({ path }) => path.map(String).join(".") || "body");
  throw new PoisonMessage(`it is no event: ${places.join(", ")}`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function store(event: QueuedEvent, stamp: Stamp, ports: ProcessPorts): Promise<void> {
  const { id: eventId } = event;
  switch (event["detail-type"]) {
    case "Canary Event":
      return ports.items.putCanary({ ...event.detail, eventId, serving: ports.region, ...stamp });
    case "Event": {
      const inserted = await ports.items.insert({ ...event.detail, eventId, ...stamp });
      if (!inserted) await compare(event.detail, ports);
    }
  }
}

/** Nothing follows from it: the first one stands. But a client that gives two events one id loses
 * the second, and somebody should be able to see that. */
async function compare(event: NewEvent, { items, say }: ProcessPorts): Promise<void> {
  const first = await items.read(event.id).catch(() => null);
  if (first === null) return;
  const { id, type, data } = first;
  if (isDeepStrictEqual({ id, type, data }, event)) return;
  say(`Event ${id} came again with another content: the first one stands.`);
}

function stampOf({ messageId }: Message, epoch: number, ports: ProcessPorts): Stamp {
  const writtenAt = ports.now();
  return {
    writerRegion: ports.region,
    writerEpoch: epoch,
    writtenAt,
    version: `event.${writtenAt}.${messageId}`,
  };
}
