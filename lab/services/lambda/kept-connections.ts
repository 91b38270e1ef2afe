// node:https' Agent with keepAlive, as far as functions use it: which address a host's idle
// connections lead to. A connection is taken by one request at a time and given back with its
// answer. None breaks by itself: one to a Region that died is as silent as a new one, and one to a
// Region that came back works, where a real one would be reset.
export class KeptConnections {
  readonly #idle = new Map<string, string[]>();

  constructor({ keepAlive }: { readonly keepAlive?: boolean } = {}) {
    if (keepAlive !== true) throw new Error("The lab models agents with keepAlive alone.");
  }

  /** Null: none is idle. */
  take(host: string): string | null {
    return this.#idle.get(host)?.pop() ?? null;
  }

  keep(host: string, address: string): void {
    const idle = this.#idle.get(host) ?? [];
    this.#idle.set(host, [...idle, address]);
  }

  destroy(): void {
    this.#idle.clear();
  }
}
