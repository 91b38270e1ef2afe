// Is a bundle what was exported? Every fault is named, not the first alone. It needs no AWS and no
// credentials: whoever audits has only the files. That the manifest itself is the exported one
// shows its own hash alone, which the export says, for keeping elsewhere.
import { z } from "zod";
import { parsed } from "../timeline.ts";
import { ledgerName, type Manifest, manifestName, manifestSchema, sha256 } from "./bundle.ts";
import { faultsOfLedger } from "./ledger-read.ts";

/** File name to content, as found. */
export type Found = ReadonlyMap<string, Uint8Array>;

export function faultsOfBundle(found: Found): string[] {
  const text = found.get(manifestName);
  if (text === undefined) return [`There is no ${manifestName}: this is no bundle.`];
  const manifest = parsed(manifestSchema, textOf(text));
  if (manifest === null)
    return [`${manifestName} can't be read: it is damaged, or of a later kind.`];
  const unnamed = [...found.keys()]
    .filter((name) => name !== manifestName && manifest.files[name] === undefined)
    .map((name) => `${name} is not in the manifest.`);
  return [...faultsOfFiles(manifest, found), ...unnamed, ...faultsOfChain(manifest, found)];
}

function faultsOfFiles({ files }: Manifest, found: Found): string[] {
  return Object.entries(files).flatMap(([name, stated]) => {
    const content = found.get(name);
    if (content === undefined) return [`${name} is missing.`];
    if (sha256(content) === stated.sha256) return [];
    return [`${name} was changed after the export.`];
  });
}

function faultsOfChain({ executionArn, status, files }: Manifest, found: Found): string[] {
  if (files[ledgerName] === undefined) return [`The manifest names no ${ledgerName}.`];
  const content = found.get(ledgerName);
  if (content === undefined) return [];
  const items = parsed(z.array(z.unknown()), textOf(content));
  if (items === null) return [`${ledgerName} can't be read.`];
  return faultsOfLedger(items, executionArn, status === "SUCCEEDED", sha256);
}

const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString("utf8");
