// What a transition demands of the state it finds, and what the course of a take-over depends on.
import { describe, expect, it } from "vitest";
import type { RoutingState } from "../../core/contracts/routing-state.ts";
import { leversFor, standingLevers, switchAttempted } from "../../core/desired-levers.ts";
import { InvariantViolated } from "../../core/errors.ts";
import {
  checkedState,
  claimed,
  departureOf,
  destinationOf,
  initialState,
  promoted,
  recorded,
  renewed,
  takenOver,
  takeOverCourse,
  undone,
} from "../../core/plan.ts";
import { planOf } from "../../core/plan-for.ts";
import { config, now } from "./world.ts";

const plan = planOf(config, "failover", "automatic");
const run = { executionArn: "arn:run-1", now };
const other = { executionArn: "arn:run-2", now: now + 1000 };
const later = { executionArn: "arn:run-2", now: now + 180_000 };
const start = initialState(config, now - 1000);
const held = claimed(config, start, { ...run, plan });
const moved = promoted(config, held, { ...run, destination: "us-west-2" });

describe("The first routing state", () => {
  it("lets the primary serve and write, with every lever released.", () => {
    expect(start).toEqual({
      group: "orders",
      epoch: 1,
      active: "us-east-1",
      writer: "us-east-1",
      phase: "steady",
      levers: { "us-east-1": { switch: "released", drain: "released" } },
      switchAttempted: { "us-east-1": "released" },
      plan: null,
      lease: null,
      automation: "armed",
      automationChange: null,
      claimedAt: now - 1000,
      automaticSwitchAt: null,
    });
  });
});

describe("Levers", () => {
  it("are pulled at the primary while the secondary serves, and nowhere else.", () => {
    expect(leversFor(config, ["us-west-2"])).toEqual({
      "us-east-1": { switch: "pulled", drain: "pulled" },
    });
    expect(leversFor(config, ["us-east-1"])).toEqual({
      "us-east-1": { switch: "released", drain: "released" },
    });
  });
});

describe("A lever that stands as desired", () => {
  const out = { switch: "pulled", drain: "pulled" } as const;
  const back = { switch: "released", drain: "released" } as const;

  it("is read so, and its last attempt agrees.", () => {
    expect(standingLevers(out, out, "pulled")).toEqual(["switch", "drain"]);
    expect(standingLevers(out, back, "pulled")).toEqual([]);
    expect(standingLevers(back, back, "pulled")).toEqual(["drain"]);
  });

  it("need not be read where a release was recorded, since that was read back.", () => {
    const unread = { switch: "unknown", drain: "released" } as const;
    expect(standingLevers(back, unread, "released")).toEqual(["switch", "drain"]);
    expect(standingLevers(out, { ...out, switch: "unknown" }, "pulled")).toEqual(["drain"]);
    expect(standingLevers(back, undefined, "released")).toEqual(["switch"]);
  });
});

describe("A claim", () => {
  it("takes the next epoch, a lease of 180 s, and the right to write from everybody.", () => {
    expect(held).toEqual({
      ...start,
      epoch: 2,
      writer: null,
      phase: "switching",
      levers: { "us-east-1": { switch: "pulled", drain: "pulled" } },
      plan,
      lease: { executionArn: "arn:run-1", until: now + 180_000 },
      claimedAt: now,
    });
  });

  it("that this execution made already changes nothing.", () => {
    expect(claimed(config, held, { ...run, plan })).toBe(held);
  });

  it("is refused while another run holds the lease, and after it lapsed.", () => {
    expect(() => claimed(config, held, { ...other, plan })).toThrow(InvariantViolated);
    expect(() => claimed(config, held, { ...later, plan })).toThrow(/only while steady/);
  });

  it("is refused when it does not leave a Region that serves.", () => {
    const failback = planOf(config, "failback", "planned");
    expect(() => claimed(config, start, { ...run, plan: failback })).toThrow(
      /leaves a Region that serves/,
    );
  });
});

describe("A promotion", () => {
  it("makes the destination writer and active, and renews the lease.", () => {
    const step = { executionArn: "arn:run-1", now: now + 5000, destination: "us-west-2" };
    expect(promoted(config, held, step)).toEqual({
      ...held,
      writer: "us-west-2",
      active: "us-west-2",
      lease: { executionArn: "arn:run-1", until: now + 185_000 },
      automaticSwitchAt: now + 5000,
    });
  });

  it("of an operator's target, or back to the source, starts no cool-down.", () => {
    const planned = planOf(config, "failover", "planned");
    const step = { ...run, destination: "us-west-2" };
    const operators = promoted(config, claimed(config, start, { ...run, plan: planned }), step);
    expect(operators.automaticSwitchAt).toBeNull();
    const back = promoted(config, undone(config, held, run), { ...run, destination: "us-east-1" });
    expect([back.writer, back.automaticSwitchAt]).toEqual(["us-east-1", null]);
  });

  it("is refused to a run that does not hold the lease.", () => {
    const step = { ...other, destination: "us-west-2" };
    expect(() => promoted(config, held, step)).toThrow(/only the holder/);
  });

  it("is refused to a Region whose levers are not the desired ones.", () => {
    const step = { ...run, destination: "us-east-1" };
    expect(() => promoted(config, held, step)).toThrow(/desired levers/);
  });

  it("is refused while another Region writes.", () => {
    const writing: RoutingState = { ...moved, levers: leversFor(config, ["us-east-1"]) };
    const step = { ...run, destination: "us-east-1" };
    expect(() => promoted(config, writing, step)).toThrow(/nobody writes/);
  });
});

describe("A record", () => {
  it("is refused before the active Region writes again.", () => {
    expect(() => recorded(config, held, run)).toThrow(/the active Region writes/);
  });

  it("of another run is refused.", () => {
    expect(() => recorded(config, moved, other)).toThrow(/only the holder/);
  });

  it("keeps epoch, levers and cool-down.", () => {
    expect(recorded(config, moved, run)).toEqual({
      ...moved,
      phase: "steady",
      plan: null,
      lease: null,
    });
  });
});

describe("A lease", () => {
  it("is renewed by its holder only.", () => {
    expect(renewed(held, { ...run, now: now + 60_000 }).lease?.until).toBe(now + 240_000);
    expect(() => renewed(held, other)).toThrow(InvariantViolated);
  });
});

describe("The course of a take-over", () => {
  it("finishes an unpromoted switch whose target is vouched for.", () => {
    expect(takeOverCourse(config, held, { targetVouched: true })).toEqual({
      next: "fence",
      promoted: false,
    });
  });

  it("undoes an unpromoted switch whose target is not.", () => {
    expect(takeOverCourse(config, held, { targetVouched: false })).toEqual({
      next: "restore",
      promoted: false,
    });
    const state = takenOver(config, held, { ...later, targetVouched: false });
    expect(state).toMatchObject({
      epoch: 3,
      active: "us-east-1",
      writer: null,
      levers: { "us-east-1": { switch: "released", drain: "released" } },
    });
  });

  it("finishes a promoted switch, vouched for or not, and leaves its writer writing.", () => {
    expect(takeOverCourse(config, moved, { targetVouched: false })).toEqual({
      next: "levers",
      promoted: true,
    });
    const state = takenOver(config, moved, { ...later, targetVouched: false });
    expect(state).toMatchObject({ epoch: 3, active: "us-west-2", writer: "us-west-2" });
  });

  it("turns into a forced switch where an operator insists, even from an undoing.", () => {
    const insisting = { ...later, targetVouched: false, insisted: true };
    for (const state of [held, undone(config, held, run)]) {
      expect(takeOverCourse(config, state, insisting).next).toBe("fence");
      expect(takenOver(config, state, insisting)).toMatchObject({
        writer: null,
        levers: { "us-east-1": { switch: "pulled", drain: "pulled" } },
        plan: { mode: "forced", direction: "failover" },
      });
    }
  });

  it("goes on undoing what was being undone.", () => {
    const back = undone(config, moved, run);
    expect(back).toMatchObject({ epoch: 3, active: "us-west-2", writer: null });
    expect(takeOverCourse(config, back, { targetVouched: true })).toEqual({
      next: "restore",
      promoted: true,
    });
  });

  it("finishes what was being undone where only the target can serve, if it was not promoted.", () => {
    const only = { targetVouched: true, sourceReady: false };
    const back = undone(config, held, run);
    expect(takeOverCourse(config, back, only)).toEqual({ next: "fence", promoted: false });
    expect(takenOver(config, back, { ...later, ...only })).toMatchObject({
      epoch: 4,
      active: "us-east-1",
      writer: null,
      plan,
      levers: { "us-east-1": { switch: "pulled", drain: "pulled" } },
    });
    const neither = { targetVouched: false, sourceReady: false };
    expect(takeOverCourse(config, back, neither).next).toBe("restore");
    expect(takeOverCourse(config, undone(config, moved, run), only).next).toBe("restore");
    const settled = promoted(config, back, { ...run, destination: "us-east-1" });
    expect(takeOverCourse(config, settled, only).next).toBe("restore");
  });

  it("leaves the source writing when the undoing only lacks its record.", () => {
    const back = promoted(config, undone(config, held, run), { ...run, destination: "us-east-1" });
    const state = takenOver(config, back, { ...later, targetVouched: true });
    expect(state).toMatchObject({ epoch: 4, active: "us-east-1", writer: "us-east-1" });
  });

  it("needs a lease that lapsed.", () => {
    expect(() => takenOver(config, held, { ...other, targetVouched: true })).toThrow(/abandoned/);
    expect(() => takenOver(config, start, { ...later, targetVouched: true })).toThrow(/abandoned/);
  });
});

describe("Undoing", () => {
  it("is refused to a run that does not hold the lease.", () => {
    expect(() => undone(config, held, other)).toThrow(/only the holder/);
  });

  it("twice is undoing once.", () => {
    const back = undone(config, held, run);
    expect(undone(config, back, run)).toBe(back);
  });
});

describe("A claim's destination", () => {
  it("is the plan's target, or its source when it restores.", () => {
    expect(destinationOf({ plan, next: "fence" })).toBe("us-west-2");
    expect(departureOf({ plan, next: "levers" })).toBe("us-east-1");
    expect(destinationOf({ plan, next: "restore" })).toBe("us-east-1");
    expect(departureOf({ plan, next: "restore" })).toBe("us-west-2");
  });
});

describe("A routing state", () => {
  const broken: [string, Partial<RoutingState>, RegExp][] = [
    ["whose active Region is no serving Region", { active: "eu-west-1" }, /a serving Region/],
    ["whose passive Region writes", { writer: "us-west-2" }, /only the active/],
    ["that is steady without a writer", { writer: null }, /the active Region is the writer/],
    ["that is steady and leased", { lease: { executionArn: "a", until: 1 } }, /nothing is leased/],
    ["that is steady with foreign levers", { levers: leversFor(config, ["us-west-2"]) }, /desired/],
    ["that switches without a plan", { phase: "switching" }, /a plan and a lease/],
  ];

  it.each(broken)("%s is refused.", (_, difference, words) => {
    expect(() => checkedState(config, { ...start, ...difference })).toThrow(words);
  });

  it("with both Regions out is refused.", () => {
    const pulled = { switch: "pulled", drain: "pulled" } as const;
    const levers = { "us-east-1": pulled, "us-west-2": pulled };
    expect(() => checkedState(config, { ...start, levers })).toThrow(/both Regions out/);
  });

  it("remembers what was last attempted with the switch.", () => {
    expect(switchAttempted(start, "us-east-1", "pulled").switchAttempted).toEqual({
      "us-east-1": "pulled",
    });
  });
});
