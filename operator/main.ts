// `npm run switchback`: the real edge of the operator's command line: terminal, clock, processes,
// and Ctrl-C, which ends the watching and never the run that is watched.
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import pc from "picocolors";
import { createClients } from "./aws/clients.ts";
import type { ConsoleOptions, Edge } from "./cli/edge.ts";
import { runProgram } from "./cli/program.ts";
import { serveConsole } from "./console/serve.ts";
import type { Desk, Screen } from "./desk.ts";
import { type FoundTarget, findTarget, type TargetOptions } from "./target.ts";

// The SDK's advice about Node versions is no news for somebody who is paged.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

const projectFolder = dirname(dirname(fileURLToPath(import.meta.url)));
const interrupted = 130;

const { isColorSupported } = pc;
const isTerminal = process.stdout.isTTY === true;
const colours = pc.createColors(isTerminal && isColorSupported);

const screen: Screen = {
  paint: {
    bold: colours.bold,
    dim: colours.dim,
    good: colours.green,
    warn: colours.yellow,
    bad: colours.red,
  },
  isInteractive: process.stdin.isTTY === true && process.stderr.isTTY === true,
  out: (line) => void process.stdout.write(`${line}\n`),
  note: (line) => void process.stderr.write(`${line}\n`),
  async confirm(question) {
    const asking = createInterface({ input: process.stdin, output: process.stderr });
    asking.on("SIGINT", () => stop("Nothing was answered, and nothing was started."));
    try {
      return /^y(es)?$/i.test((await asking.question(`${question} [y/N] `)).trim());
    } finally {
      asking.close();
    }
  },
};

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

const find = (options: TargetOptions) => findTarget(options, { folder: process.cwd(), isAlive });
const open = (options: TargetOptions) => deskOf(find(options));

function deskOf({ config, connection, target }: FoundTarget): Desk {
  return {
    ...{ config, target, screen, sleep },
    clients: createClients(connection),
    now: () => Date.now(),
    newId: () => randomUUID().replaceAll("-", "").slice(0, 12),
  };
}

async function openConsole(options: ConsoleOptions): Promise<number> {
  process.removeListener("SIGINT", stopWatching);
  const stopped = new Promise<void>((resolve) => {
    process.once("SIGINT", resolve).once("SIGTERM", resolve);
    // Who started it is gone, and with it the lab.
    process.once("disconnect", resolve);
  });
  await serveConsole(options, {
    ...{ find, deskOf, stopped, sleep, screen },
    monotonic: () => performance.now(),
    tellParent: (url) => void process.send?.({ url }),
  });
  // What is still asked of a silent Region would hold the process for some seconds.
  process.exit(0);
}

/** A command of the lab's, whose files nothing here may import. */
function labCommand(script: string, words: readonly string[]): Promise<number> {
  const file = join(projectFolder, "lab", script);
  const args = ["--import", import.meta.resolve("tsx"), file, ...words];
  // It ends by itself on Ctrl-C, which reaches it as well.
  process.removeListener("SIGINT", stopWatching);
  process.on("SIGINT", () => {});
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: "inherit" });
    child.on("error", reject);
    child.on("exit", (code) => resolve(code ?? interrupted));
  });
}

function stop(words: string): never {
  process.stderr.write(`\nStopped. ${words}\n`);
  process.exit(interrupted);
}

const stopWatching = () => stop("A run that was started goes on: look at status.");
process.once("SIGINT", stopWatching);
const edge: Edge = {
  ...{ open, screen },
  drill: (words) => labCommand("drill.ts", words),
  simulate: (words) => labCommand("simulate.ts", words),
  lab: (words) => labCommand("live/main.ts", ["--console", ...words]),
  console: openConsole,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  clear: () => void (isTerminal && process.stdout.write("\u001b[2J\u001b[H")),
  stopped: () => false,
};
process.exitCode = await runProgram(edge, process.argv.slice(2));
