// The closed list: codes that others rely on, and sentences that read as sentences.
import { describe, expect, it } from "vitest";
import { isReasonCode, reasonCodes, reasonSentence } from "../../core/reasons.ts";

describe("The reasons", () => {
  it("hold the code that results are made of.", () => {
    expect(isReasonCode("quorum-reached")).toBe(true);
    expect(isReasonCode("toString")).toBe(false);
  });

  it.each(reasonCodes)("%s reads as one sentence, with facts and without.", (code) => {
    expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/);
    for (const facts of [{}, { source: "us-east-1", target: "us-west-2", detail: "1 of 2" }])
      expect(reasonSentence(code, facts)).toMatch(/^[A-Z][^{}]*\.$/);
  });

  it("name Regions and details where they are known.", () => {
    expect(reasonSentence("no-quorum", { source: "us-east-1", detail: "1 of 2" })).toBe(
      "Too few votes stand against us-east-1 (1 of 2).",
    );
    expect(reasonSentence("no-quorum")).toBe("Too few votes stand against the source.");
  });
});
