import { expect, test } from "vitest";
import type { Approval } from "../../../core/contracts/records.ts";
import { decide } from "../../../core/decide.ts";
import type { Mail } from "../../../core/mails/mail.ts";
import {
  type ApprovalInput,
  type ApprovalPorts,
  requestApproval,
} from "../../../functions/request-approval/request-approval.ts";
import { config, now, world } from "../../core/world.ts";
import { abortDoor, run, told, wish } from "../fakes.ts";

const here = { config, region: "us-west-2" };
const request = { mode: "automatic", requestedBy: "signal:watch" } as const;
const decision = {
  ...decide({ request, evidence: world(), approval: null }, config, now),
  kind: "ask" as const,
  because: ["quorum-reached"],
  blockedBy: ["cooldown"],
  sentences: ["Enough votes stand.", "Ask: automatic failover."],
};
const evidence = world();
const input: ApprovalInput = {
  ...{ run, request, evidence, decision },
  ...{ question: 1, taskToken: "token" },
};

function portsOf(earlier: Partial<Approval>[] = [], open = false, deaf = false) {
  const { events, ledger } = told();
  const asked: Approval[] = [];
  const sent: Mail[] = [];
  const ports: ApprovalPorts = {
    control: abortDoor(),
    approvals: {
      list: async () => earlier.map((each) => ({ ...pattern, ...each })),
      async ask(approval) {
        events.push("ask");
        asked.push(approval);
        return !open;
      },
      lapse: async () => undefined,
    },
    ledger,
    notifications: {
      async send(_arn, mail) {
        if (deaf) throw new Error("SNS is away");
        sent.push(mail);
      },
    },
    log: { info: () => undefined, warn: () => undefined, error: () => events.push("logged") },
    now: () => now,
  };
  return { ports, events, asked, sent };
}

const pattern: Approval = {
  ...{ id: "z#1", group: "orders", status: "rejected", taskToken: "t", region: "us-west-2" },
  ...{ executionArn: "arn:z", epoch: 1, direction: "failover", source: "us-east-1" },
  ...{ because: ["quorum-reached"], blockedBy: ["cooldown"], lossBoundSeconds: 18 },
  ...{ askedAt: now - 60_000, expiresAt: now, answeredAt: now - 30_000, answeredBy: "ada" },
};

test("A question is kept with its token, and people read what it waives and for how long", async () => {
  const { ports, events, asked, sent } = portsOf();
  expect(await requestApproval(ports, here, input)).toEqual({ id: "2026-01-15T08:59:30.000Z/a#1" });
  expect(asked[0]).toMatchObject({
    status: "pending",
    taskToken: "token",
    region: "us-west-2",
    blockedBy: ["cooldown"],
    expiresAt: now + 900_000,
  });
  expect(events).toEqual(["ledger approval-asked", "ask"]);
  expect(sent[0]?.subject).toBe("orders: approve a failover from us-east-1 to us-west-2");
  expect(sent[0]?.lines).toContain("  - waives exactly this: cooldown");
  expect(sent[0]?.lines).toContain(
    "  npm run switchback -- approve '2026-01-15T08:59:30.000Z/a#1' --reason \"WHY\"",
  );
});

test("Of two questions asked at the same moment one is not asked", async () => {
  const { ports, sent } = portsOf([], true);
  const asking = requestApproval(ports, here, input);
  await expect(asking).rejects.toMatchObject({ name: "ApprovalNotAsked" });
  expect(sent).toEqual([]);
});

test("While another question is open nothing is asked, and nothing announced", async () => {
  const waiting = { status: "pending", expiresAt: now + 60_000, answeredAt: null } as const;
  const { ports, events, sent } = portsOf([waiting]);
  const asking = requestApproval(ports, here, input);
  await expect(asking).rejects.toMatchObject({ name: "ApprovalNotAsked" });
  expect(events).toEqual([]);
  expect(sent).toEqual([]);
});

test("A repetition of this question is asked, with its new token", async () => {
  const own = {
    id: "2026-01-15T08:59:30.000Z/a#1",
    status: "pending",
    expiresAt: now + 60_000,
    answeredAt: null,
  } as const;
  const { ports, asked } = portsOf([own]);
  await requestApproval(ports, here, input);
  expect(asked[0]?.taskToken).toBe("token");
});

test("What was rejected lately for the same reasons is not asked again", async () => {
  const { ports, events } = portsOf([{}]);
  const asking = requestApproval(ports, here, input);
  await expect(asking).rejects.toMatchObject({ name: "ApprovalNotAsked" });
  expect(events).toEqual([]);
});

test("An operator who asks again after a rejection is asked again", async () => {
  const { ports, asked } = portsOf([{}]);
  const operators = { mode: "planned", requestedBy: "ada" } as const;
  await requestApproval(ports, here, { ...input, request: operators });
  expect(asked).toHaveLength(1);
});

test.each<[string, Partial<Approval>]>([
  ["other reasons", { blockedBy: ["cooldown", "loss-unknown"] }],
  ["a rejection that is 15 minutes old", { answeredAt: now - 900_000 }],
  ["a question that nobody answered", { status: "lapsed" }],
])("It is asked again after %s", async (_, earlier) => {
  const { ports, asked } = portsOf([earlier]);
  await requestApproval(ports, here, input);
  expect(asked).toHaveLength(1);
});

test("A message that is lost does not withdraw the question", async () => {
  const { ports, events } = portsOf([], false, true);
  expect(await requestApproval(ports, here, input)).toEqual({ id: "2026-01-15T08:59:30.000Z/a#1" });
  expect(events.at(-1)).toBe("logged");
});

test("A rejection to leave one Region does not keep the question about the other from being asked", async () => {
  const { ports, asked } = portsOf([{ source: "us-west-2" }]);
  await requestApproval(ports, here, input);
  expect(asked).toHaveLength(1);
});

test("A run that an operator asked to abort asks nobody", async () => {
  const { ports, events } = portsOf();
  const aborted = requestApproval({ ...ports, control: abortDoor(wish) }, here, input);
  await expect(aborted).rejects.toMatchObject({
    name: "ApprovalNotAsked",
    message: "arn:aws:iam::123456789012:user/alice asked to abort: customers call.",
  });
  expect(events).toEqual([]);
});

test("The question says who asked, where somebody did", async () => {
  const { ports, asked } = portsOf();
  const operators = { mode: "planned", direction: "failback", requestedBy: "alice" } as const;
  const two = { ...here, config: { ...here.config, approval: { twoPerson: true } } };
  await requestApproval(ports, two, { ...input, request: operators });
  expect(asked[0]?.requestedBy).toBe("alice");
  await requestApproval(ports, two, input);
  expect(asked[1]?.requestedBy).toBe(undefined);
});
