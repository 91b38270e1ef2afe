// Freezing and dying, as Lambda does it to a container: between invocations nothing runs in it, so
// timers that come due and answers that arrive wait for the next one; in a dead one nothing ever
// runs again. Everything that enters a container from outside passes its gate.

export class Gate {
  #state: "running" | "frozen" | "dead" = "running";
  readonly #waiting: (() => void)[] = [];

  get isDead(): boolean {
    return this.#state === "dead";
  }

  /** Runs now, after the next thaw, or never. */
  deliver(run: () => void): void {
    if (this.#state === "running") run();
    else if (this.#state === "frozen") this.#waiting.push(run);
  }

  /** The promise as the container sees it. */
  hold<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      promise.then(
        (value) => this.deliver(() => resolve(value)),
        (fault) => this.deliver(() => reject(fault)),
      );
    });
  }

  freeze(): void {
    if (this.#state === "running") this.#state = "frozen";
  }

  thaw(): void {
    if (this.#state !== "frozen") return;
    this.#state = "running";
    for (const run of this.#waiting.splice(0)) run();
  }

  kill(): void {
    this.#state = "dead";
    this.#waiting.length = 0;
  }
}
