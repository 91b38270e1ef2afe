// Runs a scenario for several seeds: each seed in its own process, since a lab takes over a whole
// process's time, and as many at once as there are cores.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { projectRoot } from "./deploy/project-root.ts";
import { sampleApp } from "./deploy/synthesis.ts";
import { type DrillResult, drillResultSchema } from "./report/result.ts";

export interface SeedsOptions {
  readonly workers: number;
  /** The CDK app, absolute: beside it is the configuration. Default: the sample's. */
  readonly app?: string;
  /** Default: yes. */
  readonly baseline?: boolean;
  onResult(result: DrillResult, done: number): void;
}

export interface SeedsRun {
  /** In the order of the seeds. */
  readonly results: DrillResult[];
  /** Seeds whose worker broke (a drill that fails is a result), and what it said. `refused`: it
   * found the call or the scenario wrong, as only the deployed assembly can show. */
  readonly broken: { readonly seed: number; readonly why: string; readonly refused: boolean }[];
}

class WorkerBroke extends Error {
  override readonly name = "WorkerBroke";
  readonly refused: boolean;
  constructor(seed: number, code: number | null, said: string) {
    super(`Seed ${seed} broke (exit status ${code}):\n${said}`);
    this.refused = code === 2;
  }
}

/** One broken worker costs its own seed's result and no other. */
export async function runSeeds(
  file: string,
  folder: string,
  seeds: readonly number[],
  options: SeedsOptions,
): Promise<SeedsRun> {
  const waiting = [...seeds];
  const broken: SeedsRun["broken"] = [];
  const results = new Map<number, DrillResult>();
  const work = async (): Promise<void> => {
    for (let seed = waiting.shift(); seed !== undefined; seed = waiting.shift()) {
      try {
        const result = await runOne(file, folder, seed, options);
        results.set(seed, result);
        options.onResult(result, results.size);
      } catch (error) {
        const refused = error instanceof WorkerBroke && error.refused;
        broken.push({ seed, why: error instanceof Error ? error.message : String(error), refused });
      }
    }
  };
  await Promise.all(Array.from({ length: options.workers }, work));
  return { results: seeds.flatMap((seed) => results.get(seed) ?? []), broken };
}

function runOne(
  file: string,
  folder: string,
  seed: number,
  { app = sampleApp, baseline = true }: Pick<SeedsOptions, "app" | "baseline">,
): Promise<DrillResult> {
  const script = join(projectRoot, "lab/drill.ts");
  const which = ["--app", app, "--assembly", folder, "--seed", String(seed)];
  // Every core has a drill to run: a baseline comes after, and only where it is needed.
  const how = baseline ? "--late-baseline" : "--no-baseline";
  const words = [script, file, ...which, how, "--json"];
  return new Promise((done, failed) => {
    const worker = spawn(process.execPath, ["--import", "tsx", ...words], {
      cwd: projectRoot,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    worker.stdout.on("data", (chunk: Buffer) => out.push(chunk));
    worker.stderr.on("data", (chunk: Buffer) => err.push(chunk));
    worker.on("error", failed);
    worker.on("close", (code) => {
      if (code === 0 || code === 1) {
        const parsed = drillResultSchema.safeParse(tryJson(Buffer.concat(out).toString()));
        if (parsed.success) return done(parsed.data);
      }
      const said = Buffer.concat(err).toString().trim();
      failed(new WorkerBroke(seed, code, said));
    });
  });
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
