// `audit export`: reads one run where AWS keeps it and writes its bundle into a folder of its own.
// readRun and bundleOf are what the console calls for a download.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { servingRegions } from "../../core/names.ts";
import { askAll, mostTelling } from "../aws/asking.ts";
import { readLedger } from "../aws/control.ts";
import { describeRun } from "../aws/executions.ts";
import { type Desk, type ExitCode, exitCodes, WrongCall } from "../desk.ts";
import { clockOf, findRun } from "../history.ts";
import type { RunRead } from "./account.ts";
import { bundleOf, manifestName, sha256 } from "./bundle.ts";

/** `wanted`: an execution's ARN, or its name. Throws Refused, AwsFault. */
export async function readRun(desk: Desk, wanted: string): Promise<RunRead> {
  const { arn, events } = await findRun(desk, wanted);
  const [{ status = "UNKNOWN" }, ledger, exportedAt] = await Promise.all([
    describeRun(desk.clients, arn),
    ledgerOf(desk, arn),
    clockOf(desk),
  ]);
  return { config: desk.config, executionArn: arn, status, events, ledger, exportedAt };
}

/** With eventual coordination one replica may lag behind: entries are only ever added. */
export async function ledgerOf({ config, clients }: Desk, arn: string): Promise<unknown[]> {
  const told = await askAll(servingRegions(config), (region) =>
    readLedger(clients, config, region, arn),
  );
  const read = told.flatMap((one) => (one.ok ? [one.value] : []));
  const [longest] = read.sort((a, b) => b.length - a.length);
  if (longest !== undefined) return longest;
  throw mostTelling(told.flatMap((one) => (one.ok ? [] : [one.fault])));
}

export async function exportRun(
  desk: Desk,
  wanted: string,
  options: { readonly out: string; readonly json?: boolean | undefined },
): Promise<ExitCode> {
  const { screen } = desk;
  const folder = resolve(options.out);
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new WrongCall(`${folder} is not empty: name a folder that is, or is not there yet.`);
  }
  const run = await readRun(desk, wanted);
  const files = bundleOf(run);
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of files) writeFileSync(join(folder, name), content);
  const hash = sha256(files.get(manifestName) ?? "");
  const said = { executionArn: run.executionArn, folder, files: [...files.keys()], sha256: hash };
  if (options.json) screen.out(JSON.stringify(said));
  else screen.out(`Wrote ${files.size} files of ${run.executionArn} to ${folder}.`);
  if (run.status === "RUNNING") {
    screen.note("It still runs: this is what is on record so far. Export it again when it ended.");
  }
  if (!options.json) screen.out(`${manifestName} has SHA-256 ${hash}: keep that elsewhere.`);
  return exitCodes.done;
}
