// The same machine where any Region writes: nobody is fenced, drained or promoted.
import { expect, test } from "vitest";
import { type Answers, definitionText, Failure, type Ran, run, template } from "./machine.ts";

const text = definitionText(template());
const request = { mode: "planned", requestedBy: "alice", direction: "failover" };

const claim = (difference = {}) => ({
  claimed: true,
  epoch: 2,
  plan: {
    ...{ direction: "failover", mode: "planned", source: "us-east-1", target: "us-west-2" },
    ...{ before: ["us-east-1", "us-west-2"], after: ["us-west-2"] },
  },
  ...{ intent: "switch", next: "levers", promotes: false, promoted: false },
  ...difference,
});
const undo = claim({ intent: "undo", next: "restore", epoch: 3 });
const shifted = { shifted: true, answered: true, latched: true, accepted: true, vouchedAt: 5 };
const missed = { ...shifted, shifted: false, answered: false, latched: false, vouchedAt: null };

const drain: Answers = {
  "gather-evidence": [{ at: 1 }],
  decide: [
    {
      ...{ kind: "go", sentences: ["An operator asked for it."], intent: "switch" },
      ...{ dryRun: false, vouchedAt: 4, waived: [] },
    },
  ],
  "claim-epoch": [claim()],
  "shift-traffic": [shifted],
  "verify-shift": [{ verified: true, answers: [] }],
  "record-outcome": [{ outcome: "switched", sentence: "As it was." }],
};
const undone = { "record-outcome": [{ outcome: "undone", sentence: "As it was." }] };

const path = (ran: Ran) =>
  ran.states.filter((name) => !/^(Begin|Ended$|\w+(Done|Pause)$)/.test(name));
const told = (ran: Ran) => ran.calls["record-outcome"]?.at(-1);

test("A drain goes from the claim to its levers, is verified, and recorded", async () => {
  const ran = await run(text, request, drain);
  expect(path(ran).slice(3)).toEqual([
    ...["ClaimEpoch", "Claimed", "ShiftTraffic", "VerifyShift", "Verified"],
    ...["RecordOutcome", "Switched"],
  ]);
  expect(ran.seconds).toBe(0);
  expect(told(ran)).toMatchObject({ promotion: null, shift: shifted });
});

test("Levers that were pulled will take effect, though the name servers were not seen to follow", async () => {
  const latched = { ...shifted, shifted: false, answered: false };
  const ran = await run(text, request, { ...drain, "shift-traffic": Array(5).fill(latched) });
  expect(path(ran).at(-1)).toBe("Switched");
});

test("A drain whose levers were not accepted is undone without promoting anybody", async () => {
  const ran = await run(text, request, {
    ...drain,
    ...undone,
    "claim-epoch": [claim(), undo],
    "shift-traffic": [...Array(5).fill(missed), shifted],
  });
  expect(path(ran).slice(-6)).toEqual([
    ...["UndoClaim", "UndoClaimed", "RestoreLevers", "TargetWasPromoted"],
    ...["RecordOutcome", "SwitchUndone"],
  ]);
  expect(ran.states).not.toContain("PromoteSource");
  expect(told(ran)).toMatchObject({
    outcome: "undone",
    why: "Levers were not accepted, and DNS does not answer exactly us-west-2",
  });
});

test("A take-over that restores puts the levers back, and records", async () => {
  const ran = await run(text, request, {
    ...drain,
    ...undone,
    "claim-epoch": [claim({ intent: "take-over", next: "restore" })],
  });
  expect(path(ran).slice(4)).toEqual([
    ...["Claimed", "RestoreLevers", "TargetWasPromoted", "RecordOutcome", "SwitchUndone"],
  ]);
});

test("Levers that can't be put back are left to the next run", async () => {
  const gone = [1, 2, 3, 4].map(() => new Failure("TransientFault"));
  const ran = await run(text, request, {
    ...drain,
    "claim-epoch": [claim(), undo],
    "shift-traffic": [...gone, ...Array(5).fill(missed)],
    "record-outcome": [{ outcome: "failed", sentence: "As it was." }],
  });
  expect(path(ran).at(-1)).toBe("SwitchFailed");
  expect(told(ran)).toMatchObject({
    outcome: "failed",
    why: "Levers could not be put back; the next run takes over",
  });
});

test("An operator's wish to abort is heeded before the levers, and in each of their rounds", async () => {
  const ran = await run(text, request, {
    ...drain,
    ...undone,
    "claim-epoch": [claim(), undo],
    "shift-traffic": [missed, new Failure("SwitchAborted"), shifted],
  });
  expect(path(ran).slice(5)).toEqual([
    ...["ShiftTraffic", "ShiftTraffic", "UndoClaim", "UndoClaimed", "RestoreLevers"],
    ...["TargetWasPromoted", "RecordOutcome", "SwitchUndone"],
  ]);
  expect(told(ran)).toMatchObject({
    outcome: "undone",
    why: "SwitchAborted: shift-traffic failed",
  });
});
