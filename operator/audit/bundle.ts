// The evidence bundle of one run: a map from file name to content, made from what was read and from
// nothing else, so that the command line writes the same files that the console offers. Each is
// readable by itself; the manifest says the hash of every other.
import { createHash } from "node:crypto";
import { z } from "zod";
import { timelineOf } from "../timeline.ts";
import {
  assigned,
  inputOf,
  leversAround,
  measuredOf,
  outcomeOf,
  type RunRead,
  withoutTokens,
} from "./account.ts";
import { pageOf } from "./page.ts";

export const manifestName = "manifest.json";
export const ledgerName = "ledger.json";
export const pageName = "index.html";

const fileName = z.string().regex(/^[a-z-]+\.(json|html)$/, "must be the name of a file here");

export const manifestSchema = z.strictObject({
  /** Of this format. */
  version: z.literal(1),
  application: z.string(),
  executionArn: z.string(),
  status: z.string(),
  exportedAt: z.string(),
  files: z.record(fileName, z.strictObject({ sha256: z.string(), bytes: z.int() })),
});
export type Manifest = z.output<typeof manifestSchema>;

export const sha256 = (content: string | Uint8Array): string =>
  createHash("sha256").update(content).digest("hex");

/** File name to content; the manifest is last. */
export function bundleOf(run: RunRead): ReadonlyMap<string, string> {
  const { events, ledger } = run;
  const entries = timelineOf(events);
  const files = new Map<string, string>([
    ["input.json", json(inputOf(events))],
    ["evidence.json", json(assigned(events, "evidence"))],
    ["decision.json", json(assigned(events, "decision"))],
    ["approval.json", json(assigned(events, "approval"))],
    ["outcome.json", json(outcomeOf(events))],
    ["timeline.json", json(entries.map((one) => ({ ...one, time: isoOf(one.at) })))],
    ["history.json", json(withoutTokens(events))],
    [ledgerName, json(ledger)],
    ["levers.json", json(leversAround(run))],
    ["measured.json", json(measuredOf(run))],
  ]);
  files.set(pageName, pageOf(run, entries, [...files.keys()]));
  files.set(manifestName, json(manifestOf(run, files)));
  return files;
}

function manifestOf(
  { config, executionArn, status, exportedAt }: RunRead,
  files: ReadonlyMap<string, string>,
): Manifest {
  return {
    version: 1,
    ...{ application: config.application, executionArn, status, exportedAt: isoOf(exportedAt) },
    files: Object.fromEntries(
      [...files].map(([name, content]) => {
        return [name, { sha256: sha256(content), bytes: Buffer.byteLength(content) }];
      }),
    ),
  };
}

const isoOf = (at: number) => new Date(at).toISOString();
const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
