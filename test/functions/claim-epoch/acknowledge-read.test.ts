import { expect, it } from "vitest";
import type { ApprovalAnswer } from "../../../core/contracts/steps.ts";
import { decide } from "../../../core/decide.ts";
import { acknowledgeRead } from "../../../functions/claim-epoch/acknowledge-read.ts";
import { config, now, world } from "../../core/world.ts";

const report = {
  ...{ epoch: 2, source: "us-east-1", target: "us-west-2", detail: "" },
  ...{ items: 1, fenced: 0, discarded: 1, hash: "h" },
  status: "listed" as const,
};
const pulled = { switch: "pulled", drain: "pulled" } as const;
const evidence = world({
  divergence: [report],
  dnsAnswers: ["us-west-2"],
  levers: { "us-east-1": pulled },
  routing: {
    ...world().routing,
    ...{ epoch: 2, active: "us-west-2", writer: "us-west-2" },
    levers: { "us-east-1": pulled },
  },
});
const waives = ["divergence-unread", "failback-needs-approval"];
const approval = { approved: true, by: "bob", waives, divergenceHash: "2:h" };

async function acknowledged(
  answer: ApprovalAnswer | null,
  intent: "switch" | "undo" = "switch",
  mode: "planned" | "forced" = "planned",
) {
  const request = { direction: "failback", mode, requestedBy: "alice" } as const;
  const decision = decide({ request, evidence, approval: answer }, config, now);
  const told: unknown[] = [];
  const acknowledge = async (...what: unknown[]) => told.push(what) > 0;
  await acknowledgeRead({ acknowledge }, { decision, intent }, now);
  return told;
}

it("acknowledges a divergence report for whoever approved with it before them", async () => {
  expect(await acknowledged(approval)).toEqual([[2, { by: "bob", at: now, hash: "h" }]]);
});

it("acknowledges nothing unasked, unread, forced past, or in an undo", async () => {
  expect(await acknowledged(null)).toEqual([]);
  expect(await acknowledged({ ...approval, divergenceHash: "" })).toEqual([]);
  const others = { ...approval, waives: ["failback-needs-approval"] };
  expect(await acknowledged(others, "switch", "forced")).toEqual([]);
  expect(await acknowledged(approval, "undo")).toEqual([]);
});
