// `switchback console`: which deployment it shows, and its life from the printed URL to Ctrl-C.
// Where it was started for AWS it stays there, even if a lab is started meanwhile; a lab may come
// and go.
import type { ConsoleOptions } from "../cli/edge.ts";
import { type Desk, type Screen, WrongCall } from "../desk.ts";
import type { FoundTarget, TargetOptions } from "../target.ts";
import { buildPage } from "./build-page.ts";
import { type PageFiles, readPage } from "./page-files.ts";
import { startConsole } from "./start.ts";
import type { Connected } from "./watcher.ts";

export interface ServePorts {
  /** Throws WrongCall. */
  find(options: TargetOptions): FoundTarget;
  deskOf(found: FoundTarget): Desk;
  readonly screen: Screen;
  /** Ctrl-C, or whoever started it is gone. */
  readonly stopped: Promise<void>;
  /** Real ms. */
  monotonic(): number;
  sleep(milliseconds: number): Promise<void>;
  /** Of the process that started this one, if one did. */
  tellParent(url: string): void;
}

/** Throws WrongCall; resolves once stopped. */
export async function serveConsole(options: ConsoleOptions, ports: ServePorts): Promise<void> {
  const { screen, monotonic, sleep } = ports;
  const connect = connector(options, ports);
  const page = () => pageBuilt(ports);
  const running = await startConsole({ connect, page, monotonic, sleep }, options.port);
  screen.out(`Console       ${running.url}`);
  ports.tellParent(running.url);
  // A page that can't be built ends it: there is nothing else to show.
  await Promise.race([ports.stopped, running.built.then(() => ports.stopped)]);
  running.close();
}

/** A build that takes longer is worth a word. */
const quietMilliseconds = 2_000;

async function pageBuilt({ screen, monotonic }: ServePorts): Promise<PageFiles> {
  const begun = monotonic();
  let timer: ReturnType<typeof setInterval> | undefined;
  try {
    const folder = await buildPage(() => {
      timer = setInterval(() => {
        const seconds = Math.round((monotonic() - begun) / 1000);
        screen.note(`Building the console's page: ${seconds} s, this once …`);
      }, quietMilliseconds);
    });
    return readPage(folder);
  } finally {
    clearInterval(timer);
  }
}

/** The same clients as long as it is the same lab: it may be stopped, and another one started. */
export function connector(
  options: ConsoleOptions,
  { find, deskOf }: Pick<ServePorts, "find" | "deskOf">,
): () => Connected {
  const kind = options.target ?? kindNow(options, find);
  const fixed = { ...options, target: kind };
  let known: { readonly key: string; readonly connected: Connected } | null = null;
  const connect = (): Connected => {
    const found = find(fixed);
    const key = JSON.stringify([found.connection, found.target, found.control]);
    if (known?.key !== key) known = { key, connected: connectedTo(found, deskOf) };
    return known.connected;
  };
  // On AWS a wrong call is wrong for good, and said before anything is served.
  if (kind === "aws") connect();
  return connect;
}

const connectedTo = (found: FoundTarget, deskOf: ServePorts["deskOf"]): Connected => ({
  desk: deskOf(found),
  control: found.control,
});

function kindNow(options: TargetOptions, find: ServePorts["find"]): "lab" | "aws" {
  try {
    return find(options).target.kind;
  } catch (error) {
    if (error instanceof WrongCall) return "aws";
    throw error;
  }
}
