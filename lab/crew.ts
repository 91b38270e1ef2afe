// Worker processes, each handed one order after the other: a lab takes over a whole process's time,
// and gives it back; what stays is compiled code, which makes the next run cheap. One that breaks
// or hangs costs its own order alone.
import { type ChildProcess, fork } from "node:child_process";
import { Socket } from "node:net";
import { join } from "node:path";
import { projectRoot } from "./deploy/project-root.ts";

/** Compiled code and AWS clients pile up: after so many orders a fresh process is cheaper. */
const usualOrdersMax = 15;

export interface CrewSettings<Report> {
  /** What the workers run, from the project's root: it answers each message with one. */
  readonly script: string;
  /** Of a message; null: it can't be read. */
  readonly reportOf: (message: unknown) => Report | null;
  /** What an order is worth whose worker broke. `status`: of the process; null: it was ended. */
  readonly broken: (why: string, status: number | null) => Report;
  /** Real ms for one order. Default: 15 minutes, far more than a run of an hour takes on a busy
   * machine. */
  readonly patience?: number;
  /** Of one process. Default: 15. */
  readonly ordersMax?: number;
}

interface Worker {
  readonly child: ChildProcess;
  readonly said: Buffer[];
  orders: number;
}

export class Crew<Order extends object, Report> {
  readonly #settings: CrewSettings<Report>;
  readonly #idle: Worker[] = [];
  readonly #all = new Set<ChildProcess>();
  #stopped = false;

  constructor(settings: CrewSettings<Report>) {
    this.#settings = settings;
  }

  /** Never rejects. Whoever calls it again meanwhile gets a worker more; after stop(), none. */
  async run(order: Order): Promise<Report> {
    if (this.#stopped) return this.#settings.broken("The workers were stopped.", null);
    const { ordersMax = usualOrdersMax } = this.#settings;
    const worker = this.#idleOne() ?? this.#hire();
    worker.orders += 1;
    worker.said.length = 0;
    keepsThisProcess(worker, true);
    const told = await answerOf(worker, order, this.#settings);
    if (told.whole && worker.orders < ordersMax && this.#all.has(worker.child)) {
      this.#idle.push(worker);
      keepsThisProcess(worker, false);
    } else this.#dismiss(worker);
    return told.report;
  }

  /** Ends every worker, whatever it is doing, for good. */
  stop(): void {
    this.#stopped = true;
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
    const child = fork(join(projectRoot, this.#settings.script), {
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

/** Nobody waits for an idle worker; without this process it ends. */
function keepsThisProcess({ child }: Worker, keeps: boolean): void {
  const name = keeps ? "ref" : "unref";
  child[name]();
  child.channel?.[name]();
  if (child.stderr instanceof Socket) child.stderr[name]();
}

function answerOf<Report>(
  { child, said }: Worker,
  order: object,
  { reportOf, broken, patience = 15 * 60_000 }: CrewSettings<Report>,
): Promise<{ report: Report; whole: boolean }> {
  return new Promise((done) => {
    const settle = (report: Report, whole = false) => {
      clearTimeout(timer);
      for (const name of ["message", "error", "close"]) child.removeAllListeners(name);
      // What it does from now on is nobody's business, but must not end this process.
      child.on("error", () => {});
      done({ report, whole });
    };
    const timer = setTimeout(
      () => settle(broken(`The run took more than ${patience / 1000} s of real time.`, null)),
      patience,
    );
    child.on("message", (message) => {
      const report = reportOf(message);
      if (report === null) settle(broken("The worker's answer can't be read.", null));
      else settle(report, true);
    });
    child.on("error", ({ message }) => settle(broken(message, null)));
    child.on("close", (code, signal) => {
      const words = Buffer.concat(said).toString().trim();
      settle(broken(`The worker ended (${signal ?? `status ${code}`}). ${words}`.trim(), code));
    });
    child.send(order);
  });
}
