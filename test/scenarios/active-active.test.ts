// Both Regions serve: one drill, from the synthesized app, in which the secondary is drained and
// comes back, and then the primary dies.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DrillResult, drillResultSchema } from "../../lab/report/result.ts";
import { drill } from "../lab/command.ts";

const operator = (at: string, command: string, more: object = {}) => ({
  at,
  operator: { command, by: "alice@example.com", ...more },
});

const scenario = {
  name: "both-serve",
  description: "The secondary is drained and returned; then the primary dies.",
  config: {
    topology: "active-active",
    policy: { stabilitySeconds: 60 },
    detection: { healthServices: ["LAMBDA"] },
  },
  traffic: { clients: 12, requestsPerSecond: 1, regions: ["us-east-1", "us-west-2"] },
  timeline: [
    operator("1m", "failover", { region: "secondary" }),
    operator("4m", "failback"),
    operator("4m", "approve", { within: "2m" }),
    { at: "7m", id: "outage", fault: { kind: "region-down", region: "primary" } },
  ],
  until: "11m",
  expect: { activeRegion: "secondary", failovers: 2, failbacks: 1, failedRequestsPlanned: 0 },
};

describe("where both Regions serve", () => {
  let result: DrillResult;
  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), "active-active-"));
    afterAll(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "both-serve.json");
    writeFileSync(file, JSON.stringify(scenario));
    const { stdout } = await drill(file, "--json", "--no-baseline");
    result = drillResultSchema.parse(JSON.parse(stdout));
  }, 600_000);

  test("either is drained and brought back without a request that fails", () => {
    expect(result.failures).toEqual([]);
    expect(result.clients.failedDuringPlanned).toBe(0);
    expect(result.switches.slice(0, 2)).toMatchObject([
      {
        ...{ direction: "failover", mode: "planned", from: "us-west-2", to: "us-east-1" },
        ...{ serving: ["us-east-1"], lostWrites: 0, writePauseSeconds: null },
      },
      {
        ...{ direction: "failback", mode: "planned", from: "us-east-1", to: "us-west-2" },
        ...{ serving: ["us-east-1", "us-west-2"], lostWrites: 0 },
      },
    ]);
  });

  test("the one that dies is taken out by the other, and only its clients were hit", () => {
    const [, , failover] = result.switches;
    expect(failover).toMatchObject({
      ...{ direction: "failover", mode: "automatic", from: "us-east-1", to: "us-west-2" },
      ...{ status: "SUCCEEDED", serving: ["us-west-2"], because: ["quorum-reached"] },
    });
    expect(failover?.executionArn).toContain(":us-west-2:");
    expect(failover?.rtoSeconds.p50).toBeGreaterThan(20);
    expect(failover?.rtoSeconds.p99).not.toBeNull();
    expect(result).toMatchObject({ activeRegion: "us-west-2", serving: ["us-west-2"] });
  });

  test("all invariants are judged but those that speak of a single writer", () => {
    const silent = result.invariants.filter(({ checked }) => checked === 0);
    expect(silent.map(({ name }) => name)).toEqual([
      "one-writer-per-epoch",
      "planned-loses-nothing",
      "bounded-loss",
    ]);
    expect(result.denied).toEqual([]);
  });
});
