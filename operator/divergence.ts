// `divergence`: what a switch that did not drain left behind, item by item, with each version's
// content where somebody still holds it; and the acknowledgement that lets a failback go on. What
// is acknowledged is exactly the report that was shown.
import {
  type Divergence,
  type DivergentItem,
  divergenceSummarySchema,
  type WrittenVersion,
} from "../core/contracts/divergence.ts";
import { divergenceInWords, isOpen } from "../core/divergence.ts";
import { servingRegions } from "../core/names.ts";
import { agreed } from "./answer.ts";
import { throughAny } from "./automation.ts";
import { askAll, mostTelling } from "./aws/asking.ts";
import {
  acknowledge,
  type Content,
  readContent,
  readItems,
  readReports,
} from "./aws/divergence.ts";
import { whoAmI } from "./aws/identity.ts";
import { instant } from "./cli/words.ts";
import { type Desk, type ExitCode, exitCodes, Refused } from "./desk.ts";
import { answering, takePicture } from "./picture.ts";

export interface DivergenceOptions {
  /** Of the promotion; absent: the newest report. */
  readonly epoch?: string | undefined;
  readonly acknowledge?: boolean | undefined;
  readonly yes?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/** Contents are read item by item; the items themselves are all listed. */
const contentsMax = 100;
const notRead: Content = {
  from: null,
  why: `not read, since contents are read of the first ${contentsMax} items`,
};

interface Shown extends WrittenVersion {
  readonly content: Content;
}
interface ShownItem extends Pick<DivergentItem, "table" | "key" | "fenced"> {
  readonly stands: Shown;
  readonly discarded: readonly Shown[];
}

export async function showDivergence(desk: Desk, options: DivergenceOptions): Promise<ExitCode> {
  const { screen } = desk;
  const report = chosen(await reportsOf(desk), options.epoch);
  if (report === null) {
    if (options.json) screen.out(JSON.stringify(null));
    else screen.out("No switch has been made without a drain: there is nothing to compare.");
    return exitCodes.done;
  }
  const regions = servingRegions(desk.config);
  const listed = await throughAny(regions, (region) => readItems(desk, region, report.epoch));
  const items = await withContents(desk, report, listed);
  if (options.json) screen.out(JSON.stringify({ ...report, listed: items }));
  else for (const line of reportLines(report, items)) screen.out(line);
  return options.acknowledge ? acknowledgeIt(desk, report, options) : exitCodes.done;
}

/** With eventual coordination a replica may lag behind: what has been compared furthest counts. */
async function reportsOf(desk: Desk): Promise<Divergence[]> {
  const told = await askAll(servingRegions(desk.config), (region) => readReports(desk, region));
  if (told.every((one) => !one.ok)) {
    throw mostTelling(told.flatMap((one) => (one.ok ? [] : [one.fault])));
  }
  const newest = new Map<number, Divergence>();
  for (const report of told.flatMap((one) => (one.ok ? one.value : []))) {
    const known = newest.get(report.epoch);
    if (known === undefined || isFurther(report, known)) newest.set(report.epoch, report);
  }
  return [...newest.values()].sort((a, b) => a.epoch - b.epoch);
}

function isFurther(report: Divergence, known: Divergence): boolean {
  if (report.acknowledged !== null) return true;
  return known.status === "waiting" && report.compared >= known.compared;
}

/** Without a wish the oldest that somebody has to read, else the newest. */
function chosen(reports: readonly Divergence[], epoch: string | undefined): Divergence | null {
  if (epoch === undefined) return reports.find(isOpen) ?? reports.at(-1) ?? null;
  const found = reports.find((one) => String(one.epoch) === epoch);
  if (found !== undefined) return found;
  const known = reports.map((one) => one.epoch).join(", ") || "none";
  throw new Refused(`There is no divergence report of epoch ${epoch}. There are: ${known}.`);
}

async function withContents(
  desk: Desk,
  report: Divergence,
  items: readonly DivergentItem[],
): Promise<ShownItem[]> {
  const shown: ShownItem[] = [];
  for (const [index, item] of items.entries()) {
    const read = async (version: WrittenVersion) => {
      const isRead = index < contentsMax;
      const content = isRead ? await readContent(desk, report, item, version) : notRead;
      return { ...version, content };
    };
    const [stands, discarded] = await Promise.all([
      read(item.stands),
      Promise.all(item.discarded.map(read)),
    ]);
    shown.push({ table: item.table, key: item.key, fenced: item.fenced, stands, discarded });
  }
  return shown;
}

function reportLines(report: Divergence, items: readonly ShownItem[]): string[] {
  const { epoch, mode, source, target, window, fencedAt, acknowledged } = report;
  return [
    `divergence  epoch ${epoch}, ${mode}, from ${source} to ${target}`,
    `fenced      ${instant(fencedAt)}`,
    `stated loss ${window === null ? "unknown" : `${instant(window.from)} to ${instant(window.to)}`}`,
    `found       ${foundWords(report)}`,
    acknowledged === null
      ? `read by     ${isOpen(report) ? "nobody yet: a failback waits" : "nobody needs to"}`
      : `read by     ${acknowledged.by}, ${instant(acknowledged.at)}`,
    ...items.flatMap(itemLines),
  ];
}

function foundWords(report: Divergence): string {
  const { status, items, compared } = report;
  if (status !== "listed") return report.detail;
  const compareds = `${compared} items were compared`;
  return items === 0 ? `nothing; ${compareds}` : `${divergenceInWords(report)}; ${compareds}`;
}

function itemLines({ table, key, fenced, stands, discarded }: ShownItem): string[] {
  const name = Object.entries(key)
    .map(([attribute, value]) => `${attribute} ${value}`)
    .join(", ");
  return [
    "",
    `${table}: ${name}`,
    `  stands    ${versionWords(stands)}${fenced ? ", fenced when it wrote" : ""}`,
    `            ${contentWords(stands.content)}`,
    ...discarded.flatMap((one) => [
      `  discarded ${versionWords(one)}`,
      `            ${contentWords(one.content)}`,
    ]),
  ];
}

const versionWords = ({ region, epoch, at }: WrittenVersion) =>
  `${region ?? "a Region not told"}, epoch ${epoch}, ${instant(at)}`;

function contentWords(content: Content): string {
  if (content.from === null) return `content unknown: ${content.why}`;
  return `${JSON.stringify(content.value)} (${content.from})`;
}

async function acknowledgeIt(
  desk: Desk,
  report: Divergence,
  options: DivergenceOptions,
): Promise<ExitCode> {
  const { clients, config, screen } = desk;
  if (report.status === "waiting") throw new Refused("It is not complete yet: look again later.");
  if (!isOpen(report)) {
    screen.note("There is nothing to acknowledge.");
    return exitCodes.done;
  }
  if (!(await agreed(desk, options, "acknowledge"))) {
    screen.note("Nothing was acknowledged.");
    return exitCodes.refused;
  }
  const [{ arn: by }, picture] = await Promise.all([whoAmI(clients, config), takePicture(desk)]);
  const said = { by, at: picture.now };
  const isDone = await throughAny(answering(picture), (region) =>
    acknowledge(desk, region, report, said),
  );
  if (!isDone) throw new Refused("It was acknowledged, or has changed, meanwhile: look again.");
  if (!options.json) screen.out(`Acknowledged as ${by}.`);
  return exitCodes.done;
}

/** For the status: what somebody has to read. null: it could not be read. */
export async function openReports(desk: Desk) {
  const reports = await reportsOf(desk).catch(() => null);
  return (
    reports?.filter(isOpen).map((report) => {
      return { ...divergenceSummarySchema.parse(report), words: divergenceInWords(report) };
    }) ?? null
  );
}
