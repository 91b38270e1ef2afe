// The count of every invariant: how often it was checked, how often it was violated, and in which
// words. A violation goes into the log, so that the story shows when.
import { type InvariantName, invariantNames, type Verdict } from "../../core/invariants.ts";
import type { EventLog } from "../kernel.ts";

export interface InvariantCount {
  readonly name: InvariantName;
  readonly checked: number;
  readonly violated: number;
}

export class InvariantBook {
  readonly #log: Pick<EventLog, "emit">;
  readonly #checked = new Map<InvariantName, number>();
  readonly #violations = new Map<InvariantName, string[]>();

  constructor(log: Pick<EventLog, "emit">) {
    this.#log = log;
  }

  record(name: InvariantName, verdict: Verdict): void {
    this.#checked.set(name, (this.#checked.get(name) ?? 0) + 1);
    if (verdict === null) return;
    const known = this.#violations.get(name) ?? [];
    // A state that stays wrong is one violation, not one an event.
    if (known.at(-1) === verdict) return;
    this.#violations.set(name, [...known, verdict]);
    this.#log.emit("invariant-violated", null, { name, sentence: verdict });
  }

  counts(): InvariantCount[] {
    return invariantNames.map((name) => ({
      name,
      checked: this.#checked.get(name) ?? 0,
      violated: this.#violations.get(name)?.length ?? 0,
    }));
  }

  /** One sentence a violation. */
  sentences(): string[] {
    return [...this.#violations].flatMap(([name, sentences]) =>
      sentences.map((sentence) => `Invariant ${name}: ${sentence}`),
    );
  }
}
