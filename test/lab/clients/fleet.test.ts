import { afterEach, beforeEach, expect, it } from "vitest";
import { Fleet, type Traffic } from "../../../lab/clients/fleet.ts";
import { installClock, type LabClock } from "../../../lab/clock.ts";
import { createInternet } from "../../../lab/internet.ts";
import type { HttpRequest, HttpResponse } from "../../../lab/kernel.ts";
import { createEventLog } from "../../../lab/log.ts";
import { createNetwork } from "../../../lab/network.ts";
import { createRandom } from "../../../lab/random.ts";
import { createWeb } from "../../../lab/web.ts";

const zero = Date.UTC(2026, 0, 15, 9, 0, 0);
const traffic: Traffic = {
  clients: 30,
  requestsPerSecond: 3,
  writeShare: 0.5,
  ignoresTtlShare: 0.04,
  regions: ["us-east-1"],
};
const addresses = { "us-east-1": "192.0.2.10", "us-west-2": "192.0.2.20" };
type Serving = keyof typeof addresses;

let clock: LabClock;
beforeEach(() => {
  clock = installClock({ zero });
});
afterEach(() => clock.uninstall());

/** Two Regions over one table of orders; `serving` is what DNS answers. */
function createWorld(settings: Partial<Traffic> = {}) {
  const random = createRandom(1);
  const log = createEventLog(clock);
  const network = createNetwork(clock, random);
  const web = createWeb(clock, network, createInternet(clock, network));
  const orders = new Set<string>();
  const keys: (string | undefined)[] = [];
  const dns: { serving: Serving } = { serving: "us-east-1" };
  /** What a test makes the API answer instead; null: the order book. */
  const broken: { answer: ((request: HttpRequest) => HttpResponse | null) | null } = {
    answer: null,
  };
  const serve = (region: string) => async (request: HttpRequest) => {
    const wrong = broken.answer?.(request) ?? null;
    if (wrong !== null) return wrong;
    const headers = { "x-region": region };
    const [, , id] = request.path.split("/");
    if (request.method === "POST") {
      keys.push(request.headers["Idempotency-Key"]);
      const made = `order-${orders.size + 1}`;
      orders.add(made);
      return { status: 201, headers, body: JSON.stringify({ id: made, writerEpoch: 4 }) };
    }
    if (id === undefined) return { status: 200, headers, body: '{"orders":[]}' };
    const found = orders.has(id);
    const body = JSON.stringify(found ? { id, writerEpoch: 4 } : {});
    return { status: found ? 200 : 404, headers, body };
  };
  for (const [region, address] of Object.entries(addresses)) {
    web.listen(address, region, serve(region));
  }
  const nameServers = {
    servers: [],
    answer: () =>
      ({ status: "NOERROR", values: [addresses[dns.serving]], ttlSeconds: 60 }) as const,
  };
  const fleet = new Fleet(
    { clock, random, log, network, web, nameServers },
    {
      traffic: { ...traffic, ...settings },
      workloads: ["api"],
      publicName: "api.example.com",
      startsAt: zero,
      endsAt: zero + 600_000,
    },
  );
  return { fleet, log, network, orders, keys, dns, broken };
}

const toMinute = (minutes: number) => clock.runUntil(zero + minutes * 60_000);

it("sends the rate and the share of writes that the scenario asks for, till the end", async () => {
  const { fleet, keys } = createWorld();
  fleet.start();
  await toMinute(20);
  const counts = fleet.counts();
  expect(counts.requests).toBeGreaterThan(1740);
  expect(counts.requests).toBeLessThan(1860);
  expect(counts.acknowledgedWrites).toBeGreaterThan(800);
  expect(counts.acknowledgedWrites).toBeLessThan(1000);
  expect(counts.failed).toBe(0);
  expect(new Set(keys).size).toBe(counts.acknowledgedWrites);
  const ends = fleet.histories().flatMap((one) => one.requests.map((request) => request.at));
  expect(Math.max(...ends)).toBeLessThan(zero + 600_000);
});

it("leaves no client silent for longer than one and a half intervals", async () => {
  const { fleet } = createWorld();
  fleet.start();
  await toMinute(11);
  for (const { requests } of fleet.histories()) {
    const begun = requests.map((request) => request.at);
    const gaps = begun.slice(1).map((at, index) => at - (begun[index] ?? 0));
    expect(Math.max(...gaps)).toBeLessThan(15_000);
  }
});

it("gives up after ten seconds when a Region is silent", async () => {
  const { fleet, network } = createWorld({ clients: 1, requestsPerSecond: 0.1 });
  network.setDown("us-east-1", true);
  fleet.start();
  await toMinute(5);
  const [first] = fleet.histories();
  expect(first?.requests.length).toBeGreaterThan(20);
  for (const { at, endedAt, outcome, region } of first?.requests ?? []) {
    expect({ outcome, region, waited: endedAt - at }).toEqual({
      outcome: "failed",
      region: null,
      waited: expect.closeTo(10_000, 3),
    });
  }
});

it("moves with DNS within the TTL, but for clients that ignore it", async () => {
  const { fleet, dns } = createWorld({ ignoresTtlShare: 0.1 });
  fleet.start();
  await toMinute(2);
  dns.serving = "us-west-2";
  await toMinute(9);
  for (const { ignoresTtl, requests } of fleet.histories()) {
    const late = requests.filter((request) => request.at > zero + 182_000);
    const regions = [...new Set(late.map((request) => request.region))];
    expect(regions).toEqual([ignoresTtl ? "us-east-1" : "us-west-2"]);
  }
  expect(fleet.histories().filter((one) => one.ignoresTtl)).toHaveLength(3);
});

it.each([
  { title: "errors", status: 503, body: "{}" },
  { title: "errors with a good body", status: 500, body: '{"orders":[],"id":"1","writerEpoch":1}' },
  { title: "throttling", status: 429, body: "{}" },
  { title: "bodies that aren't JSON", status: 200, body: "<html>" },
  { title: "bodies of something else", status: 200, body: '{"hello":"world"}' },
])("counts $title as failures", async ({ status, body }) => {
  const { fleet, broken } = createWorld();
  broken.answer = () => ({ status, headers: {}, body });
  fleet.start();
  await toMinute(1);
  const counts = fleet.counts();
  expect(counts.requests).toBeGreaterThan(100);
  expect(counts.failed).toBe(counts.requests);
  expect(counts.acknowledgedWrites).toBe(0);
});

it("counts an acknowledged order that isn't there as missing", async () => {
  const { fleet, orders, broken } = createWorld();
  fleet.start();
  await toMinute(2);
  orders.clear();
  broken.answer = ({ method }) =>
    method === "POST" ? { status: 503, headers: {}, body: "{}" } : null;
  await toMinute(4);
  const { missingReads } = fleet.counts();
  expect(missingReads).toBeGreaterThan(50);
});

it("believes no order that comes with an error", async () => {
  const { fleet, broken } = createWorld();
  fleet.start();
  await toMinute(1);
  broken.answer = ({ path }) => {
    const [, , id] = path.split("/");
    const body = JSON.stringify({ id, writerEpoch: 4 });
    return id === undefined ? null : { status: 500, headers: {}, body };
  };
  await toMinute(2);
  expect(fleet.counts().failed).toBeGreaterThan(30);
});

it("asks at the end which acknowledged writes are gone, by the public name", async () => {
  const { fleet, orders, broken } = createWorld();
  fleet.start();
  await toMinute(11);
  const [lost] = fleet.acknowledged();
  if (lost === undefined) throw new Error("nothing was written");
  orders.delete(lost.id);
  expect(lost.epoch).toBe(4);
  expect(lost.region).toBe("us-east-1");
  let refusals = 3;
  broken.answer = () => {
    refusals -= 1;
    return refusals < 0 ? null : { status: 503, headers: {}, body: "{}" };
  };
  let gone: string[] = [];
  void fleet.missing(fleet.throughApi()).then((writes) => {
    gone = writes.map((write) => write.id);
  });
  await toMinute(20);
  expect(gone).toEqual([lost.id]);
  expect(await fleet.missing(({ id }) => orders.has(id))).toEqual([lost]);
});

it("doesn't take silence for a loss", async () => {
  const { fleet, network } = createWorld();
  fleet.start();
  await toMinute(11);
  network.setDown("us-east-1", true);
  let fault = "";
  fleet.missing(fleet.throughApi()).catch((error: Error) => {
    fault = error.message;
  });
  await toMinute(13);
  expect(fault).toContain("nobody could say whether order");
});

it("logs each request", async () => {
  const { fleet, log } = createWorld({ clients: 1, requestsPerSecond: 1, writeShare: 1 });
  fleet.start();
  await toMinute(1);
  const [event] = log.events;
  expect(event?.kind).toBe("request");
  expect(event?.region).toBeNull();
  expect(event?.detail).toEqual({
    client: 1,
    kind: "write",
    ok: true,
    status: 201,
    region: "us-east-1",
    ms: expect.any(Number),
  });
});
