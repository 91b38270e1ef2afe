// .switchback/lab.json: where a live lab is to be found, while it lives. It appears whole or not at
// all, and only where no other live lab's is; one whose process is gone is replaced. Keys in it are
// the lab's own and open nothing else.
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { type Config, configSchema } from "../../core/config/schema.ts";
import { projectRoot } from "../deploy/project-root.ts";

export const labFilePath = join(projectRoot, ".switchback", "lab.json");

const keysSchema = z.strictObject({
  accessKeyId: z.string(),
  secretAccessKey: z.string(),
  sessionToken: z.string(),
});

export const labFileSchema = z.strictObject({
  pid: z.int(),
  /** Real time, ISO 8601. */
  startedAt: z.string(),
  speed: z.number(),
  awsEndpoint: z.string(),
  dns: z.strictObject({ host: z.string(), port: z.int() }),
  api: z.string(),
  /** Of whoever is alone on call. */
  credentials: keysSchema,
  /** Keys by role: viewer, operator, approver, on-call, break-glass. */
  roles: z.record(z.string(), keysSchema),
  config: configSchema,
  /** With its token: whoever reads it may operate the lab. Null: there is none. */
  console: z.string().nullable(),
  /** The lab's own controls (control.ts). */
  control: z.strictObject({ url: z.string(), token: z.string() }),
});
export type LabFile = Omit<z.infer<typeof labFileSchema>, "config"> & { readonly config: Config };

/** Another live lab runs on this checkout. */
export class LabRunning extends Error {
  override readonly name = "LabRunning";
  constructor(file: string, pid: number) {
    super(`A live lab runs already (process ${pid}, see ${file}). Stop that one first.`);
  }
}

const owner = z.looseObject({ pid: z.int() });

/** Throws LabRunning; a file that nobody alive owns goes. */
export function refuseSecondLab(file: string): void {
  const pid = ownerOf(file);
  if (pid === null) return;
  if (isAlive(pid)) throw new LabRunning(file, pid);
  rmSync(file, { force: true });
}

/** Throws LabRunning where another lab was faster. */
export function writeLabFile(file: string, lab: LabFile): void {
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(lab, null, 2)}\n`, { mode: 0o600 });
  try {
    refuseSecondLab(file);
    // Unlike a rename, a link never replaces what is there.
    linkSync(draft, file);
  } catch (error) {
    if (error instanceof LabRunning) throw error;
    throw new LabRunning(file, ownerOf(file) ?? 0);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Only one's own. */
export function updateLabFile(file: string, lab: LabFile): void {
  if (ownerOf(file) !== process.pid) return;
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(lab, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, file);
}

/** Only one's own. */
export function removeLabFile(file: string): void {
  if (ownerOf(file) === process.pid) rmSync(file, { force: true });
}

/** Null: no file. What can't be read has no owner: 0, which is never alive. */
function ownerOf(file: string): number | null {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return null;
  }
  try {
    return owner.safeParse(JSON.parse(text)).data?.pid ?? 0;
  } catch {
    return 0;
  }
}

function isAlive(pid: number): boolean {
  if (pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is alive, too.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
