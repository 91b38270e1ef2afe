import { describe, expect, it } from "vitest";
import type { HttpAnswer, HttpCall } from "../../../functions/adapters/http-client.ts";
import { walk } from "../../../functions/journey/journey.ts";
import { config, nine } from "../steady.ts";

const serving = "us-west-2";
const vantage = "us-east-2";
const route = { config: { ...config, workloads: ["events" as const] }, vantage, serving };
const acceptedAt = nine + 40;

function answer(body: object, difference: Partial<HttpAnswer> = {}): HttpAnswer {
  return {
    status: 200,
    headers: { "x-region": serving },
    body: JSON.stringify(body),
    ...difference,
  };
}

const stamp = { writerRegion: serving, writerEpoch: 1, writtenAt: nine, version: "v-1" };
const accepted = answer({ id: "ignored", eventId: "e-1", acceptedAt }, { status: 202 });
const missing = answer({ title: "Not found" }, { status: 404 });
const effect = (difference: object) =>
  answer({
    ...{ id: `${vantage}-${nine}`, vantage, serving, eventId: "e-1", acceptedAt, ...stamp },
    ...difference,
  });

/** Health, order and public name pass; `reads` are the answers to the polls, one after the other,
 * the last one again and again. */
async function walked(reads: HttpAnswer[], posted = accepted, pollMilliseconds = 20) {
  let milliseconds = 0;
  const calls: HttpCall[] = [];
  const left = [...reads];
  const answers: Record<string, () => HttpAnswer> = {
    "GET /health": () => answer({ status: "ok", region: serving }),
    "POST /orders/canary": () => answer({ vantage, serving, ...stamp }, { status: 201 }),
    "GET /orders/canary": () => answer({ vantage, serving, ...stamp }),
    "POST /events/canary": () => posted,
    "GET /events/canary": () => {
      milliseconds += pollMilliseconds;
      return (left.length > 1 ? left.shift() : left[0]) ?? missing;
    },
  };
  const look = await walk(route, {
    http: async (call) => {
      calls.push(call);
      const known = answers[`${call.method} ${call.path}`];
      if (known === undefined) throw new Error(`Not planned: ${call.method} ${call.path}`);
      return known();
    },
    sign: async (call, region) => ({ ...call, headers: { ...call.headers, signed: region } }),
    now: () => nine + milliseconds,
    sleep: async (wait) => {
      milliseconds += wait;
    },
  });
  return { look, calls, events: calls.filter(({ path }) => path === "/events/canary") };
}

describe("the journey of a Region that serves events", () => {
  it("posts an event, signed, and waits until its effect shows", async () => {
    const { look, calls, events } = await walked([missing, missing, effect({})]);
    expect(look).toMatchObject({ passed: true, failedStep: null });
    expect(calls.map(({ method, path }) => `${method} ${path}`)).toEqual([
      "GET /health",
      "POST /orders/canary",
      "GET /orders/canary",
      "POST /events/canary",
      "GET /events/canary",
      "GET /events/canary",
      "GET /events/canary",
      "GET /health",
    ]);
    expect(events[0]?.body).toBe(`{"id":"us-east-2-${nine}","vantage":"us-east-2"}`);
    expect(events[1]?.query).toEqual({ vantage: "us-east-2" });
    expect(events.map(({ headers }) => headers.signed)).toEqual([
      "us-west-2",
      "us-west-2",
      "us-west-2",
      "us-west-2",
    ]);
  });

  it("fails when the effect has not shown in the step's time, and then asks no more", async () => {
    const { look, events } = await walked([missing]);
    expect(look).toMatchObject({
      passed: false,
      failedStep: "event-effect",
      detail: "no effect of an event accepted in us-west-2 within 5 s",
    });
    expect(look.milliseconds).toBeLessThanOrEqual(5_000);
    expect(events).toHaveLength(10);
  });

  it("takes another walk's later event for an effect, never that of the look before", async () => {
    const later = effect({ id: "us-east-2-1", acceptedAt: acceptedAt - 999 });
    expect((await walked([later])).look.passed).toBe(true);
    const before = effect({ id: "us-east-2-1", acceptedAt: acceptedAt - 1_000 });
    expect((await walked([before])).look.failedStep).toBe("event-effect");
  });

  it("fails at the first refusal of the post, and at a poll that is answered elsewhere", async () => {
    const refused = answer({ title: "Unavailable" }, { status: 503 });
    expect((await walked([effect({})], refused)).look).toMatchObject({
      failedStep: "event",
      detail: "POST /events/canary at us-west-2.api.example.com answered 503",
    });
    const elsewhere = answer({}, { status: 404, headers: { "x-region": "us-east-1" } });
    expect((await walked([elsewhere])).look).toMatchObject({ failedStep: "event-effect" });
  });

  it("polls no longer than the step, however long each answer takes", async () => {
    const { look, events } = await walked([missing], accepted, 2_400);
    expect(look.failedStep).toBe("event-effect");
    expect(events).toHaveLength(3);
  });
});
