import { beforeEach, describe, expect, it } from "vitest";
import type { ZoneRecord } from "../../../lab/dns/records.ts";
import { Zone } from "../../../lab/dns/zone.ts";

const simple: ZoneRecord = {
  name: "static.example.com",
  type: "A",
  setIdentifier: null,
  routing: { kind: "simple" },
  healthCheckId: null,
  ttlSeconds: 300,
  values: ["192.0.2.1"],
  alias: null,
};
const gateway = (region: string, evaluateTargetHealth = false) => ({
  dnsName: `d-0123456789.execute-api.${region}.amazonaws.com`,
  hostedZoneId: "Z1UJRXOUMOOFQ8",
  evaluateTargetHealth,
});
const primary: ZoneRecord = {
  ...simple,
  name: "api.example.com",
  setIdentifier: "primary",
  routing: { kind: "failover", role: "PRIMARY" },
  healthCheckId: "check",
  ttlSeconds: null,
  values: [],
  alias: gateway("us-east-1"),
};
const secondary: ZoneRecord = {
  ...primary,
  setIdentifier: "secondary",
  routing: { kind: "failover", role: "SECONDARY" },
  healthCheckId: null,
  alias: gateway("us-west-2"),
};

let unhealthy: string[];
let unavailable: string[];
let zone: Zone;
beforeEach(() => {
  unhealthy = [];
  unavailable = [];
  zone = new Zone({
    id: "Z0123",
    name: "example.com.",
    healthy: (id) => !unhealthy.includes(id),
    serverNames: ["ns-1.example.net"],
    targets: {
      addresses: (dnsName) => [dnsName.includes("us-east-1") ? "192.0.2.10" : "192.0.2.20"],
      available: (dnsName) => !unavailable.some((region) => dnsName.includes(region)),
    },
  });
});
const ask = (name: string, type: "A" | "TXT" | "NS" = "A") => zone.answer(name, type, "us-east-1");

it("answers a simple record with its own TTL, whatever the spelling of the name", () => {
  zone.add(simple);
  const answer = { status: "NOERROR", values: ["192.0.2.1"], ttlSeconds: 300 };
  expect(ask("Static.Example.COM.")).toEqual(answer);
});

it("answers an alias to API Gateway with its addresses for 60 seconds", () => {
  zone.add(primary);
  zone.add(secondary);
  const answer = { status: "NOERROR", values: ["192.0.2.10"], ttlSeconds: 60 };
  expect(ask("api.example.com")).toEqual(answer);
});

it("answers the secondary once the primary's check fails", () => {
  zone.add(primary);
  zone.add(secondary);
  unhealthy = ["check"];
  expect(ask("api.example.com").values).toEqual(["192.0.2.20"]);
  expect(zone.regionAnswered("api.example.com", "A", "us-east-1")).toBe("us-west-2");
});

it("follows an alias to a record of the same zone and uses that record's TTL", () => {
  zone.add(simple);
  const alias = { ...gateway("us-east-1"), dnsName: "static.example.com" };
  zone.add({ ...simple, name: "www.example.com", ttlSeconds: null, values: [], alias });
  const answer = { status: "NOERROR", values: ["192.0.2.1"], ttlSeconds: 300 };
  expect(ask("www.example.com")).toEqual(answer);
});

it("tells a name that doesn't exist from a type that doesn't", () => {
  zone.add(simple);
  const nothing = { values: [], ttlSeconds: 900 };
  expect(ask("nobody.example.com")).toEqual({ status: "NXDOMAIN", ...nothing });
  expect(ask("static.example.com", "TXT")).toEqual({ status: "NOERROR", ...nothing });
});

it("is not the one to ask for names of other zones", () => {
  expect(ask("badexample.com").status).toBe("SERVFAIL");
});

it("answers its name servers at the apex", () => {
  expect(ask("example.com", "NS").values).toEqual(["ns-1.example.net"]);
});

describe("evaluate target health", () => {
  const evaluating = { ...primary, healthCheckId: null, alias: gateway("us-east-1", true) };

  it("takes the target's availability into account when it is on", () => {
    zone.add(evaluating);
    zone.add(secondary);
    unavailable = ["us-east-1"];
    expect(ask("api.example.com").values).toEqual(["192.0.2.20"]);
  });

  it("passes whatever the target does when it is off", () => {
    zone.add({ ...evaluating, alias: gateway("us-east-1", false) });
    zone.add(secondary);
    unavailable = ["us-east-1"];
    expect(ask("api.example.com").values).toEqual(["192.0.2.10"]);
  });

  it("demands the record's own check besides", () => {
    zone.add({ ...evaluating, healthCheckId: "check" });
    zone.add(secondary);
    unhealthy = ["check"];
    expect(ask("api.example.com").values).toEqual(["192.0.2.20"]);
  });
});

it("refuses what Route 53 refuses", () => {
  zone.add(primary);
  expect(() => zone.add(primary)).toThrow("exists already");
  expect(() => zone.add({ ...simple, name: "api.example.com" })).toThrow("mixes policies");
  expect(() => zone.add({ ...simple, name: "example.org" })).toThrow("not in the zone");
});
