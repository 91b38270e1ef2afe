// The commands and their options, and nothing else: what each does is in the files beside this
// folder. A wrong call ends with 2, what is refused or failed with 1, what waits for people with 3.
import { Command, CommanderError, Option } from "commander";
import { answerQuestion } from "../answer.ts";
import { type AutomationCommand, automationCommands, setAutomation } from "../automation.ts";
import { AwsFault } from "../aws/faults.ts";
import { type Desk, type ExitCode, exitCodes, Refused, WrongCall } from "../desk.ts";
import { showHistory, showRun } from "../history.ts";
import { readStatus } from "../status.ts";
import { startAndFollow } from "../switch.ts";
import type { TargetOptions } from "../target.ts";
import { statusLines } from "./draw-status.ts";

export interface Edge {
  /** Throws WrongCall. */
  open(options: TargetOptions): Desk;
  /** `npm run drill` with these words; answers its exit status. */
  drill(words: readonly string[]): Promise<number>;
  out(text: string): void;
  err(text: string): void;
  /** Before each redrawing of a watched status. */
  clear(): void;
  /** Watching ends. */
  readonly stopped: () => boolean;
}

const watchMilliseconds = 2_000;
const examples = `
Examples:
  npm run switchback -- status                     who serves, who sees what, what waits
  npm run switchback -- status --watch
  npm run switchback -- failover --dry-run         what would happen now, and why not
  npm run switchback -- failover --reason "customers see 504s"
  npm run switchback -- failback --yes             without a question; for scripts
  npm run switchback -- approve                    shows what it is about, asks, answers
  npm run switchback -- pause --reason "deploying" ; … resume
  npm run switchback -- history --since 7d
  npm run switchback -- show orders-operator-3f2a

Where: the live lab, if one runs here (--target lab), else AWS with your credentials (--target aws).
Exit status: 0 done; 1 refused or failed; 2 the call is wrong; 3 it waits for approval.`;

interface Common extends TargetOptions {
  readonly json?: boolean;
}

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

type Finish = (code: number) => void;

function buildProgram(edge: Edge, finish: Finish): Command {
  const program = new Command("switchback")
    .description("Operates an application in two Regions: the live lab's, or AWS's.")
    .addHelpText("after", examples)
    .exitOverride()
    .configureOutput({ writeOut: edge.out, writeErr: edge.err })
    .showHelpAfterError("(add --help for what there is)");
  addStatus(program, edge, finish);
  addSwitches(program, edge, finish);
  addAnswers(program, edge, finish);
  addAutomation(program, edge, finish);
  addRecords(program, edge, finish);
  program
    .command("drill")
    .description("rehearses a scenario in the lab; as npm run drill, with its options")
    .argument("[words...]", "a scenario and options")
    .helpOption(false)
    .allowUnknownOption()
    .action(async (given: string[]) => finish(await edge.drill(given)));
  return program;
}

/** Options that every command has. */
function command(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .addOption(new Option("--target <where>", "lab or aws").choices(["lab", "aws"]))
    .option("--profile <name>", "AWS credentials of that profile")
    .option("--config <file>", "the configuration that was deployed")
    .option("--json", "for machines: one JSON value on stdout");
}

/** Says where it goes, on stderr, so that nobody takes the lab for the real thing. */
function opened(edge: Edge, options: Common): Desk {
  const desk = edge.open(options);
  if (!options.json) desk.screen.note(desk.screen.paint.dim(`Target: ${desk.target.words}`));
  return desk;
}

function addStatus(program: Command, edge: Edge, finish: Finish): void {
  command(program, "status", "who serves, who writes, who sees what, what waits for an answer")
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
  const status = await readStatus(desk);
  if (json) screen.out(JSON.stringify(status));
  else for (const line of statusLines(status, target, screen.paint)) screen.out(line);
  return exitCodes.done;
}

interface StartOptions extends Common {
  readonly mode: string;
  readonly region?: string;
  readonly dryRun?: boolean;
  readonly reason?: string;
  readonly yes?: boolean;
}

function addSwitches(program: Command, edge: Edge, finish: Finish): void {
  const about = {
    failover: "moves traffic away: from the primary, or in active-active from --region",
    failback: "brings the Region that was left back; needs an approval",
  };
  for (const direction of ["failover", "failback"] as const) {
    command(program, direction, about[direction])
      .addOption(
        new Option("--mode <mode>", "planned loses nothing; forced goes past what blocks it")
          .choices(["planned", "forced"])
          .default("planned"),
      )
      .option("--region <code>", "active-active: the Region to take out or bring back")
      .option("--dry-run", "evidence, decision and plan; changes nothing")
      .option("--reason <text>", "why, for the ledger")
      .option("--yes", "don't show a dry run first, don't ask")
      .action(async (options: StartOptions) => {
        finish(await startAndFollow(opened(edge, options), { direction, ...options }));
      });
  }
}

interface GivenAnswer extends Common {
  readonly reason?: string;
  readonly hash?: string;
  readonly yes?: boolean;
}

function addAnswers(program: Command, edge: Edge, finish: Finish): void {
  for (const [name, approved] of [["approve", true] as const, ["reject", false] as const]) {
    command(program, name, `${name}s what a run asks, after showing what that is`)
      .argument("[id]", "the question's id, where more than one is pending")
      .option("--reason <text>", "why, for the ledger")
      .option("--hash <hash>", "only if the question still has this hash (status --json)")
      .option("--yes", "don't ask")
      .action(async (id: string | undefined, options: GivenAnswer) => {
        finish(await answerQuestion(opened(edge, options), { ...options, approved, id }));
      });
  }
}

function addAutomation(program: Command, edge: Edge, finish: Finish): void {
  const about: { readonly [name in AutomationCommand]: string } = {
    pause: "automatic runs change nothing from here on",
    resume: "automation as it is configured",
    arm: "automatic runs switch",
    shadow: "automatic runs decide and change nothing",
  };
  for (const name of automationCommands) {
    command(program, name, about[name])
      .option("--reason <text>", "why, for whoever comes next")
      .action(async (options: Common & { reason?: string }) => {
        finish(await setAutomation(opened(edge, options), name, options));
      });
  }
}

function addRecords(program: Command, edge: Edge, finish: Finish): void {
  command(program, "history", "past switches")
    .option("--since <when>", "like 2h, 7d or 2026-01-15")
    .action(async (options: Common & { since?: string }) => {
      finish(await showHistory(opened(edge, options), options));
    });
  command(program, "show", "one run as a timeline: what was seen, why, what changed, who")
    .argument("<execution>", "its name or ARN")
    .action(async (execution: string, options: Common) => {
      finish(await showRun(opened(edge, options), execution, options));
    });
}
