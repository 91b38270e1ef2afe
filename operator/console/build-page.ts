// Builds the page with Vite when its sources have changed: a fresh clone needs no step of its own.
// The folder's name is the hash of all that goes in, so that a built page is never an old one. It
// is built beside and renamed: two consoles that start at once don't see half of it.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const project = dirname(dirname(here));
const built = join(project, ".switchback", "console");
/** What the page is made of: its own folder, the contracts, the versions of what it imports. */
const sources = [here, join(project, "core"), join(project, "package-lock.json")];

/** Answers the folder. `onBuild`: it takes a while. */
export async function buildPage(onBuild: () => void): Promise<string> {
  const hash = hashOf(sources);
  const folder = join(built, hash);
  if (existsSync(folder)) return folder;
  onBuild();
  const draft = join(built, `${hash}.${process.pid}`);
  mkdirSync(built, { recursive: true });
  await buildInto(draft);
  if (existsSync(folder)) rmSync(draft, { recursive: true });
  else renameSync(draft, folder);
  forgetOlder(hash);
  return folder;
}

/** Loaded only where there is something to build: it takes a second. */
async function buildInto(outDir: string): Promise<void> {
  const [{ build }, { default: react }] = await Promise.all([
    import("vite"),
    import("@vitejs/plugin-react"),
  ]);
  await build({
    root: join(here, "page"),
    configFile: false,
    logLevel: "error",
    plugins: [react()],
    build: {
      outDir,
      emptyOutDir: true,
      // The content security policy allows no data: URL.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      chunkSizeWarningLimit: 4_000,
    },
  });
}

function hashOf(paths: readonly string[]): string {
  const hash = createHash("sha256");
  for (const path of paths) {
    for (const file of filesIn(path)) hash.update(file).update("\0").update(readFileSync(file));
  }
  return hash.digest("hex").slice(0, 16);
}

function filesIn(path: string): string[] {
  const listed = readdirSyncOrNull(path);
  if (listed === null) return [path];
  return listed
    .sort()
    .map((name) => join(path, name))
    .flatMap(filesIn);
}

function readdirSyncOrNull(path: string): string[] | null {
  try {
    return readdirSync(path);
  } catch {
    return null;
  }
}

function forgetOlder(hash: string): void {
  for (const name of readdirSync(built)) {
    if (!name.startsWith(hash)) rmSync(join(built, name), { recursive: true, force: true });
  }
}
