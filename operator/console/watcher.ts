// Watches the deployment while somebody looks: one reader for all pages, at a pace that AWS's
// limits allow (Route 53's API takes five calls a second of a whole account). What can't be read
// keeps its last value, with its age and the reason: a page never shows an old state as if it were
// of now.
import { vantageRegions } from "../../core/names.ts";
import { whoAmI } from "../aws/identity.ts";
import { type Desk, WrongCall } from "../desk.ts";
import { readFacts } from "../facts.ts";
import { readStatus } from "../status.ts";
import type { LabControl } from "../target.ts";
import type { ConsoleState, Facts, RunEvent } from "./contract.ts";
import { readLab } from "./lab-link.ts";
import { shownRun } from "./run-shown.ts";

export interface Connected {
  readonly desk: Desk;
  readonly control: LabControl | null;
}

export interface WatcherPorts {
  /** Throws WrongCall while there is nothing to watch, such as a lab that starts. */
  connect(): Connected;
  /** Real ms, monotonic. */
  monotonic(): number;
  sleep(milliseconds: number): Promise<void>;
}

export interface Listener {
  /** Execution that the page shows, by name or ARN. */
  readonly run: string | null;
  state(state: ConsoleState): void;
  told(event: RunEvent): void;
}

const pace = { lab: 1_000, aws: 5_000 } as const;
/** Metrics are of whole minutes: on AWS, where each read costs, every so many rounds. */
const factsEvery = { lab: 1, aws: 6 } as const;

/** Points of a sparkline. */
const seriesMax = 150;

export class Watcher {
  readonly #ports: WatcherPorts;
  readonly #listeners = new Set<Listener>();
  #state: ConsoleState = nothing;
  #readAt: number | null = null;
  #round = 0;
  #isWatching = false;

  constructor(ports: WatcherPorts) {
    this.#ports = ports;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  /** Tells what is known at once, then each time something was read; answers how to stop. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    if (this.#round > 0) listener.state(this.#state);
    void this.#watch();
    return () => this.#listeners.delete(listener);
  }

  async #watch(): Promise<void> {
    if (this.#isWatching) return;
    this.#isWatching = true;
    while (this.#listeners.size > 0) {
      const kind = await this.#read();
      this.#round += 1;
      for (const { state } of this.#listeners) state(this.#state);
      await this.#ports.sleep(pace[kind]);
    }
    this.#isWatching = false;
  }

  /** Answers the kind of target, for the pace. */
  async #read(): Promise<"lab" | "aws"> {
    let connected: Connected;
    try {
      connected = this.#ports.connect();
    } catch (error) {
      this.#silent(error);
      this.#state = { ...this.#state, lab: null };
      return "lab";
    }
    const { desk, control } = connected;
    const { kind } = desk.target;
    const [status, lab] = await Promise.all([
      this.#readStatus(desk),
      control === null ? null : readLab(control).catch(() => null),
      this.#tellRuns(desk),
    ]);
    this.#state = { ...this.#state, ...status, deployment: deploymentOf(desk), lab };
    this.#state.ageSeconds = this.#age();
    return kind;
  }

  async #readStatus(desk: Desk): Promise<Partial<ConsoleState>> {
    try {
      const status = await readStatus(desk);
      const isDue = this.#state.facts === null || this.#round % factsEvery[desk.target.kind] === 0;
      const facts = isDue
        ? this.#withSeries(await readFacts(desk, status), status.at)
        : this.#state.facts;
      const me = this.#state.me ?? (await whoAmI(desk.clients, desk.config)).arn;
      this.#readAt = this.#ports.monotonic();
      return { status, facts, me, silent: null };
    } catch (error) {
      return { silent: words(error) };
    }
  }

  #withSeries(read: Awaited<ReturnType<typeof readFacts>>, at: number): Facts {
    const before = this.#state.facts?.replication ?? {};
    const replication = Object.entries(read.replication).map(([source, one]) => {
      const earlier = before[source]?.series ?? [];
      const point = { at, lagSeconds: one.lagSeconds };
      return [source, { ...one, series: [...earlier, point].slice(-seriesMax) }] as const;
    });
    return { ...read, replication: Object.fromEntries(replication) };
  }

  async #tellRuns(desk: Desk): Promise<void> {
    const wanted = new Set([...this.#listeners].flatMap(({ run }) => run ?? []));
    await Promise.all(
      [...wanted].map(async (name) => {
        const event = await shownRun(desk, name).then(
          (run): RunEvent => ({ wanted: name, run, why: null }),
          (error: unknown): RunEvent => ({ wanted: name, run: null, why: words(error) }),
        );
        for (const { run, told } of this.#listeners) if (run === name) told(event);
      }),
    );
  }

  #silent(error: unknown): void {
    const silent = error instanceof WrongCall ? starting : words(error);
    this.#state = { ...this.#state, silent, ageSeconds: this.#age() };
  }

  #age(): number | null {
    if (this.#readAt === null) return null;
    return Math.round((this.#ports.monotonic() - this.#readAt) / 1000);
  }
}

const starting = "The lab is not running, or is starting: it deploys the application first.";
const words = (error: unknown) => (error instanceof Error ? error.message : String(error));

const nothing: ConsoleState = {
  ...{ deployment: null, me: null, status: null, silent: null },
  ...{ ageSeconds: null, facts: null, lab: null },
};

function deploymentOf({ config, target }: Desk): ConsoleState["deployment"] {
  const [primary, secondary, witness] = vantageRegions(config);
  return {
    ...{ kind: target.kind, words: target.words },
    ...{ application: config.application, domain: config.domain.name },
    ...{ topology: config.topology, primary, secondary, witness },
    rpoSeconds: config.objectives.rpoSeconds,
    stabilitySeconds: config.policy.stabilitySeconds,
  };
}
