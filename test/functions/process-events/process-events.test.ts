import { describe, expect, it } from "vitest";
import type { CanaryEventItem, EventItem } from "../../../core/contracts/events.ts";
import { processEvents } from "../../../functions/process-events/process-events.ts";
import { nine } from "../steady.ts";

const event = (id: string, difference: object = {}) => ({
  id: `e-${id}`,
  source: "orders.events",
  "detail-type": "Event",
  account: "123456789012",
  detail: { id, type: "order.placed", data: { total: 12 } },
  ...difference,
});
const message = (messageId: string, body: unknown) => ({
  messageId,
  body: typeof body === "string" ? body : JSON.stringify(body),
});

/** A table with insert-only events; ids in `unreachable` can't be written. */
class World {
  readonly events = new Map<string, EventItem>();
  readonly canaries: CanaryEventItem[] = [];
  readonly unreachable = new Set<string>();
  readonly said: string[] = [];
  reads = 0;

  process(...records: ReturnType<typeof message>[]) {
    return processEvents(
      { Records: records },
      {
        region: "us-west-2",
        items: {
          insert: async (item) => {
            if (this.unreachable.has(item.id)) throw new Error("no table");
            if (this.events.has(item.id)) return false;
            this.events.set(item.id, item);
            return true;
          },
          read: async (id) => {
            this.reads += 1;
            return this.events.get(id) ?? null;
          },
          putCanary: async (item) => {
            this.canaries.push(item);
          },
        },
        epoch: async () => 3,
        now: () => nine,
        say: (sentence) => this.said.push(sentence),
      },
    );
  }
}

const failed = (...ids: string[]) => ({
  batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })),
});

describe("processing events", () => {
  it("inserts each once, stamped with Region and epoch", async () => {
    const world = new World();
    expect(await world.process(message("m-1", event("a")))).toEqual(failed());
    expect(world.reads).toBe(0);
    expect(world.events.get("a")).toEqual({
      id: "a",
      type: "order.placed",
      data: { total: 12 },
      eventId: "e-a",
      writerRegion: "us-west-2",
      writerEpoch: 3,
      writtenAt: nine,
      version: `event.${nine}.m-1`,
    });
  });

  it("takes a second delivery for a success, and changes nothing", async () => {
    const world = new World();
    await world.process(message("m-1", event("a")));
    const before = world.events.get("a");
    expect(await world.process(message("m-2", event("a", { id: "e-later" })))).toEqual(failed());
    expect(world.events.get("a")).toBe(before);
    expect(world.said).toEqual([]);
  });

  it("lets the first one stand where an id comes with another content, and says so", async () => {
    const world = new World();
    await world.process(message("m-1", event("a")));
    const other = event("a", { detail: { id: "a", type: "order.placed", data: { total: 13 } } });
    expect(await world.process(message("m-2", other))).toEqual(failed());
    expect(world.events.get("a")?.data).toEqual({ total: 12 });
    expect(world.said).toEqual(["Event a came again with another content: the first one stands."]);
  });

  it("fails the messages that can't be processed, and no other", async () => {
    const world = new World();
    world.unreachable.add("c");
    const answer = await world.process(
      message("m-1", event("a")),
      message("m-2", "no JSON"),
      message("m-3", event("b", { "detail-type": "Something" })),
      message("m-4", event("c")),
      message("m-5", event("d", { detail: { id: "d d", type: "t", data: {} } })),
      message("m-6", event("e")),
    );
    expect(answer).toEqual(failed("m-2", "m-3", "m-4", "m-5"));
    expect([...world.events.keys()]).toEqual(["a", "e"]);
    expect(world.said).toHaveLength(4);
    expect(world.said).toContain(
      "Message m-2 was not processed: PoisonMessage: it is no event: body",
    );
    expect(world.said).toContain("Message m-4 was not processed: Error: no table");
    expect(world.said).toContain(
      "Message m-5 was not processed: PoisonMessage: it is no event: detail.id",
    );
  });

  it("overwrites the item of a canary, under its vantage point and this Region", async () => {
    const world = new World();
    const detail = { id: "us-east-2-1", vantage: "us-east-2", acceptedAt: nine - 300 };
    const canary = event("x", { "detail-type": "Canary Event", detail });
    expect(await world.process(message("m-1", canary))).toEqual(failed());
    expect(world.canaries).toEqual([
      {
        ...detail,
        serving: "us-west-2",
        eventId: "e-x",
        writerRegion: "us-west-2",
        writerEpoch: 3,
        writtenAt: nine,
        version: `event.${nine}.m-1`,
      },
    ]);
  });
});
