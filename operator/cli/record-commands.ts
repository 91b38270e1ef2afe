// Commands that look back: past switches, one run, its evidence.
import type { Command } from "commander";
import { checkBundle, checkLedgers, tellChecked } from "../audit/check.ts";
import { exportRun } from "../audit/export.ts";
import { type DivergenceOptions, showDivergence } from "../divergence.ts";
import { showHistory, showRun } from "../history.ts";
import { showReport } from "../report.ts";
import { type Common, command, type Edge, examplesText, type Finish, opened } from "./edge.ts";

export function addRecords(program: Command, edge: Edge, finish: Finish): void {
  command(program, "history", "past switches", "history", "history --since 7d --json")
    .option("--since <when>", "like 2h, 7d or 2026-01-15")
    .action(async (options: Common & { since?: string }) => {
      finish(await showHistory(opened(edge, options), options));
    });
  command(
    program,
    "report",
    "how often automation would have switched, with each decision's evidence",
    "report --since 7d",
  )
    .option("--since <when>", "like 2h, 7d or 2026-01-15; 30d where nothing is said")
    .action(async (options: Common & { since?: string }) => {
      finish(await showReport(opened(edge, options), options));
    });
  command(
    program,
    "show",
    "one run as a timeline: what was seen, why, what changed, who",
    "show orders-operator-3f2a",
    "show orders-operator-3f2a --json",
  )
    .argument("<execution>", "its name or ARN")
    .action(async (execution: string, options: Common) => {
      finish(await showRun(opened(edge, options), execution, options));
    });
}

export function addDivergence(program: Command, edge: Edge, finish: Finish): void {
  command(
    program,
    "divergence",
    "what a switch that did not drain left behind: items, both versions, who has read it",
    "divergence",
    "divergence --acknowledge",
    "divergence --epoch 2 --json",
  )
    .option("--epoch <number>", "of that promotion; else the oldest that nobody has read")
    .option("--acknowledge", "asks, and records that you have read it: a failback may go on")
    .option("--yes", "don't ask")
    .action(async (options: Common & DivergenceOptions) => {
      finish(await showDivergence(opened(edge, options), options));
    });
}

export function addAudit(program: Command, edge: Edge, finish: Finish): void {
  const audit = program
    .command("audit")
    .description("evidence of one run for those who were not there, and whether it is sound")
    .addHelpText(
      "after",
      examplesText(["audit export orders-operator-3f2a --out evidence", "audit verify evidence"]),
    );
  command(
    audit,
    "export",
    "one run's input, evidence, decisions, history, ledger, levers and times, as JSON and a page",
    "audit export orders-operator-3f2a --out evidence",
  )
    .argument("<execution>", "its name or ARN")
    .requiredOption("--out <dir>", "a folder that is empty, or is not there yet")
    .option("--archive", "put it into the archive of each serving Region, too")
    .action(async (execution: string, options: Common & { out: string; archive?: boolean }) => {
      finish(await exportRun(opened(edge, options), execution, options));
    });
  command(
    audit,
    "verify",
    "a bundle's files and ledger; without one, the ledgers of all past runs where they stand",
    "audit verify evidence",
    "audit verify --since 30d",
  )
    .argument("[dir]", "a bundle: needs neither AWS nor a lab")
    .option("--since <when>", "without a bundle: like 2h, 7d or 2026-01-15")
    .action(async (dir: string | undefined, options: Common & { since?: string }) => {
      const checked =
        dir === undefined
          ? await checkLedgers(opened(edge, options), options.since)
          : checkBundle(dir);
      finish(tellChecked(edge.screen, checked, options.json));
    });
}
