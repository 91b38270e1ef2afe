// Which writes the last writer discarded, and which were made by a writer that was fenced: from an
// item's announced writes in both Regions, and from what each first write of an epoch replaced. No
// clock decides whether a write was seen, since clocks differ and replication keeps no order: a
// write is discarded when it is not what stands, and nothing was written over it knowingly.

import type { Config } from "./config/schema.ts";
import type {
  Divergence,
  DivergenceSummary,
  DivergentItem,
  WrittenVersion,
} from "./contracts/divergence.ts";
import type { ItemAddress, Mark } from "./contracts/records.ts";
import type { Claim } from "./contracts/steps.ts";
import { departureOf, destinationOf } from "./plan.ts";
import { isJournalled } from "./writer.ts";

type GrantedClaim = Extract<Claim, { claimed: true }>;

/** A planned switch has read back everything before it promotes; and where the target never wrote,
 * an undo leaves nothing of it behind. */
export function isDrained({ next, plan, promoted }: GrantedClaim): boolean {
  return next === "restore" ? !promoted : plan.mode === "planned";
}

const unjournalled =
  "Which items diverged can't be listed: no journal is kept (drain: heartbeats). Look at what " +
  "was written in the loss window.";

/** What is known of a promotion that followed no drain. */
export function openedReport(
  config: Config,
  claim: GrantedClaim,
  mark: Mark | null,
  now: number,
): Divergence {
  // On the way back another Region is left than the bound was stated for.
  const isBack = claim.next === "restore";
  const { stopBound, seconds, sourceAhead = null } = claim.lossBound;
  const listable = isJournalled(config);
  return {
    epoch: claim.epoch,
    mode: claim.plan.mode,
    source: departureOf(claim),
    target: destinationOf(claim),
    fencedAt: claim.claimedAt,
    sourceAhead: isBack ? null : sourceAhead,
    promotedAt: now,
    mark: mark && { epoch: mark.epoch, at: mark.at },
    window:
      isBack || stopBound === null || seconds === null
        ? null
        : { from: stopBound - seconds * 1_000, to: stopBound },
    status: listable ? "waiting" : "unlistable",
    detail: listable ? `Its items are compared once ${departureOf(claim)} answers.` : unjournalled,
    through: null,
    next: { shard: 0, after: null },
    compared: 0,
    items: 0,
    fenced: 0,
    discarded: 0,
    pages: 0,
    hash: "",
    acknowledged: null,
  };
}

/** One item's history around a switch. */
export interface ItemHistory {
  readonly address: ItemAddress;
  /** Announced by the source under older epochs, oldest first. */
  readonly ofSource: readonly WrittenVersion[];
  /** Announced by the target since, oldest first: as far as the source's last writes reach. */
  readonly ofTarget: readonly WrittenVersion[];
  /** Version that both Regions hold; null: there is no such item. */
  readonly stands: string | null;
  /** By version: the version of another epoch that it was written over. */
  readonly replaced: ReadonlyMap<string, string>;
}

/** null: nothing is to be said of it. */
export function divergentItem(
  history: ItemHistory,
  report: Pick<Divergence, "epoch" | "fencedAt" | "sourceAhead" | "target">,
): DivergentItem | null {
  const { epoch, target } = report;
  const { address, ofSource, ofTarget, stands } = history;
  if (stands === null) return null;
  const mine = ofSource.find(({ version }) => version === stands);
  // An older write of the source stands: whatever it announced since was never made.
  if (mine === undefined && (versionParts(stands)?.epoch ?? epoch) < epoch) return null;
  const discarded = [
    ...overtaken(history, ofSource, mine !== undefined),
    ...overtaken(history, ofTarget, mine === undefined),
  ];
  const fenced = mine !== undefined && mine.at >= fencedOnSourceClock(report);
  if (!fenced && discarded.length === 0) return null;
  const told = mine ?? ofTarget.find(({ version }) => version === stands) ?? unread(stands);
  // An epoch has one writer.
  const region = told.epoch === epoch ? target : told.region;
  return { ...address, fenced, stands: { ...told, region }, discarded };
}

/** As near as it is known: where it isn't, the two clocks count as one. */
export function fencedOnSourceClock({
  fencedAt,
  sourceAhead,
}: Pick<Divergence, "fencedAt" | "sourceAhead">): number {
  return fencedAt + (sourceAhead ?? 0);
}

/** Of one Region's writes those that nothing was written over knowingly. Each is written over the
 * one before it unless it is known to have replaced another; `lastStands`: so is the last one. */
function overtaken(
  { replaced }: ItemHistory,
  writes: readonly WrittenVersion[],
  lastStands: boolean,
): WrittenVersion[] {
  const seen = new Set(replaced.values());
  return writes.filter(({ version }, index) => {
    if (seen.has(version)) return false;
    const next = writes[index + 1];
    if (next === undefined) return !lastStands;
    return (replaced.get(next.version) ?? version) !== version;
  });
}

/** What was written after everything that was read: the version itself says epoch and time. */
function unread(version: string): WrittenVersion {
  const { epoch, at } = versionParts(version) ?? { epoch: 0, at: 0 };
  return { version, region: null, epoch, at };
}

/** Versions begin with epoch and time (functions/write-gate/journal.ts); null: another's. */
export function versionParts(version: string): { epoch: number; at: number } | null {
  const [, epoch, at] = /^(\d{8})\.(\d{15})\./.exec(version) ?? [];
  return epoch === undefined || at === undefined ? null : { epoch: Number(epoch), at: Number(at) };
}

/** It stands in the way of a failback: it says something, or can't yet, and nobody has read it. */
export function isOpen({ status, items, acknowledged }: Divergence): boolean {
  return acknowledged === null && (status !== "listed" || items > 0);
}

/** What an acknowledgement is of. */
export function reportsHash(reports: readonly DivergenceSummary[]): string {
  return reports.map(({ epoch, hash }) => `${epoch}:${hash}`).join(" ");
}

/** A decision's part of them. */
export function unreadReports(reports: readonly DivergenceSummary[], readBy: string | undefined) {
  return {
    divergence: [...reports],
    divergenceHash: reportsHash(reports),
    divergenceReadBy: readBy ?? null,
  };
}

type Counted = Pick<Divergence, "status" | "detail" | "items" | "fenced" | "discarded">;

/** "3 items: 1 by a fenced writer, 2 with a discarded write". */
export function divergenceInWords({ status, detail, items, fenced, discarded }: Counted): string {
  if (status !== "listed") return detail;
  const things = items === 1 ? "1 item" : `${items} items`;
  return `${things}: ${fenced} by a fenced writer, ${discarded} with a discarded write`;
}
