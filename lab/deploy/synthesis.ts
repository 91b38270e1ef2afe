// Runs the CDK app in another process, into one folder for each merged configuration and state of
// the sources; the folder is reused while neither changed. Written beside and renamed, so that an
// interrupted or a concurrent synthesis never leaves half an assembly.
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { constants } from "node:os";
import { dirname, join, relative } from "node:path";
import type { Config } from "../../core/config/schema.ts";
import { Crew } from "../crew.ts";
import { type Order, type Report, reportSchema } from "./orders.ts";
import { projectRoot } from "./project-root.ts";

const assemblies = join(projectRoot, ".switchback", "assemblies");
/** Longer than any run of seeds that rests on one. */
const keptMilliseconds = 6 * 3_600_000;
const sources = ["app", "workflows", "functions", "canaries", "core"];

/** The sample's; a team's is a file of its own, with a folder of its own. */
export const sampleApp = join(projectRoot, "app", "main.ts");

/** The folder of the assembly; `onStart` is called only when it has to be synthesized. */
export async function synthesize(
  config: Config,
  onStart: () => void,
  appFile: string = sampleApp,
): Promise<string> {
  const folder = join(assemblies, fingerprint(config, appFile));
  if (existsSync(join(folder, "manifest.json"))) {
    // Its time says when it was last of use.
    utimesSync(folder, new Date(), new Date());
    return folder;
  }
  onStart();
  const draft = `${folder}.${process.pid}`;
  mkdirSync(draft, { recursive: true });
  dropStale(assemblies);
  const interrupted = (signal: NodeJS.Signals) => {
    stopSyntheses();
    removeFolder(draft);
    process.exit(128 + constants.signals[signal]);
  };
  process.once("SIGINT", interrupted).once("SIGTERM", interrupted);
  try {
    await synthesizeInto(draft, config, appFile);
    try {
      renameSync(draft, folder);
    } catch (error) {
      // Another process was faster with the same bytes: use its folder.
      if (!existsSync(join(folder, "manifest.json"))) throw error;
    }
    return folder;
  } finally {
    process.off("SIGINT", interrupted).off("SIGTERM", interrupted);
    removeFolder(draft);
  }
}

const synthesizers = (ordersMax?: number) =>
  new Crew<Order, Report>({
    script: "lab/deploy/main.ts",
    reportOf: (message) => reportSchema.safeParse(message).data ?? null,
    // An app of one's own may end its process itself.
    broken: (why, status) => (status === 0 ? { kind: "synthesized" } : { kind: "broken", why }),
    ...(ordersMax === undefined ? {} : { ordersMax }),
  });
/** Once CDK is loaded and compiled, a synthesis takes a quarter of the time. By the state of the
 * sources: a process goes on with those that it has loaded. */
const ofTheSample = new Map<string, ReturnType<typeof synthesizers>>();
/** What an app that isn't ours leaves behind in its process must not reach its next synthesis. */
const ofOthers = synthesizers(1);

function crewFor(appFile: string) {
  if (appFile !== sampleApp) return ofOthers;
  const state = stateOf(appFile);
  const crew = ofTheSample.get(state) ?? synthesizers();
  ofTheSample.set(state, crew);
  return crew;
}

/** Ends every synthesis of this process, for good. */
export function stopSyntheses(): void {
  for (const crew of [...ofTheSample.values(), ofOthers]) crew.stop();
}

/** Whoever was just killed may be writing there still. */
export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
}

/** An assembly is 27 MB, and each change of the sources makes another: those that no drill of the
 * last hours used go, and with them the drafts of killed processes. */
export function dropStale(parent: string, now: number = performance.timeOrigin): void {
  for (const name of readdirSync(parent)) {
    const folder = join(parent, name);
    const usedAt = statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? now;
    if (now - usedAt > keptMilliseconds) rmSync(folder, { recursive: true, force: true });
  }
}

function fingerprint(config: Config, appFile: string): string {
  const hash = createHash("sha256").update(JSON.stringify(config)).update(stateOf(appFile));
  return hash.digest("hex").slice(0, 20);
}

/** Of all that the app is made of, but the configuration. */
function stateOf(appFile: string): string {
  const hash = createHash("sha256").update(appFile);
  const own = appFile === sampleApp ? [] : [relative(projectRoot, dirname(appFile))];
  const files = [...sources, ...own].flatMap((folder) =>
    readdirSync(join(projectRoot, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => /\.(ts|html|css|js|svg)$/.test(file))
      .map((file) => join(folder, file))
      .sort(),
  );
  for (const file of [...files, "package.json"]) {
    hash.update(file).update(readFileSync(join(projectRoot, file)));
  }
  return hash.digest("hex");
}

/** Synthesizes into that folder, which nobody else uses. The app runs where its sources are. */
export async function synthesizeInto(
  folder: string,
  config: Config,
  appFile: string,
  cwd: string = projectRoot,
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const configFile = join(folder, "switchback.config.json");
  writeFileSync(configFile, JSON.stringify(config, null, 2));
  const environment = {
    SWITCHBACK_CONFIG_FILE: configFile,
    SWITCHBACK_OUTDIR: folder,
    // cdk-nag and CDK's schema checks change no byte of the templates; npm run synth runs them.
    CDK_VALIDATION: "false",
  };
  const report = await crewFor(appFile).run({ appFile, cwd, environment });
  if (report.kind === "broken") throw new Error(`The CDK app did not synthesize. ${report.why}`);
}
