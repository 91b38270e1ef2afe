// The checks that need thought: what is refused, by name and with its arithmetic, and what is only
// warned of.
import { describe, expect, it } from "vitest";
import { configOf } from "../world.ts";
import { faultsOf, warningsOf } from "./faults.ts";

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

  it.each([
    trio("ap-southeast-1", "ap-northeast-1", "ap-northeast-3"),
    trio("us-east-1", "eu-west-1", "us-east-2"),
  ])(
    "of which AWS's guides don't say yet that they go together are a warning: %j",
    (difference) => {
      expect(faultsOf(difference)).toEqual([]);
      expect(warningsOf(difference)).toEqual([
        expect.stringContaining("were no Region set of MRSC before 2026-09"),
      ]);
    },
  );

  it("without MRSC are refused by name, each, with what there is instead.", () => {
    const faults = faultsOf(trio("sa-east-1", "us-east-1", "ca-central-1"));
    expect(faults).toEqual([
      expect.stringMatching(/^\$\.regions\.primary: sa-east-1 is not known to offer/),
      expect.stringMatching(/^\$\.regions\.witness: ca-central-1 is not known to offer/),
    ]);
    expect(faults[0]).toContain("eu-central-1, ap-northeast-1");
    expect(faults[0]).toContain('"coordination": "eventual" works in every Region and is weaker');
  });

  it("without MRSC are accepted with eventual coordination, which says that it is weaker.", () => {
    const eventual = {
      ...trio("sa-east-1", "us-east-1", "ca-central-1"),
      coordination: "eventual",
    };
    expect(faultsOf(eventual)).toEqual([]);
    expect(warningsOf(eventual)).toEqual([
      '$.coordination: "eventual": a Region that is cut off from its peer while clients still ' +
        "reach it accepts writes until it learns of a switch; the stated loss does not cover those",
    ]);
  });

  it("with MRSC are told so when coordination is eventual.", () => {
    expect(warningsOf({ coordination: "eventual" })).toEqual([
      expect.stringContaining('. "strong" is to be had in these Regions'),
    ]);
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
    expect(faultsOf({ detection: { quorum: 6 } })).toEqual([
      "$.detection.quorum: 6 votes can't be reached: three vantage points, an AWS Health issue " +
        "and CloudWatch's metrics are 5",
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

describe("The workload events", () => {
  it("is accepted alone and beside the API, and leaves a look time for its two steps.", () => {
    expect(faultsOf({ workloads: ["events"] })).toEqual([]);
    expect(faultsOf({ workloads: ["api", "events"] })).toEqual([]);
    const slow = { detection: { stepTimeoutSeconds: 16 }, objectives: { rtoSeconds: 600 } };
    expect(faultsOf({ ...slow, workloads: ["api"] })).toEqual([]);
    expect(faultsOf({ ...slow, workloads: ["api", "events"] })).toEqual([
      '$.detection.stepTimeoutSeconds: must be at most 15 with the workload "events": a run that ' +
        "gathers evidence waits 28 s for three looks, which post an event and wait for its effect",
    ]);
  });

  it("warns where AWS Health's issues of its services count for nothing.", () => {
    const told = (healthServices: string[]) =>
      warningsOf({ workloads: ["events"], detection: { healthServices } }).filter((line) =>
        line.startsWith("$.detection.healthServices"),
      );
    expect(told(["EVENTS", "LAMBDA"])).toEqual([
      '$.detection.healthServices: lacks SQS, which the workload "events" uses: ' +
        "AWS Health's issues of them count for nothing",
    ]);
    expect(told(["EVENTS", "SQS"])).toEqual([]);
  });
});

describe("Who writes", () => {
  it("is one Region where one serves, and any where both do, unless it is said.", () => {
    expect(configOf().writes).toBe("single-region");
    expect(configOf({ topology: "active-active" }).writes).toBe("any-region");
    expect(configOf({ writes: "any-region" }).writes).toBe("any-region");
    expect(faultsOf({ topology: "active-active", writes: "single-region" })).toEqual([]);
    expect(configOf({ topology: "active-active", writes: "any-region" }).writes).toBe("any-region");
  });

  it("waits for no fence where any Region does, in the arithmetic of an outage too.", () => {
    const detection = { stepTimeoutSeconds: 10 };
    const slow = { writeLeaseSeconds: 58, detection, objectives: { rtoSeconds: 120 } };
    expect(faultsOf(slow)).toEqual([
      expect.stringMatching(/^\$\.objectives\.rtoSeconds: 120 s can't be met/),
    ]);
    expect(faultsOf({ ...slow, writes: "any-region" })).toEqual([]);
  });
});
