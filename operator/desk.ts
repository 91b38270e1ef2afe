// What every command is handed: whose deployment, the clients, the screen, and time. Tests hand in
// their own; the command line makes the real ones (main.ts).
import type { Config } from "../core/config/schema.ts";
import type { Clients } from "./aws/clients.ts";

export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  warn(text: string): string;
  bad(text: string): string;
}

export interface Screen {
  readonly paint: Paint;
  /** Somebody sits before it who can be asked. */
  readonly isInteractive: boolean;
  /** Results. */
  out(line: string): void;
  /** What happens meanwhile, and faults. */
  note(line: string): void;
  confirm(question: string): Promise<boolean>;
}

export interface Target {
  readonly kind: "lab" | "aws";
  /** For people: "the lab (pid 4711, speed 10)". */
  readonly words: string;
}

export interface Desk {
  readonly config: Config;
  readonly clients: Clients;
  readonly target: Target;
  readonly screen: Screen;
  /** ms since 1970 by this machine's clock. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
  /** For an execution's name; never the same twice. */
  newId(): string;
}

export const exitCodes = { done: 0, refused: 1, wrongCall: 2, waiting: 3 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** The command won't do it, or could not; the message says why and what to do. Exit status 1. */
export class Refused extends Error {
  override readonly name = "Refused";
}

/** The call itself is wrong. Exit status 2. */
export class WrongCall extends Error {
  override readonly name = "WrongCall";
}
