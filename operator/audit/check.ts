// `audit verify`: a bundle on disk, or, without one, the ledgers of all past runs where they stand.
// The exit status says whether anything is wrong; each fault is a line.
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { ExecutionListItem } from "../aws/executions.ts";
import { type Desk, type ExitCode, exitCodes, type Screen, WrongCall } from "../desk.ts";
import { clockOf, pastRuns, sinceOf } from "../history.ts";
import { manifestName, sha256 } from "./bundle.ts";
import { ledgerOf } from "./export.ts";
import { faultsOfLedger } from "./ledger-read.ts";
import { faultsOfBundle } from "./verify.ts";

interface Checked {
  /** For people: what was held against what. */
  readonly what: string;
  readonly faults: readonly string[];
  /** What could not be asked: neither right nor wrong. */
  readonly unknown: readonly string[];
}

const askedAtOnce = 10;

/** Throws WrongCall where the folder can't be read. */
export function checkBundle(folder: string): Checked {
  const path = resolve(folder);
  const found = new Map<string, Uint8Array>();
  try {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      const isFile = entry.isFile();
      found.set(entry.name, isFile ? readFileSync(join(path, entry.name)) : new Uint8Array());
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new WrongCall(`${path} can't be read: ${why}`);
  }
  const hash = sha256(found.get(manifestName) ?? "");
  const what = `${path}: ${manifestName} has SHA-256 ${hash}`;
  return { what, faults: faultsOfBundle(found), unknown: [] };
}

/** Every run that AWS still lists: its ledger's chain, from the first entry to its outcome. */
export async function checkLedgers(desk: Desk, since: string | undefined): Promise<Checked> {
  const from = since === undefined ? 0 : sinceOf(since, await clockOf(desk));
  const { runs, unknown: unasked } = await pastRuns(desk, from);
  const faults: string[] = [];
  const unknown = [...unasked];
  for (let at = 0; at < runs.length; at += askedAtOnce) {
    const portion = runs.slice(at, at + askedAtOnce).map(async (run) => {
      const told = await faultsOfRun(desk, run).catch((fault: unknown) => {
        unknown.push(fault instanceof Error ? fault.message : String(fault));
        return [];
      });
      faults.push(...told);
    });
    await Promise.all(portion);
  }
  return { what: `The ledgers of ${runs.length} runs`, faults: faults.sort(), unknown };
}

async function faultsOfRun(desk: Desk, run: ExecutionListItem): Promise<string[]> {
  const { executionArn: arn = "", status } = run;
  return faultsOfLedger(await ledgerOf(desk, arn), arn, status === "SUCCEEDED", sha256);
}

export function tellChecked(screen: Screen, checked: Checked, json: boolean | undefined): ExitCode {
  const { what, faults, unknown } = checked;
  const isSound = faults.length === 0 && unknown.length === 0;
  if (json) screen.out(JSON.stringify({ ok: isSound, ...checked }));
  else {
    for (const fault of faults) screen.out(screen.paint.bad(fault));
    for (const line of unknown) screen.out(screen.paint.warn(`unknown  ${line}`));
    screen.out(`${what}: ${isSound ? "sound" : `${faults.length} faults`}.`);
  }
  return isSound ? exitCodes.done : exitCodes.refused;
}
