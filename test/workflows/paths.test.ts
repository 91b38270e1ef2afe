// Runs of the synthesized machine, state by state: which way each answer leads.
import { describe, expect, test } from "vitest";
import type { Json } from "../../lab/kernel.ts";
import {
  type Answers,
  definitionText,
  executionArn,
  Failure,
  type Ran,
  run,
  template,
} from "./machine.ts";

const text = definitionText(template());

const automatic = { mode: "automatic", requestedBy: "signal:watch", signal: "watch:witness" };
const plan = (mode: string, direction = "failover") => ({
  direction,
  mode,
  source: direction === "failover" ? "us-east-1" : "us-west-2",
  target: direction === "failover" ? "us-west-2" : "us-east-1",
  before: [direction === "failover" ? "us-east-1" : "us-west-2"],
  after: [direction === "failover" ? "us-west-2" : "us-east-1"],
});
const decision = (kind: string, difference = {}) => ({
  kind,
  sentences: ["Two of three vantage points find us-east-1 failing."],
  intent: "switch",
  dryRun: false,
  vouchedAt: 1_768_467_600_000,
  ...difference,
});
const claim = (mode: string, difference = {}) => ({
  claimed: true,
  epoch: 2,
  plan: plan(mode),
  intent: "switch",
  next: "fence",
  promotes: true,
  promoted: false,
  ...difference,
});
const done = { shifted: true, answered: true, accepted: true };
const shifted = { ...done, latched: true, dnsAnswers: ["us-west-2"], vouchedAt: 5 };
const missed = { shifted: false, answered: false, latched: false };
const refused = { ...missed, accepted: false, dnsAnswers: ["us-east-1"], vouchedAt: null };
const restored = { ...done, latched: false, dnsAnswers: ["us-east-1"], vouchedAt: null };
const promotion = { writer: "us-west-2", promotedAt: 1 };
const outcome = (kind: string): Json => ({ outcome: kind, sentence: "As it was." });

const outage: Answers = {
  "gather-evidence": [{ at: 1 }],
  decide: [decision("go")],
  "claim-epoch": [claim("automatic")],
  "fence-source": [{ waitSeconds: 7.2, fencedAt: 9 }],
  "shift-traffic": [shifted],
  "promote-target": [promotion],
  "verify-shift": [{ verified: true, answers: [] }],
  "record-outcome": [outcome("switched")],
};
const planned: Answers = {
  ...outage,
  decide: [decision("go")],
  "claim-epoch": [claim("planned")],
  "check-drain": [{ drained: true, missing: 0, checked: 4, detail: "" }],
};

/** States without the bookkeeping around loops. */
function path(ran: Ran): string[] {
  return ran.states.filter((name) => !/^(Begin|Ended$|\w+(Done|Pause)$)/.test(name));
}

const last = (ran: Ran, step: string) => ran.calls[step]?.at(-1);

describe("an unplanned switch", () => {
  test("shifts while it fences, promotes after both, and drains nothing", async () => {
    const ran = await run(text, automatic, outage);
    expect(ran.ending).toEqual({
      status: "SUCCEEDED",
      output: JSON.stringify(outcome("switched")),
    });
    expect(path(ran).slice(0, 5)).toEqual([
      "GatherEvidence",
      "Decide",
      "WhatFollows",
      "ClaimEpoch",
      "Claimed",
    ]);
    expect(path(ran).slice(-7)).toEqual([
      "LeversTook",
      "PromoteTarget",
      "ShiftedAlready",
      "VerifyShift",
      "Verified",
      "RecordOutcome",
      "Switched",
    ]);
    expect(ran.states).not.toContain("DrainReplication");
  });

  test("waits for the gates in whole seconds, rounded up", async () => {
    const ran = await run(text, automatic, outage);
    expect(ran.seconds).toBe(8);
  });

  test("waits the whole lease and deadline when the fence can't say how long", async () => {
    const mute = [1, 2, 3, 4].map(() => new Failure("TransientFault"));
    const ran = await run(text, automatic, { ...outage, "fence-source": mute });
    expect(ran.ending.status).toBe("SUCCEEDED");
    expect(ran.states).toContain("WaitForGatesNowInFull");
    // 1, 2 and 4 s between the attempts, then 5 + 2 + 1 s.
    expect(ran.seconds).toBe(15);
  });

  test("hands every step what the contract says, and the history the whole of it", async () => {
    const ran = await run(text, automatic, outage);
    const about = { executionArn, startedAt: "2026-01-15T09:00:00.000Z" };
    expect(last(ran, "gather-evidence")).toEqual({ run: about, request: automatic });
    expect(last(ran, "decide")).toEqual({
      run: about,
      request: automatic,
      evidence: { at: 1 },
      approval: null,
    });
    expect(last(ran, "claim-epoch")).toEqual({
      run: about,
      request: automatic,
      decision: decision("go"),
      intent: "switch",
      noticed: null,
    });
    expect(last(ran, "shift-traffic")).toEqual({
      run: about,
      claim: claim("automatic"),
      vouchedAt: 1_768_467_600_000,
      round: 1,
    });
    expect(last(ran, "record-outcome")).toEqual({
      run: about,
      request: automatic,
      outcome: "switched",
      why: "us-west-2 serves, and the public name answers from there",
      decision: decision("go"),
      claim: claim("automatic"),
      promotion,
      drain: null,
      shift: shifted,
      verification: { verified: true, answers: [] },
    });
  });

  test("goes on once a lever was accepted, even before DNS has followed", async () => {
    const pending = { ...shifted, shifted: false, answered: false, dnsAnswers: ["us-east-1"] };
    const ran = await run(text, automatic, {
      ...outage,
      "shift-traffic": [pending, pending, pending, pending, pending],
    });
    expect(path(ran).at(-1)).toBe("Switched");
    expect(ran.calls["shift-traffic"]).toHaveLength(5);
    expect(last(ran, "shift-traffic")).toMatchObject({ round: 5, vouchedAt: 5 });
  });

  test("is undone when no lever is accepted and DNS still answers the source", async () => {
    const undo = { intent: "undo", next: "restore", epoch: 3 };
    const ran = await run(text, automatic, {
      ...outage,
      "claim-epoch": [claim("automatic"), claim("automatic", undo)],
      "shift-traffic": [refused, refused, refused, refused, refused, restored],
      "promote-target": [{ writer: "us-east-1", promotedAt: 2 }],
      "record-outcome": [outcome("undone")],
    });
    expect(ran.ending).toEqual({
      status: "FAILED",
      error: "SwitchUndone",
      cause: JSON.stringify(outcome("undone")),
    });
    expect(path(ran).slice(-8)).toEqual([
      "LeversTook",
      "UndoClaim",
      "UndoClaimed",
      "RestoreLevers",
      "TargetWasPromoted",
      "PromoteSource",
      "RecordOutcome",
      "SwitchUndone",
    ]);
    expect(last(ran, "claim-epoch")).toMatchObject({ intent: "undo" });
    expect(last(ran, "shift-traffic")).toMatchObject({ round: 1, vouchedAt: null });
    expect(last(ran, "record-outcome")).toMatchObject({
      outcome: "undone",
      why: "Levers were not accepted, and DNS does not answer exactly us-west-2",
    });
  });

  test("ends as superseded when another execution claims a newer epoch under it", async () => {
    const ran = await run(text, automatic, {
      ...outage,
      "shift-traffic": [new Failure("EpochLost")],
      "record-outcome": [outcome("superseded")],
    });
    expect(path(ran).at(-1)).toBe("Superseded");
    expect(ran.states).not.toContain("PromoteTarget");
    expect(last(ran, "record-outcome")).toMatchObject({ why: "EpochLost: shift-traffic failed" });
  });

  test("is undone when the levers' function fails: what is unknown is not guessed at", async () => {
    const broken = [1, 2, 3, 4].map(() => new Failure("TransientFault"));
    const undo = { intent: "undo", next: "restore" };
    const ran = await run(text, automatic, {
      ...outage,
      "claim-epoch": [claim("automatic"), claim("automatic", undo)],
      "shift-traffic": [...broken, restored],
      "record-outcome": [outcome("undone")],
    });
    expect(path(ran).at(-1)).toBe("SwitchUndone");
  });
});

describe("a planned switch", () => {
  test("waits until the source's gates know, and then claims", async () => {
    const noticed = { epoch: 1, at: 5 };
    const told = { claimed: false, again: false, why: "They are being told.", noticed };
    const ran = await run(
      text,
      { mode: "planned", requestedBy: "alice" },
      { ...planned, "claim-epoch": [told, claim("planned")] },
    );
    expect(path(ran).slice(3, 9)).toEqual([
      ...["ClaimEpoch", "Claimed", "WaitForNotice", "ClaimEpoch", "Claimed", "FenceSource"],
    ]);
    expect(ran.calls["claim-epoch"]).toMatchObject([{ noticed: null }, { noticed }]);
    // The lease of 5 s, and what the fence said.
    expect(ran.seconds).toBe(13);
  });

  test("fences, drains, promotes, then shifts", async () => {
    const ran = await run(text, { mode: "planned", requestedBy: "alice" }, planned);
    expect(path(ran).slice(4)).toEqual([
      "Claimed",
      "FenceSource",
      "WaitForGates",
      "DrainReplication",
      "Drained",
      "PromoteTarget",
      "ShiftedAlready",
      "ShiftTraffic",
      "VerifyShift",
      "Verified",
      "RecordOutcome",
      "Switched",
    ]);
  });

  test("is undone when writes are still missing after fifteen rounds", async () => {
    const missing = { drained: false, missing: 2, checked: 9, detail: "2 of 9 are missing" };
    const ran = await run(
      text,
      { mode: "planned", requestedBy: "alice" },
      {
        ...planned,
        "claim-epoch": [claim("planned"), claim("planned", { intent: "undo", next: "restore" })],
        "check-drain": Array.from({ length: 15 }, () => missing),
        "shift-traffic": [restored],
        "record-outcome": [outcome("undone")],
      },
    );
    expect(ran.ending.status).toBe("FAILED");
    // The gates, three rounds a second apart and eleven 5 s apart; the gates of the target.
    expect(ran.seconds).toBe(66);
    expect(ran.states).not.toContain("PromoteTarget");
    expect(last(ran, "record-outcome")).toMatchObject({
      why: "Not every write arrived at the target: 2 of 9 are missing",
    });
  });

  test("is undone, not retried, when its source can't be seen to know of the claim", async () => {
    const unseen = new Failure("FenceUnseen");
    const ran = await run(
      text,
      { mode: "planned", requestedBy: "alice" },
      {
        ...planned,
        "fence-source": [unseen],
        "claim-epoch": [claim("planned"), claim("planned", { intent: "undo", next: "restore" })],
        "shift-traffic": [restored],
        "record-outcome": [outcome("undone")],
      },
    );
    expect(path(ran).at(-1)).toBe("SwitchUndone");
    expect(ran.states).not.toContain("DrainReplication");
    expect(last(ran, "record-outcome")).toMatchObject({ why: "FenceUnseen: fence-source failed" });
  });

  test("is undone when the source can't be read, and says so", async () => {
    const unreadable = [1, 2, 3, 4].map(() => new Failure("TransientFault"));
    const ran = await run(
      text,
      { mode: "planned", requestedBy: "alice" },
      {
        ...planned,
        "claim-epoch": [claim("planned"), claim("planned", { intent: "undo", next: "restore" })],
        "check-drain": unreadable,
        "shift-traffic": [restored],
        "record-outcome": [outcome("undone")],
      },
    );
    expect(last(ran, "record-outcome")).toMatchObject({
      why: "Not every write arrived at the target: TransientFault: check-drain failed",
    });
  });

  test("goes on with writes missing when an operator forces it, after five rounds", async () => {
    const missing = { drained: false, missing: null, checked: 0, detail: "unreadable" };
    const ran = await run(
      text,
      { mode: "forced", requestedBy: "alice" },
      {
        ...planned,
        "claim-epoch": [claim("forced")],
        "check-drain": [missing, missing, missing, missing, missing],
      },
    );
    expect(path(ran).at(-1)).toBe("Switched");
    expect(ran.calls["check-drain"]).toHaveLength(5);
  });

  test("is shifted beside the fence when an operator forces it away from a dead source", async () => {
    const waived = ["source-not-healthy", "loss-above-objective"];
    const ran = await run(
      text,
      { mode: "forced", requestedBy: "alice" },
      { ...outage, decide: [decision("go", { waived })], "claim-epoch": [claim("forced")] },
    );
    expect(path(ran).at(-1)).toBe("Switched");
    expect(ran.states).toContain("ShiftWhileFencing");
    expect(ran.states).not.toContain("DrainReplication");
  });

  test("is undone once its levers stand, whatever DNS answers by itself", async () => {
    const dead = { ...missed, accepted: true, stood: true, dnsAnswers: ["us-west-2"] };
    const gone = [1, 2, 3, 4].map(() => new Failure("TransientFault"));
    const ran = await run(
      text,
      { mode: "planned", requestedBy: "alice" },
      {
        ...planned,
        "claim-epoch": [claim("planned"), claim("planned", { intent: "undo", next: "restore" })],
        "check-drain": gone,
        "shift-traffic": [dead],
        "record-outcome": [outcome("undone")],
      },
    );
    expect(path(ran).slice(-5)).toEqual([
      "RestoreLevers",
      "TargetWasPromoted",
      "PromoteSource",
      "RecordOutcome",
      "SwitchUndone",
    ]);
  });

  test("fences and drains the other way before the source writes again", async () => {
    const undo = { intent: "undo", next: "restore", promoted: true };
    const ran = await run(
      text,
      { mode: "planned", requestedBy: "alice" },
      {
        ...planned,
        "claim-epoch": [claim("planned"), claim("planned", undo)],
        "fence-source": [{ waitSeconds: 1 }, { waitSeconds: 8 }],
        "shift-traffic": [refused, refused, refused, refused, refused, restored],
        "check-drain": [{ drained: true }, { drained: false }, { drained: true }],
        "promote-target": [promotion, { writer: "us-east-1", promotedAt: 2 }],
        "record-outcome": [outcome("undone")],
      },
    );
    expect(path(ran).slice(-12)).toEqual([
      "UndoClaimed",
      "RestoreLevers",
      "TargetWasPromoted",
      "FenceTarget",
      "WaitForTargetGates",
      "DrainBack",
      "DrainedBack",
      "DrainBack",
      "DrainedBack",
      "PromoteSource",
      "RecordOutcome",
      "SwitchUndone",
    ]);
  });

  test("records the drain back, and none where the way back did not get that far", async () => {
    const undo = { intent: "undo", next: "restore", promoted: true };
    const given = {
      ...planned,
      "claim-epoch": [claim("planned"), claim("planned", undo)],
      "fence-source": [{ waitSeconds: 1 }, { waitSeconds: 8 }],
      "promote-target": [promotion, { writer: "us-east-1", promotedAt: 2 }],
    };
    const missing = { drained: false, missing: 2 };
    const undone = await run(
      text,
      { mode: "planned", requestedBy: "alice" },
      {
        ...given,
        "shift-traffic": [refused, refused, refused, refused, refused, restored],
        "check-drain": [{ drained: true }, ...Array.from({ length: 6 }, () => missing)],
        "record-outcome": [outcome("undone")],
      },
    );
    expect(path(undone).at(-1)).toBe("SwitchUndone");
    expect(last(undone, "record-outcome")).toMatchObject({ drain: missing });
    const failed = await run(
      text,
      { mode: "planned", requestedBy: "alice" },
      {
        ...given,
        "shift-traffic": Array.from({ length: 10 }, () => refused),
        "check-drain": [{ drained: true }],
        "record-outcome": [outcome("failed")],
      },
    );
    expect(path(failed).at(-1)).toBe("SwitchFailed");
    expect(last(failed, "record-outcome")).toMatchObject({ drain: null });
  });

  test("needs DNS, not only one lever, to go on with a failback", async () => {
    const half = { ...refused, accepted: true, dnsAnswers: ["us-west-2"] };
    const back = { plan: plan("planned", "failback") };
    const undo = { ...back, intent: "undo", next: "restore", promoted: true };
    const there = { ...restored, dnsAnswers: ["us-west-2"] };
    const ran = await run(
      text,
      { mode: "planned", requestedBy: "alice" },
      {
        ...planned,
        "claim-epoch": [claim("planned", back), claim("planned", undo)],
        "fence-source": [{ waitSeconds: 1 }, { waitSeconds: 8 }],
        "shift-traffic": [half, half, half, half, half, there],
        "check-drain": [{ drained: true }, { drained: true }],
        "promote-target": [promotion, promotion],
        "record-outcome": [outcome("undone")],
      },
    );
    expect(path(ran).at(-1)).toBe("SwitchUndone");
  });
});

describe("an operator's wish to abort", () => {
  const undone = {
    "claim-epoch": [claim("planned"), claim("planned", { intent: "undo", next: "restore" })],
    "shift-traffic": [restored],
    "record-outcome": [outcome("undone")],
  };
  const back = [
    ...["UndoClaim", "UndoClaimed", "RestoreLevers", "TargetWasPromoted", "PromoteSource"],
    ...["RecordOutcome", "SwitchUndone"],
  ];

  test("found while draining takes the way of every undoing", async () => {
    const drain = { "check-drain": [new Failure("SwitchAborted")] };
    const ran = await run(text, automatic, { ...planned, ...undone, ...drain });
    expect(path(ran).slice(-8)).toEqual(["DrainReplication", ...back]);
    expect(last(ran, "record-outcome")).toMatchObject({
      ...{ outcome: "undone", why: "SwitchAborted: check-drain failed" },
    });
  });

  test("found before the promotion does so too, levers moved or not", async () => {
    const promote = { "promote-target": [new Failure("SwitchAborted"), promotion] };
    const ran = await run(text, automatic, { ...planned, ...undone, ...promote });
    expect(path(ran).slice(-8)).toEqual(["PromoteTarget", ...back]);
    const unplanned = await run(text, automatic, {
      ...outage,
      ...undone,
      ...promote,
      "claim-epoch": [claim("automatic"), ...undone["claim-epoch"].slice(1)],
      "shift-traffic": [shifted, restored],
    });
    expect(path(unplanned).slice(-8)).toEqual(["PromoteTarget", ...back]);
  });

  test("found at the claim is decided on, and holds", async () => {
    const again = { claimed: false, why: "alice asked to abort.", again: true };
    const ran = await run(text, automatic, {
      ...planned,
      "gather-evidence": [{ at: 1 }, { at: 2 }],
      decide: [decision("go"), decision("hold", { blockedBy: ["aborted"] })],
      "claim-epoch": [again],
      "record-outcome": [outcome("held")],
    });
    expect(path(ran).slice(-6)).toEqual([
      ...["Claimed", "GatherEvidence", "Decide", "WhatFollows", "RecordOutcome", "Held"],
    ]);
  });
});

describe("a decision that does not go", () => {
  test("ends a hold at once, with its sentences as the reason", async () => {
    const ran = await run(text, automatic, {
      "gather-evidence": [{}],
      decide: [decision("hold")],
      "record-outcome": [outcome("held")],
    });
    expect(path(ran).at(-1)).toBe("Held");
    expect(last(ran, "record-outcome")).toMatchObject({
      outcome: "held",
      why: "Two of three vantage points find us-east-1 failing.",
      claim: null,
    });
  });

  test("changes nothing in a dry run, whether it would go or ask", async () => {
    for (const kind of ["go", "ask"]) {
      const ran = await run(text, automatic, {
        "gather-evidence": [{}],
        decide: [decision(kind, { dryRun: true })],
        "record-outcome": [outcome("dry-run")],
      });
      expect(path(ran).slice(-3)).toEqual(["WhatFollows", "RecordOutcome", "DryRun"]);
    }
  });

  test("is made again when the claim found more at risk than was decided on", async () => {
    const more = { claimed: false, why: "It would risk 40 s", again: true };
    const ran = await run(text, automatic, {
      ...outage,
      "gather-evidence": [{ at: 1 }, { at: 2 }],
      decide: [decision("go"), decision("go")],
      "claim-epoch": [more, claim("automatic")],
    });
    expect(path(ran).at(-1)).toBe("Switched");
    expect(last(ran, "decide")).toMatchObject({ evidence: { at: 2 } });
  });

  test("is held, not superseded, when three claims found so", async () => {
    const more = { claimed: false, why: "It would risk 40 s", again: true };
    const ran = await run(text, automatic, {
      "gather-evidence": [{}, {}, {}],
      decide: [decision("go"), decision("go"), decision("go")],
      "claim-epoch": [more, more, more],
      "record-outcome": [outcome("held")],
    });
    expect(path(ran).at(-1)).toBe("Held");
    expect(last(ran, "record-outcome")).toMatchObject({
      outcome: "held",
      why: "It would risk 40 s",
    });
  });

  test("ends as superseded when the claim is lost", async () => {
    const ran = await run(text, automatic, {
      ...outage,
      "claim-epoch": [{ claimed: false, why: "The epoch is 3 by now", again: false }],
      "record-outcome": [outcome("superseded")],
    });
    expect(path(ran).at(-1)).toBe("Superseded");
    expect(last(ran, "record-outcome")).toMatchObject({ why: "The epoch is 3 by now" });
  });
});

describe("an approval", () => {
  const approved = { approved: true, by: "alice", waives: ["loss-unknown"] };
  const asking: Answers = {
    ...outage,
    "gather-evidence": [{ at: 1 }, { at: 2 }],
    decide: [decision("ask"), decision("go")],
    "request-approval": [{ id: "orders-1#1" }],
  };

  test("leads back to fresh evidence, and is handed to the decision", async () => {
    const ran = await run(text, automatic, asking, () => approved);
    expect(path(ran).at(-1)).toBe("Switched");
    expect(last(ran, "decide")).toMatchObject({ evidence: { at: 2 }, approval: approved });
    expect(last(ran, "request-approval")).toMatchObject({ question: 1, taskToken: "token-1" });
  });

  test("goes with what was asked, whatever plan the answer itself names", async () => {
    const asked = { direction: "failover", source: "us-east-1", target: "us-west-2" };
    const shown = { plan: asked, lossBound: { seconds: 59 }, decidedAt: 7 };
    const ran = await run(
      text,
      automatic,
      { ...asking, decide: [decision("ask", shown), decision("go")] },
      () => ({ ...approved, plan: { direction: "failback" }, lossBoundSeconds: 900, decidedAt: 8 }),
    );
    expect(last(ran, "decide")).toMatchObject({
      approval: { ...approved, plan: asked, lossBoundSeconds: 59, decidedAt: 7 },
    });
  });

  test("says that the bound was shown as unknown", async () => {
    const shown = { lossBound: { seconds: null }, decidedAt: 7 };
    const decide = [decision("ask", shown), decision("go")];
    const ran = await run(text, automatic, { ...asking, decide }, () => approved);
    expect(last(ran, "decide")).toMatchObject({ approval: { lossBoundSeconds: null } });
  });

  test("waives what it names beside what earlier ones of the run named", async () => {
    const answers = [["loss-unknown"], ["cooldown", "loss-unknown"]];
    const ran = await run(
      text,
      automatic,
      {
        ...outage,
        "gather-evidence": [{}, {}, {}],
        decide: [decision("ask"), decision("ask"), decision("go")],
        "request-approval": [{}, {}],
      },
      () => ({ approved: true, by: "alice", waives: answers.shift() ?? [] }),
    );
    expect(path(ran).at(-1)).toBe("Switched");
    expect(ran.calls.decide?.[1]).toMatchObject({ approval: { waives: ["loss-unknown"] } });
    expect(last(ran, "decide")).toMatchObject({
      approval: { approved: true, by: "alice", waives: ["loss-unknown", "cooldown"] },
    });
  });

  test("that nobody gives within its time means no", async () => {
    const ran = await run(text, automatic, { ...asking, "record-outcome": [outcome("x")] });
    expect(path(ran).slice(-3)).toEqual(["AwaitApproval", "RecordOutcome", "NotApproved"]);
    expect(ran.seconds).toBe(900);
    expect(ran.calls["request-approval"]).toHaveLength(1);
  });

  test("that is refused ends the run, with who refused it", async () => {
    const rejected = { approved: false, by: "bob", reason: "maintenance", waives: [] };
    const ran = await run(text, automatic, asking, () => rejected);
    expect(path(ran).at(-1)).toBe("NotApproved");
    expect(last(ran, "record-outcome")).toMatchObject({ why: "Rejected by bob: maintenance" });
  });

  test("is not asked for where a question is open already", async () => {
    const open = { ...asking, "request-approval": [new Failure("ApprovalNotAsked")] };
    const ran = await run(text, automatic, open);
    expect(path(ran).slice(-3)).toEqual(["AwaitApproval", "RecordOutcome", "Held"]);
  });

  test("is asked for three times at most", async () => {
    const ran = await run(
      text,
      automatic,
      {
        "gather-evidence": [{}, {}, {}, {}],
        decide: [1, 2, 3, 4].map(() => decision("ask")),
        "request-approval": [{}, {}, {}],
        "record-outcome": [outcome("not-approved")],
      },
      () => approved,
    );
    expect(path(ran).at(-1)).toBe("NotApproved");
    expect(last(ran, "record-outcome")).toMatchObject({
      why: "3 approvals did not waive every reason",
    });
  });
});

describe("a take-over", () => {
  const takeOver = { intent: "take-over" };

  test("of a promoted switch has only levers and record left", async () => {
    const ran = await run(text, automatic, {
      ...outage,
      decide: [decision("go", takeOver)],
      "claim-epoch": [claim("automatic", { ...takeOver, next: "levers", promoted: true })],
    });
    expect(path(ran).slice(4)).toEqual([
      "Claimed",
      "ShiftTraffic",
      "VerifyShift",
      "Verified",
      "RecordOutcome",
      "Switched",
    ]);
    expect(last(ran, "claim-epoch")).toMatchObject({ intent: "take-over" });
  });

  test("that must restore goes the way of an undo, without a second claim", async () => {
    const ran = await run(text, automatic, {
      ...outage,
      decide: [decision("go", takeOver)],
      "claim-epoch": [claim("planned", { ...takeOver, next: "restore" })],
      "shift-traffic": [restored],
      "record-outcome": [outcome("undone")],
    });
    expect(path(ran).slice(4)).toEqual([
      "Claimed",
      "RestoreLevers",
      "TargetWasPromoted",
      "PromoteSource",
      "RecordOutcome",
      "SwitchUndone",
    ]);
  });
});

describe("a fault", () => {
  test("that is transient is tried again, and leaves no trace in the outcome", async () => {
    const ran = await run(text, automatic, {
      ...outage,
      "gather-evidence": [new Failure("TransientFault"), new Failure("Sandbox.Timedout"), {}],
    });
    expect(path(ran).at(-1)).toBe("Switched");
  });

  test("of an invariant is never tried again, touches nothing more, and fails the run", async () => {
    const ran = await run(
      text,
      { mode: "planned", requestedBy: "alice" },
      {
        ...planned,
        "promote-target": [new Failure("InvariantViolated")],
        "record-outcome": [outcome("failed")],
      },
    );
    expect(ran.ending).toMatchObject({ status: "FAILED", error: "SwitchFailed" });
    expect(path(ran).slice(-3)).toEqual(["PromoteTarget", "RecordOutcome", "SwitchFailed"]);
  });

  test("of the record itself fails the run by its name", async () => {
    const ran = await run(text, automatic, {
      ...outage,
      "record-outcome": [new Failure("InputRefused")],
    });
    expect(ran.ending).toMatchObject({ status: "FAILED", error: "SwitchFailed" });
    expect(JSON.stringify(ran.ending)).toContain("InputRefused");
  });

  test("of verification leaves the switch made, and says that it was not seen", async () => {
    const unseen = { verified: false, answers: [] };
    const ran = await run(text, automatic, {
      ...outage,
      "verify-shift": Array.from({ length: 12 }, () => unseen),
    });
    expect(path(ran).at(-1)).toBe("Switched");
    expect(last(ran, "record-outcome")).toMatchObject({
      why: "us-west-2 is to serve; the public name was not seen to answer from there",
    });
  });
});
