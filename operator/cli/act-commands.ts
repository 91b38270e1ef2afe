// Commands that change something: a switch, an answer, automation.
import { type Command, Option } from "commander";
import { abortRun } from "../abort.ts";
import { answerQuestion } from "../answer.ts";
import { type AutomationCommand, automationCommands, setAutomation } from "../automation.ts";
import { startAndFollow } from "../switch.ts";
import { type Common, command, type Edge, type Finish, opened } from "./edge.ts";

interface StartOptions extends Common {
  readonly mode: string;
  readonly region?: string;
  readonly dryRun?: boolean;
  readonly reason?: string;
  readonly yes?: boolean;
}

const switchExamples = {
  failover: [
    "failover --dry-run",
    'failover --reason "customers see 504s"',
    "failover --mode forced --yes",
    "failover --region REGION",
  ],
  failback: ["failback --dry-run", "failback", "failback --yes --json"],
} as const;

export function addSwitches(program: Command, edge: Edge, finish: Finish): void {
  const about = {
    failover: "moves traffic away: from the primary, or in active-active from --region",
    failback: "brings the Region that was left back; needs an approval",
  };
  for (const direction of ["failover", "failback"] as const) {
    command(program, direction, about[direction], ...switchExamples[direction])
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

export function addAnswers(program: Command, edge: Edge, finish: Finish): void {
  for (const [name, approved] of [["approve", true] as const, ["reject", false] as const]) {
    command(
      program,
      name,
      name === "approve"
        ? "approves what a run asks, after showing what that is"
        : "rejects what a run asks, after showing what that is",
      name,
      `${name} --reason "${approved ? "looks good" : "not now"}"`,
      `${name} --hash 5f2c9a1be04d --yes`,
    )
      .argument("[id]", "the question's id, where more than one is pending")
      .option("--reason <text>", "why, for the ledger")
      .option("--hash <hash>", "only if the question still has this hash (status --json)")
      .option("--yes", "don't ask")
      .action(async (id: string | undefined, options: GivenAnswer) => {
        finish(await answerQuestion(opened(edge, options), { ...options, approved, id }));
      });
  }
}

export function addAutomation(program: Command, edge: Edge, finish: Finish): void {
  const about: { readonly [name in AutomationCommand]: string } = {
    pause: "automatic runs change nothing from here on",
    resume: "automation as it is configured",
    arm: "automatic runs switch",
    shadow: "automatic runs decide and change nothing",
  };
  for (const name of automationCommands) {
    command(program, name, about[name], name, `${name} --until 2h --reason "deploying"`)
      .option("--reason <text>", "why, for whoever comes next")
      .option("--until <when>", "then it is as it was before: like 2h, 7d or 2026-01-15T14:00Z")
      .action(async (options: Common & { reason?: string; until?: string }) => {
        finish(await setAutomation(opened(edge, options), name, options));
      });
  }
}

export function addAbort(program: Command, edge: Edge, finish: Finish): void {
  command(
    program,
    "abort",
    "asks a running switch to stop where that is safe, and says where it stands",
    'abort --reason "customers call"',
    "abort orders-operator-3f2a --yes",
  )
    .argument("[execution]", "its name or ARN, where more than one is under way")
    .option("--reason <text>", "why, for the ledger")
    .option("--yes", "don't ask")
    .action(async (execution: string | undefined, options: Common & AbortFlags) => {
      finish(await abortRun(opened(edge, options), { ...options, execution }));
    });
}

interface AbortFlags {
  readonly reason?: string;
  readonly yes?: boolean;
}
