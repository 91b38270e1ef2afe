// A desk whose screen is kept as text, for tests: who asks is answered as planned.

import type { Config } from "../../core/config/schema.ts";
import { type Connection, createClients } from "../../operator/aws/clients.ts";
import { runProgram } from "../../operator/cli/program.ts";
import type { Desk, Paint, Screen, Target } from "../../operator/desk.ts";

const plain = (text: string) => text;
export const paint: Paint = { bold: plain, dim: plain, good: plain, warn: plain, bad: plain };

export interface Sitting {
  readonly config: Config;
  readonly connection: Connection;
  readonly target?: Target;
  now(): number;
  sleep(milliseconds: number): Promise<void>;
  /** Somebody sits there and says so to every question; absent: nobody does. */
  readonly says?: boolean;
}

export interface Said {
  readonly status: number;
  readonly out: string;
  readonly err: string;
  readonly asked: readonly string[];
}

let ids = 0;
const newId = () => {
  ids += 1;
  return `id${ids}`;
};

/** Runs one command line; answers its exit status and what it said. */
export async function said(sitting: Sitting, ...words: string[]): Promise<Said> {
  const out: string[] = [];
  const err: string[] = [];
  const asked: string[] = [];
  const screen: Screen = {
    paint,
    isInteractive: sitting.says !== undefined,
    out: (line) => void out.push(`${line}\n`),
    note: (line) => void err.push(`${line}\n`),
    async confirm(question) {
      asked.push(question);
      return sitting.says === true;
    },
  };
  const desk: Desk = {
    config: sitting.config,
    clients: createClients(sitting.connection),
    target: sitting.target ?? { kind: "lab", words: "the lab" },
    now: sitting.now,
    sleep: sitting.sleep,
    newId,
    screen,
  };
  const status = await runProgram(
    {
      open: () => desk,
      screen,
      drill: async (given) => given.length,
      simulate: async (given) => given.length,
      lab: async (given) => given.length,
      console: async ({ port }) => port,
      out: (text) => void out.push(text),
      err: (text) => void err.push(text),
      clear: () => {},
      stopped: () => true,
    },
    words,
  );
  return { status, out: out.join(""), err: err.join(""), asked };
}
