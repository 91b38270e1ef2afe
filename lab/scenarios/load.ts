// Reads a scenario: the file's own shape, then what needs the merged configuration (Regions by role
// or code, heal ids, event files). All faults are reported together, one a line, by JSON path.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { deepMerge, parseConfig } from "../../core/config/load.ts";
import type { Config, Region } from "../../core/config/schema.ts";
import { vantageRegions } from "../../core/names.ts";
import { type Scenario, type Step, scenarioSchema } from "./schema.ts";

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
export function shippedScenarios(): { name: string; description: string; file: string }[] {
  return readdirSync(scenarioFolder)
    .filter((file) => file.endsWith(".json") && !file.endsWith(".schema.json"))
    .sort()
    .map((file) => {
      const { scenario } = { scenario: scenarioSchema.parse(readJson(join(scenarioFolder, file))) };
      return { name: scenario.name, description: scenario.description, file };
    });
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, "utf8"));
}

/** A path, or the name of a shipped scenario. */
export function findScenario(name: string): string {
  if (existsSync(name)) return resolve(name);
  const shipped = join(scenarioFolder, `${name.replace(/\.json$/, "")}.json`);
  if (existsSync(shipped)) return shipped;
  const names = shippedScenarios().map((scenario) => scenario.name);
  throw new ScenarioRefused(name, [
    `there is no such file, and no shipped scenario of that name; there are: ${names.join(", ")}`,
  ]);
}

export function loadScenario(file: string, baseConfigFile: string): LoadedScenario {
  let raw: unknown;
  try {
    raw = readJson(file);
  } catch (error) {
    throw new ScenarioRefused(file, [
      `is not JSON: ${error instanceof Error ? error.message : error}`,
    ]);
  }
  return checkScenario(raw, file, readJson(baseConfigFile));
}

/** `file` is for messages and for event files beside it. */
export function checkScenario(raw: unknown, file: string, baseConfig: unknown): LoadedScenario {
  const shape = scenarioSchema.safeParse(raw);
  const faults = shape.success ? [] : shape.error.issues.flatMap((issue) => sayIssue(issue));
  const override = z.looseObject({ config: z.unknown().optional() }).safeParse(raw);
  const merged = deepMerge(baseConfig, override.success ? (override.data.config ?? {}) : {});
  const parsed = parseConfig(merged);
  if (!parsed.ok) faults.push(...parsed.faults.map((fault) => `config: ${fault}`));
  if (!shape.success || !parsed.ok) throw new ScenarioRefused(file, faults);
  const scenario = {
    ...shape.data,
    timeline: shape.data.timeline.map((s) => inlined(s, file, faults)),
  };
  const { config } = parsed;
  const roles = new Map<string, Region>(Object.entries(config.regions));
  const known = vantageRegions(config);
  const regionOf = (name: string): Region => roles.get(name) ?? name;
  faults.push(...meaningFaults(scenario, (name) => known.includes(regionOf(name)), known));
  if (faults.length > 0) throw new ScenarioRefused(file, faults);
  return { scenario, config, regionOf };
}

/** JSON path as people write it: timeline[2].fault.kind */
export function jsonPath(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) =>
      typeof part === "number" ? `[${part}]` : `${index > 0 ? "." : ""}${String(part)}`,
    )
    .join("");
}

function sayIssue(issue: z.core.$ZodIssue): string[] {
  const path = jsonPath(issue.path);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => `${path ? `${path}.` : ""}${key}: unknown key`);
  }
  return [`${path || "(the file)"}: ${issue.message}`];
}

/** Event files are read now: nothing is read from disk once virtual time runs. */
function inlined(step: Step, file: string, faults: string[]): Step {
  const event = step.healthEvent;
  if (!event || !("file" in event) || typeof event.file !== "string") return step;
  const path = resolve(dirname(file), event.file);
  try {
    const healthEvent = z
      .looseObject({ detail: z.looseObject({}), region: z.string() })
      .parse(readJson(path));
    return { ...step, healthEvent };
  } catch (error) {
    const why = error instanceof z.ZodError ? "is no Health event" : "can't be read as JSON";
    faults.push(`timeline: healthEvent.file ${event.file}: ${why}`);
    return step;
  }
}

function meaningFaults(
  scenario: Scenario,
  isKnown: (name: string) => boolean,
  known: readonly Region[],
): string[] {
  const faults: string[] = [];
  const say = (path: string, name: string) =>
    faults.push(`${path}: "${name}" is no role and none of the Regions ${known.join(", ")}`);
  const ids = new Set<string>();
  scenario.timeline.forEach((step, index) => {
    const path = `timeline[${index}]`;
    if (step.fault && step.id) {
      if (step.id === "all" || ids.has(step.id)) {
        faults.push(`${path}.id: "${step.id}" is ${step.id === "all" ? "reserved" : "used twice"}`);
      }
      ids.add(step.id);
    }
    for (const [key, name] of regionsOf(step)) if (!isKnown(name)) say(`${path}.${key}`, name);
  });
  scenario.timeline.forEach((step, index) => {
    for (const id of [step.heal ?? []].flat()) {
      if (id !== "all" && !ids.has(id)) {
        faults.push(`timeline[${index}].heal: no fault has the id "${id}"`);
      }
    }
  });
  const active = scenario.expect.activeRegion;
  if (active !== undefined && !isKnown(active)) say("expect.activeRegion", active);
  return faults;
}

function regionsOf(step: Step): [string, string][] {
  const { fault } = step;
  if (!fault) return [];
  if (fault.kind === "partition") {
    return fault.between.map((name, index) => [`fault.between[${index}]`, name]);
  }
  return "region" in fault ? [["fault.region", fault.region]] : [];
}
