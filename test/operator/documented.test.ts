// Every command that a reader is told to type is one that the program takes: in the guides, and in
// the examples that each command's own help shows. Parsed, and run by nobody.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { expect, test } from "vitest";
import { projectRoot } from "../../lab/deploy/project-root.ts";
import { labProgram } from "../../lab/live/command-line.ts";
import type { Edge } from "../../operator/cli/edge.ts";
import { buildProgram } from "../../operator/cli/program.ts";
import { paint } from "./desk.ts";

const nobody = () => {
  throw new Error("nothing is run here");
};
const written: string[] = [];
const edge: Edge = {
  screen: { paint, isInteractive: false, out: nobody, note: nobody, confirm: nobody },
  ...{ open: nobody, drill: nobody, simulate: nobody, lab: nobody, console: nobody },
  out: (text) => void written.push(text),
  err: (text) => void written.push(text),
  clear: nobody,
  stopped: () => true,
};

const allOf = (command: Command): Command[] => [command, ...command.commands.flatMap(allOf)];

/** Its grammar alone. */
function inert(program: Command): Command {
  for (const one of allOf(program)) if (one.commands.length === 0) one.action(() => {});
  return program;
}
const switchback = () => inert(buildProgram(edge, nobody));
const lab = () =>
  inert(labProgram(nobody)).configureOutput({ writeErr: (text) => void written.push(text) });

/** As a shell splits it, up to a comment, a help's second column, or what ends the command. */
function wordsOf(line: string): string[] {
  const [command = ""] = line.split(/\s#|\s{3}|;|&&|\||\)|`/);
  return [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare ?? "",
  );
}

/** What is wrong with it; null: nothing. */
function fault(program: Command, line: string): string | null {
  written.length = 0;
  try {
    program.parse(wordsOf(line), { from: "user" });
    return null;
  } catch (error) {
    const help = error instanceof Error && "exitCode" in error && error.exitCode === 0;
    return help ? null : `${line}: ${written.join("").split("\n")[0]} ${error}`;
  }
}

const starts = [
  [/npm run (?:--silent |-s )?switchback -- (.+)/g, switchback],
  [/npx switchback (.+)/g, switchback],
  [/npm (?:run lab|run start|start) -- (.+)/g, lab],
] as const;

/** The words COMMAND and … stand for something. */
function commandsIn(text: string): { line: string; program: () => Command }[] {
  const unwrapped = text.replaceAll(/\\\n\s*/g, " ");
  return starts.flatMap(([start, program]) =>
    [...unwrapped.matchAll(start)].flatMap(([, line = ""]) =>
      /^(COMMAND|…)/.test(line) ? [] : [{ line, program }],
    ),
  );
}

test.each([
  ["README.md", 4],
  ["docs/operating.md", 28],
  ["docs/runbook.md", 3],
  ["docs/deploying.md", 0],
  ["docs/own-application.md", 0],
])("every command in %s is one that the program takes", (file, atLeast) => {
  const commands = commandsIn(readFileSync(join(projectRoot, file), "utf8"));
  expect(commands.length).toBeGreaterThanOrEqual(atLeast);
  expect(commands.flatMap(({ line, program }) => fault(program(), line) ?? [])).toEqual([]);
});

test("a documented command that has rotted is named with what is wrong", () => {
  const rotten = "`npm run switchback -- failover --mode brave`, npm start -- --spede 20";
  const said = commandsIn(rotten).map(({ line, program }) => fault(program(), line));
  expect(said).toEqual([
    expect.stringContaining("Allowed choices are planned, forced"),
    expect.stringContaining("unknown option '--spede'"),
  ]);
});

function helpOf(command: Command): string {
  written.length = 0;
  command.outputHelp();
  return written.join("");
}

test("each command's help has examples, and each example is a call that is taken", () => {
  const commands = allOf(buildProgram(edge, nobody));
  expect(commands.length).toBeGreaterThan(20);
  for (const command of commands) {
    const [, examples = ""] = helpOf(command).split("\nExamples:\n");
    expect(examples, command.name()).not.toBe("");
    const own = [...examples.matchAll(/^ {2}switchback (.+)$/gm)].map(([, line = ""]) => line);
    expect(own.flatMap((line) => fault(switchback(), line) ?? [])).toEqual([]);
    const others = commandsIn(examples);
    expect(others.flatMap(({ line, program }) => fault(program(), line) ?? [])).toEqual([]);
    expect(own.length + others.length, command.name()).toBeGreaterThan(0);
  }
});
