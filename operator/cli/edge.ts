// What the command line needs of the machine that it runs on, and the options that every command
// has. Tests hand in an edge of their own.
import { type Command, Option } from "commander";
import type { Desk, Screen } from "../desk.ts";
import type { TargetOptions } from "../target.ts";

export interface Edge {
  /** Throws WrongCall. */
  open(options: TargetOptions): Desk;
  /** `npm run drill` with these words; answers its exit status. */
  drill(words: readonly string[]): Promise<number>;
  /** `npm run simulate` with these words; answers its exit status. */
  simulate(words: readonly string[]): Promise<number>;
  /** `npm start` with these words; answers its exit status. */
  lab(words: readonly string[]): Promise<number>;
  /** Serves the console until it is stopped; answers its exit status. Throws WrongCall. */
  console(options: ConsoleOptions): Promise<number>;
  /** The one of every desk that it opens. */
  readonly screen: Screen;
  out(text: string): void;
  err(text: string): void;
  /** Before each redrawing of a watched status. */
  clear(): void;
  /** Watching ends. */
  readonly stopped: () => boolean;
}

/** `port` 0: a free one. */
export interface ConsoleOptions extends TargetOptions {
  readonly port: number;
}

export interface Common extends TargetOptions {
  readonly json?: boolean;
}

export type Finish = (code: number) => void;

/** With the options that every command has, and examples under its help. */
export function command(
  program: Command,
  name: string,
  description: string,
  ...examples: readonly string[]
): Command {
  return program
    .command(name)
    .description(description)
    .addHelpText("after", examplesText(examples))
    .addOption(new Option("--target <where>", "lab or aws").choices(["lab", "aws"]))
    .option("--profile <name>", "AWS credentials of that profile; in the lab: a role")
    .option("--config <file>", "the configuration that was deployed")
    .option("--json", "for machines: one JSON value on stdout");
}

/** Says where it goes, on stderr, so that nobody takes the lab for the real thing. */
export function opened(edge: Edge, options: Common): Desk {
  const desk = edge.open(options);
  if (!options.json) desk.screen.note(desk.screen.paint.dim(`Target: ${desk.target.words}`));
  return desk;
}

export function examplesText(examples: readonly string[]): string {
  const lines = examples.map((words) => `  switchback ${words}`);
  return lines.length === 0 ? "" : `\n${["Examples:", ...lines].join("\n")}`;
}
