// The `process`, clock and chance that a function sees: its own environment, streams that end in
// the lab's log, and virtual time on the monotonic clocks too.
import { Console } from "node:console";
import { EventEmitter } from "node:events";
import type { Clock } from "../../kernel.ts";

export type Environment = { [name: string]: string };

/** A stream as node:console and loggers use it. */
class LineStream extends EventEmitter {
  readonly #line: (text: string) => void;

  constructor(line: (text: string) => void) {
    super();
    this.#line = line;
  }

  write(text: string | Uint8Array): boolean {
    const lines = (typeof text === "string" ? text : Buffer.from(text).toString()).trimEnd();
    if (lines !== "") this.#line(lines);
    return true;
  }
}

export interface ProcessPorts {
  readonly clock: Pick<Clock, "now">;
  readonly env: Environment;
  /** Called with each line of stdout and stderr. */
  readonly line: (text: string) => void;
}

export function labProcess({ clock, env, line }: ProcessPorts) {
  const startedAt = clock.now();
  const elapsed = () => clock.now() - startedAt;
  const hrtime = Object.assign(
    () => {
      const seconds = Math.floor(elapsed() / 1000);
      return [seconds, Math.round((elapsed() - seconds * 1000) * 1e6)];
    },
    { bigint: () => BigInt(Math.round(elapsed() * 1e6)) },
  );
  const stdout = new LineStream(line);
  const process = Object.assign(new EventEmitter(), {
    env,
    stdout,
    stderr: stdout,
    hrtime,
    argv: ["/var/lang/bin/node"],
    execArgv: [],
    pid: 8,
    platform: "linux",
    arch: "arm64",
    title: "node",
    version: globalThis.process.version,
    versions: globalThis.process.versions,
    release: globalThis.process.release,
    cwd: () => "/var/task",
    uptime: () => elapsed() / 1000,
    memoryUsage: () => ({ rss: 80e6, heapTotal: 40e6, heapUsed: 30e6, external: 1e6 }),
    emitWarning: (warning: unknown) => line(`Warning: ${String(warning)}`),
    nextTick: globalThis.process.nextTick,
  });
  return {
    process,
    console: consoleOn(stdout),
    performance: { now: elapsed, timeOrigin: startedAt },
  };
}

function consoleOn(stream: LineStream): Console {
  const sink = Object.assign(new EventEmitter(), {
    write: (text: string) => stream.write(text),
  });
  return Reflect.construct(Console, [{ stdout: sink, stderr: sink }]);
}
