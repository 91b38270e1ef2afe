import { describe, expect, test } from "vitest";
import type { RoutingState } from "../../../core/contracts/routing-state.ts";
import { decide } from "../../../core/decide.ts";
import { initialState, promoted } from "../../../core/plan.ts";
import { planOf } from "../../../core/plan-for.ts";
import { type OutcomeInput, outcomeOf } from "../../../functions/record-outcome/outcome-of.ts";
import {
  type OutcomePorts,
  recordOutcome,
} from "../../../functions/record-outcome/record-outcome.ts";
import { config, now, world } from "../../core/world.ts";
import { claimedState, claimOn, executionArn, pageDoor, routingDoor, run, told } from "../fakes.ts";

const steady = initialState(config, now - 86_400_000);
const claimedBy = claimedState(config);
const switched = promoted(config, claimedBy, { executionArn, now, destination: "us-west-2" });
const request = { mode: "automatic", requestedBy: "signal:watch", signal: "watch" } as const;
const decision = decide({ request, evidence: world(), approval: null }, config, now - 12_000);

const done: OutcomeInput = {
  ...{ run, request, decision, verification: null },
  outcome: "switched",
  why: "us-west-2 serves",
  claim: claimOn(claimedBy),
  promotion: { writer: "us-west-2", promotedAt: now - 2_000 },
  drain: null,
  shift: {
    shifted: true,
    answered: true,
    latched: true,
    accepted: true,
    stood: false,
    levers: { switch: "effective", drain: "effective" },
    dnsAnswers: ["us-west-2"],
    vouchedAt: null,
    shiftedAt: now - 4_000,
    route53Calls: 2,
    detail: "",
  },
};
const held: OutcomeInput = {
  ...done,
  ...{ outcome: "held", why: "Too few votes.", claim: null, promotion: null, shift: null },
  decision: { ...decision, kind: "hold", page: true, blockedBy: ["target-failing"] },
};

function portsOf(state: RoutingState, pages = pageDoor(), deaf = false) {
  const { events, ledger, readLedger, notes } = told();
  const control = Object.assign(routingDoor(state, events), pages);
  const sent: string[] = [];
  const archived: string[] = [];
  const measured: Record<string, number | null>[] = [];
  const ports: OutcomePorts = {
    control,
    ledger,
    readLedger,
    approvals: { lapse: async (arn) => void events.push(`lapse ${arn}`) },
    notifications: {
      async send(_arn, { subject }) {
        if (deaf) throw new Error("SNS is away");
        sent.push(subject);
      },
    },
    measure: (measures) => measured.push({ ...measures }),
    archive: async (execution) => void archived.push(execution),
    log: { info: () => undefined, warn: () => undefined, error: () => events.push("logged") },
    now: () => now,
  };
  return { ports, events, control, notes, sent, measured, archived };
}

let runs = 0;
/** The same, of a run of its own. */
function ofNextRun(input: OutcomeInput): OutcomeInput {
  runs += 1;
  return { ...input, run: { ...run, executionArn: `${executionArn}${runs}` } };
}

test("A switch that was made: ledger, then steady and unleased, then people and numbers", async () => {
  const { ports, events, control, sent, measured } = portsOf(switched);
  const outcome = await recordOutcome(ports, config, done);
  expect(outcome).toMatchObject({
    outcome: "switched",
    sentence: "Done: automatic failover from us-east-1 to us-west-2. us-west-2 serves.",
    epoch: 2,
    lossBoundSeconds: 18,
    writePauseSeconds: 8,
    signalAt: now - 30_000,
    shiftedAt: now - 4_000,
  });
  expect(events).toEqual(["ledger outcome", "read routing", "write routing"]);
  expect(control.state).toMatchObject({ phase: "steady", lease: null, plan: null, epoch: 2 });
  expect(sent).toEqual(["orders: switched: failover from us-east-1 to us-west-2"]);
  expect(measured[0]).toMatchObject({
    SignalToShiftSeconds: 26,
    RunSeconds: 30,
    WritePauseSeconds: 8,
  });
});

test("After the way back from a promoted target nothing is lost only if it was drained", () => {
  const plan = planOf(config, "failover", "planned");
  const undone = (next: "restore" | "fence", promoted: boolean, drained: boolean | null) => {
    const claim = { ...claimOn(claimedBy, { next, promoted, intent: "undo" }), plan };
    const drain =
      drained === null ? null : { drained, missing: drained ? 0 : 2, checked: 9, detail: "" };
    return outcomeOf({ ...done, outcome: "undone", claim, drain }, now).lossBoundSeconds;
  };
  expect(undone("restore", true, true)).toBe(0);
  expect(undone("restore", true, false)).toBe(null);
  expect(undone("restore", true, null)).toBe(null);
  // The target never wrote.
  expect(undone("restore", false, null)).toBe(0);
  expect(undone("fence", false, true)).toBe(0);
});

test("The signal's own time counts where it is known", async () => {
  const { ports, measured } = portsOf(switched);
  const signalled = { ...request, signalAt: now - 40_000 };
  const outcome = await recordOutcome(ports, config, { ...done, request: signalled });
  expect(outcome.signalAt).toBe(now - 40_000);
  expect(measured[0]).toMatchObject({ SignalToShiftSeconds: 36, RunSeconds: 30 });
});

test("Recorded already: the repetition changes nothing and fails nothing", async () => {
  const recorded = { ...switched, phase: "steady" as const, plan: null, lease: null };
  const { ports, control } = portsOf(recorded);
  await recordOutcome(ports, config, done);
  expect(control.state).toEqual(recorded);
});

test("A switch that another run has taken over is not recorded as this one's", async () => {
  const taken = { ...switched, epoch: 3, lease: { executionArn: "arn:other", until: now } };
  const { ports } = portsOf(taken);
  await expect(recordOutcome(ports, config, done)).rejects.toMatchObject({ name: "EpochLost" });
});

test("A hold writes no routing state and pages once, until it says something else", async () => {
  const { ports, control, events, sent } = portsOf(steady);
  await recordOutcome(ports, config, ofNextRun(held));
  await recordOutcome(ports, config, ofNextRun(held));
  expect(control.state).toEqual(steady);
  expect(events.filter((e) => e === "write routing")).toEqual([]);
  expect(sent).toEqual(["orders: held: failover from us-east-1 to us-west-2"]);
  const other = { ...decision, kind: "hold" as const, page: true, blockedBy: ["cooldown"] };
  await recordOutcome(ports, config, ofNextRun({ ...held, decision: other }));
  expect(sent).toHaveLength(2);
});

test("A hold that stands for hours pages once; one that comes back after a quiet while pages again", async () => {
  const pages = pageDoor();
  const { ports, sent } = portsOf(steady, pages);
  const minutes = (count: number) => ({ ...ports, now: () => now + count * 60_000 });
  for (let minute = 0; minute < 120; minute += 10) {
    await recordOutcome(minutes(minute), config, ofNextRun(held));
  }
  expect(sent).toHaveLength(1);
  await recordOutcome(minutes(126), config, ofNextRun(held));
  expect(sent).toHaveLength(2);
});

test("Where both Regions serve, a hold about one pages beside the same hold about the other", async () => {
  const { ports, sent } = portsOf(steady);
  const { plan } = decision;
  if (plan === null) throw new Error("the decision has a plan");
  const peer = { ...plan, source: plan.target, target: plan.source };
  const mirrored = { ...held, decision: { ...decision, ...held.decision, plan: peer } };
  for (const each of [held, mirrored, held, mirrored])
    await recordOutcome(ports, config, ofNextRun(each));
  expect(sent).toEqual([
    "orders: held: failover from us-east-1 to us-west-2",
    "orders: held: failover from us-west-2 to us-east-1",
  ]);
});

test("A hold that needs nobody is silent, and makes the next page news", async () => {
  const { ports, sent } = portsOf(steady);
  await recordOutcome(ports, config, ofNextRun(held));
  await recordOutcome(
    ports,
    config,
    ofNextRun({ ...held, decision: { ...decision, page: false } }),
  );
  expect(sent).toHaveLength(1);
  await recordOutcome(ports, config, ofNextRun(held));
  expect(sent).toHaveLength(2);
});

test("A question that was not asked, since another is open, pages nobody", async () => {
  const { ports, sent } = portsOf(steady);
  const ask = { ...decision, kind: "ask" as const, page: true, blockedBy: ["automation-asks"] };
  await recordOutcome(ports, config, ofNextRun({ ...held, decision: ask }));
  expect(sent).toEqual([]);
});

test("A failure half-way cuts the lease short, so that the next run takes over soon", async () => {
  const { ports, control, sent } = portsOf(claimedBy);
  await recordOutcome(ports, config, { ...done, outcome: "failed", promotion: null, shift: null });
  expect(control.state).toMatchObject({ phase: "switching", lease: { until: now + 10_000 } });
  expect(sent).toEqual(["orders: failed: failover from us-east-1 to us-west-2"]);
});

test("A failure that repeats pages once, and again when it fails for another reason", async () => {
  const { ports, sent } = portsOf(claimedBy);
  const failed = { ...done, outcome: "failed" as const, promotion: null, shift: null };
  await recordOutcome(ports, config, ofNextRun(failed));
  await recordOutcome(ports, config, ofNextRun(failed));
  expect(sent).toHaveLength(1);
  await recordOutcome(ports, config, ofNextRun({ ...failed, why: "The drain could not be read." }));
  expect(sent).toHaveLength(2);
});

test("A page that could not be sent is sent by the next run", async () => {
  const pages = pageDoor();
  const { ports } = portsOf(steady, pages, true);
  await recordOutcome(ports, config, ofNextRun(held));
  expect(await pages.readPage("us-east-1")).toBeNull();
  const later = portsOf(steady, pages);
  await recordOutcome(later.ports, config, ofNextRun(held));
  expect(later.sent).toEqual(["orders: held: failover from us-east-1 to us-west-2"]);
});

test("What nobody answered lapses", async () => {
  const { ports, events } = portsOf(steady);
  await recordOutcome(ports, config, { ...held, outcome: "not-approved" });
  expect(events).toContain(`lapse ${executionArn}`);
});

test("A message that is lost leaves the switch made", async () => {
  const { ports, control, events } = portsOf(switched, pageDoor(), true);
  expect((await recordOutcome(ports, config, done)).outcome).toBe("switched");
  expect(control.state.phase).toBe("steady");
  expect(events.at(-1)).toBe("logged");
});

test("What was recorded is archived last; an archive that fails leaves the switch made", async () => {
  const { ports, archived } = portsOf(switched);
  await recordOutcome(ports, config, done);
  expect(archived).toEqual([executionArn]);
  const later = portsOf(switched);
  const failing = { ...later.ports, archive: () => Promise.reject(new Error("S3 is away")) };
  expect((await recordOutcome(failing, config, done)).outcome).toBe("switched");
  expect(later.events.at(-1)).toBe("logged");
});

test("Dry runs and superseded runs tell nobody and claim nothing", async () => {
  const { ports, control, sent } = portsOf(steady);
  await recordOutcome(ports, config, { ...held, outcome: "dry-run" });
  await recordOutcome(ports, config, { ...held, outcome: "superseded" });
  expect(sent).toEqual([]);
  expect(control.state).toEqual(steady);
});

test("A shift that only the verification saw is dated by it; one that nobody saw is not", async () => {
  const shift = { ...(done.shift ?? unplannedShift()), shiftedAt: null };
  const verified = { verified: true, answers: [] };
  const outcomeWith = (verification: typeof verified | null) =>
    recordOutcome(portsOf(switched).ports, config, { ...done, shift, verification });
  expect(await outcomeWith(verified)).toMatchObject({ shiftedAt: now });
  expect(await outcomeWith({ ...verified, verified: false })).toMatchObject({ shiftedAt: null });
  expect(await outcomeWith(null)).toMatchObject({ shiftedAt: null });
});

function unplannedShift(): never {
  throw new Error("the switch that was made has a shift");
}

type Effect = "ledger" | "routing" | "page" | "note of the page" | "archive" | "nothing";

/** One attempt whose process dies right after that effect: what it would do next never happens. */
async function attemptThatDies(after: Effect, ports: OutcomePorts, input: OutcomeInput) {
  let death = () => {};
  const died = new Promise<void>((resolve) => {
    death = resolve;
  });
  const then = async <T>(effect: Effect, result: Promise<T>): Promise<T> => {
    const done = await result;
    if (effect !== after) return done;
    death();
    return new Promise(() => {});
  };
  const { control, ledger, notifications } = ports;
  const mortal: OutcomePorts = {
    ...ports,
    control: {
      ...control,
      readRouting: () => control.readRouting(),
      writeRouting: (...given) => then("routing", control.writeRouting(...given)),
      putPage: (...given) => then("note of the page", control.putPage(...given)),
    },
    ledger: { append: (note) => then("ledger", ledger.append(note)) },
    notifications: { send: (...given) => then("page", notifications.send(...given)) },
    archive: (execution) => then("archive", ports.archive(execution)),
  };
  await Promise.race([died, recordOutcome(mortal, config, input)]);
}

describe("An attempt that dies", () => {
  test.each(["ledger", "routing", "note of the page", "archive", "nothing"] as const)(
    "after %s is repeated without a second record, page or number",
    async (effect) => {
      const { ports, control, notes, sent, measured } = portsOf(switched);
      await attemptThatDies(effect, ports, done);
      const later = { ...ports, now: () => now + 3_000 };
      const outcome = await recordOutcome(later, config, done);
      expect(outcome).toMatchObject({ outcome: "switched", completedAt: now });
      expect(notes.map(({ kind }) => kind)).toEqual(["outcome"]);
      expect(control.state).toMatchObject({ phase: "steady", lease: null, epoch: 2 });
      expect(sent).toEqual(["orders: switched: failover from us-east-1 to us-west-2"]);
      expect(measured).toHaveLength(effect === "ledger" ? 0 : 1);
    },
  );

  test("between the topic's answer and the note of it pages again, rather than perhaps never", async () => {
    const { ports, notes, sent } = portsOf(switched);
    await attemptThatDies("page", ports, done);
    await recordOutcome(ports, config, done);
    await recordOutcome(ports, config, done);
    expect(notes).toHaveLength(1);
    expect(sent).toHaveLength(2);
  });

  test("does not keep a run that is redriven from saying that it failed for another cause", async () => {
    const { ports, notes, sent } = portsOf(claimedBy);
    const failed = { ...done, outcome: "failed" as const, promotion: null, shift: null };
    await recordOutcome(ports, config, { ...failed, why: "The drain hung." });
    await recordOutcome(ports, config, { ...failed, why: "The levers hung." });
    expect(notes.map(({ sentence }) => sentence.split("over. ")[1])).toEqual([
      "The drain hung.",
      "The levers hung.",
    ]);
    expect(sent).toHaveLength(2);
  });
});
