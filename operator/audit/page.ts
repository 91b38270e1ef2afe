// The bundle's page: one file that needs nothing else and may load nothing else, for people who get
// it by mail a year later. Times are UTC: a bundle is read in every zone.
import { isReasonCode, reasonSentence } from "../../core/reasons.ts";
import { instant } from "../cli/words.ts";
import type { Entry } from "../timeline.ts";
import { type LeversAround, leversAround, measuredOf, outcomeOf, type RunRead } from "./account.ts";
import { readEntries } from "./ledger-read.ts";
import { html, Markup } from "./markup.ts";
import { timelinePicture } from "./timeline-picture.ts";

const style = new Markup(`
:root { color-scheme: light dark; --line: #8886; --bar: #2a6fdb; --mark: #c7511f; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 64rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1.5rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem;
  border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
th { white-space: nowrap; }
svg { width: 100%; height: auto; }
svg text { font: 12px system-ui, sans-serif; fill: currentColor; }
.bar { fill: var(--bar); } .mark { stroke: var(--mark); } .tick { stroke: var(--line); }
code { font-size: .85em; }`);

export function pageOf(run: RunRead, entries: readonly Entry[], files: readonly string[]): string {
  const { config, executionArn, events, exportedAt } = run;
  const outcome = outcomeOf(events);
  const start = events[0]?.timestamp?.getTime() ?? 0;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${config.application}: ${executionArn.split(":").at(-1) ?? ""}</title>
<style>${style}</style>
</head>
<body>
<h1>${outcome?.sentence ?? `${config.application}: the run ended as ${run.status}.`}</h1>
${facts(run, start)}
<h2>Steps over time</h2>
${timelinePicture(events, outcome)}
<h2>What was seen, why, what changed, who</h2>
${timeline(entries, start)}
<h2>Reasons</h2>
${reasons(run)}
<h2>Levers</h2>
${levers(leversAround(run))}
<h2>Ledger</h2>
${ledger(run)}
<h2>Files</h2>
<p>Exported ${instant(exportedAt)}. Beside this page: ${files.join(", ")}, and manifest.json, which
says the hash of each. <code>switchback audit verify DIR</code> checks them, and the ledger's
chain.</p>
</body>
</html>
`;
  return page.text;
}

function rows(cells: readonly (readonly [string, string | number])[]): Markup {
  const lines = cells.map(
    ([name, value]) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>
`,
  );
  return html`<table>
${lines}</table>`;
}

function facts(run: RunRead, start: number): Markup {
  const outcome = outcomeOf(run.events);
  const plan = outcome?.plan ?? null;
  const { rto, rpo } = measuredOf(run);
  const seconds = (value: number | string) => (typeof value === "number" ? `${value} s` : value);
  const readBack =
    typeof rpo.readBack === "string" ? rpo.readBack : `${rpo.readBack.checked} items, none missing`;
  return rows([
    ["Execution", run.executionArn],
    ["Status", run.status],
    ["Started", instant(start)],
    ["Asked by", outcome?.requestedBy ?? "not known"],
    ["What", plan === null ? "not known" : `${plan.mode} ${plan.direction}`],
    ["From, to", plan === null ? "not known" : `${plan.source}, ${plan.target}`],
    ["Epoch", outcome?.epoch ?? "not known"],
    ["RTO as clients saw it", `${rto.asClientsSawIt} to AWS; objective ${rto.objective} s`],
    ["From the first signal until traffic moved", seconds(rto.fromSignalToShift)],
    ["From the run's start until traffic moved", seconds(rto.fromStartToShift)],
    ["Nobody could write for", seconds(rto.writePause)],
    ["RPO: stated bound", `${seconds(rpo.bound)}; objective ${rpo.objective} s`],
    ["RPO: lost writes", rpo.lostWrites],
    ["Read back at the target", readBack],
  ]);
}

function timeline(entries: readonly Entry[], start: number): Markup {
  const lines = entries.map(
    ({
      at,
      kind,
      sentence,
    }) => html`<tr><td>${instant(at)}</td><td>+${((at - start) / 1_000).toFixed(1)} s</td>
<td>${kind}</td><td>${sentence}</td></tr>
`,
  );
  return html`<table>
<thead><tr><th>Time</th><th>Since start</th><th></th><th></th></tr></thead>
<tbody>${lines}</tbody></table>`;
}

function reasons({ events }: RunRead): Markup {
  const outcome = outcomeOf(events);
  const codes = [...(outcome?.because ?? []), ...(outcome?.blockedBy ?? [])];
  const facts = {
    ...(outcome?.plan == null ? {} : { source: outcome.plan.source, target: outcome.plan.target }),
  };
  const cells = [...new Set(codes)].map(
    (code) => [code, isReasonCode(code) ? reasonSentence(code, facts) : code] as const,
  );
  return cells.length === 0 ? html`<p>None is on record.</p>` : rows(cells);
}

function levers({ before, after }: LeversAround): Markup {
  if (typeof before === "string") return html`<p>How they stood is ${before}.</p>`;
  const lines = Object.entries(before).flatMap(([region, pair]) =>
    (["switch", "drain"] as const).map((lever) => {
      const then = typeof after === "string" ? after : (after[region]?.[lever] ?? "not known");
      return html`<tr><th scope="row">${lever} of ${region}</th><td>${pair[lever]}</td>
<td>${then}</td></tr>
`;
    }),
  );
  return html`<table>
<thead><tr><th></th><th>Before</th><th>After</th></tr></thead>
<tbody>${lines}</tbody></table>`;
}

function ledger({ ledger: items }: RunRead): Markup {
  const { entries, unreadable } = readEntries(items);
  const lines = entries.map(
    ({ sequence, at, kind, sentence, hash }) => html`<tr><td>${sequence}</td><td>${instant(at)}</td>
<td>${kind}</td><td>${sentence}</td><td><code>${hash.slice(0, 12)}</code></td></tr>
`,
  );
  return html`<table>
<thead><tr><th></th><th>Time</th><th>Kind</th><th>Sentence</th><th>Hash</th></tr></thead>
<tbody>${lines}</tbody></table>
${unreadable.map((fault) => html`<p>${fault}</p>`)}`;
}
