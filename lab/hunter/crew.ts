// Worker processes, each handed one order after the other. One that
// breaks or hangs costs its own order alone, whose run is then inconclusive: of a run that didn't
// end nobody can say how it would have.
import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { projectRoot } from "../deploy/project-root.ts";
import { type Order, type Report, reportSchema } from "./orders.ts";

/** Compiled code and AWS clients pile up: after so many orders a fresh process is cheaper. */
const ordersMax = 15;
/** Real time: far more than a run of an hour takes on a busy machine. */
const patienceMilliseconds = 15 * 60_000;

export interface CrewSettings {
  /** Default: the hunter's own worker. From the project's root. */
  readonly script?: string;
  readonly patience?: number;
}

interface Worker {
  readonly child: ChildProcess;
  readonly said: Buffer[];
  orders: number;
}

export class Crew {
  readonly #settings: CrewSettings;
  readonly #idle: Worker[] = [];
  readonly #all = new Set<ChildProcess>();

  constructor(settings: CrewSettings = {}) {
    this.#settings = settings;
  }

  /** Never rejects. Whoever calls it again meanwhile gets a worker more. */
  async run(order: Order): Promise<Report> {
    const worker = this.#idleOne() ?? this.#hire();
    worker.orders += 1;
    const report = await answerOf(worker, order, this.#settings.patience ?? patienceMilliseconds);
    const isFit = report.logSha256 !== null && worker.orders < ordersMax;
    if (isFit && this.#all.has(worker.child)) this.#idle.push(worker);
    else this.#dismiss(worker);
    return report;
  }

  /** Ends every worker, whatever it is doing. */
  stop(): void {
    for (const child of this.#all) child.kill("SIGKILL");
    this.#all.clear();
    this.#idle.length = 0;
  }

  /** One may have died since it was last of use. */
  #idleOne(): Worker | undefined {
    for (let worker = this.#idle.pop(); worker !== undefined; worker = this.#idle.pop()) {
      if (worker.child.connected) return worker;
      this.#dismiss(worker);
    }
    return undefined;
  }

  #hire(): Worker {
    const script = join(projectRoot, this.#settings.script ?? "lab/hunter/main.ts");
    const child = fork(script, {
      cwd: projectRoot,
      execArgv: ["--import", "tsx"],
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    const worker: Worker = { child, said: [], orders: 0 };
    child.stderr?.on("data", (chunk: Buffer) => worker.said.push(chunk));
    this.#all.add(child);
    return worker;
  }

  #dismiss({ child }: Worker): void {
    this.#all.delete(child);
    child.kill("SIGKILL");
  }
}

function inconclusive(why: string): Report {
  return { verdict: "inconclusive", failures: [why], logSha256: null, wallMilliseconds: 0 };
}

function answerOf({ child, said }: Worker, order: Order, patience: number): Promise<Report> {
  return new Promise((done) => {
    const settle = (report: Report) => {
      clearTimeout(timer);
      for (const name of ["message", "error", "close"]) child.removeAllListeners(name);
      // What it does from now on is nobody's business, but must not end this process.
      child.on("error", () => {});
      done(report);
    };
    const timer = setTimeout(
      () => settle(inconclusive(`The run took more than ${patience / 1000} s of real time.`)),
      patience,
    );
    child.on("message", (message) => {
      const report = reportSchema.safeParse(message);
      settle(report.success ? report.data : inconclusive("The worker's answer can't be read."));
    });
    child.on("error", ({ message }) => settle(inconclusive(message)));
    child.on("close", (code, signal) => {
      const words = Buffer.concat(said).toString().trim();
      settle(inconclusive(`The worker ended (${signal ?? `status ${code}`}). ${words}`.trim()));
    });
    child.send(order);
  });
}
