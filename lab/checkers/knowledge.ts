// What each serving Region's replica of the control table has shown, and since when. With eventual
// coordination a Region learns of a claim when it has replicated; whoever is cut off does not.
import type { Config, Region } from "../../core/config/schema.ts";

/** What a write gate may take to shut after its replica showed a claim, and a second in flight. */
const gateMilliseconds = (config: Config) =>
  (config.writeLeaseSeconds + config.writeDeadlineSeconds + 1) * 1000;

export class Knowledge {
  readonly #config: Config;
  /** By Region: each epoch's first showing, ms since 1970. */
  readonly #shown = new Map<Region, Map<number, number>>();

  constructor(config: Config) {
    this.#config = config;
  }

  shows(region: Region, epoch: number, at: number): void {
    const epochs = this.#shown.get(region) ?? new Map<number, number>();
    this.#shown.set(region, epochs);
    if (!epochs.has(epoch)) epochs.set(epoch, at);
  }

  /** At that time the Region could not know of that epoch or a later one, or had learned of it too
   * short a time ago for its gates to be shut. Never with strong coordination. */
  isCutOff(region: Region, epoch: number, at: number): boolean {
    if (this.#config.coordination === "strong") return false;
    const learned = [...(this.#shown.get(region) ?? [])]
      .filter(([shown]) => shown >= epoch)
      .map(([, since]) => since);
    return learned.every((since) => at <= since + gateMilliseconds(this.#config));
  }

  /** The newest epoch that some replica shows. */
  newest(): number {
    return Math.max(0, ...[...this.#shown.values()].flatMap((epochs) => [...epochs.keys()]));
  }
}
