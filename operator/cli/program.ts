// The whole command line, and nothing else: what each command does is in the files beside this
// folder. A wrong call ends with 2, what is refused or failed with 1, what waits for people with 3.
import { Command, CommanderError } from "commander";
import { AwsFault } from "../aws/faults.ts";
import { type Desk, type ExitCode, exitCodes, Refused, WrongCall } from "../desk.ts";
import { readWholeStatus } from "../outlook.ts";
import { addAbort, addAnswers, addAutomation, addSwitches } from "./act-commands.ts";
import { addCompletion } from "./completion.ts";
import { statusLines } from "./draw-status.ts";
import { type Common, command, type Edge, type Finish } from "./edge.ts";
import { addAudit, addDivergence, addRecords } from "./record-commands.ts";
import { addConsole, addLabCommands } from "./start-commands.ts";

const watchMilliseconds = 2_000;
const examples = `
Examples:
  npm run switchback -- status                     who serves, who sees what, what waits
  npm run switchback -- status --watch
  npm run switchback -- failover --dry-run         what would happen now, and why not
  npm run switchback -- failover --reason "customers see 504s"
  npm run switchback -- failback --yes             without a question; for scripts
  npm run switchback -- approve                    shows what it is about, asks, answers
  npm run switchback -- abort --reason "…"         stops a run where that is safe
  npm run switchback -- pause --reason "deploying" ; … resume
  npm run switchback -- history --since 7d
  npm run switchback -- show orders-operator-3f2a
  npm run switchback -- divergence --acknowledge   what a failover left behind; failback waits
  npm run switchback -- audit export orders-operator-3f2a --out evidence ; … audit verify evidence
  npm run switchback -- console --target aws       the same in a browser, on this machine alone
  npm run switchback -- lab --speed 20             a live lab with the console; as npm start
  npm run --silent switchback -- completion bash   a script for your shell

Where: the live lab, if one runs here (--target lab), else AWS with your credentials (--target aws).
Exit status: 0 done; 1 refused or failed; 2 the call is wrong; 3 it waits for approval.`;

/** Never throws. */
export async function runProgram(edge: Edge, words: readonly string[]): Promise<number> {
  let status: number = exitCodes.done;
  const program = buildProgram(edge, (code) => {
    status = code;
  });
  try {
    await program.parseAsync([...words], { from: "user" });
    return status;
  } catch (error) {
    return failed(edge, error);
  }
}

function failed(edge: Edge, error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.wrongCall;
  if (error instanceof WrongCall) {
    edge.err(`${error.message}\n`);
    return exitCodes.wrongCall;
  }
  if (error instanceof Refused || error instanceof AwsFault) edge.err(`${error.message}\n`);
  else edge.err(`${error instanceof Error ? error.message : String(error)}\n`);
  return exitCodes.refused;
}

/** The whole grammar; parsing it throws CommanderError, and runs what it names. */
export function buildProgram(edge: Edge, finish: Finish): Command {
  const program = new Command("switchback")
    .description("Operates an application in two Regions: the live lab's, or AWS's.")
    .addHelpText("after", examples)
    .exitOverride()
    .configureOutput({ writeOut: edge.out, writeErr: edge.err })
    .showHelpAfterError("(add --help for what there is)");
  addStatus(program, edge, finish);
  addSwitches(program, edge, finish);
  addAnswers(program, edge, finish);
  addAbort(program, edge, finish);
  addAutomation(program, edge, finish);
  addRecords(program, edge, finish);
  addDivergence(program, edge, finish);
  addAudit(program, edge, finish);
  addConsole(program, edge, finish);
  addLabCommands(program, edge, finish);
  addCompletion(program, edge);
  return program;
}

function addStatus(program: Command, edge: Edge, finish: Finish): void {
  command(
    program,
    "status",
    "who serves, who writes, who sees what, what waits for an answer, what blocks a switch",
    "status",
    "status --watch",
    "status --json --target aws --profile oncall",
  )
    .option("--watch", "again and again, until Ctrl-C")
    .action(async (options: Common & { watch?: boolean }) => {
      const desk = edge.open(options);
      if (!options.watch) return finish(await printStatus(desk, options));
      while (!edge.stopped()) {
        if (!options.json) edge.clear();
        finish(await printStatus(desk, options).catch((error) => failed(edge, error)));
        await desk.sleep(watchMilliseconds);
      }
    });
}

async function printStatus(desk: Desk, { json }: Common): Promise<ExitCode> {
  const { screen, target } = desk;
  const status = await readWholeStatus(desk);
  if (json) screen.out(JSON.stringify(status));
  else for (const line of statusLines(status, target, screen.paint)) screen.out(line);
  return exitCodes.done;
}
