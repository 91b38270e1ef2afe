import { describe, expect, it } from "vitest";
import {
  type CanaryItem,
  canaryItemSchema,
  type Order,
  orderSchema,
} from "../../../core/contracts/orders.ts";
import type { JournalEntry, ReplacementItem } from "../../../core/contracts/records.ts";
import { apiRequestSchema } from "../../../functions/api/answers.ts";
import { serve } from "../../../functions/api/serve.ts";
import { type OrderPorts, orderRoutes } from "../../../functions/orders-api/api.ts";
import type { GateAnswer } from "../../../functions/write-gate/gate.ts";
import { config, nine } from "../steady.ts";

const wanted = { customer: "c-1", items: [{ sku: "tea", quantity: 2 }] };
const keyed = { "idempotency-key": "k-1" };
// sha256 of ["key","c-1","k-1"] as JSON, first 32 digits.
const keyedId = "feaed6d2";

/** One Region's API over a table that is a Map, and a gate that the test sets. */
class World {
  milliseconds = 0;
  gate: GateAnswer | null = null;
  healthStatus = 200;
  /** ms that each write takes. */
  writeTakes = 0;
  readonly orders = new Map<string, Order>();
  readonly journal: (JournalEntry | ReplacementItem)[] = [];
  readonly steps: string[] = [];
  canary: CanaryItem | null = null;
  demands: string[] = [];

  readonly ports: OrderPorts = {
    config,
    region: "us-east-1",
    healthStatus: 200,
    journals: true,
    gate: {
      check: async (demand) => {
        this.demands.push(demand);
        const checkedAt = this.milliseconds;
        return (
          this.gate ?? {
            open: true,
            epoch: 3,
            active: "us-east-1",
            remainingMilliseconds: () => 2_000 - (this.milliseconds - checkedAt),
          }
        );
      },
    },
    putJournal: async (entry) => {
      this.journal.push(entry);
      this.steps.push("journal");
      this.milliseconds += this.writeTakes;
    },
    items: {
      put: async (table, item, _seconds, condition) => {
        expect(table).toBe("application");
        if (condition === undefined) {
          this.canary = canaryItemSchema.parse(item);
          return { replaced: null };
        }
        expect(condition).toBe("absent");
        this.steps.push("order");
        this.milliseconds += this.writeTakes;
        const order = orderSchema.parse(item);
        if (this.orders.has(order.id)) return null;
        this.orders.set(order.id, order);
        return { replaced: null };
      },
      update: () => {
        throw new Error("Not planned: an update");
      },
    },
    readCanary: async (vantage, serving) =>
      this.canary?.vantage === vantage && this.canary.serving === serving ? this.canary : null,
    events: {
      read: () => {
        throw new Error("Not planned: an event");
      },
      readCanary: () => {
        throw new Error("Not planned: a canary's event");
      },
    },
    table: {
      readOrder: async (id) => this.orders.get(id) ?? null,
      ordersOf: async (customer) =>
        [...this.orders.values()].filter((order) => order.customer === customer),
    },
    wake: async (why) => {
      this.steps.push(`wake: ${why}`);
    },
    forward: null,
    measure: () => {
      throw new Error("Not planned: a number");
    },
    mayHold: () => {
      throw new Error("Not planned: a write that is held");
    },
    tick: () => this.milliseconds,
    sleep: () => {
      throw new Error("Not planned: a wait");
    },
    now: () => nine + this.milliseconds,
    say: () => undefined,
  };

  async ask(method: string, resource: string, more: object = {}) {
    const request = apiRequestSchema.parse({
      httpMethod: method,
      resource,
      requestContext: { requestId: "r-1" },
      ...more,
    });
    const answer = await serve(request, orderRoutes, {
      ...this.ports,
      healthStatus: this.healthStatus,
    });
    return { ...answer, body: JSON.parse(answer.body) };
  }

  post(order: object, headers: Record<string, string> = keyed) {
    return this.ask("POST", "/orders", { headers, body: JSON.stringify(order) });
  }
}

const closed: GateAnswer = {
  open: false,
  why: "us-west-2 accepts writes, us-east-1 does not.",
  active: "us-west-2",
  writer: "us-west-2",
  isSwitching: false,
};

describe("the orders API", () => {
  it("answers its health with its Region, or the status an operator set", async () => {
    const world = new World();
    expect(await world.ask("GET", "/health")).toMatchObject({
      statusCode: 200,
      headers: { "X-Region": "us-east-1" },
      body: { status: "ok", region: "us-east-1" },
    });
    world.healthStatus = 503;
    expect(await world.ask("GET", "/health")).toMatchObject({
      statusCode: 503,
      headers: { "X-Region": "us-east-1" },
    });
  });

  it("journals nothing where nobody will read the journal back", async () => {
    const world = new World();
    Object.assign(world.ports, { journals: false });
    expect((await world.post(wanted)).statusCode).toBe(201);
    expect(world.steps).toEqual(["order"]);
  });

  it("journals an order before it writes it, and stamps it", async () => {
    const world = new World();
    const answer = await world.post(wanted);
    expect(answer.statusCode).toBe(201);
    expect(world.steps).toEqual(["journal", "order"]);
    const { id } = answer.body;
    expect(answer.body).toEqual({
      id,
      customer: "c-1",
      items: [{ sku: "tea", quantity: 2 }],
      createdAt: "2026-01-15T09:00:00.000Z",
      writerRegion: "us-east-1",
      writerEpoch: 3,
      writtenAt: nine,
      version: "00000003.001768467600000.r-1",
    });
    expect(world.journal).toEqual([
      {
        pk: expect.stringMatching(/^journal#us-east-1#3#[0-3]#491241$/),
        sk: "001768467600000#00000003.001768467600000.r-1",
        at: nine,
        table: "application",
        key: { pk: `order#${id}`, sk: "order" },
        version: "00000003.001768467600000.r-1",
        expiresAt: 1_769_072_400,
        copy: JSON.stringify({
          id,
          customer: "c-1",
          items: [{ sku: "tea", quantity: 2 }],
          createdAt: "2026-01-15T09:00:00.000Z",
        }),
      },
    ]);
  });

  it("answers a repeated order with the first one", async () => {
    const world = new World();
    const first = await world.post(wanted);
    world.milliseconds = 90_000;
    const second = await world.post(wanted);
    expect(second.statusCode).toBe(200);
    expect(second.body).toEqual(first.body);
  });

  it("derives the id from customer and key alone, so that Regions agree on it", async () => {
    const world = new World();
    const first = await world.post(wanted);
    expect(first.body.id).toMatch(/^[0-9a-f]{32}$/);
    expect(first.body.id.startsWith(keyedId)).toBe(true);
    const other = await world.post({ ...wanted, customer: "c-2" });
    expect(other.body.id).not.toBe(first.body.id);
  });

  it("takes the content for the key where none is given", async () => {
    const world = new World();
    const first = await world.post(wanted, {});
    const same = await world.post(wanted, {});
    const other = await world.post({ ...wanted, note: "ring twice" }, {});
    expect([first.statusCode, same.statusCode, other.statusCode]).toEqual([201, 200, 201]);
    expect(same.body.id).toBe(first.body.id);
  });

  it("refuses a key that was used for another order", async () => {
    const world = new World();
    await world.post(wanted);
    const answer = await world.post({ ...wanted, note: "another" });
    expect(answer).toMatchObject({
      statusCode: 422,
      headers: { "Content-Type": "application/problem+json" },
    });
  });

  it("names every fault of an order that it refuses", async () => {
    const world = new World();
    const answer = await world.post({ customer: "", items: [{ sku: "tea", quantity: 0 }], x: 1 });
    expect(answer.statusCode).toBe(400);
    expect(answer.headers["Content-Type"]).toBe("application/problem+json");
    expect(answer.body.detail).toContain("customer: ");
    expect(answer.body.detail).toContain("items.0.quantity: ");
    expect(world.demands).toEqual([]);
  });

  it("says where writes are accepted when the gate refuses, and wakes somebody", async () => {
    const world = new World();
    world.gate = closed;
    expect(await world.post(wanted)).toMatchObject({
      statusCode: 503,
      headers: {
        "X-Region": "us-east-1",
        "X-Active-Region": "us-west-2",
        "Retry-After": "5",
        "Content-Type": "application/problem+json",
      },
      body: { status: 503, active: "us-west-2" },
    });
    expect(world.steps).toEqual(["wake: us-west-2 accepts writes, us-east-1 does not."]);
  });

  it("does not send an order when the deadline passed while it was journalled", async () => {
    const world = new World();
    world.writeTakes = 2_000;
    expect(await world.post(wanted)).toMatchObject({
      statusCode: 503,
      headers: { "X-Active-Region": "us-east-1" },
    });
    expect(world.steps).toEqual(["journal"]);
  });

  it("does not acknowledge an order that was written after the deadline", async () => {
    const world = new World();
    world.writeTakes = 1_500;
    expect((await world.post(wanted)).statusCode).toBe(503);
    expect(world.steps).toEqual(["journal", "order"]);
  });

  it("finds orders by id and by customer, and says when there is none", async () => {
    const world = new World();
    const { body } = await world.post(wanted);
    const byId = await world.ask("GET", "/orders/{id}", { pathParameters: { id: body.id } });
    expect(byId).toMatchObject({ statusCode: 200, body });
    const queryStringParameters = { customer: "c-1" };
    const byCustomer = await world.ask("GET", "/orders", { queryStringParameters });
    expect(byCustomer.body).toEqual({ orders: [body] });
    expect((await world.ask("GET", "/orders")).statusCode).toBe(400);
    const none = await world.ask("GET", "/orders/{id}", { pathParameters: { id: "none" } });
    expect(none).toMatchObject({ statusCode: 404, body: { title: "Not found" } });
  });

  it("proves a canary's write behind the gate, without a journal entry", async () => {
    const world = new World();
    const body = JSON.stringify({ vantage: "us-east-2" });
    const written = await world.ask("POST", "/orders/canary", { body });
    expect(written).toMatchObject({
      statusCode: 201,
      body: { vantage: "us-east-2", serving: "us-east-1", writerEpoch: 3 },
    });
    const queryStringParameters = { vantage: "us-east-2" };
    const read = await world.ask("GET", "/orders/canary", { queryStringParameters });
    expect(read).toMatchObject({ statusCode: 200, body: written.body });
    expect(world.demands).toEqual(["proof"]);
    expect(world.journal).toEqual([]);
  });

  it("answers 503 with its Region when the table fails", async () => {
    const world = new World();
    const failing = async () => {
      throw new Error("no table");
    };
    Object.assign(world.ports.table, { readOrder: failing });
    Object.assign(world.ports.items, { put: failing });
    const read = await world.ask("GET", "/orders/{id}", { pathParameters: { id: "x" } });
    expect(read).toMatchObject({ statusCode: 503, headers: { "X-Region": "us-east-1" } });
    expect((await world.post(wanted)).statusCode).toBe(503);
  });

  it("knows no other path", async () => {
    expect((await new World().ask("DELETE", "/orders")).statusCode).toBe(404);
  });
});
