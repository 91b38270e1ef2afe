// Which switch a request means, where one Region serves and where two do.
import { describe, expect, it } from "vitest";
import type { RoutingState } from "../../core/contracts/routing-state.ts";
import type { SwitchRequest } from "../../core/contracts/steps.ts";
import { leversFor } from "../../core/desired-levers.ts";
import {
  checkedState,
  claimed,
  initialState,
  isRestoring,
  promoted,
  recorded,
  servingNow,
  takeOverCourse,
  undone,
} from "../../core/plan.ts";
import { insistsOn, isReturn, planFor, planOf } from "../../core/plan-for.ts";
import { config, configOf, now } from "./world.ts";

const activeActive = configOf({ topology: "active-active" });
const both = initialState(activeActive, now - 1000);
const run = { executionArn: "arn:run-1", now };
const alone = (region: string): RoutingState => ({
  ...both,
  active: region,
  levers: leversFor(activeActive, [region]),
});

const planIn = (routing: RoutingState, request: Partial<SwitchRequest>, gatheredIn: string) => {
  const whole = { mode: "planned", requestedBy: "operator:ops", ...request } as const;
  return planFor(activeActive, { routing, gatheredIn }, whole);
};

describe("The first routing state of two that serve", () => {
  it("has every lever released, nobody as the writer, and calls the primary active.", () => {
    expect(both).toMatchObject({
      active: "us-east-1",
      writer: null,
      levers: {
        "us-east-1": { switch: "released", drain: "released" },
        "us-west-2": { switch: "released", drain: "released" },
      },
      switchAttempted: { "us-east-1": "released", "us-west-2": "released" },
    });
    expect(servingNow(activeActive, both)).toEqual(["us-east-1", "us-west-2"]);
  });
});

describe("A plan where one Region serves", () => {
  it("goes from the one to the other.", () => {
    expect(planOf(config, "failover", "planned")).toEqual({
      ...{ direction: "failover", mode: "planned", source: "us-east-1", target: "us-west-2" },
      ...{ before: ["us-east-1"], after: ["us-west-2"] },
    });
    expect(planOf(config, "failback", "forced")).toEqual({
      ...{ direction: "failback", mode: "forced", source: "us-west-2", target: "us-east-1" },
      ...{ before: ["us-west-2"], after: ["us-east-1"] },
    });
  });

  it("leads away from the active Region, wherever the run gathers.", () => {
    const request = { mode: "automatic", requestedBy: "signal:watch" } as const;
    for (const gatheredIn of ["us-east-1", "us-west-2"]) {
      const evidence = { routing: initialState(config, now), gatheredIn };
      expect(planFor(config, evidence, request)).toMatchObject({ source: "us-east-1" });
    }
  });
});

describe("A plan where two serve", () => {
  it("of an operator takes the primary out, or the Region that is named.", () => {
    expect(planIn(both, { direction: "failover" }, "us-west-2")).toMatchObject({
      ...{ source: "us-east-1", target: "us-west-2" },
      ...{ before: ["us-east-1", "us-west-2"], after: ["us-west-2"] },
    });
    expect(planIn(both, { direction: "failover", region: "us-west-2" }, "us-east-1")).toMatchObject(
      {
        ...{ source: "us-west-2", target: "us-east-1", after: ["us-east-1"] },
      },
    );
  });

  it("of an operator brings the Region back that is out, beside the other.", () => {
    const beside = ["us-east-1", "us-west-2"];
    expect(planIn(alone("us-west-2"), { direction: "failback" }, "us-east-1")).toMatchObject({
      ...{ source: "us-west-2", target: "us-east-1", before: ["us-west-2"], after: beside },
    });
    expect(planIn(alone("us-east-1"), { direction: "failback" }, "us-west-2")).toMatchObject({
      ...{ source: "us-east-1", target: "us-west-2", before: ["us-east-1"], after: beside },
    });
  });

  it("of automation leaves the peer of the Region that gathers, which serves alone after it.", () => {
    const automatic = { mode: "automatic" } as const;
    expect(planIn(both, automatic, "us-east-1")).toMatchObject({
      ...{ direction: "failover", source: "us-west-2", after: ["us-east-1"] },
    });
    expect(planIn(alone("us-east-1"), automatic, "us-west-2")).toMatchObject({
      ...{ direction: "failback", source: "us-east-1", before: ["us-east-1"] },
      ...{ after: ["us-west-2"] },
    });
  });

  it("is a return where levers that are pulled are to be released.", () => {
    const returning = (routing: RoutingState, request: Partial<SwitchRequest>) =>
      isReturn(activeActive, planIn(routing, request, "us-east-1"));
    expect(returning(both, { direction: "failover" })).toBe(false);
    expect(returning(alone("us-west-2"), { direction: "failback" })).toBe(true);
    expect(returning(alone("us-west-2"), { mode: "automatic" })).toBe(true);
    expect(isReturn(config, planOf(config, "failover", "planned"))).toBe(false);
    expect(isReturn(config, planOf(config, "failback", "planned"))).toBe(true);
  });

  it("is insisted on only where the very Region is meant.", () => {
    const abandoned = planIn(both, { direction: "failover", region: "us-west-2" }, "us-east-1");
    const forced = { mode: "forced", requestedBy: "operator:ops", direction: "failover" } as const;
    const insists = (region?: string) =>
      insistsOn(activeActive, region === undefined ? forced : { ...forced, region }, abandoned);
    expect([insists(), insists("us-west-2"), insists("us-east-2")]).toEqual([false, true, false]);
  });
});

describe("A switch where any Region writes", () => {
  const plan = planIn(both, { mode: "automatic" }, "us-west-2");
  const held = claimed(activeActive, both, { ...run, plan });

  it("leaves `active` as it was until it is recorded, and then says who serves.", () => {
    expect(held).toMatchObject({ active: "us-east-1", writer: null, phase: "switching" });
    expect(recorded(activeActive, held, run)).toMatchObject({
      ...{ active: "us-west-2", writer: null, phase: "steady", automaticSwitchAt: now },
    });
  });

  it("that is undone leaves all as it was, and starts no cool-down.", () => {
    const back = undone(activeActive, held, run);
    expect(isRestoring(activeActive, back)).toBe(true);
    expect(recorded(activeActive, back, run)).toEqual({ ...both, epoch: 3, claimedAt: now });
  });

  it("promotes nobody.", () => {
    const step = { ...run, destination: "us-west-2" };
    expect(() => promoted(activeActive, held, step)).toThrow(/where the writer changes/);
  });

  it("is taken over with its levers if the target is vouched for, and else restored.", () => {
    const course = (state: RoutingState, targetVouched: boolean, sourceReady = true) =>
      takeOverCourse(activeActive, state, { targetVouched, sourceReady }).next;
    expect([course(held, true), course(held, false)]).toEqual(["levers", "restore"]);
    const back = undone(activeActive, held, run);
    expect([course(back, true), course(back, true, false)]).toEqual(["restore", "levers"]);
  });

  it("begins with the Regions that serve, and no others.", () => {
    const stale = { ...run, plan };
    expect(() => claimed(activeActive, alone("us-west-2"), stale)).toThrow(/that serves/);
    expect(() => claimed(activeActive, alone("us-east-1"), stale)).toThrow(/begins with/);
  });
});

describe("A routing state of two that serve", () => {
  const broken: [string, Partial<RoutingState>, RegExp][] = [
    ["with a writer", { writer: "us-east-1" }, /nobody is the writer/],
    ["that calls the secondary active", { active: "us-west-2" }, /active Region serves/],
    [
      "with one lever of a pair pulled",
      {
        levers: {
          "us-east-1": { switch: "released", drain: "released" },
          "us-west-2": { switch: "released", drain: "pulled" },
        },
      },
      /desired levers/,
    ],
  ];

  it.each(broken)("%s is refused.", (_, difference, words) => {
    expect(() => checkedState(activeActive, { ...both, ...difference })).toThrow(words);
  });

  it("with both out is refused.", () => {
    const levers = leversFor(activeActive, []);
    expect(() => checkedState(activeActive, { ...both, levers })).toThrow(/both Regions out/);
  });
});
