import { describe, expect, it } from "vitest";
import { type Duty, type Pace, workUntil } from "../../../functions/watch/minute.ts";

/** Time that moves only when somebody sleeps; sleepers wake in order. */
function clockAt(start: number) {
  let now = start;
  const sleepers: { at: number; wake: () => void }[] = [];
  const sleep = (milliseconds: number) =>
    new Promise<void>((wake) => {
      sleepers.push({ at: now + milliseconds, wake });
    });
  async function run(work: Promise<void>): Promise<void> {
    let isOver = false;
    const over = work.then(() => {
      isOver = true;
    });
    while (!isOver) {
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
      if (isOver) break;
      sleepers.sort((a, b) => a.at - b.at);
      const next = sleepers.shift();
      if (next === undefined) throw new Error("Nobody sleeps, and the work is not over.");
      now = Math.max(now, next.at);
      next.wake();
    }
    return over;
  }
  return { now: () => now, sleep, run };
}

async function minute(start: number, until: number, duty: Partial<Duty>, pace: Pace = new Map()) {
  const clock = clockAt(start);
  const begun: number[] = [];
  const said: string[] = [];
  const duties: Duty[] = [
    {
      name: "look",
      everySeconds: 10,
      needsSeconds: 6,
      run: async () => undefined,
      ...duty,
    },
  ].map((each) => ({
    ...each,
    run: () => {
      begun.push(clock.now());
      return each.run();
    },
  }));
  const say = (sentence: string) => void said.push(sentence);
  await clock.run(workUntil(until, duties, pace, { now: clock.now, sleep: clock.sleep, say }));
  return { begun, said, ended: clock.now(), pace };
}

describe("the minute of a watch", () => {
  it("begins at once, then keeps to the clock, and ends when nothing is left", async () => {
    const { begun, ended } = await minute(600_300, 657_300, {});
    expect(begun).toEqual([600_300, 610_000, 620_000, 630_000, 640_000, 650_000]);
    expect(ended).toBe(650_000);
  });

  it("does not begin what it can't finish", async () => {
    const { begun } = await minute(600_300, 655_900, {});
    expect(begun).toEqual([600_300, 610_000, 620_000, 630_000, 640_000]);
  });

  it("keeps the pace of the invocation before", async () => {
    const pace = new Map([["look", 656_000]]);
    const { begun } = await minute(660_300, 685_000, {}, pace);
    expect(begun).toEqual([670_000]);
  });

  it("never waits for a duty that takes long, and abandons it in the end", async () => {
    const never = () => new Promise<void>(() => undefined);
    const { begun, ended } = await minute(600_000, 657_000, { run: never });
    expect(begun).toHaveLength(6);
    expect(ended).toBe(657_000);
  });

  it("says what failed, and goes on", async () => {
    const { begun, said } = await minute(600_000, 620_000, {
      needsSeconds: 1,
      run: async () => {
        throw new Error("no route");
      },
    });
    expect(begun).toHaveLength(2);
    expect(said).toEqual(["look failed: Error: no route", "look failed: Error: no route"]);
  });
});
