// Timers of one Region's Step Functions. While the Region is down nothing fires; what came due in
// the meantime fires when it is back, in its order. (AWS documents no such thing: an assumption
// that keeps absolute deadlines, so that a task's timeout is noticed late and never missed.)
import type { Clock } from "../../kernel.ts";

interface Timer {
  /** Null once cancelled or fired. */
  run: (() => void) | null;
}

export class HeldTimers {
  readonly #clock: Pick<Clock, "after">;
  readonly #overdue: Timer[] = [];
  #held = false;

  constructor(clock: Pick<Clock, "after">) {
    this.#clock = clock;
  }

  after(milliseconds: number, run: () => void): () => void {
    const timer: Timer = { run };
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
    timer.run = null;
    run?.();
  }
}
