// Holds divergence reports against what the lab knows and no controller can: over which version
// each customer's write was really made, in the Region where it was made. When a report is complete
// it must name every write that a client was acknowledged and the last writer discarded, and every
// item whose last writer was fenced, and no other. A write that nobody was acknowledged may be
// named: it may have been made.
import { z } from "zod";
import type { Config, Region } from "../../core/config/schema.ts";
import {
  type Divergence,
  type DivergentItem,
  divergencePageSchema,
  divergenceSchema,
} from "../../core/contracts/divergence.ts";
import { controlKeys, type Stamp, stampSchema } from "../../core/contracts/records.ts";
import { fencedOnSourceClock } from "../../core/divergence.ts";
import { controlTableName, groupOf } from "../../core/names.ts";
import type { AcknowledgedWrite } from "../clients/history.ts";
import type { TableWrite } from "../services/dynamodb/dynamodb.ts";
import { isCustomers, type ReadAll } from "./written.ts";

export interface DivergenceCheckPorts {
  readonly config: Config;
  readonly readAll: ReadAll;
  acknowledged(): readonly AcknowledgedWrite[];
}

/** One version of an item, and over which one it was written. */
interface Made {
  readonly stamp: Stamp;
  /** Virtual ms since 1970; the stamp's time is by the writer's clock. */
  readonly at: number;
  readonly over: string | null;
}

interface Lineage {
  /** By version. */
  readonly made: Map<string, Made>;
  /** By Region: what its replica holds. */
  readonly holds: Map<Region, string>;
}

/** Versions. The report can only go by clocks, which may be off: so who was fenced must be named
 * where both the writer's clock and the lab's say so, and may be where one of them does. */
interface Truth {
  readonly fenced: ReadonlySet<string>;
  readonly maybeFenced: ReadonlySet<string>;
  readonly discarded: ReadonlySet<string>;
}

type Write = Pick<TableWrite, "table" | "key" | "region" | "at" | "by" | "stored">;

const reportItem = divergenceSchema.extend({ pk: z.string() });

export class DivergenceCheck {
  readonly #ports: DivergenceCheckPorts;
  /** By table and key. */
  readonly #lineages = new Map<string, Lineage>();
  readonly #sentences: string[] = [];
  /** What was so at each step of a report, by epoch. */
  readonly #seen = new Map<number, Truth[]>();
  readonly #judged = new Set<number>();
  readonly #named = new Set<string>();

  constructor(ports: DivergenceCheckPorts) {
    this.#ports = ports;
  }

  /** Reports that were held against what happened. */
  get judged(): number {
    return this.#judged.size;
  }

  /** Of any table, in any Region, replicated or not. */
  written(write: Write): void {
    if (write.table === controlTableName(this.#ports.config)) this.#reported(write);
    else if (isCustomers(this.#ports.config, write)) this.#customers(write);
  }

  /** At the end: what was discarded, and that no report names although all are complete. */
  finish(): string[] {
    const { config } = this.#ports;
    if (config.writes === "any-region" || config.drain === "heartbeats") return this.#sentences;
    const reports = this.#reports();
    if (reports.some(({ status }) => status !== "listed")) return this.#sentences;
    const acknowledged = this.#acknowledged();
    const silent = [...this.#lineages.values()]
      .flatMap(discardedOf)
      .filter((version) => acknowledged.has(version) && !this.#named.has(version));
    return [
      ...this.#sentences,
      ...silent.map((v) => `${v} was discarded, and no report names it.`),
    ];
  }

  #customers({ table, key, region, at, by, stored }: Write): void {
    const stamp = stampSchema.safeParse(stored()).data;
    if (stamp === undefined) return;
    const name = JSON.stringify([table, key]);
    const lineage: Lineage = this.#lineages.get(name) ?? { made: new Map(), holds: new Map() };
    this.#lineages.set(name, lineage);
    const { version } = stamp;
    if (by !== "replication") {
      lineage.made.set(version, { stamp, at, over: lineage.holds.get(region) ?? null });
    }
    lineage.holds.set(region, version);
  }

  /** Between its first comparison and its completion customers write on: what was so all the time
   * must be named, what was so at some time may be. */
  #reported({ region, stored }: Write): void {
    const report = reportItem.safeParse(stored()).data;
    if (report?.pk !== controlKeys.divergence(groupOf(this.#ports.config), 0).pk) return;
    if (report.through === null || this.#judged.has(report.epoch)) return;
    const now = this.#truthOf(report);
    const before = report.compared === 0 ? [] : (this.#seen.get(report.epoch) ?? []);
    this.#seen.set(report.epoch, [...before, now]);
    if (report.status !== "listed") return;
    this.#judged.add(report.epoch);
    this.#judge(report, this.#itemsOf(report, region));
  }

  #truthOf(report: Divergence): Truth {
    const lineages = [...this.#lineages.values()];
    return {
      fenced: new Set(lineages.flatMap((lineage) => fencedOf(lineage, report, Math.min))),
      maybeFenced: new Set(lineages.flatMap((lineage) => fencedOf(lineage, report, Math.max))),
      discarded: new Set(lineages.flatMap(discardedOf)),
    };
  }

  #judge({ epoch }: Divergence, items: readonly DivergentItem[]): void {
    const acknowledged = this.#acknowledged();
    const named = {
      fenced: new Set(items.filter((one) => one.fenced).map(({ stands }) => stands.version)),
      discarded: new Set(items.flatMap((one) => one.discarded.map(({ version }) => version))),
    };
    for (const version of named.discarded) this.#named.add(version);
    const seen = this.#seen.get(epoch) ?? [];
    const say = (what: string) => this.#sentences.push(`The report of epoch ${epoch}: ${what}`);
    for (const kind of ["fenced", "discarded"] as const) {
      const counts = (version: string) => kind === "fenced" || acknowledged.has(version);
      const [first, ...later] = seen.map((truth) => truth[kind]);
      const must = [...(first ?? [])].filter((one) => later.every((truth) => truth.has(one)));
      for (const version of must.filter((one) => counts(one) && !named[kind].has(one))) {
        say(`${version} is ${kind}, and not named.`);
      }
      const wide = kind === "fenced" ? "maybeFenced" : kind;
      const may = new Set(seen.flatMap((truth) => [...truth[wide]]));
      for (const version of [...named[kind]].filter((one) => counts(one) && !may.has(one))) {
        say(`${version} is named as ${kind}, and is not.`);
      }
    }
  }

  #acknowledged(): Set<string> {
    return new Set(this.#ports.acknowledged().flatMap(({ version }) => version ?? []));
  }

  #reports(): Divergence[] {
    const { config, readAll } = this.#ports;
    const { pk } = controlKeys.divergence(groupOf(config), 0);
    return readAll(controlTableName(config), config.regions.secondary)
      .filter((item) => item.pk === pk)
      .map((item) => divergenceSchema.parse(item));
  }

  #itemsOf({ epoch }: Divergence, region: Region): DivergentItem[] {
    const { config, readAll } = this.#ports;
    const { pk } = controlKeys.divergencePage(groupOf(config), epoch, 0);
    return readAll(controlTableName(config), region)
      .filter((item) => item.pk === pk)
      .flatMap((item) => divergencePageSchema.parse(item).items);
  }
}

/** Versions that nothing was written over, and that no replica holds. */
function discardedOf({ made, holds }: Lineage): string[] {
  const over = new Set([...made.values()].map((one) => one.over));
  const held = new Set(holds.values());
  return [...made.keys()].filter((version) => !over.has(version) && !held.has(version));
}

function fencedOf(
  { made, holds }: Lineage,
  report: Divergence,
  of: (...late: number[]) => number,
): string[] {
  const { epoch, source, target, fencedAt } = report;
  const stands = holds.get(target) ?? "";
  const one = made.get(stands);
  if (one === undefined || one.stamp.writerRegion !== source) return [];
  const { writerEpoch, writtenAt } = one.stamp;
  const late = of(writtenAt - fencedOnSourceClock(report), one.at - fencedAt);
  return writerEpoch < epoch && late >= 0 ? [stands] : [];
}
