import { expect, test } from "vitest";
import type { RunOutcome } from "../../../core/contracts/steps.ts";
import { decide } from "../../../core/decide.ts";
import { outcomeMail } from "../../../core/mails/outcome-mail.ts";
import { config, now, report, secondsAgo, world } from "../world.ts";

const executionArn = "arn:aws:states:us-west-2:123456789012:execution:orders-region-switch:run-7";
const failing = { verdict: "failing", passed: 0 } as const;
const evidence = world({
  reports: [
    ...(["primary", "secondary", "witness"] as const).map((v) => report(v, "primary", failing)),
    ...(["secondary", "witness"] as const).map((v) => report(v, "secondary")),
  ],
});
const request = { mode: "automatic", requestedBy: "signal:watch" } as const;
const decision = decide({ request, evidence, approval: null }, config, now);
const switched: RunOutcome = {
  outcome: "switched",
  sentence: "Done: automatic failover from us-east-1 to us-west-2. us-west-2 serves.",
  plan: decision.plan,
  epoch: 2,
  requestedBy: "signal:watch",
  signalAt: secondsAgo(60),
  decidedAt: secondsAgo(40),
  claimedAt: secondsAgo(38),
  promotedAt: secondsAgo(28),
  shiftedAt: secondsAgo(20),
  completedAt: now,
  lossBoundSeconds: decision.lossBound.seconds,
  writePauseSeconds: 9.6,
  levers: { switch: "effective", drain: "accepted" },
  because: ["quorum-reached"],
  blockedBy: [],
};

function mailOf(outcome: RunOutcome, of: typeof decision | null = decision): readonly string[] {
  const { subject, lines } = outcomeMail(config, { outcome, decision: of, executionArn });
  return [subject, "", ...lines];
}

test("A switch that was made says why, when, what it may have cost, and that it stays", () => {
  expect(mailOf(switched)).toEqual([
    "orders: switched: failover from us-east-1 to us-west-2",
    "",
    "Done: automatic failover from us-east-1 to us-west-2. us-west-2 serves.",
    "",
    "Reasons",
    "  - Enough votes stand against us-east-1, and more outside vantage points",
    "    find it failing than healthy (3 votes: failing as seen from us-east-1,",
    "    us-west-2, us-east-2).",
    "  - Go: automatic failover from us-east-1 to us-west-2; at most 18 s of",
    "    acknowledged writes (about 27) may be missing.",
    "",
    "When",
    "  - signal: 2026-01-15 08:59:00 UTC",
    "  - decided: 2026-01-15 08:59:20 UTC",
    "  - claimed: 2026-01-15 08:59:22 UTC",
    "  - target writes: 2026-01-15 08:59:32 UTC",
    "  - traffic moved: 2026-01-15 08:59:40 UTC",
    "  - ended: 2026-01-15 09:00:00 UTC",
    "",
    "Numbers",
    "  - at most 18 s of acknowledged writes (about 27) may be lost",
    "  - nobody wrote for 10 s",
    "  - levers: switch effective, drain accepted",
    "",
    "Now",
    "  - us-west-2 serves until an operator fails back",
    "",
    "Look with",
    "  npm run switchback -- status",
    "  npm run switchback -- show run-7",
    "  npm run switchback -- failback --dry-run",
    "",
    "Run",
    "  arn:aws:states:us-west-2:123456789012:execution:orders-region-switch:run-7",
  ]);
});

test("A hold says what blocks it, and no number of a switch that was not", () => {
  const held: RunOutcome = {
    ...switched,
    ...{ outcome: "held", sentence: "Held: no automatic failover." },
    ...{ claimedAt: null, promotedAt: null, shiftedAt: null, writePauseSeconds: null },
  };
  expect(mailOf(held).slice(-15)).toEqual([
    "  - ended: 2026-01-15 09:00:00 UTC",
    "",
    "Now",
    "  - it is decided again every minute while a vote stands: removing what",
    "    blocks it is enough",
    "  - what a forced switch would go past, without doing it: the last line",
    "    below",
    "",
    "Look with",
    "  npm run switchback -- status",
    "  npm run switchback -- show run-7",
    "  npm run switchback -- failover --mode forced --dry-run",
    "",
    "Run",
    "  arn:aws:states:us-west-2:123456789012:execution:orders-region-switch:run-7",
  ]);
});

test("An undoing that lost nothing says so, and what failed says that it is taken over", () => {
  const undone = { ...switched, outcome: "undone", lossBoundSeconds: 0 } as const;
  expect(mailOf(undone)).toContain("  - no acknowledged write is lost");
  const failed = { ...switched, outcome: "failed", lossBoundSeconds: null } as const;
  const lines = mailOf(failed, null);
  expect(lines).toContain("  - an unknown number of acknowledged writes may be lost");
  expect(lines).toContain(
    "  - the next run takes over, in some minutes at most; start none beside it",
  );
});

test("A run without a plan has a subject all the same", () => {
  expect(mailOf({ ...switched, outcome: "failed", plan: null }, null)[0]).toBe(
    "orders: failed: run",
  );
});
