// Events: exactly once in effect. Each acknowledged one has one item with what was sent, nobody
// writes an item twice in a Region, and none is overwritten with another content. None of the ten
// invariants, which are about switching: an event that waits in a dead Region's queue breaks no
// promise. So its absence counts only after everything has been well for long enough.
import { isDeepStrictEqual } from "node:util";
import type { Config, Region } from "../../core/config/schema.ts";
import {
  type NewEvent,
  newEventSchema,
  queuedEventSchema,
  storedEventSchema,
} from "../../core/contracts/events.ts";
import { applicationKeys } from "../../core/contracts/records.ts";
import { applicationTableName, servingRegions } from "../../core/names.ts";
import type { AcknowledgedWrite } from "../clients/history.ts";
import type { EventLog } from "../kernel.ts";

export interface EventEffectPorts {
  readonly config: Config;
  readonly log: Pick<EventLog, "on">;
  /** Items of a replica, as plain values. */
  readAll(table: string, region: Region): readonly { readonly [name: string]: unknown }[];
  acknowledged(): readonly AcknowledgedWrite[];
  /** Bodies of the messages in the Region's dead-letter queue. */
  deadLetters(region: Region): readonly string[];
}

/** A write of the application table, as it was applied in a Region. */
export interface EventWrite {
  readonly region: Region;
  readonly by: string;
  item(): unknown;
}

/** Five deliveries, a visibility timeout of at most some minutes apart, and replication. */
const settledMilliseconds = 15 * 60_000;
/** Sentences of one kind: the first ones say enough. */
const sentencesMax = 5;

export class EventEffects {
  readonly #ports: EventEffectPorts;
  readonly #faults = new Set<string>();
  readonly #inserted = new Set<string>();
  readonly #contents = new Map<string, NewEvent>();
  readonly #sentences = new Set<string>();
  /** ms since 1970 of the last heal; null: none yet. */
  #healedAt: number | null = null;

  constructor(ports: EventEffectPorts) {
    this.#ports = ports;
    ports.log.on(({ kind, at, detail }) => {
      if (kind === "fault") this.#faults.add(String(detail.id));
      if (kind === "heal" && this.#faults.delete(String(detail.id))) this.#healedAt = at;
    });
  }

  /** Told of each write of an event's item, replication included. */
  written({ region, by, item }: EventWrite): void {
    const found = contentOf(item());
    if (found === null) return;
    const place = `${region} ${found.id}`;
    const isOwn = by !== "replication";
    if (isOwn && this.#inserted.has(place)) {
      this.#sentences.add(`Event ${found.id} was written twice in ${region}.`);
    }
    if (isOwn) this.#inserted.add(place);
    const first = this.#contents.get(found.id);
    this.#contents.set(found.id, first ?? found);
    if (first !== undefined && !isDeepStrictEqual(first, found)) {
      this.#sentences.add(`Event ${found.id} was overwritten with another content in ${region}.`);
    }
  }

  /** What went wrong; `now`: the end of the drill, ms since 1970. */
  sentences(now: number): string[] {
    const wrong = this.#ports.acknowledged().flatMap(({ event }) => {
      const found = event && this.#contents.get(event.id);
      if (event === undefined || found === undefined || isDeepStrictEqual(event, found)) return [];
      return [`Event ${event.id} is not in the table as it was sent.`];
    });
    return [...this.#sentences, ...this.#lost(now), ...wrong].slice(0, sentencesMax);
  }

  /** Ids in dead-letter queues: an outage of the table alone outlasted their deliveries. Nothing is
   * lost, an alarm has paged, and an operator puts them back. */
  #kept(): Set<string> {
    const { config, deadLetters } = this.#ports;
    return new Set(servingRegions(config).flatMap(deadLetters).flatMap(eventIdIn));
  }

  #lost(now: number): string[] {
    if (this.#faults.size > 0) return [];
    const wellSince = this.#healedAt ?? Number.NEGATIVE_INFINITY;
    const kept = this.#kept();
    const due = this.#ports
      .acknowledged()
      .filter(
        ({ kind, at, id }) =>
          kind === "event" && Math.max(at, wellSince) + settledMilliseconds <= now && !kept.has(id),
      );
    if (due.length === 0) return [];
    const { config } = this.#ports;
    const table = applicationTableName(config);
    return servingRegions(config).flatMap((region) => {
      const keys = new Set(this.#ports.readAll(table, region).map(({ pk }) => pk));
      const missing = due.filter(({ id }) => !keys.has(applicationKeys.event(id).pk));
      if (missing.length === 0) return [];
      const [first] = missing;
      return [
        `${missing.length} acknowledged events have no effect in ${region}, though all was well ` +
          `for 15 minutes: ${first?.id ?? ""} is one.`,
      ];
    });
  }
}

function eventIdIn(body: string): string[] {
  try {
    const queued = queuedEventSchema.safeParse(JSON.parse(body)).data;
    return queued === undefined ? [] : [queued.detail.id];
  } catch {
    return [];
  }
}

const contentSchema = storedEventSchema.pick({ id: true, type: true, data: true });

/** Null: deleted, or no event's item. */
function contentOf(item: unknown): NewEvent | null {
  return newEventSchema.safeParse(contentSchema.safeParse(item).data).data ?? null;
}
