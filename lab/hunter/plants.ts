// Five classic bugs of failover controllers, each as a replacement in one file of the product, made
// in a copy of its sources. A text that is not there, or there twice, is an error: a bug that was
// not planted would seem to have escaped.
import { cpSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Config } from "../../core/config/schema.ts";
import { projectRoot } from "../deploy/project-root.ts";
import { removeFolder, synthesizeInto } from "../deploy/synthesis.ts";

export interface Plant {
  readonly name: string;
  /** From the project's root. */
  readonly file: string;
  readonly find: string;
  readonly put: string;
}

export const plants: readonly Plant[] = [
  {
    name: "inverts the endpoint check instead of the switch check",
    file: "app/stacks/routing-stack.ts",
    find: "switch: made.switchLever.healthCheckId,",
    put: "switch: made.endpoint.healthCheckId,",
  },
  {
    name: "counts unknown as healthy",
    file: "functions/gather-evidence/reports.ts",
    find: `  if (looks < looksWanted) return "unknown";
  if (passed === looks) return "healthy";
  return passed === 0 ? "failing" : "unknown";`,
    put: `  return looks === looksWanted && passed === 0 ? "failing" : "healthy";`,
  },
  {
    name: "promotes before the fence has expired",
    file: "functions/fence-source/fence-source.ts",
    find: "const fencedAt = since + gatesSeconds * 1_000;",
    put: "const fencedAt = since + 0 * gatesSeconds;",
  },
  {
    name: "moves a lever under a stale epoch",
    file: "functions/levers.ts",
    find: "if (state.epoch !== order.epoch || !holds) throw lost(order);",
    put: "void holds;",
  },
  {
    name: "writes the routing state unconditionally",
    file: "functions/adapters/control-table.ts",
    find: "if (await table.set(key, changes, stillAsSeen(seen, also))) return next;",
    put: `if (await table.set(key, changes, { expression: "attribute_exists(pk)" })) return next;`,
  },
];

/** What the CDK app is built from. */
const sources = ["app", "canaries", "core", "functions", "workflows", "package.json"];

/** The text with the bug in it. */
export function planted(text: string, { file, find, put }: Plant): string {
  const parts = text.split(find);
  if (parts.length !== 2) {
    throw new Error(`${file} holds the text to be replaced ${parts.length - 1} times, not once`);
  }
  return parts.join(put);
}

export interface Garden {
  readonly folder: string;
  /** Synthesizes the copy's app; answers the assembly. */
  synthesize(config: Config): Promise<string>;
  remove(): void;
}

/** A copy of the sources outside the tree, with that bug. */
export function plant(bug: Plant): Garden {
  const folder = mkdtempSync(join(tmpdir(), "switchback-planted-"));
  const remove = () => removeFolder(folder);
  try {
    for (const name of sources) {
      cpSync(join(projectRoot, name), join(folder, name), { recursive: true });
    }
    symlinkSync(join(projectRoot, "node_modules"), join(folder, "node_modules"));
    const file = join(folder, bug.file);
    writeFileSync(file, planted(readFileSync(file, "utf8"), bug));
    let made = 0;
    const synthesize = async (config: Config) => {
      made += 1;
      const assembly = join(folder, `assembly-${made}`);
      await synthesizeInto(assembly, config, join(folder, "app/main.ts"), folder);
      return assembly;
    };
    return { folder, synthesize, remove };
  } catch (error) {
    remove();
    throw error;
  }
}
