// Many drills, as many at once as there are cores, by workers that go from one to the next.
import { Crew } from "../crew.ts";
import type { DrillResult } from "../report/result.ts";
import { type Order, type Report, reportSchema } from "./orders.ts";

export interface Asked {
  /** The scenario's. */
  readonly name: string;
  readonly file: string;
  readonly seed: number;
  /** Its cloud assembly: asked for when its turn has come. */
  readonly assembly: () => Promise<string>;
}

export interface ManyOptions {
  readonly workers: number;
  readonly configFile: string;
  /** What Route 53 alone would have done, too. */
  readonly baseline: boolean;
  onResult(result: DrillResult, done: number): void;
}

export interface ManyRun {
  /** As they were asked for. */
  readonly results: DrillResult[];
  /** Those that broke (a drill that fails is a result), and what was said. `refused`: the call or
   * the scenario was found wrong, as only the deployed assembly can show. */
  readonly broken: {
    readonly name: string;
    readonly seed: number;
    readonly why: string;
    readonly refused: boolean;
  }[];
}

/** Real time: far more than a day of virtual time takes on a busy machine. */
const patienceMilliseconds = 2 * 60 * 60_000;

/** What breaks costs its own drill and no other. */
export async function runMany(asked: readonly Asked[], options: ManyOptions): Promise<ManyRun> {
  const crew = new Crew<Order, Report>({
    script: "lab/many/main.ts",
    reportOf: (message) => reportSchema.safeParse(message).data ?? null,
    broken: (why) => ({ kind: "broken", why, refused: false }),
    patience: patienceMilliseconds,
  });
  const stop = () => crew.stop();
  process.once("exit", stop);
  const waiting = [...asked.entries()];
  const results: (DrillResult | null)[] = [];
  const broken: ManyRun["broken"] = [];
  let done = 0;
  const lane = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, { name, file, seed, assembly }] = next;
      const report = await reportOn(crew, assembly, {
        ...{ file, seed },
        configFile: options.configFile,
        baseline: options.baseline,
      });
      done += 1;
      if (report.kind === "broken") {
        broken.push({ name, seed, why: report.why, refused: report.refused });
      } else {
        results[index] = report.result;
        options.onResult(report.result, done);
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: options.workers }, lane));
  } finally {
    process.off("exit", stop);
    stop();
  }
  return { results: results.flatMap((one) => one ?? []), broken };
}

async function reportOn(
  crew: Crew<Order, Report>,
  assembly: Asked["assembly"],
  order: Omit<Order, "folder">,
): Promise<Report> {
  try {
    return await crew.run({ ...order, folder: await assembly() });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { kind: "broken", why, refused: false };
  }
}
