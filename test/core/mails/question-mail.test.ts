// What somebody reads at three in the morning, word by word.
import { expect, test } from "vitest";
import type { Config } from "../../../core/config/schema.ts";
import type { Evidence } from "../../../core/contracts/evidence.ts";
import type { SwitchRequest } from "../../../core/contracts/steps.ts";
import { decide } from "../../../core/decide.ts";
import { questionMail } from "../../../core/mails/question-mail.ts";
import { config, now, report, secondsAgo, world } from "../world.ts";

const executionArn =
  "arn:aws:states:us-west-2:123456789012:execution:orders-region-switch:orders-1-watch-29453040";
const failing = { verdict: "failing", passed: 0, detail: "write answered 503" } as const;
const outage: Partial<Evidence> = {
  reports: [
    report("primary", "primary", { verdict: "unknown", looks: 0, passed: 0, at: null }),
    report("secondary", "primary", failing),
    report("witness", "primary", failing),
    report("primary", "secondary", { verdict: "unknown", looks: 0, passed: 0, at: null }),
    report("secondary", "secondary"),
    report("witness", "secondary"),
  ],
  replication: { "us-east-1": secondsAgo(60), "us-west-2": secondsAgo(4) },
  levers: { "us-east-1": { switch: "released", drain: "unknown" } },
};

function mailOf(of: Config, evidence: Evidence, request: SwitchRequest): readonly string[] {
  const decision = decide({ request, evidence, approval: null }, of, now);
  const { plan, lossBound, because, blockedBy, epoch } = decision;
  if (plan === null) throw new Error("there is nothing to ask");
  const approval = {
    ...{ id: "2026-01-15T08:59:30.000Z/a#1", group: "orders", status: "pending" as const },
    ...{ taskToken: "token", region: "us-west-2", executionArn, epoch },
    ...{ direction: plan.direction, source: plan.source, because, blockedBy },
    ...{ lossBoundSeconds: lossBound.seconds, askedAt: now, expiresAt: now + 900_000 },
    ...{ answeredAt: null, answeredBy: null },
  };
  const { subject, lines } = questionMail(of, { approval, decision, plan, evidence, request });
  return [subject, "", ...lines];
}

const automatic: SwitchRequest = { mode: "automatic", requestedBy: "signal:watch" };

test("Facts, what is lost and unknown, what approving does, and the line to copy", () => {
  expect(mailOf(config, world(outage), automatic)).toEqual([
    "orders: approve a failover from us-east-1 to us-west-2",
    "",
    "A run of region-switch waits for an answer: automatic failover from",
    "us-east-1 to us-west-2, epoch 1, requested by signal:watch.",
    "",
    "Decision and reasons",
    "  - Enough votes stand against us-east-1, and more outside vantage points",
    "    find it failing than healthy (2 votes: failing as seen from us-west-2,",
    "    us-east-2).",
    "  - Acknowledged writes may be lost, a second more with each second that",
    "    us-east-1 writes on: more than objectives.rpoSeconds allows (74 s).",
    "  - Ask: automatic failover from us-east-1 to us-west-2 awaits approval",
    "    (loss-above-objective); at most 74 s of acknowledged writes (about 111)",
    "    may be missing.",
    "",
    "Seen",
    "  - us-east-1: unknown from us-east-1, failing from us-west-2 (write",
    "    answered 503), failing from us-east-2 (write answered 503)",
    "  - us-west-2: unknown from us-east-1, healthy from us-west-2, healthy from",
    "    us-east-2",
    "  - Route 53 sends clients to us-east-1",
    "",
    "Not known",
    "  - how us-east-1 looks from us-east-1",
    "  - how us-west-2 looks from us-east-1",
    "  - how the drain lever of us-east-1 stands",
    "",
    "May be lost",
    "  - at most 74 s of acknowledged writes (about 111)",
    "",
    "Approving",
    "  - waives exactly this: loss-above-objective",
    "  - Steps: claim the next epoch, pull switch-us-east-1, pull",
    "    drain-us-east-1, fence us-east-1, promote us-west-2, record.",
    "",
    "Answer with one of",
    "  npm run switchback -- approve '2026-01-15T08:59:30.000Z/a#1' --reason \"WHY\"",
    "  npm run switchback -- reject '2026-01-15T08:59:30.000Z/a#1' --reason \"WHY\"",
    "",
    "When and who",
    "  - until 2026-01-15 09:15:00 UTC, 15 minutes from the question; no answer",
    "    means no",
    "  - whoever has the policy orders-approver",
    "  - an answer is refused once reasons, bound or epoch have changed",
    "",
    "Run",
    "  arn:aws:states:us-west-2:123456789012:execution:orders-region-switch:orders-1-watch-29453040",
  ]);
});

const asked = { mode: "planned", direction: "failback", requestedBy: "ada" } as const;
const latched = world({
  routing: { ...world().routing, active: "us-west-2", writer: "us-west-2", epoch: 2 },
  dnsAnswers: ["us-west-2"],
  levers: { "us-east-1": { switch: "pulled", drain: "pulled" } },
});

test("A planned failback promises a drain, and says who asked, and why", () => {
  const lines = mailOf(config, latched, { ...asked, reason: "healed" });
  expect(lines.slice(0, 4)).toEqual([
    "orders: approve a failback from us-west-2 to us-east-1",
    "",
    "A run of region-switch waits for an answer: planned failback from us-west-2",
    "to us-east-1, epoch 2, requested by ada (healed).",
  ]);
  expect(lines.join("\n")).toContain(
    "Not known\n  - nothing of what was asked for\n\nMay be lost\n" +
      "  - nothing: the source is drained first, until every acknowledged write is\n" +
      "    in the target\n",
  );
});

test("Where two persons are needed, the one who asked is told not to answer", () => {
  const two = { ...config, approval: { ...config.approval, twoPerson: true } };
  expect(mailOf(two, latched, asked)).toContain(
    "  - whoever has the policy orders-approver, other than ada",
  );
});

test("Where any Region writes, nobody is promised a drain", () => {
  const anyRegion = { ...config, writes: "any-region" as const };
  expect(mailOf(anyRegion, latched, asked).join("\n")).toContain(
    "  - nothing: both Regions go on accepting writes, and of two to one item the\n" +
      "    last one stays\n",
  );
});

test("What could not be had is named: nothing missing passes for healthy", () => {
  const blind = world({
    ...outage,
    dnsAnswers: null,
    route53Reachable: false,
    controlHeartbeats: { "us-east-1": null, "us-west-2": secondsAgo(3) },
    replication: { "us-east-1": null, "us-west-2": secondsAgo(4) },
    health: [
      {
        ...{ eventArn: "arn", region: "us-east-1", service: "LAMBDA", eventTypeCode: "X" },
        ...{ startedAt: null, updatedAt: secondsAgo(60), counts: true, why: "" },
      },
    ],
  });
  const text = mailOf(config, blind, automatic).join("\n");
  expect(text).toContain("  - AWS Health reports an open issue of LAMBDA in us-east-1\n");
  expect(text).toContain(
    "Not known\n" +
      "  - how us-east-1 looks from us-east-1\n" +
      "  - how us-west-2 looks from us-east-1\n" +
      "  - how the drain lever of us-east-1 stands\n" +
      "  - where Route 53 sends clients\n" +
      "  - whether Route 53's API takes a change: it did not answer\n" +
      "  - when us-east-1 could last write\n" +
      "  - up to when us-east-1 has reached us-west-2\n" +
      "\nMay be lost\n  - an unknown number of acknowledged writes\n",
  );
});
