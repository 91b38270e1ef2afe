// Votes and vouching as such, where the decision table does not reach.
import { describe, expect, it } from "vitest";
import { initialState } from "../../core/plan.ts";
import { votesAgainst, vouchingFor } from "../../core/votes.ts";
import { config, configOf, now, report, world } from "./world.ts";

describe("Votes against a Region", () => {
  it("are none in a healthy world, for the active and for the passive one.", () => {
    for (const region of ["us-east-1", "us-west-2"])
      expect(votesAgainst(config, world(), region, now)).toMatchObject({ count: 0, quorum: false });
  });

  it("do not count DNS against the passive Region: it is not meant to be answered.", () => {
    const evidence = world({ dnsAnswers: ["us-east-1"] });
    expect(votesAgainst(config, evidence, "us-west-2", now).dnsMoved).toBe(false);
    const moved = world({ dnsAnswers: ["us-west-2"] });
    expect(votesAgainst(config, moved, "us-east-1", now).dnsMoved).toBe(true);
  });

  it("count DNS against either of two that serve, where nobody is sent there.", () => {
    const activeActive = configOf({ topology: "active-active" });
    const released = { switch: "released", drain: "released" } as const;
    const levers = { "us-east-1": released, "us-west-2": released };
    const routing = initialState(activeActive, now);
    const against = (region: string, dnsAnswers: string[] | null, actual: object = {}) =>
      votesAgainst(
        activeActive,
        world({ routing, dnsAnswers, levers: { ...levers, ...actual } }),
        region,
        now,
      ).dnsMoved;
    expect(against("us-east-1", ["us-east-1", "us-west-2"])).toBe(false);
    expect(against("us-west-2", ["us-east-1", "us-west-2"])).toBe(false);
    expect(against("us-west-2", ["us-east-1"])).toBe(true);
    expect(against("us-east-1", ["us-east-1"])).toBe(false);
    expect(against("us-west-2", null)).toBe(false);
    expect(
      against("us-west-2", ["us-east-1"], { "us-west-2": { ...released, drain: "pulled" } }),
    ).toBe(false);
  });

  it("are the fresh looks': what canaries found last, or did not find, counts as nothing.", () => {
    for (const verdict of ["failing", "unknown", "healthy"] as const) {
      const runs = ["us-east-1", "us-west-2", "us-east-2"].map((vantage) => ({
        ...{ vantage, serving: "us-east-1", verdict, at: verdict === "unknown" ? null : now },
      }));
      const votes = votesAgainst(config, world({ canaries: runs }), "us-east-1", now);
      expect(votes).toMatchObject({ count: 0, quorum: false });
    }
  });

  it("count two Health issues as one.", () => {
    const issue = {
      eventArn: "arn:1",
      region: "us-east-1",
      service: "LAMBDA",
      eventTypeCode: "",
      startedAt: null,
      updatedAt: now,
      counts: true,
      why: "",
    };
    const evidence = world({ health: [issue, { ...issue, eventArn: "arn:2" }] });
    expect(votesAgainst(config, evidence, "us-east-1", now).count).toBe(1);
  });
});

describe("Vouching", () => {
  it("is as new as the newest outside look.", () => {
    const evidence = world({
      at: now,
      reports: [
        report("primary", "secondary", { at: now - 9000 }),
        report("secondary", "secondary", { at: now }),
        report("witness", "secondary", { at: now - 4000 }),
      ],
    });
    expect(vouchingFor(config, evidence, "us-west-2", now)).toEqual({
      failing: [],
      vouchers: ["us-east-1", "us-east-2"],
      healthIssues: [],
      vouchedAt: now - 4000,
    });
  });
});
