// setTimeout and setInterval of this process on the lab's clock, for code that does not know the
// lab: the AWS SDK's retries, dynalite. Delays are cut to whole milliseconds and at least 1, as
// Node does it.
import type { Clock } from "./kernel.ts";

type Callback = (...args: unknown[]) => void;

/** What Node's setTimeout returns, as far as libraries use it. */
export class LabTimer {
  readonly #clock: Pick<Clock, "after">;
  readonly #milliseconds: number;
  readonly #repeats: boolean;
  readonly #run: () => void;
  #cancel: (() => void) | null = null;

  constructor(clock: Pick<Clock, "after">, run: () => void, delay: unknown, repeats: boolean) {
    this.#clock = clock;
    this.#run = run;
    this.#milliseconds = wholeDelay(delay);
    this.#repeats = repeats;
    this.refresh();
  }

  refresh(): this {
    this.#cancel?.();
    this.#cancel = this.#clock.after(this.#milliseconds, () => {
      this.#cancel = null;
      if (this.#repeats) this.refresh();
      this.#run();
    });
    return this;
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return true;
  }
}

/** 2^31 - 1 is where Node falls back to 1 ms. */
function wholeDelay(delay: unknown): number {
  const whole = Math.trunc(Number(delay));
  return whole >= 1 && whole <= 2 ** 31 - 1 ? whole : 1;
}

/** The four functions, on that clock. */
export function timersOn(clock: Pick<Clock, "after">) {
  const start =
    (repeats: boolean) =>
    (run: Callback, delay?: unknown, ...args: unknown[]): LabTimer =>
      new LabTimer(clock, () => run(...args), delay, repeats);
  const stop = (timer?: unknown): void => {
    if (timer instanceof LabTimer) timer.close();
  };
  return {
    setTimeout: start(false),
    clearTimeout: stop,
    setInterval: start(true),
    clearInterval: stop,
  };
}
