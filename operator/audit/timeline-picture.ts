// A run as a picture: one row a step, a bar from entering to leaving it, and a line where something
// became true. Inline SVG with text in it, so that it prints, scales, and is read aloud.
import type { RunOutcome } from "../../core/contracts/steps.ts";
import type { HistoryEvent } from "../aws/executions.ts";
import { html, type Markup } from "./markup.ts";

interface Bar {
  readonly step: string;
  readonly from: number;
  readonly to: number;
}

const width = 960;
const labels = 190;
const rowHeight = 22;
const headHeight = 76;
/** Room for the last mark's word. */
const right = 60;
/** Steps that do nothing but choose or set a variable take no time. */
const shortestMilliseconds = 1;

/** Steps that took time, in order; one that still runs ends with the last event. */
export function barsOf(events: readonly HistoryEvent[]): Bar[] {
  const open = new Map<string, number>();
  const bars: Bar[] = [];
  const end = events.at(-1)?.timestamp?.getTime() ?? 0;
  for (const {
    timestamp,
    stateEnteredEventDetails: into,
    stateExitedEventDetails: out,
  } of events) {
    const at = timestamp?.getTime() ?? 0;
    if (into?.name !== undefined) open.set(into.name, at);
    if (out?.name === undefined) continue;
    bars.push({ step: out.name, from: open.get(out.name) ?? at, to: at });
    open.delete(out.name);
  }
  for (const [step, from] of open) bars.push({ step, from, to: end });
  return bars
    .filter(({ from, to }) => to - from >= shortestMilliseconds)
    .sort((a, b) => a.from - b.from);
}

export function timelinePicture(
  events: readonly HistoryEvent[],
  outcome: RunOutcome | null,
): Markup {
  const bars = barsOf(events);
  const steps = [...new Set(bars.map(({ step }) => step))];
  const marks = marksOf(outcome);
  const times = [...events.map(({ timestamp }) => timestamp?.getTime() ?? 0), ...bars.map(toOf)];
  const from = Math.min(...times, ...marks.map(({ at }) => at));
  const to = Math.max(...times, from + 1_000);
  const x = (at: number) =>
    Math.round(labels + ((at - from) / (to - from)) * (width - labels - right));
  const height = headHeight + steps.length * rowHeight + 30;
  return html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="picture-title">
<title id="picture-title">The run's steps over time</title>
${ticks(from, to, x, height)}
${steps.map((step, row) => rowOf(step, row, bars, x, from))}
${marks.map((mark, index) => markOf(mark, index, x, height))}
</svg>`;
}

const toOf = ({ to }: Bar) => to;

function rowOf(
  step: string,
  row: number,
  bars: readonly Bar[],
  x: (at: number) => number,
  zero: number,
): Markup {
  const y = headHeight + row * rowHeight;
  const rects = bars
    .filter((bar) => bar.step === step)
    .map(
      ({ from, to }) =>
        html`<rect x="${x(from)}" y="${y}" width="${Math.max(2, x(to) - x(from))}"
 height="${rowHeight - 8}" class="bar"><title>${step}: ${((to - from) / 1_000).toFixed(1)} s, from
 +${((from - zero) / 1_000).toFixed(1)} s</title></rect>
`,
    );
  return html`<text x="${labels - 8}" y="${y + 11}" text-anchor="end">${step}</text>
${rects}`;
}

interface Mark {
  readonly word: string;
  readonly at: number;
}

function marksOf(outcome: RunOutcome | null): Mark[] {
  if (outcome === null) return [];
  const { signalAt, decidedAt, claimedAt, promotedAt, shiftedAt } = outcome;
  const named = { signal: signalAt, decided: decidedAt, claimed: claimedAt };
  return Object.entries({ ...named, promoted: promotedAt, shifted: shiftedAt })
    .flatMap(([word, at]) => (at === null ? [] : [{ word, at }]))
    .sort((a, b) => a.at - b.at);
}

/** Words of neighbours stand on three lines in turn, so that they don't cover each other. */
function markOf({ word, at }: Mark, index: number, x: (at: number) => number, height: number) {
  const y = 16 + (index % 3) * 16;
  return html`<line x1="${x(at)}" x2="${x(at)}" y1="${y + 3}" y2="${height - 26}" class="mark"/>
<text x="${x(at) + 3}" y="${y}">${word}</text>
`;
}

const stepsSeconds = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200];

function ticks(from: number, to: number, x: (at: number) => number, height: number): Markup[] {
  const seconds = (to - from) / 1_000;
  const apart = stepsSeconds.find((one) => seconds / one <= 10) ?? 14_400;
  const count = Math.min(20, Math.floor(seconds / apart)) + 1;
  return Array.from({ length: count }, (_, index) => {
    const at = x(from + index * apart * 1_000);
    return html`<line class="tick" x1="${at}" x2="${at}" y1="${headHeight - 6}"
 y2="${height - 26}"/>
<text x="${at}" y="${height - 10}" text-anchor="middle">+${index * apart} s</text>
`;
  });
}
