// The checks that need thought: what is refused, by name and with its arithmetic, and what is only
// warned of.
import { describe, expect, it } from "vitest";
import { faultsOf, warningsOf } from "./faults.ts";

describe("What this version doesn't build", () => {
  it.each([
    [{ topology: "active-active" }, '$.topology: "active-active" is not built yet'],
    [{ workloads: ["api", "events"] }, '$.workloads: "events" is not built yet'],
    [{ frontend: true }, "$.frontend: true is not built yet"],
    [{ writes: "any-region" }, '$.writes: "any-region" is not built yet'],
    [{ coordination: "eventual" }, '$.coordination: "eventual" is not built yet'],
    [{ approval: { twoPerson: true } }, "$.approval.twoPerson: true is not built yet"],
  ])("is refused by name: %j", (difference, fault) => {
    expect(faultsOf(difference)).toEqual([fault]);
  });
});

describe("Regions", () => {
  const trio = (primary: string, secondary: string, witness: string) => ({
    regions: { primary, secondary, witness },
  });

  it.each([
    trio("us-east-1", "us-west-2", "us-east-2"),
    trio("us-west-2", "us-east-2", "us-east-1"),
    trio("eu-west-1", "eu-central-1", "eu-west-3"),
    trio("eu-west-2", "eu-west-3", "eu-central-1"),
    trio("ap-northeast-1", "ap-northeast-3", "ap-northeast-2"),
  ])("of one MRSC set are accepted: %j", (difference) => {
    expect(faultsOf(difference)).toEqual([]);
  });

  it("that are one and the same are no pair.", () => {
    expect(faultsOf({ regions: { secondary: "us-east-1" } })).toEqual([
      "$.regions.secondary: is the primary too (us-east-1); a pair needs two Regions",
    ]);
  });

  it("of several sets are refused with the set of each.", () => {
    expect(faultsOf(trio("us-east-1", "eu-west-1", "us-east-2"))).toEqual([
      "$.regions: must lie in one MRSC Region set, but are us-east-1 (US), eu-west-1 (EU), " +
        "us-east-2 (US)",
    ]);
  });

  it("of no set are refused by name.", () => {
    const [fault, ...others] = faultsOf(trio("us-east-1", "ap-southeast-1", "us-east-2"));
    expect(others).toEqual([]);
    expect(fault).toContain("$.regions.secondary: ap-southeast-1 is in no Region set");
    expect(fault).toContain("eu-west-1, eu-west-2, eu-west-3, eu-central-1");
  });
});

describe("A domain", () => {
  it.each([
    ["example.com", true],
    ["a.b.example.com", true],
    ["notexample.com", false],
    ["example.com.evil.org", false],
  ])("%s: inside the zone example.com is %s.", (name, inside) => {
    expect(faultsOf({ domain: { name } })).toEqual(
      inside ? [] : [`$.domain.name: ${name} is outside the zone example.com`],
    );
  });

  it.each([["API.example.com"], ["api.example.com."], ["api..example.com"], ["api"]])(
    "%s is no domain name.",
    (name) => {
      expect(faultsOf({ domain: { name } })).toEqual([
        "$.domain.name: must be a domain name like api.example.com: lower case, no trailing dot, " +
          `but is "${name}"`,
      ]);
    },
  );
});

describe("Timing", () => {
  it("that can't work is refused.", () => {
    const slow = (stepTimeoutSeconds: number) =>
      faultsOf({ detection: { stepTimeoutSeconds }, objectives: { rtoSeconds: 999 } });
    expect(slow(18)).toEqual([]);
    expect(slow(19)).toEqual([
      "$.detection.stepTimeoutSeconds: must be at most 18: a run that gathers evidence waits 28 s " +
        "for three looks",
    ]);
    expect(faultsOf({ detection: { heartbeatSeconds: 31 } })).toEqual([
      "$.detection.heartbeatSeconds: must be at most 30: watch works by minutes",
    ]);
    expect(faultsOf({ writeLeaseSeconds: 59, objectives: { rtoSeconds: 999 } })).toEqual([
      "$.writeLeaseSeconds: write lease and write deadline (59 s + 2 s) must be at most 60 s " +
        "together: a fence waits for both",
    ]);
  });

  it("that only overlaps is a warning.", () => {
    expect(warningsOf({ detection: { lookSeconds: 5 } })).toEqual([]);
    expect(warningsOf({ detection: { lookSeconds: 4 } })).toEqual([
      "$.detection.stepTimeoutSeconds: a step may take 5 s while a look starts every 4 s: looks at " +
        "a failing Region overlap",
    ]);
  });

  it("a quorum that a hard outage alone can't reach is a warning.", () => {
    expect(warningsOf({ detection: { quorum: 3 } })).toEqual([]);
    expect(warningsOf({ detection: { quorum: 4 } })).toEqual([
      "$.detection.quorum: a hard outage brings three votes by itself (two vantage points and " +
        "DNS): with this quorum nothing fails over before AWS Health reports an issue",
    ]);
  });

  it("of heartbeats that a drain by heartbeats can't wait for is refused.", () => {
    expect(faultsOf({ drain: "heartbeats", detection: { heartbeatSeconds: 20 } })).toEqual([]);
    expect(faultsOf({ drain: "heartbeats", detection: { heartbeatSeconds: 21 } })).toEqual([
      '$.detection.heartbeatSeconds: must be at most 20 with "drain": "heartbeats": the drain ' +
        "waits for the second beat from now, within one step of the machine",
    ]);
  });

  it("of looks that never fit into a minute is refused.", () => {
    expect(faultsOf({ detection: { lookSeconds: 31 }, objectives: { rtoSeconds: 999 } })).toEqual([
      "$.detection.lookSeconds: must be at most 30: watch works by minutes",
    ]);
  });

  it("a quorum that nobody can reach is refused.", () => {
    expect(faultsOf({ detection: { quorum: 5 } })).toEqual([
      "$.detection.quorum: 5 votes can't be reached: three vantage points and an AWS Health " +
        "issue are 4",
    ]);
  });
});

describe("Objectives", () => {
  it("that a hard outage can't meet are refused with the arithmetic.", () => {
    expect(faultsOf({ objectives: { rtoSeconds: 60 } })).toEqual([
      "$.objectives.rtoSeconds: 60 s can't be met in a hard outage. Writes at the target: " +
        "35 s (3 failed looks, 10 s apart, the last one timing out) + " +
        "2 s (the signal wakes region-switch) + " +
        "11 s (evidence: three fresh looks, 3 s apart, the last one timing out) + " +
        "3 s (decide and claim) + " +
        "8 s (fence: write lease, write deadline, 1 s in flight) + " +
        "1 s (promote the target) = 60 s. Answers at the clients: " +
        "48 s (3 failed probes, 10 s apart, each up to 6 s) + " +
        "5 s (name servers answer the target (unpublished; assumed)) + " +
        "60 s (clients keep the old answer for its TTL) = 113 s. " +
        "The slower one counts: 113 s > 60 s",
    ]);
  });

  it("that a hard outage just meets are accepted.", () => {
    expect(faultsOf({ objectives: { rtoSeconds: 113 } })).toEqual([]);
    expect(faultsOf({ objectives: { rtoSeconds: 112 } })).toHaveLength(1);
  });

  it("that slow probes spoil are refused.", () => {
    expect(faultsOf({ detection: { endpointIntervalSeconds: 30, endpointFailures: 4 } })).toEqual([
      expect.stringContaining("The slower one counts: 209 s > 180 s"),
    ]);
  });

  it("of a loss that the worst case exceeds are a warning.", () => {
    expect(warningsOf({ objectives: { rpoSeconds: 29 } })).toEqual([]);
    expect(warningsOf({ objectives: { rpoSeconds: 28 } })).toEqual([
      expect.stringContaining("= 29 s, more than 28 s"),
    ]);
  });
});

describe("Warnings", () => {
  it("are none for the usual three Regions.", () => {
    expect(warningsOf({})).toEqual([]);
  });

  it("say that a witness in us-east-1 shares the control plane's fate.", () => {
    expect(
      warningsOf({
        regions: { primary: "us-east-2", secondary: "us-west-2", witness: "us-east-1" },
      }),
    ).toEqual([
      expect.stringContaining("$.regions.witness: us-east-1 holds Route 53's control plane too"),
      expect.stringContaining("a second copy of us-west-2's events in us-east-1"),
    ]);
  });

  it("say whose second Health delivery is missing.", () => {
    expect(
      warningsOf({
        regions: { primary: "eu-west-1", secondary: "eu-central-1", witness: "eu-west-3" },
      }),
    ).toEqual([
      expect.stringContaining("a second copy of eu-west-1's events in us-west-2"),
      expect.stringContaining("a second copy of eu-central-1's events in us-west-2"),
    ]);
  });

  it("say that nobody is notified, and that one vote is few.", () => {
    expect(warningsOf({ notify: [], detection: { quorum: 1 } })).toEqual([
      "$.notify: is empty: nobody is notified",
      "$.detection.quorum: a single vantage point may move traffic; a fault of its own network " +
        "would suffice",
    ]);
  });
});
