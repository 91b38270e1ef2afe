// Divergence reports in the control table: one a promotion that followed no drain, its items in
// pages beside it. A step writes its page first and moves the report on afterwards, so that one
// that died half way is repeated and writes the same page again.
import type { Config, Region } from "../../core/config/schema.ts";
import {
  type Divergence,
  type DivergentItem,
  divergencePageSchema,
  divergenceSchema,
} from "../../core/contracts/divergence.ts";
import { controlKeys } from "../../core/contracts/records.ts";
import { controlTableName, groupOf } from "../../core/names.ts";
import { type Table, tableIn } from "./table.ts";

export interface Acknowledgement {
  readonly by: string;
  /** ms since 1970. */
  readonly at: number;
  /** Of the report as it was shown. */
  readonly hash: string;
}

export interface Divergences {
  /** False: the promotion has one already. */
  create(report: Divergence): Promise<boolean>;
  /** The newest, the oldest of them first. */
  list(): Promise<Divergence[]>;
  /** From `seen` to `next`, with what the step found. False: another invocation was first. */
  extend(seen: Divergence, next: Divergence, items: readonly DivergentItem[]): Promise<boolean>;
  /** Every item of a report. */
  items(epoch: number): Promise<DivergentItem[]>;
  /** False: it says something else by now, or somebody has acknowledged it already. */
  acknowledge(epoch: number, acknowledgement: Acknowledgement): Promise<boolean>;
}

/** Undrained promotions are rare; older ones stay as a record. */
const listed = 20;

export function divergences(config: Config, region: Region): Divergences {
  return divergencesOn(tableIn(region, controlTableName(config)), config);
}

export function divergencesOn(table: Table, config: Config): Divergences {
  const group = groupOf(config);
  return {
    create(report) {
      const absent = { expression: "attribute_not_exists(pk)" };
      return table.put(controlKeys.divergence(group, report.epoch), report, absent);
    },
    async list() {
      const { pk } = controlKeys.divergence(group, 0);
      return (await table.list({ pk, newest: listed }, divergenceSchema)).reverse();
    },
    async extend(seen, next, items) {
      const { epoch, pages } = next;
      if (items.length > 0) {
        await table.put(controlKeys.divergencePage(group, epoch, pages), { items });
      }
      // Whoever acknowledges meanwhile keeps their place: it is no part of a step.
      const { acknowledged: _, ...changes } = next;
      return table.set(controlKeys.divergence(group, epoch), changes, {
        expression: "#compared = :compared AND #status = :status",
        names: { compared: "compared", status: "status" },
        values: { compared: seen.compared, status: seen.status },
      });
    },
    async items(epoch) {
      const { pk } = controlKeys.divergencePage(group, epoch, 0);
      return (await table.list({ pk }, divergencePageSchema)).flatMap((page) => page.items);
    },
    acknowledge: (epoch, acknowledgement) =>
      table.set(
        controlKeys.divergence(group, epoch),
        { acknowledged: acknowledgement },
        {
          expression: "#hash = :hash AND #acknowledged = :nobody",
          names: { hash: "hash", acknowledged: "acknowledged" },
          values: { hash: acknowledgement.hash, nobody: null },
        },
      ),
  };
}
