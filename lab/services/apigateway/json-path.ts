// The JSONPath expressions of $input.path and $input.json: members and indices from the root.
// Filters, wildcards and slices are refused by name.
import type { Json } from "../../kernel.ts";

/** Undefined: there is nothing at that path. */
export function valueAt(document: Json | undefined, path: string): Json | undefined {
  return stepsOf(path).reduce<Json | undefined>(step, document);
}

function stepsOf(path: string): (string | number)[] {
  const steps: (string | number)[] = [];
  let rest = path.startsWith("$") ? path.slice(1) : `.${path}`;
  while (rest !== "") {
    const match = /^(?:\.([\w-]+)|\['([^']+)'\]|\["([^"]+)"\]|\[(\d+)\])/.exec(rest);
    if (match === null) throw new Error(`the lab models no JSONPath ${path}`);
    const [whole, member, single, double, index] = match;
    steps.push(index === undefined ? (member ?? single ?? double ?? "") : Number(index));
    rest = rest.slice(whole.length);
  }
  return steps;
}

function step(value: Json | undefined, key: string | number): Json | undefined {
  if (Array.isArray(value)) return typeof key === "number" ? value[key] : undefined;
  if (value === null || typeof value !== "object") return undefined;
  return Object.hasOwn(value, key) ? value[key] : undefined;
}
