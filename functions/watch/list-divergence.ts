// Compares what a Region wrote around the moment when it was left undrained with what stands in
// both Regions now. Done by that Region's own watch: its journal is what is asked, and before it is
// back nothing can be said. In steps of so many items, each recorded before the next one begins, so
// that whoever goes on a minute later repeats at most one.
import { createHash } from "node:crypto";
import type { Config, Region } from "../../core/config/schema.ts";
import type { Divergence, DivergentItem, WrittenVersion } from "../../core/contracts/divergence.ts";
import { canonical } from "../../core/contracts/ledger.ts";
import { applicationKeys, type ItemAddress, shards } from "../../core/contracts/records.ts";
import type { RoutingState } from "../../core/contracts/routing-state.ts";
import { divergenceInWords, divergentItem, type ItemHistory } from "../../core/divergence.ts";
import { addressText } from "../../core/tables.ts";
import type { ApplicationTable } from "../adapters/application-table.ts";
import { bounded } from "../adapters/clients.ts";
import type { Divergences } from "../adapters/divergences.ts";
import type { Ledger } from "../adapters/ledger.ts";
import type { Measure } from "../metrics.ts";
import { type Announced, readAnnounced, unprovable } from "../read-back.ts";
import { digestOf } from "../write-gate/journal.ts";

export type ComparedTable = Pick<
  ApplicationTable,
  "readJournal" | "readVersions" | "readReplacements"
>;

export interface DivergencePorts {
  readonly config: Config;
  readonly region: Region;
  readonly divergences: Pick<Divergences, "list" | "extend">;
  readonly application: (region: Region) => ComparedTable;
  readonly ledger: Ledger;
  readonly measure: Measure;
  readonly now: () => number;
  readonly say: (sentence: string) => void;
}

/** Of reconcile's 30 s; no step begins after half of it. */
const budgetSeconds = 20;
/** A step's findings are one page of the report: DynamoDB takes 400 KB, and a finding with keys of
 * full length has 4. */
const stepItems = 80;
/** Announced before what is known to have arrived, or on a clock that is behind. */
const marginMilliseconds = 60_000;
const atOnce = 20;

/** One invocation's. */
interface Reading {
  readonly ports: DivergencePorts;
  /** The newest epoch. */
  readonly epoch: number;
  readonly signal: AbortSignal;
  /** By report and shard: read once, compared in several steps. */
  readonly known: Map<string, Map<string, Histories>>;
}

export async function listDivergence(ports: DivergencePorts, { epoch }: RoutingState) {
  const mine = (await ports.divergences.list()).filter(
    (one) => one.source === ports.region && one.status === "waiting" && one.epoch <= epoch,
  );
  const begun = ports.now();
  await bounded(budgetSeconds, async ({ abortSignal: signal }) => {
    const reading = { ports, epoch, signal, known: new Map() };
    for (const report of mine) {
      let next: Divergence | null = report;
      while (next?.status === "waiting" && ports.now() - begun < budgetSeconds * 500) {
        next = await takeStep(reading, next);
      }
    }
  });
}

/** The report after it; null: nothing more can be done this minute. */
async function takeStep(reading: Reading, report: Divergence): Promise<Divergence | null> {
  const { ports } = reading;
  const { through, next: cursor } = report;
  if (through === null) return begin(ports, report);
  if (cursor.shard >= shards.length) return finish(ports, report);
  const histories = await historiesOf(reading, report, through);
  const left = [...histories.keys()].filter((key) => key > (cursor.after ?? "")).sort();
  const keys = left.slice(0, stepItems);
  const batch = keys.flatMap((key) => histories.get(key) ?? []);
  const found = await compare(ports, report, batch);
  if (typeof found === "string") {
    await moveOn(ports, report, { ...report, detail: found });
    return null;
  }
  const last = left.length > keys.length ? keys.at(-1) : undefined;
  const next =
    last === undefined
      ? { shard: cursor.shard + 1, after: null }
      : { shard: cursor.shard, after: last };
  return moveOn(ports, report, { ...extended(report, found, batch.length), next }, found);
}

async function moveOn(
  ports: DivergencePorts,
  seen: Divergence,
  next: Divergence,
  items: readonly DivergentItem[] = [],
): Promise<Divergence | null> {
  return (await ports.divergences.extend(seen, next, items)) ? next : null;
}

function extended(report: Divergence, found: readonly DivergentItem[], compared: number) {
  if (found.length === 0) return { ...report, compared: report.compared + compared };
  return {
    ...report,
    compared: report.compared + compared,
    items: report.items + found.length,
    fenced: report.fenced + found.filter(({ fenced }) => fenced).length,
    discarded: report.discarded + found.filter(({ discarded }) => discarded.length > 0).length,
    pages: report.pages + 1,
    hash: createHash("sha256")
      .update(`${report.hash}${canonical(found)}`)
      .digest("hex"),
  };
}

/** Where coordination is strong the gates had closed before the promotion; else this Region has
 * only now been seen to know of it, and a gate may be open for its lease. */
async function begin(ports: DivergencePorts, report: Divergence): Promise<Divergence | null> {
  const { config } = ports;
  const through = ports.now();
  const { source, mark } = report;
  const why = unprovable(source, mark && { source, ...mark }, through);
  if (why !== null) {
    const detail = `Which items diverged can't be listed: ${why}`;
    return moveOn(ports, report, { ...report, through, status: "unlistable", detail });
  }
  const open = (config.writeLeaseSeconds + config.writeDeadlineSeconds + 1) * 1_000;
  const eventual = config.coordination === "eventual";
  const next = { ...report, through: eventual ? through + open : through };
  const begun = await moveOn(ports, report, next);
  return eventual ? null : begun;
}

async function finish(ports: DivergencePorts, report: Divergence): Promise<Divergence | null> {
  const next: Divergence = { ...report, status: "listed", detail: "" };
  const { epoch, source, compared, items, fenced, discarded } = next;
  const sentence =
    `Compared ${compared} items that ${source} wrote around the switch of epoch ${epoch}: ` +
    `${items === 0 ? "none diverged" : divergenceInWords(next)}.`;
  await ports.ledger.append({
    execution: `reconcile/${ports.region}/${Math.floor(ports.now() / 60_000)}`,
    epoch,
    kind: "divergence",
    sentence,
    detail: { source, compared, items, fenced, discarded, hash: next.hash },
  });
  ports.say(sentence);
  ports.measure({ DivergentItems: items }, { Source: source });
  return moveOn(ports, report, next);
}

/** An item's writes as both journals tell them. */
type Histories = Pick<ItemHistory, "address" | "ofSource" | "ofTarget">;

/** Of one shard, by addressText(). All entries of an item are in one shard. */
async function historiesOf(
  reading: Reading,
  report: Divergence,
  through: number,
): Promise<Map<string, Histories>> {
  const { shard } = report.next;
  const name = `${report.epoch}#${shard}`;
  const known = reading.known.get(name);
  if (known !== undefined) return known;
  const ofSource = await journalOf(reading, report, report.source, {
    epochs: { first: Math.min(report.mark?.epoch ?? 1, report.epoch - 1), last: report.epoch - 1 },
    from: (report.mark?.at ?? 0) - marginMilliseconds,
    until: through,
  });
  // What the target has written since the source's last write can't have been discarded by it.
  const last = Math.max(...ofSource.map(({ entry }) => entry.at));
  const ofTarget = await journalOf(reading, report, report.target, {
    epochs: { first: report.epoch, last: reading.epoch },
    from: report.fencedAt - marginMilliseconds,
    until: last + 2 * marginMilliseconds,
  });
  const theirs = byAddress(ofTarget);
  const histories = new Map(
    [...byAddress(ofSource)].map(([key, { address, writes }]) => {
      return [key, { address, ofSource: writes, ofTarget: theirs.get(key)?.writes ?? [] }];
    }),
  );
  reading.known.set(name, histories);
  return histories;
}

async function journalOf(
  { ports, signal }: Reading,
  report: Divergence,
  region: Region,
  span: { epochs: { first: number; last: number }; from: number; until: number },
): Promise<(Announced & { region: Region })[]> {
  if (span.until < span.from) return [];
  const found = await readAnnounced(ports.application(region), {
    ...{ ...span, region, clock: span.until, signal },
    shards: [report.next.shard],
  });
  return found.map((announced) => ({ ...announced, region }));
}

function byAddress(announced: readonly (Announced & { region: Region })[]) {
  const found = new Map<string, { address: ItemAddress; writes: WrittenVersion[] }>();
  const oldestFirst = [...announced].sort(
    (a, b) => a.epoch - b.epoch || a.entry.at - b.entry.at || (a.entry.sk < b.entry.sk ? -1 : 1),
  );
  for (const { entry, epoch, region } of oldestFirst) {
    const { table, key, at, version, pk, sk } = entry;
    const address = { table, key };
    const one = found.get(addressText(address)) ?? { address, writes: [] };
    one.writes.push({ version, region, epoch, at, entry: { pk, sk } });
    found.set(addressText(address), one);
  }
  return found;
}

/** What is to be said of these items; a sentence: what has to happen before it can be. */
async function compare(
  { application }: DivergencePorts,
  report: Divergence,
  batch: readonly Histories[],
): Promise<DivergentItem[] | string> {
  const addresses = batch.map(({ address }) => address);
  const [here, there] = await Promise.all(
    [report.source, report.target].map((region) => application(region).readVersions(addresses)),
  );
  const late = batch.filter(({ address, ofSource }) => {
    const version = here?.get(addressText(address));
    const same = version === there?.get(addressText(address));
    return !same && ofSource.some((write) => write.version === version);
  });
  if (late.length > 0) {
    const { source, target } = report;
    return `${late.length} items of ${source} are not in ${target} yet: replication is behind.`;
  }
  const found: DivergentItem[] = [];
  for (let start = 0; start < batch.length; start += atOnce) {
    const told = await Promise.all(
      batch.slice(start, start + atOnce).map(async (history) => {
        const stands = there?.get(addressText(history.address)) ?? null;
        const replaced = await replacedBy(application, report, history, stands);
        return divergentItem({ ...history, stands, replaced }, report);
      }),
    );
    found.push(...told.flatMap((one) => one ?? []));
  }
  return found;
}

/** Only where two Regions wrote there is anything to ask. */
async function replacedBy(
  application: DivergencePorts["application"],
  { source, target }: Divergence,
  { address, ofSource, ofTarget }: Histories,
  stands: string | null,
): Promise<Map<string, string>> {
  const mine = ofSource.some(({ version }) => version === stands);
  if (stands === null || (mine && ofTarget.length === 0)) return new Map();
  const digest = digestOf(address).toString("hex");
  const told = await Promise.all(
    [source, target].map((region) =>
      application(region).readReplacements(applicationKeys.replacements(region, digest)),
    ),
  );
  return new Map(told.flat().map(({ version, replaced }) => [version, replaced]));
}
