// From the text of switchback.config.json to a checked configuration, or to all of its faults at
// once, each by JSON path and in words. Checks that need thought run even beside wrong values:
// those that rest on a wrong value are left out, so that one mistake is reported once.
import * as z from "zod";
import { checkConfig } from "./checks.ts";
import type { Finding } from "./finding.ts";
import { type Config, configSchema, configShape } from "./schema.ts";

/** `path` is a JSON path like `$.regions.witness`. */
export type Fault = { readonly path: string; readonly message: string };
export type ParsedConfig =
  | { readonly ok: true; readonly config: Config; readonly warnings: Fault[] }
  | { readonly ok: false; readonly faults: Fault[] };

/** The configuration was refused; `faults` holds all of them, the message lists them. */
export class ConfigRefused extends Error {
  override readonly name = "ConfigRefused";
  readonly faults: readonly Fault[];
  constructor(faults: readonly Fault[]) {
    super(faults.map(faultLine).join("\n"));
    this.faults = faults;
  }
}

export const faultLine = ({ path, message }: Fault): string => `${path}: ${message}`;

/** Accepts JSON text or an already parsed value. Never throws. */
export function parseConfig(input: unknown): ParsedConfig {
  if (typeof input !== "string") return parseValue(input);
  try {
    return parseValue(JSON.parse(input));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { ok: false, faults: [{ path: "$", message: `is not JSON: ${why}` }] };
  }
}

/** The checked configuration; throws ConfigRefused with all faults. */
export function checkedConfig(input: unknown): Config {
  const parsed = parseConfig(input);
  if (!parsed.ok) throw new ConfigRefused(parsed.faults);
  return parsed.config;
}

/** `override` over `base`, validated after the merge: what scenarios do. */
export function mergedConfig(base: unknown, override: unknown): ParsedConfig {
  return parseConfig(deepMerge(base, override));
}

/** Objects merge key by key; anything else, arrays too, is replaced. */
export function deepMerge(base: unknown, override: unknown): unknown {
  if (override === undefined) return base;
  if (!isObject(base) || !isObject(override)) return override;
  const keys = new Set([...Object.keys(base), ...Object.keys(override)]);
  return Object.fromEntries([...keys].map((k) => [k, deepMerge(own(base, k), own(override, k))]));
}

function parseValue(value: unknown): ParsedConfig {
  const parsed = configSchema.safeParse(value);
  if (parsed.success) {
    const { faults, warnings } = checkConfig(parsed.data);
    if (faults.length > 0) return { ok: false, faults: faults.map(faultOf) };
    return { ok: true, config: parsed.data, warnings: warnings.map(faultOf) };
  }
  const { issues } = parsed.error;
  const shape = issues.flatMap((issue) => shapeFaults(issue, value));
  return { ok: false, faults: [...shape, ...findingsBeside(value, shape)] };
}

const faultOf = ({ paths: [path], message }: Finding): Fault => ({ path, message });

// Stands in for what is wrong, so that the rest can be checked; what is found by way of a stand-in
// is dropped again.
const standIn = {
  application: "orders",
  domain: { name: "api.example.com", hostedZoneName: "example.com", hostedZoneId: "Z0" },
  regions: { primary: "us-east-1", secondary: "us-west-2", witness: "us-east-2" },
};

function findingsBeside(value: unknown, shape: readonly Fault[]): Fault[] {
  const wrong = shape.map(({ path }) => path);
  const repaired = configSchema.safeParse(deepMerge(standIn, without(value, "$", wrong)));
  if (!repaired.success) return [];
  const rests = (paths: readonly string[]) =>
    paths.some((p) => wrong.some((w) => within(p, w) || within(w, p)));
  return checkConfig(repaired.data)
    .faults.filter(({ paths }) => !rests(paths))
    .map(faultOf);
}

const within = (path: string, outer: string) =>
  path === outer || path.startsWith(`${outer}.`) || path.startsWith(`${outer}[`);

function without(value: unknown, path: string, wrong: readonly string[]): unknown {
  if (wrong.some((w) => w === path || w.startsWith(`${path}[`))) return undefined;
  if (!isObject(value)) return value;
  const kept = Object.entries(value).map(([k, v]) => [k, without(v, `${path}.${k}`, wrong)]);
  return Object.fromEntries(kept.filter(([, v]) => v !== undefined));
}

function shapeFaults(issue: z.core.$ZodIssue, value: unknown): Fault[] {
  const path = jsonPath(issue.path);
  if (issue.code === "unrecognized_keys") {
    const known = knownKeys(issue.path);
    return issue.keys.map((key) => ({ path: `${path}.${key}`, message: unknownKey(key, known) }));
  }
  return [{ path, message: inWords(issue, valueAt(value, issue.path)) }];
}

function inWords(issue: z.core.$ZodIssue, value: unknown): string {
  if (value === undefined) return "is missing";
  const but = `but is ${JSON.stringify(value)}`;
  switch (issue.code) {
    case "invalid_type":
      return `must be ${article(issue.expected)}, ${but}`;
    case "invalid_value":
      return `must be ${issue.values.map((v) => JSON.stringify(v)).join(" or ")}, ${but}`;
    case "too_small":
      return issue.origin === "number" || issue.origin === "int"
        ? `must be ${issue.inclusive ? "at least" : "more than"} ${issue.minimum}, ${but}`
        : `must not be empty, ${but}`;
    case "too_big":
      return `must be at most ${issue.maximum}, ${but}`;
    default:
      return issue.code === "invalid_format" && issue.format === "email"
        ? `must be an e-mail address, ${but}`
        : `${issue.message}, ${but}`;
  }
}

const article = (type: string) =>
  type === "int" ? "a whole number" : /^[aeio]/.test(type) ? `an ${type}` : `a ${type}`;

function unknownKey(key: string, known: readonly string[]): string {
  const [nearest] = known
    .map((name) => ({ name, distance: distance(key.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const near = nearest !== undefined && nearest.distance <= Math.max(2, key.length / 3);
  const hint = near ? `did you mean "${nearest.name}"?` : `known keys: ${known.join(", ")}`;
  return `is not a key of the configuration; ${hint}`;
}

function knownKeys(path: readonly PropertyKey[]): string[] {
  let shape: Record<string, unknown> | undefined = configShape;
  for (const key of path) shape = shapeOf(shape?.[String(key)]);
  return Object.keys(shape ?? {});
}

function shapeOf(schema: unknown): Record<string, unknown> | undefined {
  if (schema instanceof z.ZodPrefault || schema instanceof z.ZodDefault)
    return shapeOf(schema.unwrap());
  return schema instanceof z.ZodObject ? schema.shape : undefined;
}

/** Levenshtein distance, one row at a time. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

function jsonPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (so, key) => (typeof key === "number" ? `${so}[${key}]` : `${so}.${String(key)}`),
    "$",
  );
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((at, key) => {
    if (Array.isArray(at) && typeof key === "number") return at[key];
    return isObject(at) ? own(at, String(key)) : undefined;
  }, value);
}

function own(value: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
