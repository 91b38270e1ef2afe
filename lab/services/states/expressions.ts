// JSONata as Step Functions evaluates it: "{% … %}" strings inside templates, the functions that
// Step Functions adds, and its words for what went wrong. Time, chance and ids come from outside,
// so the library's own $now, $millis and $random are replaced.
// Source: Step Functions developer guide, "Transforming data with JSONata"; messages as recorded.
import { createHash } from "node:crypto";
import jsonata from "jsonata";
import type { Json } from "../../kernel.ts";

/** Where expressions get time and chance from. */
export interface ExpressionWorld {
  now(): number;
  /** [0, 1) */
  random(): number;
  uuid(): string;
}

/** What an expression sees: the variables by name, and `$states`. */
export interface Scope {
  readonly variables: { readonly [name: string]: Json };
  readonly states: { readonly [member: string]: Json };
}

/** An evaluation failed. `location` is the field, e.g. "Output/result"; null: no field. */
export class EvaluationFault extends Error {
  override readonly name = "EvaluationFault";
  readonly location: string | null;
  constructor(message: string, location: string | null) {
    super(message);
    this.location = location;
  }
}

/** A value that is no JSON: a function, or what can't be serialised. */
const unsupported = Symbol("unsupported");

/** The expression inside "{% … %}", or null for a plain string. */
export function expressionIn(text: string): string | null {
  if (!text.startsWith("{%") || !text.endsWith("%}")) return null;
  return text.slice(2, -2).trim();
}

interface Compiled {
  readonly expression: jsonata.Expression | null;
  readonly fault: string | null;
}
const compiledByText = new Map<string, Compiled>();

/** Compiled once per text, for the life of the process: machines are few, runs are many. */
export function compileExpression(text: string): Compiled {
  const known = compiledByText.get(text);
  if (known) return known;
  const compiled = compile(text);
  compiledByText.set(text, compiled);
  return compiled;
}

function compile(text: string): Compiled {
  try {
    return { expression: jsonata(text), fault: null };
  } catch (error) {
    return { expression: null, fault: describe(error) };
  }
}

/** Library errors are plain objects with `code` and `message`. */
function describe(error: unknown): string {
  if (error === null || typeof error !== "object") return String(error);
  const code = "code" in error && typeof error.code === "string" ? `${error.code}: ` : "";
  return "message" in error ? `${code}${String(error.message)}` : `${code}${String(error)}`;
}

/** Evaluates every expression in a template; what isn't an expression stays.
 * @throws EvaluationFault */
export async function evaluateTemplate(
  template: Json,
  location: string,
  scope: Scope,
  world: ExpressionWorld,
): Promise<Json> {
  if (typeof template === "string") {
    const expression = expressionIn(template);
    return expression === null ? template : evaluate(expression, location, scope, world);
  }
  if (Array.isArray(template)) {
    const items: Json[] = [];
    for (const [index, item] of template.entries()) {
      items.push(await evaluateTemplate(item, `${location}[${index}]`, scope, world));
    }
    return items;
  }
  if (template === null || typeof template !== "object") return template;
  const members: { [key: string]: Json } = {};
  for (const [key, member] of Object.entries(template)) {
    members[key] = await evaluateTemplate(member, `${location}/${key}`, scope, world);
  }
  return members;
}

type Kind = "array" | "boolean" | "number" | "string";

/** Like evaluateTemplate, and the result must be of that kind (static values too).
 * @throws EvaluationFault */
export async function evaluateKind(
  kind: Kind,
  template: Json,
  location: string,
  scope: Scope,
  world: ExpressionWorld,
): Promise<Json> {
  const value = await evaluateTemplate(template, location, scope, world);
  if (kindOf(value) === kind) return value;
  const text = typeof template === "string" ? (expressionIn(template) ?? template) : "";
  throw new EvaluationFault(
    `${subject(text, location)} returned an unexpected result type. Expected '${kind}', ` +
      `but was '${kindOf(value)}' for value: ${JSON.stringify(value)}`,
    location,
  );
}

function kindOf(value: Json): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

const subject = (expression: string, location: string) =>
  `The JSONata expression '${expression}' specified for the field '${location}'`;

async function evaluate(
  text: string,
  location: string,
  scope: Scope,
  world: ExpressionWorld,
): Promise<Json> {
  const { expression, fault } = compileExpression(text);
  if (!expression) throw new EvaluationFault(`${subject(text, location)}: ${fault}`, location);
  let value: unknown;
  try {
    value = await expression.evaluate(undefined, bindings(scope, world));
  } catch (error) {
    const reason = `threw an error during evaluation. ${describe(error)}`;
    throw new EvaluationFault(`${subject(text, location)} ${reason}`, location);
  }
  if (value === undefined) {
    const reason = "returned nothing (undefined).";
    throw new EvaluationFault(`${subject(text, location)} ${reason}`, location);
  }
  const json = toJson(value);
  if (json !== unsupported) return json;
  const reason = "returned an unsupported result type.";
  throw new EvaluationFault(`${subject(text, location)} ${reason}`, location);
}

/** Copies a result into plain JSON: the library tags its arrays, and functions are no data. */
function toJson(value: unknown): Json | typeof unsupported {
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : unsupported;
  if (typeof value !== "object" || isFunctionObject(value)) return unsupported;
  if (Array.isArray(value)) {
    const items = value.map(toJson);
    return items.every(isJson) ? items : unsupported;
  }
  const members: { [key: string]: Json } = {};
  for (const [key, member] of Object.entries(value)) {
    if (member === undefined) continue;
    const json = toJson(member);
    if (json === unsupported) return unsupported;
    members[key] = json;
  }
  return members;
}

const isJson = (value: Json | typeof unsupported): value is Json => value !== unsupported;
const isFunctionObject = (value: object) =>
  "_jsonata_lambda" in value || "_jsonata_function" in value || value instanceof RegExp;

function bindings(scope: Scope, world: ExpressionWorld): Record<string, unknown> {
  return { ...functionsFor(world), ...scope.variables, states: scope.states };
}

const functionsByWorld = new WeakMap<ExpressionWorld, Record<string, unknown>>();

function functionsFor(world: ExpressionWorld): Record<string, unknown> {
  const known = functionsByWorld.get(world);
  if (known) return known;
  const functions = { ...pureFunctions, ...worldFunctions(world) };
  functionsByWorld.set(world, functions);
  return functions;
}

const formatTime = jsonata("$fromMillis(at, picture, zone)");

function worldFunctions(world: ExpressionWorld): Record<string, unknown> {
  return {
    millis: () => world.now(),
    now: (picture?: string, zone?: string) =>
      picture === undefined
        ? new Date(world.now()).toISOString()
        : formatTime.evaluate({ at: world.now(), picture, zone }),
    /** With a seed the number must be the same each time (used like a hash). */
    random: (seed?: number) => (seed === undefined ? world.random() : digestFraction(String(seed))),
    uuid: () => world.uuid(),
    eval: () => {
      throw new Error("$eval is not supported by Step Functions; use $parse");
    },
  };
}

function digestFraction(text: string): number {
  return createHash("sha256").update(text).digest().readUInt32BE(0) / 2 ** 32;
}

const hashNames: { readonly [name: string]: string } = {
  MD5: "md5",
  "SHA-1": "sha1",
  "SHA-256": "sha256",
  "SHA-384": "sha384",
  "SHA-512": "sha512",
};

const pureFunctions = {
  partition: (items: Json[], size: number) => {
    if (!Array.isArray(items) || !(size >= 1)) throw new Error("$partition(array, size >= 1)");
    const parts: Json[] = [];
    for (let at = 0; at < items.length; at += size) parts.push(items.slice(at, at + size));
    return parts;
  },
  range: (first: number, last: number, step: number) => {
    if (!step) throw new Error("$range: the step must not be zero");
    const count = Math.floor((last - first) / step) + 1;
    if (count > 1000) throw new Error("$range: more than 1000 items");
    return Array.from({ length: Math.max(count, 0) }, (_, index) => first + index * step);
  },
  hash: (text: string, algorithm: string) => {
    const name = hashNames[algorithm];
    if (name === undefined)
      throw new Error(`$hash: ${algorithm} is no algorithm of Step Functions`);
    return createHash(name).update(text).digest("hex");
  },
  parse: (text: string): unknown => JSON.parse(text),
};
