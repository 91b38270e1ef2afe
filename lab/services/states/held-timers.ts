// Timers of one Region's Step Functions. While the Region is down, or its Step Functions alone,
// nothing fires; what came due in the meantime fires when it is back, in its order. (AWS documents
// no such thing: an assumption that keeps absolute deadlines, so that a task's timeout is noticed
// late and never missed.)
import { delayOf, stops } from "../../faults/hindrances.ts";
import type { Clock, Hindrance } from "../../kernel.ts";

/** A step that Step Functions itself can't take is tried again so soon. AWS says nothing of it. */
const tryAgainMilliseconds = 1000;

interface Timer {
  /** Null once cancelled or fired. */
  run: (() => void) | null;
  /** A slow service has delayed it already. */
  isDelayed: boolean;
}

export class HeldTimers {
  readonly #clock: Pick<Clock, "after">;
  readonly #trouble: () => Hindrance | null;
  readonly #overdue: Timer[] = [];
  #held = false;

  /** `trouble`: the fault that the next step meets. */
  constructor(clock: Pick<Clock, "after">, trouble: () => Hindrance | null) {
    this.#clock = clock;
    this.#trouble = trouble;
  }

  after(milliseconds: number, run: () => void): () => void {
    const timer: Timer = { run, isDelayed: false };
    const cancel = this.#clock.after(milliseconds, () => this.#due(timer));
    return () => {
      timer.run = null;
      cancel();
    };
  }

  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
    for (const timer of this.#overdue.splice(0)) this.#clock.after(0, () => this.#due(timer));
  }

  #due(timer: Timer): void {
    if (this.#held) {
      this.#overdue.push(timer);
      return;
    }
    const { run } = timer;
    if (run === null) return;
    const wait = this.#hindrance(timer);
    if (wait > 0) {
      this.#clock.after(wait, () => this.#due(timer));
      return;
    }
    timer.run = null;
    run();
  }

  /** ms until the step is tried again; 0: it is taken. */
  #hindrance(timer: Timer): number {
    const fault = this.#trouble();
    if (stops(fault)) return tryAgainMilliseconds;
    if (timer.isDelayed) return 0;
    timer.isDelayed = true;
    return delayOf(fault);
  }
}
