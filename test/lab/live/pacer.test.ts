import { expect, test } from "vitest";
import { Pacer } from "../../../lab/live/pacer.ts";

/** Real time goes on by the ticks that the pacer waits, and by `cost` real ms a virtual second. */
function world(cost = 0) {
  const behind: number[] = [];
  const state = { real: 0, virtual: 500, ahead: false };
  let ticks = 0;
  const ports = {
    clock: {
      now: () => state.virtual,
      runUntil: async (instant: number) => {
        state.real += ((instant - state.virtual) / 1000) * cost;
        state.virtual = instant;
      },
    },
    realNow: () => state.real,
    later: (run: () => void, milliseconds: number) => {
      state.real += milliseconds;
      ticks += 1;
      run();
    },
    onBehind: (seconds: number) => behind.push(seconds),
  };
  return { ports, state, behind, ticks: () => ticks };
}

async function runFor(pacer: Pacer, { ports, state }: ReturnType<typeof world>, until: number) {
  const { runUntil } = ports.clock;
  ports.clock.runUntil = async (instant) => {
    await runUntil(instant);
    if (state.real >= until) pacer.stop();
  };
  await pacer.run();
}

test("virtual time follows real time by the speed, and never runs ahead", async () => {
  const lab = world();
  const pacer = new Pacer(lab.ports, 10);
  await runFor(pacer, lab, 1000);
  expect(lab.state.real).toBe(1000);
  expect(lab.state.virtual).toBe(10_500);
  expect(lab.behind).toEqual([]);
});

test("a new speed counts from now on", async () => {
  const lab = world();
  const pacer = new Pacer(lab.ports, 10);
  lab.state.real = 100;
  pacer.speed = 1;
  await runFor(pacer, lab, 1100);
  expect(lab.state.virtual).toBe(1500);
});

test("what a slow machine can't run in time is dropped, and said", async () => {
  const lab = world(200);
  const pacer = new Pacer(lab.ports, 10);
  await runFor(pacer, lab, 10_000);
  expect(lab.behind.length).toBeGreaterThan(0);
  expect(lab.behind[0]).toBeGreaterThanOrEqual(20);
  expect(lab.state.virtual).toBeLessThan(60_000);
});

test("a speed of nothing, or of no machine, is refused", () => {
  const lab = world();
  expect(() => new Pacer(lab.ports, 0)).toThrow(RangeError);
  expect(() => new Pacer(lab.ports, Number.NaN)).toThrow(RangeError);
  expect(() => new Pacer(lab.ports, 10_001)).toThrow("at most 10000");
});
