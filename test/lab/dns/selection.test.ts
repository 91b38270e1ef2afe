// Route 53's choice among records, as its guide states it, case by case.
import { describe, expect, it } from "vitest";
import type { Routing, ZoneRecord } from "../../../lab/dns/records.ts";
import { selectRecord } from "../../../lab/dns/selection.ts";

const record = (identifier: string, routing: Routing): ZoneRecord => ({
  name: "api.example.com",
  type: "A",
  setIdentifier: identifier,
  routing,
  healthCheckId: null,
  ttlSeconds: 60,
  values: [],
  alias: null,
});

function chosen(records: ZoneRecord[], unhealthy: string[], from = "us-east-1") {
  const healthy = (one: ZoneRecord) => !unhealthy.includes(one.setIdentifier ?? "");
  return selectRecord(records, healthy, from)?.setIdentifier ?? null;
}

const failover = [
  record("S", { kind: "failover", role: "SECONDARY" }),
  record("P", { kind: "failover", role: "PRIMARY" }),
];

describe("failover records", () => {
  it.each([
    { unhealthy: [], answered: "P" },
    { unhealthy: ["P"], answered: "S" },
    { unhealthy: ["S"], answered: "P" },
    { unhealthy: ["P", "S"], answered: "P" },
  ])("answer $answered while $unhealthy is unhealthy", ({ unhealthy, answered }) => {
    expect(chosen(failover, unhealthy)).toBe(answered);
  });

  it("answer what there is while the other half is missing", () => {
    expect(chosen(failover.slice(0, 1), ["S"])).toBe("S");
    expect(chosen([], [])).toBeNull();
  });
});

describe("latency records", () => {
  const latency = ["us-east-1", "us-west-2", "eu-west-1"].map((region) =>
    record(region, { kind: "latency", region }),
  );
  const all = ["us-east-1", "us-west-2", "eu-west-1"];

  it.each([
    { from: "us-east-1", unhealthy: [], answered: "us-east-1" },
    { from: "us-west-1", unhealthy: [], answered: "us-west-2" },
    { from: "eu-central-1", unhealthy: [], answered: "eu-west-1" },
    { from: "us-east-1", unhealthy: ["us-east-1"], answered: "us-west-2" },
    { from: "eu-central-1", unhealthy: ["eu-west-1"], answered: "us-east-1" },
    { from: "us-west-1", unhealthy: all, answered: "us-west-2" },
  ])("answer $answered to $from while $unhealthy is unhealthy", ({ from, unhealthy, answered }) => {
    expect(chosen(latency, unhealthy, from)).toBe(answered);
  });
});
