// The baseline beside its drill: a process of its own, since a lab takes over a whole process's
// time. It may use what the drill leaves of the machine, and whatever becomes of it, the drill's
// result stands.
import { type ChildProcess, spawn } from "node:child_process";
import { setPriority } from "node:os";
import { resolve } from "node:path";
import { z } from "zod";
import { projectRoot } from "../deploy/project-root.ts";
import type { Progress } from "../report/progress.ts";
import type { DrillResult } from "../report/result.ts";
import type { DrillRun } from "../run-drill.ts";
import type { Scenario } from "../scenarios/schema.ts";
import { needsBaseline, withBaselines } from "./measure.ts";
import { type BaselineRecord, baselineRecordSchema } from "./record.ts";

export const orderSchema = z.object({
  file: z.string(),
  configFile: z.string(),
  folder: z.string(),
  seed: z.int(),
});
export type Order = z.infer<typeof orderSchema>;

export type BaselineOutcome =
  | { readonly record: BaselineRecord }
  | { readonly failure: string; readonly record: null };

export interface Baseline {
  /** Never rejects. Waits no longer than so many real ms from now. */
  outcome(patienceMilliseconds: number): Promise<BaselineOutcome>;
  stop(): void;
}

/** Whether there is anything that Route 53 could have answered. */
export const isDisturbed = ({ timeline }: Scenario) =>
  timeline.some(({ fault, set }) => fault !== undefined || set !== undefined);

const niceness = 10;

/** `script`: from the project's root. */
export function startBaseline(order: Order, script = "lab/baseline/main.ts"): Baseline {
  const words = ["--import", "tsx", resolve(projectRoot, script), JSON.stringify(order)];
  const child = spawn(process.execPath, words, {
    cwd: projectRoot,
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  stepBack(child);
  const ended = outcomeOf(child);
  const stop = () => void child.kill("SIGKILL");
  return { stop, outcome: (patience) => soonEnough(ended, patience, stop) };
}

function outcomeOf(child: ChildProcess): Promise<BaselineOutcome> {
  return new Promise((done) => {
    const said: Buffer[] = [];
    let sent: unknown;
    child.stderr?.on("data", (chunk: Buffer) => said.push(chunk));
    child.on("message", (message) => {
      sent = message;
    });
    child.on("error", ({ message }) => done({ failure: message, record: null }));
    child.on("close", (status, signal) => {
      const record = baselineRecordSchema.safeParse(sent).data;
      if (status === 0 && record !== undefined) return done({ record });
      const words = Buffer.concat(said).toString().trim();
      done({
        failure: `it ended with ${signal ?? `status ${status}`}. ${words}`.trim(),
        record: null,
      });
    });
  });
}

/** Where priorities can't be set, both compete as equals. */
function stepBack({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) setPriority(pid, niceness);
  } catch {}
}

function soonEnough(
  ended: Promise<BaselineOutcome>,
  milliseconds: number,
  stop: () => void,
): Promise<BaselineOutcome> {
  return new Promise((done) => {
    const timer = setTimeout(() => {
      stop();
      const seconds = Math.round(milliseconds / 1000);
      done({ failure: `it took ${seconds} s longer than the drill`, record: null });
    }, milliseconds);
    ended.then((outcome) => {
      clearTimeout(timer);
      done(outcome);
    });
  });
}

/** Alone, a baseline takes less than its drill; beside others, both take what they get. */
const graceMilliseconds = 240_000;

interface How {
  /** Not beside the drill, but after it, and only where it is needed. */
  readonly late: boolean;
  readonly progress: Pick<Progress, "start">;
  readonly start?: typeof startBaseline;
}

/** The drill, with the baselines of its unplanned switches. A baseline that fails is told, and
 * fails nothing. */
export async function drillWithBaseline(
  order: Order,
  drill: () => Promise<DrillRun>,
  { late, progress, start = startBaseline }: How,
): Promise<DrillRun> {
  const early = late ? null : start(order);
  try {
    const run = await drill();
    const { result } = run;
    if (!result.switches.some(needsBaseline)) return run;
    progress.start("Waiting for the same outage with Route 53 alone");
    const baseline = early ?? start(order);
    const outcome = await baseline.outcome(graceMilliseconds + result.wallMilliseconds);
    return { ...run, result: withOutcome(result, outcome) };
  } finally {
    early?.stop();
  }
}

function withOutcome(result: DrillResult, outcome: BaselineOutcome): DrillResult {
  if (outcome.record !== null) return withBaselines(result, outcome.record);
  return { ...result, baselineFailure: outcome.failure };
}
