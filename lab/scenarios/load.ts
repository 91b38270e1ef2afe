// Reads a scenario: the file's own shape, then what needs the merged configuration (Regions by role
// or code, heal ids, event files). All faults are reported together, one a line, by JSON path.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { deepMerge, faultLine, mergedConfig, type ParsedConfig } from "../../core/config/load.ts";
import { deployedRegions } from "../../core/config/regions.ts";
import type { Config, Region } from "../../core/config/schema.ts";
import { projectRoot } from "../deploy/project-root.ts";
import { type Scenario, type Step, scenarioSchema } from "./schema.ts";
import { healthEventFaults, meaningFaults } from "./step-meaning.ts";

export const scenarioFolder = dirname(fileURLToPath(import.meta.url));

export interface LoadedScenario {
  readonly scenario: Scenario;
  readonly config: Config;
  /** A Region of the scenario, given by role or by code, as a code. */
  regionOf(name: string): Region;
}

/** The file or the configuration is wrong: every fault, one a line. Exit status 2. */
export class ScenarioRefused extends Error {
  override readonly name = "ScenarioRefused";
  constructor(file: string, faults: readonly string[]) {
    super(`${file}:\n${faults.map((fault) => `  ${fault}`).join("\n")}`);
  }
}

/** Shipped scenarios: those beside this file. */
interface Shipped {
  readonly name: string;
  readonly description: string;
  readonly file: string;
  readonly virtualSeconds: number;
}

export function shippedScenarios(): Shipped[] {
  return readdirSync(scenarioFolder)
    .filter((file) => file.endsWith(".json") && !file.endsWith(".schema.json"))
    .sort()
    .map((file) => {
      const { name, description, until } = scenarioSchema.parse(
        readJson(join(scenarioFolder, file)),
      );
      return { name, description, file, virtualSeconds: until };
    });
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, "utf8"));
}

/** npm runs scripts at the project's root, and says where the caller stood. */
export const fromCaller = (path: string) => resolve(process.env.INIT_CWD ?? ".", path);

/** A path, or the name of a shipped scenario. */
export function findScenario(name: string): string {
  const given = fromCaller(name);
  if (statSync(given, { throwIfNoEntry: false })?.isFile()) return given;
  const shipped = join(scenarioFolder, `${name.replace(/\.json$/, "")}.json`);
  if (existsSync(shipped)) return shipped;
  const names = shippedScenarios().map((scenario) => scenario.name);
  throw new ScenarioRefused(name, [
    `there is no such file, and no shipped scenario of that name; there are: ${names.join(", ")}`,
  ]);
}

export function loadScenario(file: string, baseConfigFile: string): LoadedScenario {
  // What a team's own functions are called only its app says: the drill refuses what it lacks.
  const functions = dirname(baseConfigFile) === projectRoot ? functionFolders() : null;
  return checkScenario(readInput(file), file, readInput(baseConfigFile), functions);
}

function readInput(file: string): unknown {
  try {
    return readJson(file);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ScenarioRefused(file, [`is not readable JSON: ${why}`]);
  }
}

/** `file` is for messages and for event files beside it; `functions`: those that there are, null
 * where that is not known yet. */
export function checkScenario(
  raw: unknown,
  file: string,
  baseConfig: unknown,
  functions: readonly string[] | null = functionFolders(),
): LoadedScenario {
  const shape = scenarioSchema.safeParse(raw);
  const faults = shape.success ? [] : shape.error.issues.flatMap((issue) => sayIssue(issue));
  const override = z.looseObject({ config: z.unknown().optional() }).safeParse(raw);
  const ownConfig = override.success ? (override.data.config ?? {}) : {};
  const parsed = mergedConfig(baseConfig, ownConfig);
  if (!parsed.ok) {
    faults.push(...parsed.faults.map((fault) => faultLine(fault).replace(/^\$/, "$.config")));
  }
  const regions = regionsDespite(parsed, deepMerge(baseConfig, ownConfig));
  const regionOf = (name: string): Region =>
    new Map(Object.entries(regions ?? {})).get(name) ?? name;
  const known = regions === null ? null : deployedRegions({ regions });
  faults.push(...meaningFaults(raw, regionOf, { known, functions }), ...eventFileFaults(raw, file));
  if (faults.length > 0 || !shape.success || !parsed.ok) throw new ScenarioRefused(file, faults);
  const timeline = shape.data.timeline.map((step) => inlined(step, file));
  return { scenario: { ...shape.data, timeline }, config: parsed.config, regionOf };
}

const regionsSchema = z.looseObject({
  regions: z.strictObject({ primary: z.string(), secondary: z.string(), witness: z.string() }),
});

/** The Regions, also of a configuration that is refused for something else; null: wrong, too. */
function regionsDespite(parsed: ParsedConfig, merged: unknown): Config["regions"] | null {
  if (parsed.ok) return parsed.config.regions;
  if (parsed.faults.some(({ path }) => path.startsWith("$.regions"))) return null;
  return regionsSchema.safeParse(merged).data?.regions ?? null;
}

/** JSON path as people write it: $.timeline[2].fault.kind */
export function jsonPath(path: readonly PropertyKey[]): string {
  const steps = path.map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`));
  return `$${steps.join("")}`;
}

function sayIssue(issue: z.core.$ZodIssue): string[] {
  const path = jsonPath(issue.path);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => `${path}.${key}: unknown key`);
  }
  return [`${path}: ${issue.message}`];
}

/** Event files are read now: nothing is read from disk once virtual time runs. */
function inlined(step: Step, file: string): Step {
  const named = namesEventFile.safeParse(step.healthEvent);
  return named.success ? { ...step, healthEvent: readEvent(named.data.file, file) } : step;
}

const namesEventFile = z.strictObject({ file: z.string().min(1) });
const eventSchema = z.looseObject({ detail: z.looseObject({}), region: z.string() });

function readEvent(name: string, file: string): z.output<typeof eventSchema> {
  return eventSchema.parse(readJson(resolve(dirname(file), name)));
}

const stepsWithEvents = z.looseObject({
  timeline: z.array(z.looseObject({ healthEvent: namesEventFile.optional().catch(undefined) })),
});

function eventFileFaults(raw: unknown, file: string): string[] {
  const steps = stepsWithEvents.safeParse(raw).data?.timeline ?? [];
  return steps.flatMap(({ healthEvent }, index) => {
    if (healthEvent === undefined) return [];
    const path = `$.timeline[${index}].healthEvent.file`;
    try {
      return healthEventFaults(readEvent(healthEvent.file, file), path);
    } catch (error) {
      const why = error instanceof z.ZodError ? "is no Health event" : "can't be read as JSON";
      return [`${path}: ${healthEvent.file} ${why}`];
    }
  });
}

/** Functions are named by their folder: those that have a handler. */
function functionFolders(): string[] {
  const folder = join(projectRoot, "functions");
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, "handler.ts")))
    .sort();
}
