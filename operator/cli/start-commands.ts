// Commands that start something else on this machine: the console, a live lab, a drill. The lab's
// own take their words as they are: what they mean is told by their own --help.
import { type Command, InvalidArgumentError, Option } from "commander";
import { type ConsoleOptions, type Edge, examplesText, type Finish } from "./edge.ts";

export function addConsole(program: Command, edge: Edge, finish: Finish): void {
  program
    .command("console")
    .description("all of this as a page for your browser, served on this machine alone")
    .addOption(new Option("--target <where>", "lab or aws").choices(["lab", "aws"]))
    .option("--profile <name>", "AWS credentials of that profile")
    .option("--config <file>", "the configuration that was deployed")
    .option("--port <n>", "default: a free one", port, 0)
    .addOption(new Option("--lab-file <file>").hideHelp())
    .addHelpText("after", consoleHelp)
    .action(async (options: ConsoleOptions) => finish(await edge.console(options)));
}

const consoleHelp = `
It prints a URL first, whose token lets your browser in; it is served on 127.0.0.1 until Ctrl-C, and
your credentials stay in this process.

Examples:
  npm run switchback -- console --target aws --profile oncall
  npm start -- --speed 20                          a live lab, and this beside it`;

function port(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) < 65_536) return Number(text);
  throw new InvalidArgumentError("must be a port, 0 to 65535");
}

const passedOn = {
  lab: {
    about: "starts a live lab with the console; as npm start, with its options",
    examples: ["lab --speed 20", "lab --scenario regional-outage", "lab --help"],
  },
  drill: {
    about: "rehearses a scenario in the lab; as npm run drill, with its options",
    examples: ["drill gray-failure --seed 7", "drill --list", "drill --help"],
  },
  simulate: {
    about: "draws disasters and judges what came of them; as npm run simulate, with its options",
    examples: ["simulate --runs 40 --seed 7", "simulate --help"],
  },
} as const;

export function addLabCommands(program: Command, edge: Edge, finish: Finish): void {
  for (const name of ["lab", "drill", "simulate"] as const) {
    program
      .command(name)
      .description(passedOn[name].about)
      .addHelpText("after", examplesText(passedOn[name].examples))
      .argument("[words...]", "what that takes")
      .helpOption(false)
      .allowUnknownOption()
      .action(async (given: string[]) => finish(await edge[name](given)));
  }
}
