import { expect, test } from "vitest";
import type { Divergence } from "../../../core/contracts/divergence.ts";
import type { RoutingState } from "../../../core/contracts/routing-state.ts";
import { promoteTarget } from "../../../functions/promote-target/promote-target.ts";
import { config, now } from "../../core/world.ts";
import {
  abortDoor,
  claimedState,
  claimOn,
  markDoor,
  routingDoor,
  run,
  told,
  wish,
} from "../fakes.ts";

const state = claimedState(config);
const released = { switch: "released", drain: "released" } as const;
const mark = { source: "us-east-1", epoch: 1, at: now - 90_000 };

/** The control table's part, and the divergence reports that were opened. */
function doors(routing: RoutingState, events: string[] = []) {
  const reports: Divergence[] = [];
  const divergences = {
    async create(report: Divergence) {
      events.push("report");
      reports.push(report);
      return reports.length === 1;
    },
  };
  const control = { ...routingDoor(routing, events), ...markDoor(mark) };
  return { control, divergences, reports, now: () => now };
}

test("The target becomes active and writer, after the ledger said so", async () => {
  const { events, ledger } = told();
  const ports = doors(state, events);
  const input = { run, claim: claimOn(state) };
  const promotion = await promoteTarget({ ...ports, ledger }, config, input);
  const { control } = ports;
  expect(promotion).toEqual({ writer: "us-west-2", promotedAt: now });
  expect([control.state.active, control.state.writer]).toEqual(["us-west-2", "us-west-2"]);
  expect(events.slice(-3)).toEqual(["report", "ledger promote", "write routing"]);
});

test("A repetition finds it done and writes no second entry", async () => {
  const { ledger, notes } = told();
  const ports = { ...doors(state), ledger };
  const input = { run, claim: claimOn(state) };
  await promoteTarget(ports, config, input);
  await promoteTarget({ ...ports, now: () => now + 1 }, config, input);
  expect(notes.map(({ kind }) => kind)).toEqual(["promote"]);
});

test("Who lost the epoch promotes nobody", async () => {
  const { ledger, notes } = told();
  const ports = doors({ ...state, epoch: 3 });
  const input = { run, claim: claimOn(state) };
  const late = promoteTarget({ ...ports, ledger }, config, input);
  await expect(late).rejects.toMatchObject({ name: "EpochLost" });
  expect(notes).toEqual([]);
});

test("A step without a granted claim is a defect", async () => {
  const { ledger } = told();
  const input = { run, claim: { claimed: false, why: "lost", again: false } as const };
  const ports = { ...doors(state), ledger };
  await expect(promoteTarget(ports, config, input)).rejects.toMatchObject({ name: "InputRefused" });
});

test("Where nothing was drained a divergence report is opened, from the mark as it is then", async () => {
  const { ledger } = told();
  const ports = doors(state);
  await promoteTarget({ ...ports, ledger }, config, { run, claim: claimOn(state) });
  expect(ports.reports).toMatchObject([
    {
      epoch: 2,
      mode: "automatic",
      source: "us-east-1",
      target: "us-west-2",
      fencedAt: now - 10_000,
      promotedAt: now,
      mark: { epoch: 1, at: now - 90_000 },
      window: { from: now - 18_000, to: now },
      status: "waiting",
      detail: "Its items are compared once us-east-1 answers.",
      items: 0,
      acknowledged: null,
    },
  ]);
});

test("Without a journal the report says at once that nothing can be listed", async () => {
  const { ledger } = told();
  const ports = doors(state);
  const heartbeats = { ...config, drain: "heartbeats" } as const;
  await promoteTarget({ ...ports, ledger }, heartbeats, { run, claim: claimOn(state) });
  expect(ports.reports).toMatchObject([
    { status: "unlistable", detail: expect.stringMatching(/no journal is kept/) },
  ]);
});

test("A planned switch, drained, opens none; nor does an undo of what was never promoted", async () => {
  const planned = claimedState(config, "planned");
  const undone = { ...state, levers: { "us-east-1": released } };
  for (const [routing, difference] of [
    [planned, {}],
    [undone, { next: "restore", intent: "undo" }],
  ] as const) {
    const { ledger } = told();
    const ports = doors(routing);
    const input = { run, claim: claimOn(routing, difference) };
    await promoteTarget({ ...ports, ledger }, config, input);
    expect(ports.reports).toEqual([]);
  }
});

test("An undo of a promoted switch opens one the other way round", async () => {
  const { ledger } = told();
  const ports = doors({ ...state, levers: { "us-east-1": released } });
  const claim = claimOn(state, { next: "restore", intent: "undo", promoted: true });
  await promoteTarget({ ...ports, ledger }, config, { run, claim });
  expect(ports.reports).toMatchObject([{ source: "us-west-2", target: "us-east-1" }]);
});

test("An operator's wish to abort is heeded before the promotion, in the ledger first", async () => {
  const { ledger, notes } = told();
  const ports = doors(state);
  const control = { ...ports.control, ...abortDoor(wish) };
  const input = { run, claim: claimOn(state) };
  await expect(promoteTarget({ ...ports, control, ledger }, config, input)).rejects.toMatchObject({
    name: "SwitchAborted",
    message: "arn:aws:iam::123456789012:user/alice asked to abort: customers call.",
  });
  expect(notes).toMatchObject([{ kind: "abort", epoch: 2, detail: { by: wish.by } }]);
  expect([control.state.writer, ports.reports]).toEqual([null, []]);
});

test("After the promotion, and while it is undone, a wish to abort changes nothing", async () => {
  const { ledger, notes } = told();
  const late = doors({ ...state, active: "us-west-2", writer: "us-west-2" });
  const lateControl = { ...late.control, ...abortDoor(wish) };
  const input = { run, claim: claimOn(state) };
  await promoteTarget({ ...late, control: lateControl, ledger }, config, input);
  const undoing = doors({ ...state, levers: { "us-east-1": released } });
  const control = { ...undoing.control, ...abortDoor(wish) };
  const claim = claimOn(state, { next: "restore", intent: "undo" });
  await promoteTarget({ ...undoing, control, ledger }, config, { run, claim });
  expect(control.state.writer).toBe("us-east-1");
  expect(notes.map(({ kind }) => kind)).toEqual(["promote"]);
});
