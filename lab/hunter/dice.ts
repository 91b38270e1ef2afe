// The hunter's chances: one stream of its own beside the lab's, so that what a drill draws while
// it runs never depends on what was drawn for it.
import { createRandom } from "../random.ts";

export class Dice {
  readonly #next: () => number;

  constructor(seed: number) {
    const random = createRandom(seed);
    this.#next = () => random.next("hunter");
  }

  chance(share: number): boolean {
    return this.#next() < share;
  }

  pick<T>(list: readonly T[]): T {
    const picked = list[Math.floor(this.#next() * list.length)];
    if (picked === undefined) throw new Error("nothing to pick from");
    return picked;
  }

  /** By weight; at least one weight is positive. */
  weighted<T>(list: readonly (readonly [T, number])[]): T {
    let left = this.#next() * list.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [item, weight] of list) {
      left -= weight;
      if (left < 0) return item;
    }
    throw new Error("nothing to pick from");
  }

  /** Both ends included. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.#next() * (high - low + 1));
  }

  share(): number {
    return this.#next();
  }
}
