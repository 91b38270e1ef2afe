import { describe, expect, test } from "vitest";
import { nextRequest } from "../../../lab/clients/asked.ts";
import type { AcknowledgedWrite } from "../../../lab/clients/history.ts";
import { ownRequestsSchema } from "../../../lab/clients/own-requests.ts";
import type { HttpResponse } from "../../../lab/kernel.ts";

const requests = ownRequestsSchema.parse({
  write: {
    method: "PUT",
    path: "/carts/{id}",
    body: { of: "{customer}", lines: [{ sku: "sku-{count}", quantity: 1 }], gift: null, x: "{y}" },
  },
  read: { path: "/carts/{id}" },
});
const stamp = { writerRegion: "us-east-1", writerEpoch: 3, writtenAt: 9, version: "v-1" };
const cart: AcknowledgedWrite = {
  ...{ id: "c-1", kind: "item", client: 1, at: 0, region: "us-east-1", epoch: 3, version: "v-1" },
};

function asker(writeShare: number) {
  return {
    ...{ clock: { now: () => 0 }, stream: "client-1", host: "shop.example.com", writeShare },
    ...{ customer: "customer-1", workloads: ["api"] as const, requests },
    random: { next: () => 0, between: () => 0, hex: () => "", uuid: () => "u-1" },
  };
}

const answer = (status: number, body: unknown): HttpResponse => ({
  status,
  headers: {},
  body: JSON.stringify(body),
});

describe("a client of a team's own API", () => {
  test("writes under a new id, with what the scenario names filled in", () => {
    const { kind, request } = nextRequest(asker(1), [cart], 7);
    expect(kind).toBe("write");
    expect(request).toMatchObject({ method: "PUT", host: "shop.example.com", path: "/carts/u-1" });
    expect(JSON.parse(request.body)).toEqual({
      of: "customer-1",
      lines: [{ sku: "sku-7", quantity: 1 }],
      gift: null,
      x: "{y}",
    });
  });

  test("takes a write for acknowledged by the stamp in its answer alone", () => {
    const { judge } = nextRequest(asker(1), [], 0);
    expect(judge(answer(200, { items: [], ...stamp }))).toEqual({
      outcome: "ok",
      acknowledged: { id: "u-1", kind: "item", epoch: 3, version: "v-1" },
    });
    expect(judge(answer(200, { items: [] }))).toEqual({ outcome: "failed" });
    expect(judge(answer(503, stamp))).toEqual({ outcome: "failed" });
    expect(judge({ status: 200, headers: {}, body: "<html>" })).toEqual({ outcome: "failed" });
  });

  test("reads what was acknowledged, in the version that was acknowledged", () => {
    const { kind, request, judge } = nextRequest(asker(0), [cart], 0);
    expect(kind).toBe("read");
    expect(request).toMatchObject({ method: "GET", path: "/carts/c-1" });
    expect(judge(answer(200, stamp)).outcome).toBe("ok");
    expect(judge(answer(200, { ...stamp, version: "v-0" })).outcome).toBe("failed");
    expect(judge(answer(404, {})).outcome).toBe("missing");
  });

  test("writes first, where there is nothing to read yet", () => {
    expect(nextRequest(asker(0), [], 0).kind).toBe("write");
  });
});

test("a write without a new id each time is refused: later ones would hide a lost one", () => {
  const { write, read } = requests;
  const same = { write: { ...write, path: "/carts/one" }, read };
  expect(ownRequestsSchema.safeParse(same).success).toBe(false);
});
