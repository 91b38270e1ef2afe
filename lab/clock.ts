// Virtual time for the whole process: one queue of events, fired one by one. Between two events
// the loop waits until everything that the last one started has settled, so that at most one chain
// of real-async work runs at a time and two runs interleave alike. Dates come from fake-timers;
// timers are our own, because fake-timers has no fractions and would need its nextAsync, which
// yields through a real 1 ms timer for each event.
import FakeTimers from "@sinonjs/fake-timers";
import { EventQueue } from "./event-queue.ts";
import { timersOn } from "./global-timers.ts";
import type { Clock } from "./kernel.ts";

export interface LabClock extends Clock {
  /** Events fired so far. */
  readonly fired: number;
  /** Gives the process its own Date and timers back. */
  uninstall(): void;
}

/** Takes over Date, setTimeout and setInterval of this process (setImmediate, nextTick and
 * performance stay real). `zero`: ms since 1970 of the instant that scenarios call 0s;
 * `warmUpMilliseconds`: how much earlier the clock starts. */
export function installClock(options: { zero: number; warmUpMilliseconds?: number }): LabClock {
  return new VirtualClock(options.zero, options.zero - (options.warmUpMilliseconds ?? 0));
}

// Taken before anything can replace it.
const nextTurn = setImmediate;
const turnsTogether = 32;

class VirtualClock implements LabClock {
  readonly zero: number;
  readonly #queue = new EventQueue();
  readonly #fakeDate: { now: number; uninstall(): void };
  readonly #ownTimers = { setTimeout, clearTimeout, setInterval, clearInterval };
  #now: number;
  #pending = 0;
  /** Grows with everything that happens: a turn that leaves it alone brought nothing new. */
  #activity = 0;
  #fired = 0;
  #running = false;

  constructor(zero: number, now: number) {
    this.zero = zero;
    this.#now = now;
    this.#fakeDate = FakeTimers.install({ now: Math.floor(now), toFake: ["Date"] });
    Object.assign(globalThis, timersOn(this));
  }

  get fired(): number {
    return this.#fired;
  }

  now(): number {
    return this.#now;
  }

  seconds(): number {
    return (this.#now - this.zero) / 1000;
  }

  after(milliseconds: number, run: () => void): () => void {
    this.#activity += 1;
    const event = this.#queue.plan(this.#now + Math.max(0, milliseconds), run);
    return () => {
      event.run = null;
    };
  }

  sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(milliseconds, resolve);
    });
  }

  track<T>(operation: Promise<T>): Promise<T> {
    this.#pending += 1;
    this.#activity += 1;
    return operation.finally(() => {
      this.#pending -= 1;
      this.#activity += 1;
    });
  }

  async runUntil(instant: number): Promise<void> {
    if (this.#running) throw new Error("the clock is running already");
    this.#running = true;
    try {
      await new Promise<void>((resolve, reject) => this.#loop(instant, resolve, reject));
      this.#moveTo(Math.max(instant, this.#now));
    } finally {
      this.#running = false;
    }
  }

  uninstall(): void {
    this.#fakeDate.uninstall();
    Object.assign(globalThis, this.#ownTimers);
  }

  /** Two turns an event: the first lets the event's own promises run, the second proves that
   * nothing came after them. Callbacks, not await: the loop is most of the lab's overhead. Node
   * runs promises after each callback of a batch, but asks for input and output once a batch. */
  #loop(instant: number, done: () => void, failed: (fault: unknown) => void): void {
    let seen = -1;
    let isOver = false;
    const end = (settle: () => void) => {
      isOver = true;
      settle();
    };
    const turn = () => {
      if (isOver) return;
      if (this.#pending > 0 || this.#activity !== seen) {
        seen = this.#activity;
        return;
      }
      const event = this.#queue.peek();
      if (event === null || event.at > instant) return end(done);
      try {
        this.#fire();
      } catch (fault) {
        return end(() => failed(fault));
      }
      seen = -1;
    };
    const batch = () => {
      if (isOver) return;
      for (let planned = 0; planned < turnsTogether; planned += 1) nextTurn(turn);
      nextTurn(batch);
    };
    batch();
  }

  #fire(): void {
    const event = this.#queue.take();
    if (event === null || event.run === null) return;
    this.#moveTo(event.at);
    this.#fired += 1;
    this.#activity += 1;
    const run = event.run;
    event.run = null;
    run();
  }

  #moveTo(instant: number): void {
    this.#now = instant;
    this.#fakeDate.now = Math.floor(instant);
  }
}
