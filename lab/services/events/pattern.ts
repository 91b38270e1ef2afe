// EventBridge's event patterns, as "Creating Amazon EventBridge event patterns" describes them.
// A pattern is read once, when its rule is created, so that a comparison that isn't modelled is
// refused by name at deployment and not ignored at night.
import type { Json } from "../../kernel.ts";

export type EventPattern = (event: Json) => boolean;
type Members = { readonly [name: string]: Json };
/** On the values found at a path; [] when the event has no such member. */
type Test = (found: readonly Json[]) => boolean;

/** Throws on what isn't modelled. */
export function readPattern(pattern: Json): EventPattern {
  const tests = members(pattern, "the pattern");
  const read = Object.entries(tests).map(([name, test]) =>
    name === "$or" ? anyOf(test) : onMember(name, test),
  );
  return (event) => read.every((matches) => matches(event));
}

function anyOf(alternatives: Json): EventPattern {
  if (!Array.isArray(alternatives)) throw new Error("$or of a pattern must be a list");
  const read = alternatives.map(readPattern);
  return (event) => read.some((matches) => matches(event));
}

function onMember(name: string, test: Json): EventPattern {
  if (Array.isArray(test)) {
    const tests = test.map((one) => readTest(name, one));
    return (event) => {
      const found = valuesAt(event, name);
      return tests.some((passes) => passes(found));
    };
  }
  const nested = readPattern(test);
  // An array of objects matches when one of them does.
  return (event) => {
    const inner = memberOf(event, name);
    return Array.isArray(inner) ? inner.some(nested) : nested(inner ?? {});
  };
}

function readTest(name: string, test: Json): Test {
  if (test === null || typeof test !== "object") return some((value) => value === test);
  const [[kind, operand] = ["", null], ...more] = Object.entries(members(test, name));
  if (more.length > 0) throw new Error(`a comparison of ${name} has more than one operator`);
  switch (kind) {
    case "exists":
      return (found) => found.length > 0 === operand;
    case "anything-but":
      return anythingBut(name, operand);
    default:
      return some(valueTest(name, kind, operand));
  }
}

const some =
  (passes: (value: Json) => boolean): Test =>
  (found) =>
    found.some(passes);

function valueTest(name: string, kind: string, operand: Json): (value: Json) => boolean {
  switch (kind) {
    case "prefix":
      return affix(operand, (value, text) => value.startsWith(text));
    case "suffix":
      return affix(operand, (value, text) => value.endsWith(text));
    case "equals-ignore-case":
      return affix(operand, (value, text) => value.toLowerCase() === text.toLowerCase());
    case "wildcard":
      return wildcard(operand);
    case "numeric":
      return numeric(name, operand);
    default:
      throw new Error(`the lab models no pattern "${kind}" (of ${name})`);
  }
}

/** Prefix and suffix may be {"equals-ignore-case": text}. */
function affix(operand: Json, holds: (value: string, text: string) => boolean) {
  const folded = typeof operand === "object" && operand !== null;
  const text = String(folded ? members(operand, "affix")["equals-ignore-case"] : operand);
  return (value: Json) =>
    typeof value === "string" &&
    (folded ? holds(value.toLowerCase(), text.toLowerCase()) : holds(value, text));
}

function wildcard(operand: Json) {
  const parts = String(operand)
    .split("*")
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  const expression = new RegExp(`^${parts.join(".*")}$`, "s");
  return (value: Json) => typeof value === "string" && expression.test(value);
}

/** True when there is a value and none of them is one of those named. */
function anythingBut(name: string, operand: Json): Test {
  const forbidden = Array.isArray(operand) ? operand : [operand];
  const tests = forbidden.map((one) => {
    if (one === null || typeof one !== "object") return (value: Json) => value === one;
    const [[kind, inner] = ["", null]] = Object.entries(members(one, name));
    const alternatives = Array.isArray(inner) ? inner : [inner];
    const read = alternatives.map((alternative) => valueTest(name, kind, alternative));
    return (value: Json) => read.some((passes) => passes(value));
  });
  return (found) => found.length > 0 && !found.some((value) => tests.some((test) => test(value)));
}

function numeric(name: string, operand: Json) {
  if (!Array.isArray(operand)) throw new Error(`numeric of ${name} must be a list`);
  const bounds: ((value: number) => boolean)[] = [];
  for (let index = 0; index < operand.length; index += 2) {
    bounds.push(bound(String(operand[index]), Number(operand[index + 1])));
  }
  return (value: Json) => typeof value === "number" && bounds.every((holds) => holds(value));
}

function bound(operator: string, limit: number): (value: number) => boolean {
  switch (operator) {
    case "<":
      return (value) => value < limit;
    case "<=":
      return (value) => value <= limit;
    case "=":
      return (value) => value === limit;
    case ">=":
      return (value) => value >= limit;
    case ">":
      return (value) => value > limit;
    default:
      throw new Error(`the lab models no numeric comparison "${operator}"`);
  }
}

function members(value: Json, where: string): Members {
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    throw new Error(`${where} must be an object`);
  }
  return value;
}

function memberOf(event: Json, name: string): Json | undefined {
  if (event === null || typeof event !== "object" || Array.isArray(event)) return undefined;
  return event[name];
}

function valuesAt(event: Json, name: string): readonly Json[] {
  const value = memberOf(event, name);
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}
