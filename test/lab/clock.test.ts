import { afterEach, describe, expect, it } from "vitest";
import { installClock, type LabClock } from "../../lab/clock.ts";

const zero = Date.UTC(2026, 0, 15, 9, 0, 0);
let clock: LabClock;
const start = (warmUpMilliseconds = 0) => {
  clock = installClock({ zero, warmUpMilliseconds });
  return clock;
};
afterEach(() => clock.uninstall());

describe("the lab's clock", () => {
  it("fires events by time, and those of one instant in the order they were planned", async () => {
    start();
    const seen: string[] = [];
    clock.after(2, () => seen.push("second"));
    clock.after(1.5, () => seen.push("fraction"));
    clock.after(2, () => seen.push("third"));
    clock.after(1.4, () => seen.push("first"));
    await clock.runUntil(zero + 10);
    expect(seen).toEqual(["first", "fraction", "second", "third"]);
    expect(clock.now()).toBe(zero + 10);
  });

  it("counts seconds from 0s, negative while the lab warms up", async () => {
    start(5000);
    expect(clock.seconds()).toBe(-5);
    await clock.runUntil(zero + 1500);
    expect(clock.seconds()).toBe(1.5);
  });

  it("puts Date and the global timers on virtual time", async () => {
    start();
    const seen: number[] = [];
    const interval = setInterval(() => seen.push(Date.now() - zero), 40);
    setTimeout(() => clearInterval(interval), 100);
    const cleared = setTimeout(() => seen.push(-1), 50);
    clearTimeout(cleared);
    await clock.runUntil(zero + 1000);
    expect(seen).toEqual([40, 80]);
    expect(new Date().toISOString()).toBe("2026-01-15T09:00:01.000Z");
  });

  it("stands still until what an event started in real time has settled", async () => {
    start();
    const seen: string[] = [];
    clock.after(1, () => {
      void clock.track(turns(20)).then(() => seen.push(`settled at ${clock.now() - zero}`));
    });
    clock.after(2, () => seen.push("next"));
    await clock.runUntil(zero + 10);
    expect(seen).toEqual(["settled at 1", "next"]);
  });

  it("does not fire what was cancelled, nor what lies behind the instant", async () => {
    start();
    const seen: string[] = [];
    const cancel = clock.after(1, () => seen.push("cancelled"));
    cancel();
    clock.after(11, () => seen.push("later"));
    await clock.runUntil(zero + 10);
    expect(seen).toEqual([]);
    await clock.runUntil(zero + 11);
    expect(seen).toEqual(["later"]);
  });

  it("reports what an event throws to whoever runs the clock", async () => {
    start();
    clock.after(1, () => {
      throw new Error("broken part");
    });
    await expect(clock.runUntil(zero + 10)).rejects.toThrow("broken part");
  });

  it("gives the process its own time back", () => {
    const before = setTimeout;
    start();
    expect(setTimeout).not.toBe(before);
    clock.uninstall();
    expect(setTimeout).toBe(before);
    expect(Date.now()).not.toBe(zero);
  });
});

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((done) => setImmediate(done));
}
