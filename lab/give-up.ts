// How whoever waits on the lab's network stops waiting: lost packets never settle, so every caller
// brings its own deadline. Clients and health checkers share this one.
import type { Clock } from "./kernel.ts";

export type Waited<T> =
  | { readonly outcome: "answered"; readonly value: T }
  | { readonly outcome: "refused" }
  | { readonly outcome: "gave-up" };

/** Settles with the first of: the answer, its rejection, or so many virtual ms. Never rejects. */
export function within<T>(
  clock: Pick<Clock, "after">,
  milliseconds: number,
  operation: Promise<T>,
): Promise<Waited<T>> {
  return new Promise((resolve) => {
    const cancel = clock.after(milliseconds, () => resolve({ outcome: "gave-up" }));
    const settle = (waited: Waited<T>) => {
      cancel();
      resolve(waited);
    };
    operation.then(
      (value) => settle({ outcome: "answered", value }),
      () => settle({ outcome: "refused" }),
    );
  });
}
