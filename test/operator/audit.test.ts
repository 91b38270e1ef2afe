// The evidence bundle, made from a small history: what is in it, what must never be, and that each
// way of tampering with it is named.
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { firstPrevious, type LedgerEntry, ledgerBytes } from "../../core/contracts/ledger.ts";
import type { Plan as SwitchPlan } from "../../core/contracts/routing-state.ts";
import type { RunOutcome } from "../../core/contracts/steps.ts";
import { claimed } from "../../core/plan.ts";
import type { RunRead } from "../../operator/audit/account.ts";
import { bundleOf } from "../../operator/audit/bundle.ts";
import { faultsOfBundle } from "../../operator/audit/verify.ts";
import type { HistoryEvent } from "../../operator/aws/executions.ts";
import { config, now, world } from "../core/world.ts";
import { steady } from "../lab/scripted-log.ts";
import { operate, type Plan, page } from "./replicas.ts";

const run = "arn:aws:states:us-west-2:123456789012:execution:orders-region-switch:run-1";
const plan: SwitchPlan = {
  direction: "failover",
  mode: "automatic",
  source: "us-east-1",
  target: "us-west-2",
  ...{ before: ["us-east-1"], after: ["us-west-2"] },
};
const outcome: RunOutcome = {
  outcome: "switched",
  sentence: "Done: <b>automatic</b> failover.",
  ...{ plan, epoch: 2, requestedBy: "signal:watch", signalAt: now - 5_000 },
  ...{ decidedAt: now + 2_000, claimedAt: now + 3_000, promotedAt: now + 12_000 },
  ...{ shiftedAt: now + 9_000, completedAt: now + 20_000 },
  ...{ lossBoundSeconds: 26.6, writePauseSeconds: 9 },
  levers: { switch: "effective", drain: "accepted" },
  ...{ because: ["quorum-reached"], blockedBy: [] },
};

let eventId = 0;
function event(seconds: number, type: string, details: object = {}): HistoryEvent {
  eventId += 1;
  return { id: eventId, timestamp: new Date(now + seconds * 1_000), type, ...details } as never;
}
const entered = (seconds: number, name: string) =>
  event(seconds, "TaskStateEntered", { stateEnteredEventDetails: { name } });
const exited = (seconds: number, name: string, assignedVariables: object) =>
  event(seconds, "TaskStateExited", { stateExitedEventDetails: { name, assignedVariables } });

const events: HistoryEvent[] = [
  event(0, "ExecutionStarted", {
    executionStartedEventDetails: {
      input: JSON.stringify({
        mode: "automatic",
        requestedBy: "signal:watch",
        signal: "<i>504</i>",
      }),
    },
  }),
  entered(0, "GatherEvidence"),
  exited(2, "GatherEvidence", { evidence: JSON.stringify(world()) }),
  event(2, "LambdaFunctionScheduled", {
    lambdaFunctionScheduledEventDetails: { input: '{"taskToken":"secret-token","question":1}' },
  }),
  entered(3, "ShiftTraffic"),
  exited(9, "ShiftTraffic", { decision: "null" }),
  event(20, "ExecutionSucceeded", {
    executionSucceededEventDetails: { output: JSON.stringify(outcome) },
  }),
];

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const state = claimed(config, steady, { executionArn: run, now, plan });

function chain(...notes: Pick<LedgerEntry, "kind" | "detail">[]): LedgerEntry[] {
  let previous = firstPrevious;
  return notes.map(({ kind, detail }, index) => {
    const open = { execution: run, sequence: index + 1, at: now, epoch: 2, kind, detail };
    const covered = { ...open, sentence: `${kind}.`, previous };
    previous = sha256(ledgerBytes(covered));
    return { ...covered, hash: previous };
  });
}
const ledger = chain(
  { kind: "decision", detail: {} },
  { kind: "claim", detail: { ...state } },
  { kind: "outcome", detail: {} },
);

const read: RunRead = {
  ...{ config, executionArn: run, status: "SUCCEEDED", events, ledger },
  exportedAt: now + 60_000,
};
const contentOf = (name: string, from = read): string => bundleOf(from).get(name) ?? "";
const jsonOf = (name: string, from = read) => JSON.parse(contentOf(name, from));

test("a bundle holds input, evidence, outcome, ledger, and what is measured", () => {
  expect(jsonOf("input.json")).toMatchObject({ mode: "automatic", requestedBy: "signal:watch" });
  expect(jsonOf("evidence.json")).toMatchObject([{ value: { gatheredIn: "us-west-2" } }]);
  expect(jsonOf("outcome.json")).toMatchObject({ epoch: 2 });
  expect(jsonOf("ledger.json")).toHaveLength(3);
  expect(jsonOf("measured.json")).toEqual({
    rto: {
      asClientsSawIt: "not known",
      fromSignalToShift: 14,
      fromStartToShift: 9,
      writePause: 9,
      objective: 180,
    },
    rpo: { lostWrites: "not known", bound: 26.6, readBack: "not known", objective: 30 },
  });
});

test("levers are told as they were seen before and as they were accepted after", () => {
  expect(jsonOf("levers.json")).toMatchObject({
    before: { "us-east-1": { switch: "released", drain: "released" } },
    after: { "us-east-1": { switch: "pulled", drain: "pulled" } },
  });
  const failed = { ...outcome, levers: { switch: "failed", drain: "untouched" } };
  const ended = event(20, "ExecutionSucceeded", {
    executionSucceededEventDetails: { output: JSON.stringify(failed) },
  });
  const other = { ...read, events: [...events.slice(0, -1), ended] };
  expect(jsonOf("levers.json", other).after).toEqual({
    "us-east-1": { switch: "not known", drain: "released" },
  });
});

test("a planned switch whose drain read everything back has lost nothing", () => {
  const drain = { drained: true, missing: 0, checked: 65, detail: "All." };
  const drained = exited(15, "DrainReplication", { drain: JSON.stringify(drain) });
  const measured = jsonOf("measured.json", {
    ...read,
    events: [...events.slice(0, -1), drained, ...events.slice(-1)],
  });
  expect(measured.rpo).toMatchObject({ lostWrites: 0, readBack: { checked: 65, missing: 0 } });
});

test("a run that goes on has a bundle too, and no end is made up", () => {
  const running = { ...read, status: "RUNNING", events: events.slice(0, 3), ledger: [] };
  expect(jsonOf("outcome.json", running)).toBe(null);
  expect(jsonOf("levers.json", running)).toMatchObject({ after: "not known" });
  expect(contentOf("index.html", running)).toContain("orders: the run ended as RUNNING.");
});

test("no task token leaves with a bundle", () => {
  const all = [...bundleOf(read).values()].join("");
  expect(all).toContain("left out");
  expect(all).not.toContain("secret-token");
});

test("the page escapes what it shows, loads nothing, and draws each step that took time", () => {
  const text = contentOf("index.html");
  expect(text).toContain("Done: &lt;b&gt;automatic&lt;/b&gt; failover.");
  expect(text).toContain("signal:watch: automatic switch (&lt;i&gt;504&lt;/i&gt;).");
  expect(text).not.toContain("<i>504");
  expect(text).not.toMatch(/<script|src=|href=|url\(/);
  expect(text).toContain("default-src &#39;none&#39;".replaceAll("&#39;", "'"));
  expect([...text.matchAll(/<title>(\w+): [\d.]+ s, from/g)].map(([, step]) => step)).toEqual([
    "GatherEvidence",
    "ShiftTraffic",
  ]);
});

const bytes = (files: ReadonlyMap<string, string>) =>
  new Map([...files].map(([name, content]) => [name, Buffer.from(content)]));

test("an untouched bundle is sound", () => {
  expect(faultsOfBundle(bytes(bundleOf(read)))).toEqual([]);
});

test("each fault of a bundle is named", () => {
  const found = bytes(bundleOf(read));
  found.set("decision.json", Buffer.from("[]"));
  found.delete("input.json");
  found.set("extra.json", Buffer.from("{}"));
  expect(faultsOfBundle(found)).toEqual([
    "input.json is missing.",
    "decision.json was changed after the export.",
    "extra.json is not in the manifest.",
  ]);
  expect(faultsOfBundle(new Map())).toEqual(["There is no manifest.json: this is no bundle."]);
});

test("a ledger that was changed before the export shows by its own chain", () => {
  const [decision, claim] = ledger;
  if (decision === undefined || claim === undefined) throw new Error("two entries");
  const forged = [{ ...decision, sentence: "Other." }, claim, { hash: 1 }];
  expect(faultsOfBundle(bytes(bundleOf({ ...read, ledger: forged })))).toEqual([
    expect.stringMatching(/^Item 3 of the ledger is no entry \(execution, sequence/),
    `Ledger entry 1 of ${run} was changed after it was written.`,
    `The ledger of ${run} ends before its outcome.`,
  ]);
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bundle-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const listed = { executionArn: run, name: "run-1", status: "SUCCEEDED", stateMachineArn: "m" };
const aws: Plan = {
  GetExecutionHistory: () => ({
    events: events.map((one) => ({ ...one, timestamp: Number(one.timestamp) / 1_000 })),
  }),
  DescribeExecution: () => ({ ...listed, startDate: now / 1_000 }),
  "Query in us-east-1": () => "silence",
  "Query in us-west-2": () => page(ledger),
  "ListExecutions in us-east-1": () => ({ executions: [] }),
  "ListExecutions in us-west-2": () => ({
    executions: [{ ...listed, startDate: now / 1_000, stopDate: now / 1_000 + 20 }],
  }),
};

test("export writes a bundle that verify finds sound, without AWS", async () => {
  const out = join(folder, "evidence");
  const done = await operate(aws, ["audit", "export", run, "--out", out]);
  expect([done.status, done.out]).toEqual([
    0,
    expect.stringMatching(/^Wrote 12 files .*\nmanifest.json has SHA-256 [0-9a-f]{64}: keep/),
  ]);
  const sound = await operate({}, ["audit", "verify", out]);
  expect([sound.status, sound.called]).toEqual([0, []]);
  const hash = /SHA-256 ([0-9a-f]{64})/.exec(done.out)?.[1] ?? "none";
  expect(sound.out).toContain(`${hash}: sound.`);
  const again = await operate(aws, ["audit", "export", run, "--out", out]);
  expect([again.status, again.err]).toEqual([2, expect.stringContaining("is not empty")]);
  writeFileSync(join(out, "levers.json"), "{}");
  const tampered = await operate({}, ["audit", "verify", out, "--json"]);
  expect([tampered.status, JSON.parse(tampered.out)]).toMatchObject([
    1,
    { ok: false, faults: ["levers.json was changed after the export."] },
  ]);
  expect(readFileSync(join(out, "index.html"), "utf8")).toContain("<svg");
});

test("verify without a bundle checks the ledgers where they stand", async () => {
  const sound = await operate(aws, ["audit", "verify"]);
  expect([sound.status, sound.out]).toEqual([0, "The ledgers of 1 runs: sound.\n"]);
  const cut = { ...aws, "Query in us-west-2": () => page(ledger.slice(0, 2)) };
  const broken = await operate(cut, ["audit", "verify"]);
  expect([broken.status, broken.out]).toEqual([
    1,
    `The ledger of ${run} ends before its outcome.\nThe ledgers of 1 runs: 1 faults.\n`,
  ]);
  const silent = { ...aws, "Query in us-west-2": () => "silence" as const };
  const unknown = await operate(silent, ["audit", "verify"]);
  expect([unknown.status, unknown.out]).toEqual([1, expect.stringContaining("unknown  No Region")]);
});

test("verify of what is no folder is a wrong call", async () => {
  const wrong = await operate({}, ["audit", "verify", join(folder, "none")]);
  expect([wrong.status, wrong.err]).toEqual([2, expect.stringContaining("can't be read")]);
});
