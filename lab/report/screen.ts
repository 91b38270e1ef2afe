// What `npm run drill` prints for people: the story, top to bottom, then one short table.
import Table from "cli-table3";
import pc from "picocolors";
import type { Config } from "../../core/config/schema.ts";
import type { DrillRun } from "../run-drill.ts";
import { formatDuration } from "../scenarios/duration.ts";
import { baselineRows, baselineSentence, shortBaseline } from "./baseline-words.ts";
import { formatClock } from "./clock-words.ts";
import type { DrillResult, SwitchResult } from "./result.ts";
import { story } from "./story.ts";

export type Paint = ReturnType<typeof pc.createColors>;

/** Colours only for a terminal, and never against NO_COLOR. */
export function paint(stream: NodeJS.WriteStream): Paint {
  return pc.createColors(stream.isTTY === true && !process.env.NO_COLOR);
}

type Told = Pick<DrillRun, "loaded" | "result" | "events" | "zero">;

export function printStory(run: Told, out: NodeJS.WritableStream, colours: Paint): void {
  const { result, loaded } = run;
  out.write(
    `${colours.bold(result.scenario)}, seed ${result.seed}: ${loaded.scenario.description}\n`,
  );
  const { primary, secondary, witness } = loaded.config.regions;
  out.write(
    `primary ${primary}, secondary ${secondary}, witness ${witness}; simulated in the lab\n\n`,
  );
  const clock = (at: number) => formatClock((at - run.zero) / 1000);
  for (const line of story(run.events, loaded.config, run.zero)) {
    const where = (line.region ?? "").padEnd(14);
    const again = line.times > 1 ? ` (${line.times} times, until ${clock(line.lastAt)})` : "";
    const text = colour(line.tone, line.text, colours);
    out.write(
      `${colours.dim(clock(line.at))}  ${colours.cyan(where)}  ${text}${colours.dim(again)}\n`,
    );
  }
  out.write("\n");
  const { writes } = loaded.config;
  for (const one of result.switches) {
    out.write(`${switchTable(one, writes)}\n`);
    const alone = baselineSentence(one);
    if (alone !== null) out.write(`${alone}\n`);
  }
  if (result.baselineFailure !== undefined) {
    out.write(`Route 53 alone could not be simulated: ${result.baselineFailure}\n`);
  }
  out.write(`${drillTable(result)}\n`);
  printVerdict(result, out, colours);
}

function colour(tone: string, text: string, colours: Paint): string {
  if (tone === "bad") return colours.red(text);
  if (tone === "good") return colours.green(text);
  return tone === "key" ? colours.bold(text) : text;
}

const unit = (value: number | null, name = "s") =>
  value === null ? "unknown" : `${value} ${name}`;
const at = (value: number | null) => (value === null ? "—" : formatClock(value));

function switchTable(one: SwitchResult, writes: Config["writes"]): string {
  const table = new Table({ style: { head: [], border: [] } });
  const { rtoSeconds: rto, rtoSecondsAll: all } = one;
  const planned = one.mode === "planned";
  table.push(
    [
      {
        colSpan: 2,
        content: `${one.mode} ${one.direction}, ${course(one)}: ${one.status}`,
      },
    ],
    [
      "impact / signal / decided",
      `${at(one.impactAt)} / ${at(one.signalAt)} / ${at(one.decidedAt)}`,
    ],
    ["shifted / completed", `${at(one.shiftedAt)} / ${at(one.completedAt)}`],
    ...(planned
      ? []
      : [
          ["RTO p50 / p99 as clients saw it", `${unit(rto.p50)} / ${unit(rto.p99)}`],
          ["  with resolvers that ignore TTL", `${unit(all.p50)} / ${unit(all.p99)}`],
          ...baselineRows(one),
        ]),
    ["loss bound / lost writes", `${unit(one.lossBoundSeconds)} / ${one.lostWrites}`],
    ["write pause", writes === "any-region" ? "none" : unit(one.writePauseSeconds)],
    ["levers", `switch ${one.levers.switch}, drain ${one.levers.drain}`],
    ["Route 53 control-plane calls", String(one.route53ControlPlaneCalls)],
    ["state transitions", String(one.stateTransitions)],
  );
  return table.toString();
}

/** A Region that comes back beside the one that serves leaves nobody. */
function course({ from, to, serving }: SwitchResult): string {
  return serving?.includes(from) ? `${to} back beside ${from}` : `${from} → ${to}`;
}

function drillTable(result: DrillResult): string {
  const table = new Table({ style: { head: [], border: [] } });
  const { clients, invariants } = result;
  const checked = invariants.reduce((sum, one) => sum + one.checked, 0);
  const broken = invariants.filter((one) => one.violated > 0);
  table.push(
    ["requests / failed", `${clients.requests} / ${clients.failed}`],
    ["acknowledged writes / lost", `${clients.acknowledgedWrites} / ${clients.lostWrites}`],
    ["failed during planned switches", String(clients.failedDuringPlanned)],
    [
      "serving at the end / epoch",
      `${(result.serving ?? [result.activeRegion]).join(" and ")} / ${result.epoch}`,
    ],
    [
      "invariants",
      broken.length === 0
        ? `${invariants.length} hold (${checked} checks)`
        : broken.map((one) => `${one.name} violated ${one.violated} times`).join(", "),
    ],
    ["denied calls", String(result.denied.length)],
    [
      "took",
      `${formatDuration(result.virtualSeconds)} in ${(result.wallMilliseconds / 1000).toFixed(1)} s`,
    ],
    ["log", result.logSha256.slice(0, 16)],
  );
  return table.toString();
}

function printVerdict(result: DrillResult, out: NodeJS.WritableStream, colours: Paint): void {
  if (result.passed) {
    out.write(`${colours.green("passed")}\n`);
    return;
  }
  for (const failure of result.failures) out.write(`${colours.red("✗")} ${failure}\n`);
  out.write(`${colours.red("failed")}\n`);
}

export function printSeeds(
  results: readonly DrillResult[],
  out: NodeJS.WritableStream,
  colours: Paint,
): void {
  const names = new Set(results.map(({ scenario }) => scenario));
  const width = names.size > 1 ? Math.max(...[...names].map((name) => name.length)) : 0;
  for (const result of results) {
    const name = width === 0 ? "" : `${result.scenario.padEnd(width)}  `;
    const verdict = result.passed ? colours.green("passed") : colours.red("failed");
    const rto = result.switches
      .filter((one) => one.mode !== "planned")
      .map((one) => `${one.rtoSeconds.p50}/${one.rtoSeconds.p99} s${shortBaseline(one)}`);
    const told = rto.length > 0 ? `RTO p50/p99 ${rto.join(", ")}` : "no unplanned switch";
    out.write(
      `${name}seed ${String(result.seed).padStart(4)}  ${verdict}  ${told}, ` +
        `lost ${result.clients.lostWrites}, ${(result.wallMilliseconds / 1000).toFixed(1)} s\n`,
    );
    for (const failure of result.failures) out.write(`           ✗ ${failure}\n`);
  }
  const failed = results.filter((result) => !result.passed).length;
  out.write(`${results.length - failed} passed, ${failed} failed\n`);
}
