import { expect, it } from "vitest";
import { initialState } from "../../../core/plan.ts";
import { recordDecision } from "../../../functions/decide/record-decision.ts";
import { config, now, secondsAgo, world } from "../../core/world.ts";
import { abortDoor, run, told, wish } from "../fakes.ts";

it("puts into the ledger what the decision rests on, Health issues, beats and levers too", async () => {
  const { ledger, notes } = told();
  const issue = {
    eventArn: "arn:1",
    region: "us-east-1",
    service: "LAMBDA",
    eventTypeCode: "X",
    startedAt: null,
    updatedAt: secondsAgo(60),
    counts: true,
    why: "open",
  };
  const evidence = world({ health: [issue] });
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const request = { mode: "automatic", requestedBy: "signal:watch" } as const;
  const input = { run, request, evidence, approval: null };
  await recordDecision({ control: abortDoor(), ledger, log, now: () => now }, config, input);
  expect(notes[0]?.kind).toBe("decision");
  expect(notes[0]?.detail).toMatchObject({
    health: [{ eventArn: "arn:1", region: "us-east-1", service: "LAMBDA", counts: true }],
    controlHeartbeats: { "us-east-1": secondsAgo(3), "us-west-2": secondsAgo(3) },
    replication: { "us-east-1": secondsAgo(4), "us-west-2": secondsAgo(4) },
    levers: { "us-east-1": { switch: "released", drain: "released" } },
    dnsAnswers: ["us-east-1"],
    route53Reachable: true,
    evidenceAt: secondsAgo(1),
  });
});

it("holds a run that an operator asked to abort, and records who did", async () => {
  const { ledger, notes } = told();
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const request = { direction: "failover", mode: "planned", requestedBy: "bob" } as const;
  const input = { run, request, evidence: world(), approval: null };
  const ports = { control: abortDoor(wish), ledger, log, now: () => now };
  const decision = await recordDecision(ports, config, input);
  expect([decision.kind, decision.blockedBy, decision.page]).toEqual(["hold", ["aborted"], false]);
  expect(decision.sentences.join(" ")).toContain(
    "An operator asked to abort this run (arn:aws:iam::123456789012:user/alice asked to abort: customers call.)",
  );
  expect(notes[0]?.detail.abort).toEqual(wish);
});

it("counts an approval for as long as a run may take, and asks again in one redriven later", async () => {
  const request = { direction: "failback", mode: "planned", requestedBy: "bob" } as const;
  const steady = initialState(config, now - 86_400_000);
  const evidence = world({ routing: { ...steady, active: "us-west-2", writer: "us-west-2" } });
  const approval = { approved: true, by: "alice", waives: ["failback-needs-approval" as const] };
  const decided = async (startedSecondsAgo: number) => {
    const { ledger, notes } = told();
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const startedAt = new Date(secondsAgo(startedSecondsAgo)).toISOString();
    const input = { run: { ...run, startedAt }, request, evidence, approval };
    const ports = { control: abortDoor(), ledger, log, now: () => now };
    const { waived } = await recordDecision(ports, config, input);
    return [waived, notes[0]?.detail.approvedBy];
  };
  expect(config.policy.approvalTimeoutSeconds).toBe(900);
  expect(await decided(6_300)).toEqual([["failback-needs-approval"], "alice"]);
  expect(await decided(6_301)).toEqual([[], null]);
});
