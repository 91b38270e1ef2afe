import { describe, expect, test } from "vitest";
import { type Observed, unmetExpectations } from "../../../lab/report/expectations.ts";
import { failover } from "./result.ts";

const observed: Observed = {
  result: {
    scenario: "s",
    seed: 1,
    virtualSeconds: 600,
    wallMilliseconds: 1,
    logSha256: "0",
    activeRegion: "us-west-2",
    serving: ["us-west-2"],
    epoch: 2,
    switches: [failover],
    decisions: [
      { at: 160, executionArn: "arn:x", kind: "go", because: ["quorum-reached"], blockedBy: [] },
    ],
    clients: {
      requests: 9,
      failed: 3,
      acknowledgedWrites: 4,
      lostWrites: 1,
      failedDuringPlanned: 2,
    },
    invariants: [],
    denied: [],
  },
  completed: [failover],
  leverMoves: [{ at: 165, lever: "switch lever of us-east-1" }],
  pendingApprovals: 1,
  route53Calls: 3,
  regionOf: (name) => (name === "secondary" ? "us-west-2" : name),
};

describe("expectations", () => {
  test("that are met say nothing", () => {
    const met = {
      activeRegion: "secondary",
      failovers: 1,
      failbacks: 0,
      noSwitch: [[200, 600] as [number, number]],
      switchWithin: { direction: "failover" as const, after: 120, within: 70 },
      rtoSeconds: { p50: 68, p99: 104 },
      lostWrites: 1,
      failedRequestsPlanned: 2,
      decisions: [{ kind: "go" as const, because: ["quorum-reached"] }],
      pendingApprovals: 1,
      route53ControlPlaneCalls: 3,
    };
    expect(unmetExpectations(met, observed)).toEqual([]);
  });

  test("that are not met say each what was expected and what was found", () => {
    const unmet = {
      activeRegion: "us-east-1",
      failovers: 2,
      noSwitch: [[100, 200] as [number, number]],
      switchWithin: { direction: "failback" as const, after: 120, within: 70 },
      rtoSeconds: { p99: 103 },
      lostWrites: 0,
      failedRequestsPlanned: 0,
      decisions: [{ kind: "hold" as const, blockedBy: ["target-failing"] }],
      pendingApprovals: 0,
      route53ControlPlaneCalls: 0,
    };
    expect(unmetExpectations(unmet, observed)).toEqual([
      "At the end us-west-2 is active; expected us-east-1.",
      "Expected 2 completed failovers; found 1.",
      "Expected 0 approvals pending at the end; found 1.",
      "Expected at most 0 successful Route 53 API calls of switches; found 3.",
      "Expected at most 0 lost writes; found 1.",
      "Expected at most 0 requests failed during planned switches; found 2.",
      "The switch lever of us-east-1 moved at 2m45s, inside 1m40s to 3m20s, when none may move.",
      "Expected a failback within 1m10s after 2m; there was none.",
      "RTO p99 of the failover to us-west-2 was 104 s; at most 103 s expected.",
      'No decision was "hold" blocked by target-failing.',
    ]);
  });

  test("allow a planned switch no lost write, whatever the scenario says", () => {
    const planned = { ...failover, mode: "planned" as const, lostWrites: 1 };
    expect(unmetExpectations({}, { ...observed, completed: [planned] })).toEqual([
      "The planned failover to us-west-2 lost 1 writes.",
    ]);
  });
});
