// `audit export`: reads one run where AWS keeps it and writes its bundle into a folder of its own.
// readRun and bundleOf are what the console calls for a download.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { servingRegions } from "../../core/names.ts";
import { putBundle } from "../aws/archive.ts";
import { askAll, mostTelling } from "../aws/asking.ts";
import { readLedger } from "../aws/control.ts";
import { describeRun, nameOfArn } from "../aws/executions.ts";
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
  options: {
    readonly out: string;
    readonly archive?: boolean | undefined;
    readonly json?: boolean | undefined;
  },
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
  const archived = options.archive ? await archiveBundle(desk, run, files, hash) : null;
  const said = {
    ...{ executionArn: run.executionArn, folder, files: [...files.keys()], sha256: hash },
    ...(archived === null ? {} : { archived: archived.places }),
  };
  if (options.json) screen.out(JSON.stringify(said));
  else screen.out(`Wrote ${files.size} files of ${run.executionArn} to ${folder}.`);
  if (run.status === "RUNNING") {
    screen.note("It still runs: this is what is on record so far. Export it again when it ended.");
  }
  if (!options.json) screen.out(`${manifestName} has SHA-256 ${hash}: keep that elsewhere.`);
  if (archived === null) return exitCodes.done;
  if (!options.json) for (const place of archived.places) screen.out(`Archived as ${place}`);
  for (const fault of archived.faults) screen.note(`Not archived: ${fault}`);
  return archived.faults.length === 0 ? exitCodes.done : exitCodes.refused;
}

/** In each serving Region's bucket; one that doesn't answer keeps the other's from nobody. */
async function archiveBundle(
  { config, clients }: Desk,
  { executionArn }: RunRead,
  files: ReadonlyMap<string, string>,
  hash: string,
): Promise<{ places: string[]; faults: string[] }> {
  const account = executionArn.split(":")[4] ?? "";
  const bundle = { name: `${nameOfArn(executionArn)}-${hash.slice(0, 12)}`, files };
  const told = await askAll(servingRegions(config), (region) =>
    putBundle(clients, config, { region, account }, bundle),
  );
  return {
    places: told.flatMap((one) => (one.ok ? [one.value] : [])),
    faults: told.flatMap((one) => (one.ok ? [] : [one.fault.message])),
  };
}
