// Invariants 4 and 5: at the instant when a switch's target first accepts a customer's write, which
// acknowledged writes can't be read there, and was that stated before? Asks the replicas' data
// itself, since that is what a customer would read.
import type { Config, Region } from "../../core/config/schema.ts";
import type { LossBound } from "../../core/contracts/steps.ts";
import { boundedLoss, plannedLosesNothing } from "../../core/invariants.ts";
import type { AcknowledgedWrite } from "../clients/history.ts";
import type { InvariantBook } from "./book.ts";
import type { Knowledge } from "./knowledge.ts";
import type { Observations } from "./observations.ts";
import { holdsWrite, type ReadAll, type Written, writtenIn, writtenKey } from "./written.ts";

export interface LossPorts {
  readonly config: Config;
  readonly readAll: ReadAll;
  acknowledged(): readonly AcknowledgedWrite[];
  readonly knowledge: Pick<Knowledge, "isCutOff">;
}

/** A target's first accepted write, and which writes could be read there at that instant. */
interface Takeover {
  readonly source: Region;
  readonly epoch: number;
  readonly readable: Written;
  readonly written: Written;
  /** How many were missing when it was last judged. */
  missing: number;
}

export class LossCheck {
  readonly #ports: LossPorts;
  readonly #book: InvariantBook;
  readonly #takeovers: Takeover[] = [];
  #writer: Region | null = null;

  constructor(ports: LossPorts, book: InvariantBook) {
    this.#ports = ports;
    this.#book = book;
  }

  /** Told of the first write of each Region and epoch. */
  firstWrite(write: { region: Region; epoch: number; at: number }, seen: Observations): void {
    const source = this.#writer;
    this.#writer = write.region;
    if (source === null || source === write.region) return;
    const { config, readAll } = this.#ports;
    const takeover = {
      source,
      epoch: write.epoch,
      readable: writtenIn(config, readAll, write.region),
      written: writtenIn(config, readAll, source),
      missing: 0,
    };
    this.#takeovers.push(takeover);
    this.#judge(takeover, seen, true);
  }

  /** Once more at the end: an acknowledgement may have been on its way to its client. */
  finish(seen: Observations): void {
    for (const takeover of this.#takeovers) this.#judge(takeover, seen, false);
  }

  #judge(takeover: Takeover, seen: Observations, isFirst: boolean): void {
    const missing = this.#missing(takeover, seen);
    if (!isFirst && missing.length === takeover.missing) return;
    takeover.missing = missing.length;
    const claim = seen.claims.findLast(({ epoch }) => epoch <= takeover.epoch);
    const mode = claim?.plan.mode ?? "automatic";
    const keys = missing.map(({ key }) => key);
    this.#book.record("planned-loses-nothing", plannedLosesNothing({ mode, missing: keys }));
    const { window, agreedToUnknown } = statedFor(seen, takeover.epoch);
    const { coordination } = this.#ports.config;
    this.#book.record(
      "bounded-loss",
      boundedLoss({ missing, window, agreedToUnknown, coordination }),
    );
  }

  #missing({ source, epoch, readable, written }: Takeover, { clocks }: Observations) {
    return this.#ports.acknowledged().flatMap((write) => {
      // Events wait in their Region's queue, and are judged by event-effects.ts.
      if (write.kind === "event") return [];
      const later = write.epoch !== null && write.epoch >= epoch;
      if (write.region !== source || later || holdsWrite(readable, write)) return [];
      const acknowledgedAt = written.at.get(writtenKey(write)) ?? write.at + clocks.of(source);
      const cutOff = this.#ports.knowledge.isCutOff(source, epoch, acknowledgedAt);
      return [{ key: write.id, acknowledgedAt, cutOff }];
    });
  }
}

/** What the switch stated, and what was agreed to. A take-over may know less than the run that it
 * takes over from: what was stated first holds, since from then on the source wrote nothing. Where
 * that run died before it could state anything, the take-over's word is the first, and no earlier
 * switch's. Where a claim could read no heartbeat any more, what it was decided on was its word. */
function statedFor(seen: Observations, epoch: number) {
  const since = seen.switchEpochs.findLast((one) => one <= epoch) ?? 0;
  const claims = seen.claims.filter((claim) => claim.epoch >= since && claim.epoch <= epoch);
  const own = claims.slice(
    Math.max(
      0,
      claims.findLastIndex(({ intent }) => intent === "switch"),
    ),
  );
  const windows = own.flatMap(
    ({ lossBound, decided }) => windowOf(lossBound) ?? windowOf(decided) ?? [],
  );
  const waived = own.flatMap((claim) => claim.waived);
  const agreedToUnknown = waived.some((code) => code.startsWith("loss-"));
  return { window: windows[0] ?? null, agreedToUnknown };
}

function windowOf({ stopBound = null, seconds = null }: Partial<LossBound> = {}) {
  if (stopBound === null || seconds === null) return null;
  return { from: stopBound - seconds * 1000, to: stopBound };
}
