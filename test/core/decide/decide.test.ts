// Runs the decision table: every JSON file beside this one. Lists are compared whole, so that a
// reason too many fails as one too few does.
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { deepMerge } from "../../../core/config/load.ts";
import { decisionSchema, switchRequestSchema } from "../../../core/contracts/steps.ts";
import { decide } from "../../../core/decide.ts";
import { isReasonCode, reasonCodes } from "../../../core/reasons.ts";
import { configOf, now, regionOf } from "../world.ts";
import { caseSchema, type DecisionCase, evidenceOf } from "./case.ts";

const folder = new URL("./", import.meta.url);
const tables = readdirSync(folder)
  .filter((name) => name.endsWith(".json"))
  .map((name) => ({
    name: name.replace(".json", ""),
    cases: z.array(caseSchema).parse(JSON.parse(readFileSync(new URL(name, folder), "utf8"))),
  }));

function decided(one: DecisionCase) {
  const config = configOf(deepMerge({}, one.config));
  const request = switchRequestSchema.parse({
    mode: "automatic",
    requestedBy: "signal:watch",
    ...one.request,
  });
  const evidence = evidenceOf(one.given, config);
  const abort =
    one.aborted === undefined ? null : { execution: "a", by: one.aborted, reason: "", at: now };
  return decide({ request, evidence, approval: one.approval ?? null, abort }, config, now);
}

for (const { name, cases } of tables) {
  describe(`Decisions: ${name}`, () => {
    it.each(cases)("$title", (one) => {
      const decision = decided(one);
      const { lossSeconds, estimatedWrites, vouched, mode, plan, after, ...exact } = one.expect;
      const { kind, because, blockedBy, waived, page, dryRun, intent } = decision;
      expect({ kind, because, blockedBy, waived, page, dryRun, intent }).toEqual(exact);
      expect(decision.plan?.direction ?? null).toBe(plan);
      if (after !== undefined) expect(decision.plan?.after).toEqual(after.map(regionOf));
      if (mode !== undefined) expect(decision.plan?.mode).toBe(mode);
      if (lossSeconds !== undefined) expect(decision.lossBound.seconds).toBe(lossSeconds);
      if (estimatedWrites !== undefined)
        expect(decision.lossBound.estimatedWrites).toBe(estimatedWrites);
      if (vouched !== undefined) expect(decision.vouchedAt !== null).toBe(vouched);
    });

    it.each(cases)("keeps to the contract and the closed list: $title", (one) => {
      const decision = decided(one);
      expect(decisionSchema.strict().parse(decision)).toEqual(decision);
      const codes = [...decision.because, ...decision.blockedBy, ...decision.waived];
      expect(codes.filter((code) => !isReasonCode(code))).toEqual([]);
      const reasons = new Set([...decision.because, ...decision.blockedBy]).size;
      const steps = decision.sentences.filter((s) => s.startsWith("Steps: ")).length;
      expect(decision.sentences.length).toBe(reasons + decision.waived.length + 1 + steps);
      expect(decision.sentences.filter((s) => !/^[A-Z].*\.$/.test(s))).toEqual([]);
    });
  });
}

function sentencesOf(title: string): string[] {
  const [one] = tables.flatMap(({ cases }) => cases.filter((c) => c.title === title));
  if (one === undefined) throw new Error("no such case");
  return decided(one).sentences;
}

describe("A dry run", () => {
  it("shows the steps that it does not take.", () => {
    expect(sentencesOf("A dry run of a planned failover goes nowhere.")).toEqual([
      "An operator asked for it.",
      "Dry run, nothing changes. Go: planned failover from us-east-1 to us-west-2; nothing is " +
        "to be lost.",
      "Steps: claim the next epoch, fence us-east-1, drain us-east-1 to us-west-2, promote " +
        "us-west-2, pull switch-us-east-1, pull drain-us-east-1, record.",
    ]);
    expect(sentencesOf("A dry run in active-active shows its steps.").slice(1)).toEqual([
      "Dry run, nothing changes. Go: planned failover from us-east-1 to us-west-2; both Regions " +
        "go on writing.",
      "Steps: claim the next epoch, pull switch-us-east-1, pull drain-us-east-1, record.",
    ]);
  });
});

describe("What is said where two Regions serve", () => {
  it("reads right for a Region that is left, and for one that need not be.", () => {
    const moved =
      "A Region that serves alone and is impaired is left for the other one, which is brought back.";
    expect(sentencesOf(moved)).toEqual([
      "Enough votes stand against us-west-2, and more outside vantage points find it failing than " +
        "healthy (2 votes: failing as seen from us-east-1, us-east-2).",
      "Go: automatic failback from us-west-2 to us-east-1; at most 18 s of acknowledged writes " +
        "(about 27) may be missing until us-west-2 is back.",
    ]);
    const beside =
      "A return that is forced risks no writes, known or not: the Region beside it stays.";
    expect(sentencesOf(beside).at(-1)).toBe(
      "Go: forced failback from us-west-2 to us-east-1; both Regions go on writing.",
    );
    expect(sentencesOf("A failback while both serve has nothing to do.")).toEqual([
      "An operator asked for it.",
      "Nothing is to be done: us-east-1 serves already.",
      "Hold: no planned failback from us-west-2 to us-east-1 (already-active).",
    ]);
  });
});

describe("The decision table", () => {
  it("has a case for every reason there is.", () => {
    const seen = tables
      .flatMap(({ cases }) => cases)
      .flatMap(({ expect: e }) => [...e.because, ...e.blockedBy, ...e.waived]);
    expect(reasonCodes.filter((code) => !seen.includes(code))).toEqual([]);
  });

  it("has no two cases of one title.", () => {
    const titles = tables.flatMap(({ cases }) => cases.map((c) => c.title));
    expect(titles.filter((title, i) => titles.indexOf(title) !== i)).toEqual([]);
  });
});
