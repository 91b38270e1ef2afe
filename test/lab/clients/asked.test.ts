import { describe, expect, it } from "vitest";
import { newEventSchema } from "../../../core/contracts/events.ts";
import { type Asked, type Asker, nextRequest } from "../../../lab/clients/asked.ts";
import type { AcknowledgedWrite } from "../../../lab/clients/history.ts";
import { createRandom } from "../../../lab/random.ts";

const now = 100_000;
const asker = (more: Partial<Asker>): Asker => ({
  clock: { now: () => now },
  random: createRandom(1),
  stream: "client-1",
  host: "api.example.com",
  customer: "customer-1",
  workloads: ["api"],
  writeShare: 0.5,
  ...more,
});
const many = (of: Asker, known: readonly AcknowledgedWrite[] = []) =>
  Array.from({ length: 200 }, (_, count) => nextRequest(of, known, count));
const lines = (requests: readonly Asked[]) =>
  new Set(requests.map(({ request }) => `${request.method} ${request.path}`));
const event = (id: string, at: number): AcknowledgedWrite => ({
  ...{ id, kind: "event", client: 1, at, region: "us-east-1", epoch: null },
});
const answer = (status: number, body: object) => ({
  ...{ status, headers: {}, body: JSON.stringify(body) },
});

describe("what a client asks", () => {
  it("is orders alone where the application has no events", () => {
    expect(lines(many(asker({})))).toEqual(new Set(["POST /orders", "GET /orders"]));
  });

  it("is events alone where it has no orders", () => {
    const known = [event("e-1", 0)];
    const requests = many(asker({ workloads: ["events"] }), known);
    expect(lines(requests)).toEqual(new Set(["POST /events", "GET /events/e-1"]));
  });

  it("is a further event where none can be read yet", () => {
    const known = [event("e-1", now - 9999)];
    const requests = many(asker({ workloads: ["events"], writeShare: 0 }), known);
    expect(lines(requests)).toEqual(new Set(["POST /events"]));
  });

  it("with both is events in half of the writes", () => {
    const requests = many(asker({ workloads: ["api", "events"], writeShare: 1 }));
    const events = requests.filter(({ request }) => request.path === "/events");
    expect(events.length).toBeGreaterThan(80);
    expect(events.length).toBeLessThan(120);
  });
});

describe("an event that a client posts", () => {
  const [asked] = many(asker({ workloads: ["events"], writeShare: 1 }));
  const sent = newEventSchema.parse(JSON.parse(asked?.request.body ?? ""));

  it("carries what breaks careless templates", () => {
    expect(JSON.stringify(sent.data)).toMatch(/'.*\\".*\\\\.*\\t.*ü.*日本.*\$input/);
  });

  it("is acknowledged by a 202 that names it, and by nothing else", () => {
    const accepted = { id: sent.id, eventId: "x" };
    expect(asked?.judge(answer(202, accepted))).toEqual({
      outcome: "ok",
      acknowledged: { id: sent.id, kind: "event", epoch: null, event: sent },
    });
    const failed = { outcome: "failed" };
    expect(asked?.judge(answer(200, accepted))).toEqual(failed);
    expect(asked?.judge(answer(202, { ...accepted, id: "other" }))).toEqual(failed);
    expect(asked?.judge(answer(202, { id: sent.id }))).toEqual(failed);
    expect(asked?.judge(answer(503, accepted))).toEqual(failed);
  });

  it("is missing while nothing is there of it", () => {
    const requests = many(asker({ workloads: ["events"], writeShare: 0 }), [event("e-1", 0)]);
    const read = requests[0];
    expect(read?.judge(answer(404, {}))).toEqual({ outcome: "missing" });
    expect(read?.judge(answer(200, { id: "e-1" }))).toEqual({ outcome: "ok" });
    expect(read?.judge(answer(200, { id: "e-2" }))).toEqual({ outcome: "failed" });
  });
});
