// What a Region's code stamped, as true time: the log says by how much each Region's clocks were
// off and since when. A time that was stamped just before they were set again is off by that once.
import type { Region } from "../../core/config/schema.ts";
import type { RunOutcome } from "../../core/contracts/steps.ts";
import type { LabEvent } from "../kernel.ts";

/** As of the event of the log that was taken last. */
export class ClockOffsets {
  readonly #milliseconds = new Map<Region, number>();

  take({ kind, region, detail }: LabEvent): void {
    if (kind === "clocks-set" && region !== null) {
      this.#milliseconds.set(region, Number(detail.milliseconds));
    }
  }

  get differ(): boolean {
    return [...this.#milliseconds.values()].some((milliseconds) => milliseconds !== 0);
  }

  /** ms that its clocks are fast. */
  of(region: Region): number {
    return this.#milliseconds.get(region) ?? 0;
  }

  /** `at`: ms since 1970 on that Region's clock; null stays null. */
  trueTime<T extends number | null>(at: T, region: Region): T extends null ? null : number;
  trueTime(at: number | null, region: Region): number | null {
    return at === null ? null : at - this.of(region);
  }
}

/** What came of a run, whose functions stamped their Region's time. When its signal was seen is by
 * the clock of whoever saw it, and stays. */
export function inTrueTime(outcome: RunOutcome, clocks: ClockOffsets, arn: string): RunOutcome {
  const region = regionOfArn(arn);
  return {
    ...outcome,
    decidedAt: clocks.trueTime(outcome.decidedAt, region),
    claimedAt: clocks.trueTime(outcome.claimedAt, region),
    shiftedAt: clocks.trueTime(outcome.shiftedAt, region),
  };
}

/** Of an execution or a state machine. */
export const regionOfArn = (arn: string): Region => arn.split(":")[3] ?? "";
