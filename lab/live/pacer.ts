// Lets virtual time pass as real time does, times the speed. Virtual time never runs ahead; where
// the machine can't keep up, what is missing is dropped and said, so that a lab that was slow for a
// moment doesn't race through the minutes after it. Real time is performance.now(): the process's
// Date and timers are the lab's.
import type { Clock } from "../kernel.ts";

export interface PacerPorts {
  readonly clock: Pick<Clock, "now" | "runUntil">;
  /** Real ms, monotonic. */
  readonly realNow: () => number;
  /** Runs it so many real ms later. */
  readonly later: (run: () => void, milliseconds: number) => void;
  /** So many virtual seconds of the last moment could not be run in time. */
  readonly onBehind: (virtualSeconds: number) => void;
}

/** Between two looks at the real time. */
const tickMilliseconds = 20;
/** Real ms that the lab may be late before it gives up on catching up. */
const patienceMilliseconds = 2_000;
/** Virtual ms at a stretch: requests from outside get their turn, and a stop is heeded. */
const strideMilliseconds = 1_000;

export class Pacer {
  readonly #ports: PacerPorts;
  #speed: number;
  #anchor: { readonly real: number; readonly virtual: number };
  #stopped = false;

  constructor(ports: PacerPorts, speed: number) {
    this.#ports = ports;
    this.#speed = checked(speed);
    this.#anchor = { real: ports.realNow(), virtual: ports.clock.now() };
  }

  get speed(): number {
    return this.#speed;
  }

  set speed(speed: number) {
    const virtual = this.#ports.clock.now();
    this.#speed = checked(speed);
    this.#anchor = { real: this.#ports.realNow(), virtual };
  }

  /** Resolves once stopped; rejects with what broke in the lab. */
  async run(): Promise<void> {
    const { clock, later } = this.#ports;
    while (!this.#stopped) {
      this.#giveUpWhereBehind();
      const due = this.#due();
      if (due > clock.now()) {
        await clock.runUntil(Math.min(due, clock.now() + strideMilliseconds));
      }
      if (this.#stopped || this.#due() - clock.now() > strideMilliseconds) continue;
      await new Promise<void>((resolve) => later(resolve, tickMilliseconds));
    }
  }

  stop(): void {
    this.#stopped = true;
  }

  /** The virtual instant that real time has reached. */
  #due(): number {
    const { real, virtual } = this.#anchor;
    return virtual + (this.#ports.realNow() - real) * this.#speed;
  }

  #giveUpWhereBehind(): void {
    const { clock, realNow, onBehind } = this.#ports;
    const behind = this.#due() - clock.now();
    if (behind < patienceMilliseconds * this.#speed) return;
    this.#anchor = { real: realNow(), virtual: clock.now() };
    onBehind(behind / 1000);
  }
}

/** Faster than any machine; a speed of 0 would be a pause that nobody asked for. */
const speedMax = 10_000;

function checked(speed: number): number {
  if (speed > 0 && speed <= speedMax) return speed;
  throw new RangeError(`the speed must be more than 0 and at most ${speedMax}`);
}
