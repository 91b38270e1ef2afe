// What runs came to, put together to episodes.
import { expect, test } from "vitest";
import type { RunOutcome } from "../../core/contracts/steps.ts";
import { planOf } from "../../core/plan-for.ts";
import { type Decided, decidedBy, episodesOf } from "../../operator/report.ts";
import { config } from "../core/world.ts";

const outcome = (difference: Partial<RunOutcome> = {}): RunOutcome => ({
  outcome: "dry-run",
  sentence: "Dry run: nothing was changed.",
  plan: planOf(config, "failover", "automatic"),
  epoch: 1,
  requestedBy: "signal:watch",
  signalAt: null,
  decidedAt: 1_000,
  claimedAt: null,
  promotedAt: null,
  shiftedAt: null,
  completedAt: 2_000,
  lossBoundSeconds: 20,
  writePauseSeconds: null,
  levers: { switch: "untouched", drain: "untouched" },
  because: ["quorum-reached"],
  blockedBy: [],
  ...difference,
});
const verdict = (difference: Partial<RunOutcome>) =>
  decidedBy("a", outcome(difference))?.verdict ?? null;

test("A decision to go that shadow or a pause alone kept back would have switched", () => {
  expect(verdict({})).toBe("would-switch");
  const paused: Partial<RunOutcome> = { outcome: "held", blockedBy: ["automation-paused"] };
  expect(verdict(paused)).toBe("would-switch");
  expect(verdict({ ...paused, blockedBy: ["automation-paused", "target-failing"] })).toBe("held");
});

test("A decision to ask would have asked, whether shadow kept it back or nobody said yes", () => {
  expect(verdict({ blockedBy: ["cooldown"] })).toBe("would-ask");
  expect(verdict({ outcome: "not-approved", blockedBy: ["automation-asks"] })).toBe("would-ask");
});

test("What was claimed was done; what has no quorum is held; operators are not counted", () => {
  expect(verdict({ outcome: "switched", claimedAt: 1_500 })).toBe("did");
  const alone = { because: ["health-issue-open"], blockedBy: ["no-quorum"] };
  expect(verdict({ ...alone, outcome: "held" })).toBe("held");
  expect(verdict({ outcome: "held", blockedBy: ["target-failing"] })).toBe("held");
  expect(verdict({ requestedBy: "alice@example.com" })).toBeNull();
  expect(verdict({ plan: null })).toBeNull();
  expect(verdict({ decidedAt: null })).toBeNull();
});

const minute = 60_000;
const decided = (at: number, what: Decided["verdict"], source = "us-east-1"): Decided => ({
  ...{ executionArn: `run-${at}`, at: at * minute, verdict: what, source },
  outcome: outcome(),
});

test("Decisions less than a quarter of an hour apart are one episode, told by the boldest", () => {
  const episodes = episodesOf([
    decided(0, "held"),
    decided(1, "would-ask"),
    decided(2, "would-switch"),
    decided(3, "would-switch"),
    decided(18, "would-ask"),
    decided(34, "would-ask"),
  ]);
  expect(episodes).toMatchObject([
    {
      verdict: "would-switch",
      first: { executionArn: "run-2" },
      lastAt: 18 * minute,
      decisions: 4,
    },
    { verdict: "would-ask", first: { executionArn: "run-34" }, decisions: 1 },
  ]);
});

test("Leaving one Region and leaving the other are two", () => {
  const both = [decided(1, "would-switch"), decided(2, "would-ask", "us-west-2")];
  expect(episodesOf(both).map(({ source, verdict: told }) => [source, told])).toEqual([
    ["us-east-1", "would-switch"],
    ["us-west-2", "would-ask"],
  ]);
});
