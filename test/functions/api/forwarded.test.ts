// A request that another Region's function sent on, and what comes of it here.
import { describe, expect, it } from "vitest";
import { type ApiRequest, apiRequestSchema, json } from "../../../functions/api/answers.ts";
import { packed, unpackedAnswer } from "../../../functions/api/forwarded.ts";
import { type ServePorts, serve } from "../../../functions/api/serve.ts";
import { gated } from "../../../functions/write-gate/gated.ts";
import { config, unplanned } from "../steady.ts";

const client: ApiRequest = apiRequestSchema.parse({
  httpMethod: "PUT",
  resource: "/carts/{userId}",
  headers: { "Idempotency-Key": "k-1", authorization: "theirs" },
  pathParameters: { userId: "ü" },
  body: '{"items":["tea"]}',
  requestContext: { requestId: "at-the-source" },
});

/** As API Gateway hands it in. */
const brought = (body: string): ApiRequest =>
  apiRequestSchema.parse({
    httpMethod: "POST",
    resource: "/switchback/orders/forwarded",
    body,
    requestContext: { requestId: "at-the-target" },
  });

function portsOf(open: boolean): ServePorts {
  const shut = { open: false, why: "Shut.", active: null, writer: "us-east-1" } as const;
  return {
    config,
    region: "us-west-2",
    healthStatus: 200,
    journals: false,
    gate: {
      check: async () =>
        open
          ? { open: true, epoch: 2, active: "us-west-2", remainingMilliseconds: () => 2_000 }
          : { ...shut, isSwitching: true },
    },
    forward: () => unplanned("forwarding it again"),
    mayHold: () => unplanned("holding it"),
    measure: () => {
      throw new Error("Not planned: a number");
    },
    wake: async () => undefined,
    tick: () => 0,
    sleep: () => unplanned("a wait"),
    items: { put: async () => ({ replaced: null }), update: () => unplanned("an update") },
    putJournal: () => unplanned("a journal entry"),
    readCanary: () => unplanned("a canary's read"),
    events: {
      read: () => unplanned("an event's read"),
      readCanary: () => unplanned("an event's read"),
    },
    now: () => 0,
    say: () => undefined,
  };
}

const seen: ApiRequest[] = [];
const routes = {
  "PUT /carts/{userId}": (request: ApiRequest, ports: ServePorts) => {
    seen.push(request);
    return gated(request, ports, async () => json(ports.region, 201, { epoch: 2 }));
  },
};

async function answered(body: string, open = true) {
  const outer = await serve(brought(body), routes, portsOf(open));
  return { outer, inner: unpackedAnswer(outer.body) };
}

describe("a forwarded request", () => {
  it("is the client's own, whole, under the id of what brought it", async () => {
    seen.length = 0;
    const { outer, inner } = await answered(packed(client));
    expect(outer.statusCode).toBe(200);
    expect(inner).toEqual(json("us-west-2", 201, { epoch: 2 }));
    expect(seen).toEqual([{ ...client, requestContext: { requestId: "at-the-target" } }]);
  });

  it("is refused like any other while this Region may not write, and goes nowhere else", async () => {
    const { inner } = await answered(packed(client), false);
    expect(inner).toMatchObject({ statusCode: 503, headers: { "X-Region": "us-west-2" } });
  });

  it("leads to the application's own routes alone", async () => {
    const inside = (difference: object) => JSON.stringify({ ...client, ...difference });
    const bodies = [
      "{",
      "{}",
      inside({ httpMethod: "POST", resource: "/switchback/orders/forwarded" }),
      inside({ httpMethod: "POST", resource: "/orders/canary" }),
      inside({ httpMethod: "DELETE" }),
    ];
    for (const body of bodies) {
      const { outer, inner } = await answered(body);
      expect([outer.statusCode, inner]).toEqual([404, null]);
    }
  });
});

it("What isn't the application's answer is taken for none.", () => {
  expect(unpackedAnswer('{"message":"Internal server error"}')).toBeNull();
  expect(unpackedAnswer("<html>")).toBeNull();
});
