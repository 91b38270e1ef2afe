// Each invariant once as it holds, and once for each way of breaking it.
import { describe, expect, it } from "vitest";
import { InvariantViolated } from "../../core/errors.ts";
import {
  assertHolds,
  boundedLoss,
  controlPlaneFree,
  converges,
  fitTarget,
  invariantNames,
  neverLeavesHealthy,
  oneSwitchAtATime,
  oneWriterPerEpoch,
  plannedLosesNothing,
  someRegionServes,
  writeAheadLedger,
} from "../../core/invariants.ts";
import { initialState } from "../../core/plan.ts";
import { planOf } from "../../core/plan-for.ts";
import { config, now, report, world } from "./world.ts";

const released = { switch: "released", drain: "released" } as const;
const drained = { switch: "released", drain: "pulled" } as const;
const serving = ["us-east-1", "us-west-2"];
const failover = planOf(config, "failover", "automatic");

describe("The invariants", () => {
  it("are ten.", () => {
    expect(invariantNames).toHaveLength(10);
  });

  it("throw where they are asserted.", () => {
    expect(() => assertHolds("Something is wrong.")).toThrow(InvariantViolated);
    expect(() => assertHolds(null)).not.toThrow();
  });
});

describe("some-region-serves", () => {
  it("holds while one Region is out and the other vouched for.", () => {
    const pulling = { region: "us-east-1", otherVouched: true };
    expect(someRegionServes({ serving, levers: { "us-east-1": drained }, pulling })).toBeNull();
  });

  it("is broken when both are out, by whichever lever.", () => {
    const levers = {
      "us-east-1": drained,
      "us-west-2": { ...released, switch: "pulled" as const },
    };
    expect(someRegionServes({ serving, levers, pulling: null })).toBe(
      "All of us-east-1 and us-west-2 are out by our levers.",
    );
  });

  it("is broken by a pull that nobody vouches for.", () => {
    const pulling = { region: "us-east-1", otherVouched: false };
    expect(someRegionServes({ serving, levers: { "us-east-1": drained }, pulling })).toMatch(
      /nobody vouches/,
    );
  });
});

describe("one-writer-per-epoch", () => {
  const write = (region: string, epoch: number) => ({ region, epoch });

  it("holds while each epoch has one Region, and late writes are of the same Region.", () => {
    expect(
      oneWriterPerEpoch([
        write("a", 1),
        write("a", 2),
        write("a", 1),
        write("b", 3),
        write("a", 4),
      ]),
    ).toBeNull();
  });

  it("is broken by two Regions in one epoch.", () => {
    expect(oneWriterPerEpoch([write("a", 1), write("b", 1)])).toBe(
      "Writes of epoch 1 come from a and from b.",
    );
  });

  it("is broken by an old epoch's write after another Region's newer one.", () => {
    expect(oneWriterPerEpoch([write("a", 1), write("b", 2), write("a", 1)])).toBe(
      "a applied a write of epoch 1 after b's first of 2.",
    );
  });

  it("leaves out a Region that was cut off, with eventual coordination alone.", () => {
    const late = { region: "a", epoch: 1, cutOff: true };
    const writes = [write("a", 1), write("b", 2), late];
    expect(oneWriterPerEpoch(writes, "eventual")).toBeNull();
    expect(oneWriterPerEpoch(writes, "strong")).toMatch(/after b's first/);
    const informed = [write("a", 1), write("b", 2), { ...late, cutOff: false }];
    expect(oneWriterPerEpoch(informed, "eventual")).toMatch(/after b's first/);
  });
});

describe("fit-target", () => {
  const call = { target: "us-west-2", at: now, vouchedAt: now - 60_000 };
  const plain = { forced: false, reassertsLatch: false };

  it("holds for 60 s after a look that vouches.", () => {
    expect(fitTarget({ ...call, ...plain })).toBeNull();
    expect(fitTarget({ ...call, ...plain, vouchedAt: now - 60_001 })).toMatch(/60.001 s old/);
    expect(fitTarget({ ...call, ...plain, vouchedAt: null })).toMatch(/unvouched/);
  });

  it("does not bind force, nor a latch that is only re-asserted.", () => {
    expect(fitTarget({ ...call, vouchedAt: null, forced: true, reassertsLatch: false })).toBeNull();
    expect(fitTarget({ ...call, vouchedAt: null, forced: false, reassertsLatch: true })).toBeNull();
  });
});

describe("planned-loses-nothing", () => {
  it("is broken by one write of a planned switch.", () => {
    expect(plannedLosesNothing({ mode: "planned", missing: [] })).toBeNull();
    expect(plannedLosesNothing({ mode: "automatic", missing: ["a"] })).toBeNull();
    expect(plannedLosesNothing({ mode: "planned", missing: ["a", "b", "c", "d"] })).toBe(
      "A planned switch lost 4 writes (a, b, c, …).",
    );
  });
});

describe("bounded-loss", () => {
  const window = { from: 100, to: 200 };
  const missing = (acknowledgedAt: number) => [{ key: "k", acknowledgedAt }];

  it("holds inside the window.", () => {
    for (const at of [100, 200])
      expect(boundedLoss({ missing: missing(at), window, agreedToUnknown: false })).toBeNull();
  });

  it("is broken before and after it.", () => {
    for (const at of [99, 201])
      expect(boundedLoss({ missing: missing(at), window, agreedToUnknown: true })).toBe(
        "Writes outside the stated window are missing (k).",
      );
  });

  it("has no end for a Region that was cut off, with eventual coordination alone.", () => {
    const judged = (acknowledgedAt: number, coordination: "strong" | "eventual") =>
      boundedLoss({
        missing: [{ key: "k", acknowledgedAt, cutOff: true }],
        window,
        agreedToUnknown: false,
        coordination,
      });
    expect(judged(201, "eventual")).toBeNull();
    expect(judged(201, "strong")).toMatch(/outside the stated window/);
    expect(judged(99, "eventual")).toMatch(/outside the stated window/);
  });

  it("needs an operator where the window is unknown and something is missing.", () => {
    const unknown = { missing: missing(1), window: null };
    expect(boundedLoss({ ...unknown, agreedToUnknown: true })).toBeNull();
    expect(boundedLoss({ ...unknown, agreedToUnknown: false })).toMatch(/Nobody agreed/);
    expect(boundedLoss({ missing: [], window: null, agreedToUnknown: false })).toBeNull();
  });
});

describe("never-leaves-healthy", () => {
  const seen = (witness: "healthy" | "failing" | "unknown", peer: "failing" | "unknown") => ({
    config,
    evidence: world({
      reports: [
        report("primary", "primary", { verdict: "failing" }),
        report("secondary", "primary", { verdict: peer }),
        report("witness", "primary", { verdict: witness }),
      ],
    }),
    kind: "go" as const,
    plan: failover,
    intent: "switch" as const,
  });

  it("holds while more outside vantage points fail it than pass it.", () => {
    expect(neverLeavesHealthy(seen("failing", "failing"))).toBeNull();
    expect(neverLeavesHealthy(seen("unknown", "failing"))).toBeNull();
  });

  it("is broken at a tie, whatever the Region thinks of itself.", () => {
    expect(neverLeavesHealthy(seen("healthy", "failing"))).toBe(
      "us-east-1 is left although outside vantage points find it: 1 healthy, 1 failing.",
    );
    expect(neverLeavesHealthy(seen("unknown", "unknown"))).not.toBeNull();
  });

  it("binds automatic switches only.", () => {
    const tie = seen("healthy", "failing");
    const planned = planOf(config, "failover", "planned");
    expect(neverLeavesHealthy({ ...tie, plan: planned })).toBeNull();
    expect(neverLeavesHealthy({ ...tie, kind: "hold" })).toBeNull();
    expect(neverLeavesHealthy({ ...tie, intent: "take-over" })).toBeNull();
  });
});

describe("write-ahead-ledger", () => {
  const entry = { execution: "x", epoch: 2, kind: "claim", at: 100 } as const;

  it("wants the entry before the transition, of the same run, epoch and kind.", () => {
    expect(writeAheadLedger({ ...entry, at: 100 }, [entry])).toBeNull();
    expect(writeAheadLedger({ ...entry, at: 99 }, [entry])).toBe(
      "A claim of epoch 2 happened without a ledger entry before it.",
    );
    for (const wrong of [{ execution: "y" }, { epoch: 1 }, { kind: "promote" as const }])
      expect(writeAheadLedger(entry, [{ ...entry, ...wrong }])).not.toBeNull();
  });
});

describe("control-plane-free", () => {
  const run = { plan: failover, completed: false, unreachable: [] };

  it("is broken by a failover that only those three kept from completing.", () => {
    expect(
      controlPlaneFree({ ...run, unreachable: ["source", "route53-control-plane", "health-api"] }),
    ).toMatch(/only these were unreachable: source, route53-control-plane, health-api/);
    expect(controlPlaneFree(run)).toMatch(/nothing/);
  });

  it("says nothing of completed ones, other faults, and failbacks.", () => {
    expect(controlPlaneFree({ ...run, completed: true })).toBeNull();
    expect(controlPlaneFree({ ...run, unreachable: ["source", "other"] })).toBeNull();
    const failback = planOf(config, "failback", "automatic");
    expect(controlPlaneFree({ ...run, plan: failback })).toBeNull();
  });
});

describe("one-switch-at-a-time", () => {
  const lease = (executionArn: string, from: number, until: number) => ({
    executionArn,
    from,
    until,
  });
  const lever = { sender: "a", at: 10_000, readAt: 5_000, holder: "a" };

  it("holds for leases one after the other, and renewed ones.", () => {
    const leases = [lease("b", 20, 30), lease("a", 0, 10), lease("a", 5, 20)];
    expect(oneSwitchAtATime({ leases, levers: [] })).toBeNull();
  });

  it("is broken by two that overlap.", () => {
    expect(oneSwitchAtATime({ leases: [lease("a", 0, 10), lease("b", 9, 20)], levers: [] })).toBe(
      "The leases of a and b overlap.",
    );
  });

  it("wants a strong read at most 5 s before each lever call.", () => {
    expect(oneSwitchAtATime({ leases: [], levers: [lever] })).toBeNull();
    for (const readAt of [null, 4_999, 10_001])
      expect(oneSwitchAtATime({ leases: [], levers: [{ ...lever, readAt }] })).toMatch(
        /without a strong read/,
      );
  });

  it("wants that read to show the sender as holder, or nobody.", () => {
    expect(oneSwitchAtATime({ leases: [], levers: [{ ...lever, holder: null }] })).toBeNull();
    expect(oneSwitchAtATime({ leases: [], levers: [{ ...lever, holder: "b" }] })).toBe(
      "a touched a lever while b held the lease.",
    );
  });
});

describe("converges", () => {
  const state = initialState(config, now);
  const seen = {
    now,
    quietSince: now - 900_000,
    state,
    levers: { "us-east-1": released },
    serving: ["us-east-1"],
    dnsAnswers: ["us-east-1"],
  };

  it("holds when everything is as desired.", () => {
    expect(converges(seen)).toBeNull();
  });

  it("waits for 15 quiet minutes.", () => {
    const wrong = { ...seen, dnsAnswers: null };
    expect(converges({ ...wrong, quietSince: now - 899_999 })).toBeNull();
    expect(converges({ ...wrong, quietSince: null })).toBeNull();
    expect(converges(wrong)).toMatch(/DNS does not answer us-east-1/);
  });

  it("wants every Region answered that serves, and no other.", () => {
    const two = ["us-west-2", "us-east-1"];
    expect(converges({ ...seen, serving: ["us-east-1", "us-west-2"], dnsAnswers: two })).toBeNull();
    expect(converges({ ...seen, serving: two })).toMatch(/DNS does not answer us-west-2 and us-/);
    expect(converges({ ...seen, dnsAnswers: two })).toMatch(/DNS does not answer us-east-1\./);
  });

  it("is broken by a switch that does not end, a lease, and levers.", () => {
    const lease = { executionArn: "a", until: now };
    expect(converges({ ...seen, state: { ...state, phase: "switching" } })).toMatch(/not steady/);
    expect(converges({ ...seen, state: { ...state, lease } })).toMatch(/lease is still held/);
    expect(converges({ ...seen, levers: { "us-east-1": drained } })).toMatch(/levers of us-east-1/);
    expect(converges({ ...seen, levers: {} })).toMatch(/levers of us-east-1/);
  });
});
