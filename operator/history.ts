// Past switches, from what the executions themselves say: the fields of a drill's `switches`. What
// only the lab can measure (what clients felt, what was lost) is null here, never a number.
import type { Region } from "../core/config/schema.ts";
import { type RunOutcome, runOutcomeSchema, shiftSchema } from "../core/contracts/steps.ts";
import { servingRegions } from "../core/names.ts";
import { askAll, mostTelling } from "./aws/asking.ts";
import {
  describeRun,
  type ExecutionListItem,
  executionArn,
  type HistoryEvent,
  historyOf,
  listPastRuns,
  nameOfArn,
} from "./aws/executions.ts";
import { whoAmI } from "./aws/identity.ts";
import { entryLine } from "./cli/draw-timeline.ts";
import { instant, spanOf } from "./cli/words.ts";
import { type Desk, type ExitCode, exitCodes, Refused, WrongCall } from "./desk.ts";
import { takePicture } from "./picture.ts";
import { parsed, timelineOf } from "./timeline.ts";

const describedAtOnce = 10;

export type SwitchRecord = ReturnType<typeof recordOf>;

/** Times in the record: seconds since 1970. */
export async function showHistory(
  desk: Desk,
  options: { readonly since?: string | undefined; readonly json?: boolean | undefined },
): Promise<ExitCode> {
  const since = options.since === undefined ? 0 : sinceOf(options.since, await clockOf(desk));
  const { switches, unknown } = await readHistory(desk, since);
  const { screen } = desk;
  for (const line of unknown) screen.note(screen.paint.bad(`unknown  ${line}`));
  if (options.json) {
    screen.out(JSON.stringify({ switches, unknown }, null, 2));
    return exitCodes.done;
  }
  if (switches.length === 0) screen.out("No switch is on record.");
  for (const one of switches) screen.out(line(one));
  return exitCodes.done;
}

/** The lab's time is its own. */
export async function clockOf(desk: Desk): Promise<number> {
  return desk.target.kind === "aws" ? desk.now() : (await takePicture(desk)).now;
}

function line(one: SwitchRecord): string {
  const at = one.completedAt === null ? "" : instant(one.completedAt * 1000);
  const what = `${one.mode} ${one.direction} from ${one.from} to ${one.to}`;
  const name = nameOfArn(one.executionArn);
  return `${at}  epoch ${one.epoch}  ${what}  ${one.status}  by ${one.requestedBy}  ${name}`;
}

/** "2h", "30m", "7d", or a date. ms since 1970. */
export function sinceOf(text: string, now: number): number {
  const span = spanOf(text);
  if (span !== null) return now - span;
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw new WrongCall(`--since is like 2h, 7d or 2026-01-15, not ${text}.`);
  return at;
}

export async function readHistory(desk: Desk, since: number) {
  const { runs, unknown } = await pastRuns(desk, since);
  const { records, unread } = await inPortions(runs, ({ executionArn: arn = "" }) =>
    switchOf(desk, arn),
  );
  return { switches: records, unknown: [...unknown, ...unread] };
}

/** Runs that ended since then, oldest first; who could not be asked, and what was not looked at. */
export async function pastRuns(desk: Desk, since: number) {
  const { config, clients } = desk;
  const { account } = await whoAmI(clients, config);
  const told = await askAll(servingRegions(config), (region) =>
    listPastRuns(clients, config, { region, account }, since),
  );
  const faults = told.flatMap((one) => (one.ok ? [] : [one.fault]));
  if (faults.length === told.length) throw mostTelling(faults);
  const runs = told
    .flatMap((one) => (one.ok ? one.value.runs : []))
    .filter(({ stopDate }) => stopDate !== undefined && stopDate.getTime() >= since)
    .sort((a, b) => Number(a.startDate) - Number(b.startDate));
  const unlooked = told.flatMap((one) => {
    if (!one.ok || one.value.isWhole) return [];
    const oldest = one.value.runs.at(-1)?.startDate;
    const from = oldest === undefined ? "" : ` (from before ${instant(oldest.getTime())})`;
    return [`${one.region}: older runs were not looked through${from}`];
  });
  return { runs, unknown: [...faults.map(({ message }) => message), ...unlooked] };
}

/** A few at once, since AWS lets few be described in a second. null is left out. */
export async function inPortions<T>(
  runs: readonly ExecutionListItem[],
  readOne: (run: ExecutionListItem) => Promise<T | null>,
) {
  const records: T[] = [];
  const unread: string[] = [];
  for (let from = 0; from < runs.length; from += describedAtOnce) {
    const portion = runs.slice(from, from + describedAtOnce);
    const read = portion.map((run) =>
      readOne(run).catch((fault: unknown) => {
        unread.push(
          `${run.executionArn}: ${fault instanceof Error ? fault.message : String(fault)}`,
        );
        return null;
      }),
    );
    records.push(...(await Promise.all(read)).filter((one) => one !== null));
  }
  return { records, unread };
}

/** null: it changed nothing, or another run tells what came of it. */
async function switchOf({ clients }: Desk, arn: string): Promise<SwitchRecord | null> {
  const run = await describeRun(clients, arn);
  const outcome = parsed(runOutcomeSchema, run.output) ?? parsed(runOutcomeSchema, run.cause);
  if (outcome === null || outcome.claimedAt === null || outcome.outcome === "superseded") {
    return null;
  }
  return recordOf(arn, run.status ?? "UNKNOWN", outcome, await historyOf(clients, arn));
}

const unmeasured = { p50: null, p99: null };

function recordOf(
  arn: string,
  status: string,
  outcome: RunOutcome,
  events: readonly HistoryEvent[],
) {
  const { plan } = outcome;
  const seconds = (at: number | null) => (at === null ? null : at / 1000);
  return {
    direction: plan?.direction ?? null,
    mode: plan?.mode ?? null,
    from: plan?.source ?? null,
    to: plan?.target ?? null,
    serving: plan?.after ?? [],
    epoch: outcome.epoch,
    executionArn: arn,
    status,
    requestedBy: outcome.requestedBy,
    impactAt: null,
    signalAt: seconds(outcome.signalAt),
    decidedAt: seconds(outcome.decidedAt),
    shiftedAt: seconds(outcome.shiftedAt),
    completedAt: seconds(outcome.completedAt),
    rtoSeconds: unmeasured,
    rtoSecondsAll: unmeasured,
    lossBoundSeconds: outcome.lossBoundSeconds,
    lostWrites: null,
    writePauseSeconds: outcome.writePauseSeconds,
    levers: outcome.levers,
    route53ControlPlaneCalls: route53Calls(events),
    stateTransitions: events.filter(({ type }) => type?.endsWith("StateEntered")).length,
    because: outcome.because,
    sentence: outcome.sentence,
  };
}

/** As its own rounds of shifting counted; null: none of them said. A parallel's end, which hands
 * the last round's answer on together with the fence, is no round. */
function route53Calls(events: readonly HistoryEvent[]): number | null {
  const counts = events.flatMap(({ stateExitedEventDetails: exit }) => {
    const assigned = exit?.assignedVariables ?? {};
    if (assigned.fence !== undefined) return [];
    const shift = parsed(shiftSchema, assigned.shiftNow ?? assigned.shift);
    return shift === null ? [] : [shift.route53Calls];
  });
  return counts.length === 0 ? null : counts.reduce((sum, count) => sum + count, 0);
}

/** `wanted`: an execution's ARN, or its name. */
export async function showRun(
  desk: Desk,
  wanted: string,
  options: { readonly json?: boolean | undefined },
): Promise<ExitCode> {
  const { screen } = desk;
  const { arn, events } = await findRun(desk, wanted);
  const entries = timelineOf(events);
  if (options.json) {
    const listed = entries.map((entry) => ({ ...entry, time: new Date(entry.at).toISOString() }));
    screen.out(JSON.stringify({ executionArn: arn, entries: listed }, null, 2));
    return exitCodes.done;
  }
  const start = entries[0]?.at ?? 0;
  screen.out(screen.paint.bold(arn));
  screen.out(instant(start));
  for (const entry of entries) screen.out(entryLine(entry, start, screen.paint));
  return exitCodes.done;
}

/** `wanted`: an execution's ARN, or its name. Throws Refused, AwsFault. */
export async function findRun(desk: Desk, wanted: string) {
  const { config, clients } = desk;
  if (wanted.startsWith("arn:")) return { arn: wanted, events: await historyOf(clients, wanted) };
  const { account } = await whoAmI(clients, config);
  const arnIn = (region: Region) => executionArn(config, region, account, wanted);
  const told = await askAll(servingRegions(config), (region) => historyOf(clients, arnIn(region)));
  for (const one of told) if (one.ok) return { arn: arnIn(one.region), events: one.value };
  const faults = told.flatMap((one) => (one.ok ? [] : [one.fault]));
  if (faults.some(({ kind }) => kind !== "missing")) throw mostTelling(faults);
  throw new Refused(`No run is called ${wanted}: switchback history lists them.`);
}
