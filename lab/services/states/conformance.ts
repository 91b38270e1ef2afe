// `npm run conformance -- FOLDER`: holds the interpreter against executions that were recorded on
// AWS, and the Health parser against AWS's sample events. Compared are status, output, error and
// cause, and of the history the sequence of types, state names and links to the event before.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { Command, CommanderError } from "commander";
import { z } from "zod";
import { configSchema } from "../../../core/config/schema.ts";
import { parseHealthEvent } from "../../../core/health.ts";
import type { Json } from "../../kernel.ts";
import {
  functionsOf,
  normalise,
  type RecordedCase,
  readCase,
  readIndex,
  traceOfOwn,
  traceOfRecorded,
} from "./conformance-cases.ts";
import { DefinitionRefused, parseDefinition } from "./definition.ts";
import { type Ending, startExecution } from "./interpreter.ts";
import { createVirtualWorld } from "./virtual-world.ts";

/** A case's result; `differences` are lines for people. */
export interface CaseResult {
  readonly name: string;
  readonly verdict: "passed" | "failed" | "out-of-scope";
  readonly differences: readonly string[];
}

const startsAt = Date.parse("2026-01-15T09:00:00Z");

/** Runs one recorded case. */
export async function runCase(name: string, recorded: RecordedCase): Promise<CaseResult> {
  const functions = functionsOf(recorded);
  if ("unknown" in functions) {
    return outOfScope(name, `the source of function ${String(functions.unknown)} is not rewritten`);
  }
  try {
    const definition = parseDefinition(JSON.stringify(recorded.definition));
    const world = createVirtualWorld(functions, startsAt);
    const execution = startExecution(definition, infoOf(recorded.input), world);
    let ending: Ending | null = null;
    execution.done.then((end) => {
      ending = end;
    });
    await world.runUntil(() => ending !== null);
    if (ending === null) return failed(name, ["the execution never ended"]);
    const differences = [
      ...compareEnding(ending, recorded.expected),
      ...compareHistory(traceOfOwn(execution.history), recorded.history ?? null),
    ];
    return differences.length === 0
      ? { name, verdict: "passed", differences }
      : failed(name, differences);
  } catch (thrown) {
    if (thrown instanceof DefinitionRefused) return outOfScope(name, thrown.message);
    return failed(name, [`threw: ${String(thrown)}`]);
  }
}

const failed = (name: string, differences: string[]): CaseResult => ({
  name,
  verdict: "failed",
  differences,
});
const outOfScope = (name: string, why: string): CaseResult => ({
  name,
  verdict: "out-of-scope",
  differences: [why],
});

const infoOf = (input: Json) => ({
  executionArn: "arn:aws:states:us-east-1:111111111111:execution:recorded:case",
  name: "case",
  stateMachineArn: "arn:aws:states:us-east-1:111111111111:stateMachine:recorded",
  stateMachineName: "recorded",
  roleArn: "arn:aws:iam::111111111111:role/recorded",
  startTime: new Date(startsAt).toISOString(),
  input,
});

function compareEnding(ending: Ending, expected: RecordedCase["expected"]): string[] {
  const ours = {
    status: ending.status,
    output: ending.status === "SUCCEEDED" ? decode(ending.output) : null,
    error: "error" in ending ? ending.error : null,
    cause: "cause" in ending ? ending.cause : null,
  };
  const recorded = {
    status: expected.status,
    output: expected.output === undefined ? null : normalise(expected.output),
    error: expected.error ?? null,
    cause: expected.cause ?? null,
  };
  const fields = ["status", "output", "error", "cause"] as const;
  return fields.flatMap((field) =>
    isDeepStrictEqual(ours[field], recorded[field])
      ? []
      : [
          `${field}:`,
          `  - AWS  ${JSON.stringify(recorded[field])}`,
          `  + ours ${JSON.stringify(ours[field])}`,
        ],
  );
}

const decode = (text: string) => normalise(z.json().parse(JSON.parse(text)));

function compareHistory(ours: string[], recorded: RecordedCase["history"]): string[] {
  if (!recorded) return [];
  const theirs = traceOfRecorded(recorded);
  const differences: string[] = [];
  for (let index = 0; index < Math.max(ours.length, theirs.length); index++) {
    const [our, their] = [ours[index] ?? "nothing", theirs[index] ?? "nothing"];
    if (our === their) continue;
    differences.push(`history #${index + 1}:`, `  - AWS  ${their}`, `  + ours ${our}`);
  }
  return differences;
}

const sampleSchema = z.looseObject({ time: z.string() });
const healthIndexSchema = z.object({
  events: z.array(z.object({ file: z.string(), vote: z.boolean(), why: z.string() })),
});

/** The sample must parse, and count as a vote only if it is listed so. */
function runHealth(folder: string): CaseResult[] {
  const index = join(folder, "health/index.json");
  if (!existsSync(index)) return [];
  const config = configSchema.parse({
    application: "orders",
    domain: { name: "api.example.com", hostedZoneName: "example.com", hostedZoneId: "Z0EXAMPLE" },
    regions: { primary: "us-east-1", secondary: "us-west-2", witness: "us-east-2" },
  });
  const { events } = healthIndexSchema.parse(JSON.parse(readFileSync(index, "utf8")));
  return events.map(({ file, vote, why }) => {
    try {
      const event = sampleSchema.parse(
        JSON.parse(readFileSync(join(folder, "health", file), "utf8")),
      );
      // Judged when it was delivered: a year later no event counts any more, whatever it says.
      const issue = parseHealthEvent(event, config, Date.parse(event.time));
      if (issue === null) return failed(file, ["was not taken for a Health event"]);
      const { counts } = issue;
      if (counts === vote) return { name: file, verdict: "passed", differences: [] };
      return failed(file, [`vote: AWS ${vote} (${why}), ours ${counts}`]);
    } catch (thrown) {
      return failed(file, [`did not parse: ${String(thrown)}`]);
    }
  });
}

async function runAsl(folder: string): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  for (const { file } of readIndex(folder)) {
    results.push(await runCase(file.replace(/^cases\//, ""), readCase(folder, file)));
  }
  return results;
}

function print(title: string, results: CaseResult[]): void {
  for (const { name, verdict, differences } of results) {
    if (verdict === "passed") continue;
    console.log(`${verdict === "failed" ? "FAILED" : "out of scope"}  ${name}`);
    for (const difference of differences) console.log(`    ${difference}`);
  }
  const count = (verdict: CaseResult["verdict"]) =>
    results.filter((result) => result.verdict === verdict).length;
  console.log(
    `${title}: ${count("passed")} passed, ${count("failed")} failed, ` +
      `${count("out-of-scope")} out of scope, of ${results.length}`,
  );
}

async function main(folder: string, options: { json?: boolean }): Promise<number> {
  if (!existsSync(join(folder, "asl/index.json"))) {
    console.error(`${folder} holds no asl/index.json: name the folder of recorded cases.`);
    return 2;
  }
  const results = { asl: await runAsl(folder), health: runHealth(folder) };
  if (options.json) console.log(JSON.stringify(results, null, 2));
  else {
    print("asl", results.asl);
    print("health", results.health);
  }
  const all = [...results.asl, ...results.health];
  return all.some((result) => result.verdict === "failed") ? 1 : 0;
}

const program = new Command("npm run conformance --")
  .description("Compares the lab with what AWS was recorded to do.")
  .argument("<folder>", "the folder that holds asl/ and health/")
  .option("--json", "print each case's result as JSON")
  .addHelpText(
    "after",
    "\nExample: npm run conformance -- ../shared/conformance\n" +
      "Exit status: 0 every case in scope passed, 1 one failed, 2 the call is wrong.",
  )
  .action(async (folder: string, options: { json?: boolean }) => {
    process.exitCode = await main(folder, options);
  });

async function run(): Promise<void> {
  try {
    await program.exitOverride().parseAsync();
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    process.exitCode = thrown.exitCode === 0 ? 0 : 2;
  }
}
if (import.meta.filename === process.argv[1]) await run();
