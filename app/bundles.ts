// Bundles every function and the canary once a synthesis, with one esbuild call. All Regions, and
// the lab, get the same bytes: nothing of this machine (paths, time) goes into them. Not minified,
// so that a stack trace in a log can be read.
import { existsSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { build, type Plugin } from "esbuild";
import type { ApiDefinition } from "./api-definition.ts";
import { functionCatalogue } from "./constructs/function-catalogue.ts";

export interface Bundles {
  /** Folder that holds the index.js of a function: one of the catalogue, or the API's. */
  folderOf(functionName: string): string;
  /** Folder that holds nodejs/node_modules/journey.js, the layout that Synthetics demands. */
  readonly canary: string;
}

/** Root of the project. */
export const projectFolder = join(import.meta.dirname, "..");

const canaryScript = "canaries/journey.ts";
const handlerOf = (folder: string) => `functions/${folder}/handler.ts`;

/** Lambda's runtime provides the SDK. A client that a function imports and never uses is left out:
 * loading all of them costs a cold start more than everything else in it. */
const providedSdk: Plugin = {
  name: "provided-sdk",
  setup: ({ onResolve }) => {
    onResolve({ filter: /^@aws-sdk\// }, ({ path }) => ({
      path,
      external: true,
      sideEffects: false,
    }));
  },
};

/** Builds into `into`, replacing what is there. Throws when a function has no handler. */
export async function bundle(into: string, api: ApiDefinition): Promise<Bundles> {
  const entries = entriesOf(api);
  const missing = [...Object.values(entries), canaryScript].filter(
    (source) => !existsSync(resolve(projectFolder, source)),
  );
  if (missing.length > 0) throw new Error(`no source for ${missing.join(", ")}`);
  rmSync(into, { recursive: true, force: true });
  await build({
    absWorkingDir: projectFolder,
    entryPoints: {
      ...Object.fromEntries(
        Object.entries(entries).map(([name, entry]) => [`${name}/index`, entry]),
      ),
      "canary/nodejs/node_modules/journey": canaryScript,
    },
    outdir: into,
    bundle: true,
    platform: "node",
    format: "cjs",
    // The runtime is Node 24; the lab runs the same file on Node 20.
    target: "node20",
    plugins: [providedSdk],
    // Provided by the canary runtime.
    external: ["@aws/synthetics-core"],
    mainFields: ["module", "main"],
    legalComments: "none",
    logLevel: "warning",
  });
  return {
    folderOf: (folder) => join(into, folder),
    canary: join(into, "canary"),
  };
}

/** Function name → the file that exports its handler. */
function entriesOf({ functionName, entry }: ApiDefinition): Record<string, string> {
  if (functionName in functionCatalogue || functionName === "canary") {
    throw new Error(`${functionName} is a function of Switchback's own: name the API's otherwise`);
  }
  const own = Object.keys(functionCatalogue).map((folder) => [folder, handlerOf(folder)] as const);
  return { ...Object.fromEntries(own), [functionName]: entry };
}
