// How far each Region's clocks are off. The lab's own clock is true time; what a Region's code
// reads as the date is that plus the Region's offset. Only dates: a monotonic clock has no zero to
// be wrong about, and never jumps.
import type { Region } from "../core/config/schema.ts";
import type { Clock, RegionTimes } from "./kernel.ts";

export class RegionClocks implements RegionTimes {
  readonly #clock: Pick<Clock, "now">;
  readonly #offsets = new Map<Region, number>();

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  now(region: Region): number {
    return this.#clock.now() + this.offset(region);
  }

  offset(region: Region): number {
    return this.#offsets.get(region) ?? 0;
  }

  /** Faults of one Region add up. Answers how to take this one away. */
  skew(region: Region, milliseconds: number): () => void {
    const add = (more: number) => void this.#offsets.set(region, this.offset(region) + more);
    add(milliseconds);
    return () => add(-milliseconds);
  }
}
