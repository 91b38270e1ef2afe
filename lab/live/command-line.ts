// The grammar of `npm run lab` and `npm start`, apart from what they do, so that a test can hold
// the commands that the docs name against it.
import { Command, InvalidArgumentError, Option } from "commander";
import { wholeNumber } from "../command-line.ts";
import { labFilePath } from "./lab-file.ts";

export interface Options {
  speed: number;
  scenario?: string;
  seed?: number;
  config?: string;
  labFile: string;
  console?: boolean;
  consolePort?: number;
}

const examples = `
Examples:
  npm run lab                                   at the pace of real time; nothing breaks by itself
  npm run lab -- --speed 20                     twenty virtual seconds a second
  npm run lab -- --scenario regional-outage     with a timeline that breaks and heals things
  npm run lab -- --config my/switchback.config.json
  npm start -- --speed 20                       with the console, whose URL is printed first
  npm run switchback -- console --target aws    the console alone, with your AWS credentials

While it runs, .switchback/lab.json says where it is. Ctrl-C ends it and leaves nothing behind.
Exit status: 0 ended by Ctrl-C; 1 broken, or another one runs; 2 the call or a file is wrong.`;

/** Parsing it throws CommanderError, or runs what was asked for. */
export function labProgram(run: (options: Options) => Promise<void>): Command {
  const isStart = process.env.npm_lifecycle_event === "start";
  return new Command(isStart ? "npm start --" : "npm run lab --")
    .description("The lab, live: real SDK clients, dig and curl reach it on this machine.")
    .option("--speed <n>", "virtual seconds a real second", speed, 1)
    .option("--scenario <name>", "a file, or the name of a shipped scenario, to play")
    .option("--seed <n>", "seed of every chance in the lab", wholeNumber)
    .option("--config <file>", "the configuration (default: switchback.config.json)")
    .option("--console", "with the console, as npm start does")
    .option("--console-port <n>", "the console's port (default: a free one)", wholeNumber)
    .addOption(new Option("--lab-file <file>").default(labFilePath).hideHelp())
    .addHelpText("after", examples)
    .exitOverride()
    .action((options: Options) => run(options));
}

function speed(text: string): number {
  const number = Number(text);
  if (number > 0 && number <= 10_000) return number;
  throw new InvalidArgumentError("must be more than 0 and at most 10000");
}
