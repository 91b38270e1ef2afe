// What automation would have done over a period: every decision of a run that a signal woke, put
// together to episodes, since a vote that stands wakes a run each minute and a team asks how often
// it would have been switched, not how often that was said. For teams in shadow, before they arm.
// An episode of a team that is paused or asks for approval is told as what blocked it.
import type { Region } from "../core/config/schema.ts";
import { type RunOutcome, runOutcomeSchema } from "../core/contracts/steps.ts";
import { describeRun, historyOf, nameOfArn } from "./aws/executions.ts";
import { instant } from "./cli/words.ts";
import { type Desk, type ExitCode, exitCodes } from "./desk.ts";
import { clockOf, inPortions, pastRuns, sinceOf } from "./history.ts";
import { type Entry, parsed, timelineOf } from "./timeline.ts";

/** What would have been done without shadow: gone, or asked; "did": it was done. */
export type Verdict = "would-switch" | "would-ask" | "did" | "held";

export interface Decided {
  readonly executionArn: string;
  /** ms since 1970. */
  readonly at: number;
  readonly verdict: Verdict;
  /** Region that is or would be left. */
  readonly source: Region;
  readonly outcome: RunOutcome;
}

/** Decisions about leaving one Region, none more than the gap after the one before. */
export interface Episode {
  readonly verdict: Exclude<Verdict, "held">;
  readonly source: Region;
  readonly first: Decided;
  readonly lastAt: number;
  readonly decisions: number;
}

/** A vote that stands wakes a run each minute; an outage that pauses for less is one. */
const gapMilliseconds = 15 * 60_000;

/** null: an operator's, or one that decided nothing. */
export function decidedBy(executionArn: string, outcome: RunOutcome): Decided | null {
  const { requestedBy, decidedAt, plan } = outcome;
  if (!requestedBy.startsWith("signal:") || decidedAt === null || plan === null) return null;
  return { executionArn, at: decidedAt, verdict: verdictOf(outcome), source: plan.source, outcome };
}

function verdictOf({ outcome, blockedBy, because, claimedAt }: RunOutcome): Verdict {
  if (claimedAt !== null) return "did";
  const quorum = because.includes("quorum-reached") || because.includes("approved");
  if (!quorum) return "held";
  if (blockedBy.every((code) => code === "automation-paused")) return "would-switch";
  return outcome === "dry-run" || outcome === "not-approved" ? "would-ask" : "held";
}

/** `decisions` in order of time. What an episode came to is its boldest decision: a run that asks
 * for a minute and then goes would have switched. */
export function episodesOf(decisions: readonly Decided[]): Episode[] {
  const episodes: Episode[] = [];
  for (const one of decisions) {
    if (one.verdict === "held") continue;
    const index = episodes.findLastIndex(
      ({ source, lastAt }) => source === one.source && one.at - lastAt <= gapMilliseconds,
    );
    const known = episodes[index];
    const { verdict, source, at } = one;
    if (known === undefined) {
      episodes.push({ verdict, source, first: one, lastAt: at, decisions: 1 });
      continue;
    }
    const bolder = boldness[verdict] > boldness[known.verdict];
    const told = bolder ? { verdict, first: one } : {};
    episodes[index] = { ...known, ...told, lastAt: at, decisions: known.decisions + 1 };
  }
  return episodes;
}

const boldness: { readonly [verdict in Verdict]: number } = {
  held: 0,
  "would-ask": 1,
  "would-switch": 2,
  did: 3,
};

export async function showReport(
  desk: Desk,
  options: { readonly since?: string | undefined; readonly json?: boolean | undefined },
): Promise<ExitCode> {
  const now = await clockOf(desk);
  const since = sinceOf(options.since ?? "30d", now);
  const { runs, unknown: unasked } = await pastRuns(desk, since);
  const { records, unread } = await inPortions(runs, async ({ executionArn: arn = "" }) => {
    const run = await describeRun(desk.clients, arn);
    const outcome = parsed(runOutcomeSchema, run.output) ?? parsed(runOutcomeSchema, run.cause);
    return outcome === null ? null : decidedBy(arn, outcome);
  });
  const decisions = [...records].sort((a, b) => a.at - b.at);
  const told = await Promise.all(
    episodesOf(decisions).map(async (episode) => ({ episode, why: await whyOf(desk, episode) })),
  );
  const unknown = [...unasked, ...unread];
  for (const line of unknown) desk.screen.note(desk.screen.paint.bad(`unknown  ${line}`));
  if (options.json) desk.screen.out(JSON.stringify(asJson(since, now, decisions, told, unknown)));
  else draw(desk, since, now, decisions, told);
  return exitCodes.done;
}

interface Told {
  readonly episode: Episode;
  /** What was seen and what follows, of the decision that the episode is told by. */
  readonly why: readonly Pick<Entry, "kind" | "sentence">[];
}

async function whyOf({ clients }: Desk, { first }: Episode): Promise<Told["why"]> {
  const entries = timelineOf(await historyOf(clients, first.executionArn));
  return entries
    .filter(({ kind }) => kind === "seen" || kind === "why")
    .map(({ kind, sentence }) => ({ kind, sentence }));
}

function asJson(
  since: number,
  now: number,
  decisions: readonly Decided[],
  told: readonly Told[],
  unknown: readonly string[],
) {
  return {
    since: since / 1000,
    until: now / 1000,
    decisions: decisions.length,
    wouldSwitch: counted(told, "would-switch"),
    wouldAsk: counted(told, "would-ask"),
    switched: counted(told, "did"),
    episodes: told.map(
      ({ episode: { verdict, source, first, lastAt, decisions: count }, why }) => ({
        ...{ verdict, source, from: first.at / 1000, to: lastAt / 1000, decisions: count },
        target: first.outcome.plan?.target ?? null,
        executionArn: first.executionArn,
        because: first.outcome.because,
        blockedBy: first.outcome.blockedBy,
        lossBoundSeconds: first.outcome.lossBoundSeconds,
        evidence: why.filter(({ kind }) => kind === "seen").map(({ sentence }) => sentence),
        sentences: why.filter(({ kind }) => kind === "why").map(({ sentence }) => sentence),
      }),
    ),
    unknown,
  };
}

const counted = (told: readonly Told[], verdict: Verdict) =>
  told.filter(({ episode }) => episode.verdict === verdict).length;

const words: { readonly [verdict in Episode["verdict"]]: string } = {
  "would-switch": "would have switched",
  "would-ask": "would have asked",
  did: "switched",
};

function draw(
  { screen }: Desk,
  since: number,
  now: number,
  decisions: readonly Decided[],
  told: readonly Told[],
): void {
  const counts = (["would-switch", "would-ask", "did"] as const).map(
    (verdict) => `${counted(told, verdict)} times it ${words[verdict]}`,
  );
  const held = decisions.filter(({ verdict }) => verdict === "held").length;
  screen.out(
    `${instant(since)} to ${instant(now)}: ${decisions.length} decisions, ${held} of them held; ` +
      `${counts.join(", ")}.`,
  );
  for (const { episode, why } of told) {
    const { verdict, source, first, lastAt, decisions: count } = episode;
    const target = first.outcome.plan?.target ?? "nobody";
    const when = `${instant(first.at)} to ${instant(lastAt)}`;
    const line = `${words[verdict]} from ${source} to ${target} (${count} decisions)`;
    screen.out(`${when}  ${screen.paint.bold(line)}  ${nameOfArn(first.executionArn)}`);
    for (const { kind, sentence } of why) screen.out(`    ${kind.padEnd(5)} ${sentence}`);
  }
}
