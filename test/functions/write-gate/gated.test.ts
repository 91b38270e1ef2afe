import { describe, expect, it } from "vitest";
import type { JournalEntry, ReplacementItem } from "../../../core/contracts/records.ts";
import type { Item, WriteCondition } from "../../../functions/adapters/items.ts";
import { apiRequestSchema, json } from "../../../functions/api/answers.ts";
import { type ServePorts, serve } from "../../../functions/api/serve.ts";
import { gated, proven, type Writes } from "../../../functions/write-gate/gated.ts";
import { nine, config as plain } from "../steady.ts";

const tables = [
  { name: "carts", partitionKey: "userId" },
  { name: "items", partitionKey: "shop", sortKey: "item_id" },
];
const config = { ...plain, tables };
const request = apiRequestSchema.parse({
  httpMethod: "PUT",
  resource: "/carts/{userId}",
  requestContext: { requestId: "r-1" },
});

interface Written {
  readonly table: string;
  readonly item: Item;
  readonly condition: WriteCondition | undefined;
}

/** A gate that is open for two seconds, over tables that remember. */
class World {
  elapsed = 0;
  holds = true;
  /** Version of the item that was there. */
  replaced: string | null = null;
  readonly written: Written[] = [];
  readonly journal: (JournalEntry | ReplacementItem)[] = [];
  readonly ports: ServePorts = {
    config,
    region: "us-east-1",
    healthStatus: 200,
    journals: true,
    gate: {
      check: async () => ({
        open: true,
        epoch: 3,
        active: "us-east-1",
        remainingMilliseconds: () => 2_000 - this.elapsed,
      }),
    },
    items: {
      put: async (table, item, _seconds, condition) => {
        this.written.push({ table, item, condition });
        return this.holds ? { replaced: this.replaced } : null;
      },
      update: async ({ table, key }, changes, _seconds, condition) => {
        this.written.push({ table, item: { ...key, ...changes }, condition });
        return this.holds ? { replaced: this.replaced } : null;
      },
    },
    putJournal: async (entry) => void this.journal.push(entry),
    readCanary: () => Promise.reject(new Error("Not planned: a canary's read")),
    events: {
      read: () => Promise.reject(new Error("Not planned: an event's read")),
      readCanary: () => Promise.reject(new Error("Not planned: an event's read")),
    },
    wake: () => Promise.reject(new Error("Not planned: a wake-up")),
    forward: null,
    mayHold: () => Promise.reject(new Error("Not planned: a write that is held")),
    measure: () => {
      throw new Error("Not planned: a number");
    },
    tick: () => this.elapsed,
    sleep: () => Promise.reject(new Error("Not planned: a wait")),
    now: () => nine + this.elapsed,
    say: () => undefined,
  };

  through(write: (writes: Writes) => Promise<unknown>) {
    return gated(request, this.ports, async (writes) =>
      json("us-east-1", 200, { stored: await write(writes) }),
    );
  }
}

const stamp = { writerRegion: "us-east-1", writerEpoch: 3, writtenAt: nine };
const version = "00000003.001768467600000.r-1";

describe("what a handler writes through the gate", () => {
  it("is stamped, and announced by the table's own key", async () => {
    const world = new World();
    const answer = await world.through((writes) =>
      writes.put("items", { shop: "s-1", item_id: "i-1", price: 3 }, "absent"),
    );
    const item = { shop: "s-1", item_id: "i-1", price: 3, ...stamp, version };
    expect(JSON.parse(answer.body)).toEqual({ stored: item });
    expect(world.written).toEqual([{ table: "items", item, condition: "absent" }]);
    expect(world.journal).toEqual([
      {
        pk: expect.stringMatching(/^journal#us-east-1#3#[0-3]#491241$/),
        sk: `001768467600000#${version}`,
        at: nine,
        table: "items",
        key: { shop: "s-1", item_id: "i-1" },
        version,
        expiresAt: 1_769_072_400,
        copy: '{"price":3}',
      },
    ]);
  });

  it("is copied into its journal entry where that costs no write unit, and else is not", async () => {
    const copies = async (item: Item) => {
      const world = new World();
      await world.through((writes) => writes.put("carts", { userId: "u-1", ...item }));
      return world.journal.map((entry) => ("copy" in entry ? entry.copy : null));
    };
    expect(await copies({ note: "x".repeat(600) })).toEqual([`{"note":"${"x".repeat(600)}"}`]);
    expect(await copies({ note: "x".repeat(800) })).toEqual([null]);
    expect(await copies({ tags: new Set(["a"]) })).toEqual([null]);
  });

  it("says which item of another epoch it replaced, and nothing of one of its own", async () => {
    const notes = async (replaced: string | null) => {
      const world = new World();
      world.replaced = replaced;
      await world.through((writes) => writes.put("carts", { userId: "u-1" }));
      return world.journal.slice(1);
    };
    const older = "00000002.001768467500000.r-0";
    expect(await notes(older)).toEqual([
      {
        pk: expect.stringMatching(/^journal#us-east-1#replaced#[0-9a-f]{64}$/),
        sk: version,
        version,
        replaced: older,
        expiresAt: 1_769_072_400,
      },
    ]);
    expect(await notes("00000003.001768467500000.r-0")).toEqual([]);
    expect(await notes(null)).toEqual([]);
  });

  it("is withdrawn from the journal when its condition did not hold", async () => {
    const world = new World();
    world.holds = false;
    await world.through((writes) => writes.put("carts", { userId: "u-1" }, "absent"));
    const [announced, withdrawn] = world.journal;
    expect(withdrawn).toEqual({ ...announced, withdrawn: true });
  });

  it("stands although what became of it could not be noted", async () => {
    const world = new World();
    world.replaced = "00000002.001768467500000.r-0";
    const putJournal = async (entry: object) => {
      if ("replaced" in entry) throw new Error("throttled");
    };
    const ports = { ...world.ports, putJournal };
    const answer = await gated(request, ports, async (writes) =>
      json("us-east-1", 200, { stored: await writes.put("carts", { userId: "u-1" }) }),
    );
    expect(answer.statusCode).toBe(200);
  });

  it("has a version of its own for each item of one request", async () => {
    const world = new World();
    await world.through(async (writes) => {
      await writes.put("carts", { userId: "u-1" });
      await writes.put("carts", { userId: "u-2" });
    });
    const [first, second] = world.written.map(({ item }) => item.version);
    expect([first, second]).toEqual([version, `${version}.001`]);
    const announced = world.journal.map((entry) => entry.version);
    expect(announced).toEqual([version, `${version}.001`]);
  });

  it("can be some attributes alone, under the version that was read", async () => {
    const world = new World();
    const answer = await world.through((writes) =>
      writes.update("carts", { userId: "u-1" }, { items: ["tea"] }, { version: "v-0" }),
    );
    expect(JSON.parse(answer.body)).toEqual({ stored: { ...stamp, version } });
    const item = { userId: "u-1", items: ["tea"], ...stamp, version };
    expect(world.written).toEqual([{ table: "carts", item, condition: { version: "v-0" } }]);
  });

  it("is null where the condition did not hold", async () => {
    const world = new World();
    world.holds = false;
    const put = await world.through((writes) => writes.put("carts", { userId: "u" }, "absent"));
    expect(JSON.parse(put.body)).toEqual({ stored: null });
    const update = await world.through((writes) =>
      writes.update("carts", { userId: "u" }, {}, { version: "v-0" }),
    );
    expect(JSON.parse(update.body)).toEqual({ stored: null });
  });

  it("is not sent when the deadline has passed, nor acknowledged", async () => {
    const world = new World();
    const late = await world.through((writes) => {
      world.elapsed = 2_000;
      return writes.put("carts", { userId: "u-1" });
    });
    expect(late.statusCode).toBe(503);
    expect(world.written).toEqual([]);
    world.elapsed = 0;
    const unsaid = await world.through(async (writes) => {
      await writes.put("carts", { userId: "u-1" });
      world.elapsed = 2_000;
    });
    expect(unsaid.statusCode).toBe(503);
    expect(world.written).toHaveLength(1);
  });

  it("is nothing where the key is no key of the team's, and the client is told", async () => {
    const ask = (key: Item) => {
      const world = new World();
      const route = () => world.through((writes) => writes.put("carts", key));
      const answer = serve(request, { "PUT /carts/{userId}": route }, world.ports);
      return answer.then(({ statusCode, body }) => [statusCode, JSON.parse(body).detail, world]);
    };
    const [status, detail, world] = await ask({ userId: "switchback#heartbeat#us-east-1#0" });
    expect([status, detail]).toEqual([
      400,
      "Keys that begin with switchback# are Switchback's own.",
    ]);
    expect(world).toMatchObject({ written: [], journal: [] });
    expect((await ask({ userId: "" })).slice(0, 2)).toEqual([
      400,
      "An item of carts needs a text in userId.",
    ]);
    // A table that there isn't is the handler's mistake, not the client's.
    const elsewhere = new World();
    const answer = await elsewhere.through((writes) => writes.put("baskets", { id: "b" }));
    expect(answer.statusCode).toBe(503);
  });

  it("is not announced for a canary, which every Region may write", async () => {
    const world = new World();
    await proven(request, world.ports, async (writes) => {
      await writes.put("application", { pk: "canary#a#b", sk: "canary" });
      return json("us-east-1", 200, {});
    });
    expect(world.written).toHaveLength(1);
    expect(world.journal).toEqual([]);
  });
});
