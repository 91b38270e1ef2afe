// The state as the server pushes it. What arrived last is kept while the server is silent, and said
// to be old: the page never goes blank, and never shows an old state as if it were of now.
import { useEffect, useState } from "react";
import {
  type ConsoleState,
  paths,
  type RunEvent,
  runEventSchema,
  sessionSchema,
  stateSchema,
} from "../contract.ts";
import { get } from "./requests.ts";

export interface Live {
  /** null: nothing has arrived yet. */
  readonly state: ConsoleState | null;
  readonly run: RunEvent | null;
  /** Why the server is not heard; null: it is. */
  readonly silent: string | null;
}

/** The server says something every 15 s at least. */
const silenceMilliseconds = 25_000;
const againMilliseconds = 2_000;

/** `wanted`: the run to be told of, by name or ARN. */
export function useLive(wanted: string | null): Live {
  const [state, setState] = useState<ConsoleState | null>(null);
  const [run, setRun] = useState<RunEvent | null>(null);
  const [silent, setSilent] = useState<string | null>(null);
  useEffect(() => {
    const stream = new Stream(wanted, { setState, setRun, setSilent });
    stream.open();
    return () => stream.close();
  }, [wanted]);
  return { state, run: run?.wanted === wanted ? run : null, silent };
}

interface Hearing {
  setState(state: ConsoleState): void;
  setRun(run: RunEvent): void;
  setSilent(silent: string | null): void;
}

class Stream {
  readonly #path: string;
  readonly #hearing: Hearing;
  #source: EventSource | null = null;
  #watch: ReturnType<typeof setTimeout> | undefined;

  constructor(wanted: string | null, hearing: Hearing) {
    const query = wanted === null ? "" : `?run=${encodeURIComponent(wanted)}`;
    this.#path = `${paths.events}${query}`;
    this.#hearing = hearing;
  }

  open(): void {
    const source = new EventSource(this.#path);
    this.#source = source;
    const { setState, setRun } = this.#hearing;
    source.addEventListener("state", ({ data }) => this.#heard(data, stateSchema, setState));
    source.addEventListener("run", ({ data }) => this.#heard(data, runEventSchema, setRun));
    source.addEventListener("alive", () => this.#alive());
    source.addEventListener("error", () => this.#lost());
    this.#expect();
  }

  close(): void {
    clearTimeout(this.#watch);
    this.#source?.close();
  }

  #heard<T>(data: string, schema: { parse(value: unknown): T }, tell: (value: T) => void): void {
    let value: T;
    try {
      value = schema.parse(JSON.parse(data));
    } catch {
      this.#hearing.setSilent("This page is older than its server: load it again.");
      return;
    }
    this.#alive();
    tell(value);
  }

  #alive(): void {
    this.#hearing.setSilent(null);
    this.#expect();
  }

  #expect(): void {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => this.#lost(), silenceMilliseconds);
  }

  /** Asks why in words, and opens the stream anew: a browser gives up on one that was refused. */
  #lost(): void {
    this.close();
    get(paths.session, sessionSchema).then(
      () => this.#hearing.setSilent("The connection to the console's server broke; trying again."),
      (error: unknown) =>
        this.#hearing.setSilent(error instanceof Error ? error.message : String(error)),
    );
    this.#watch = setTimeout(() => this.open(), againMilliseconds);
  }
}
