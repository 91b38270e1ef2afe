import { afterEach, beforeEach, expect, it } from "vitest";
import { installClock, type LabClock } from "../../../lab/clock.ts";
import { CachingResolver } from "../../../lab/dns/resolver.ts";
import type { DnsAnswer, DnsType } from "../../../lab/kernel.ts";
import { createRandom } from "../../../lab/random.ts";

const zero = Date.UTC(2026, 0, 15, 9, 0, 0);
let clock: LabClock;
let answer: DnsAnswer;
let questions: number;
let down: string[];
beforeEach(() => {
  clock = installClock({ zero });
  answer = { status: "NOERROR", values: ["192.0.2.1"], ttlSeconds: 60 };
  questions = 0;
  down = [];
});
afterEach(() => clock.uninstall());

function resolver(options: Partial<ConstructorParameters<typeof CachingResolver>[1]> = {}) {
  const nameServers = {
    servers: [{ name: "ns-1.example.net", address: "198.51.100.1" }],
    answer: () => {
      questions += 1;
      return answer;
    },
  };
  const network = { isDown: (region: string) => down.includes(region) };
  const parts = { clock, random: createRandom(1), network, nameServers };
  return new CachingResolver(parts, { from: { internet: "us-east-1" }, ...options });
}

/** The answer within a virtual second; null: silence. */
async function ask(asked: CachingResolver, name = "api.example.com", type: DnsType = "A") {
  let values: readonly string[] | null = null;
  void asked.resolve(name, type).then((found) => {
    values = found.values;
  });
  await clock.runUntil(clock.now() + 1000);
  return values;
}

it("keeps an answer for its TTL and no longer", async () => {
  const client = resolver();
  expect(await ask(client)).toEqual(["192.0.2.1"]);
  answer = { ...answer, values: ["192.0.2.2"] };
  await clock.runUntil(zero + 59_000);
  expect(await ask(client)).toEqual(["192.0.2.1"]);
  await clock.runUntil(zero + 61_000);
  expect(await ask(client)).toEqual(["192.0.2.2"]);
});

it("keeps an answer for ten minutes when it ignores TTLs", async () => {
  const client = resolver({ ignoresTtl: true });
  await ask(client);
  answer = { ...answer, values: ["192.0.2.2"] };
  await clock.runUntil(zero + 599_000);
  expect(await ask(client)).toEqual(["192.0.2.1"]);
  await clock.runUntil(zero + 602_000);
  expect(await ask(client)).toEqual(["192.0.2.2"]);
});

it("keeps a no for its own TTL, even when it ignores TTLs", async () => {
  const client = resolver({ ignoresTtl: true });
  answer = { status: "NXDOMAIN", values: [], ttlSeconds: 30 };
  expect(await ask(client)).toEqual([]);
  expect(await ask(client)).toEqual([]);
  expect(questions).toBe(1);
  await clock.runUntil(zero + 31_000);
  await ask(client);
  expect(questions).toBe(2);
});

it("asks once for questions asked at the same time", async () => {
  const client = resolver();
  void client.resolve("api.example.com", "A");
  await ask(client, "API.example.com.");
  expect(questions).toBe(1);
});

it("is silent while its Region is down and answers again afterwards", async () => {
  const regional = resolver({ from: { region: "us-east-1" } });
  down = ["us-east-1"];
  expect(await ask(regional)).toBeNull();
  down = [];
  expect(await ask(regional)).toEqual(["192.0.2.1"]);
});

it("answers clients on the internet whatever Region is down", async () => {
  down = ["us-east-1"];
  expect(await ask(resolver())).toEqual(["192.0.2.1"]);
});

it("knows the name servers' own addresses and names outside the zone", async () => {
  const elsewhere = (name: string) => (name === "known.example.org" ? ["203.0.113.1"] : null);
  const client = resolver({ elsewhere });
  answer = { status: "SERVFAIL", values: [], ttlSeconds: 0 };
  expect(await ask(client, "ns-1.example.net")).toEqual(["198.51.100.1"]);
  expect(await ask(client, "known.example.org")).toEqual(["203.0.113.1"]);
  expect(await ask(client, "unknown.example.org")).toEqual([]);
});
