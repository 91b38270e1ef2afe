// Methods that templates call on values: in API Gateway those are Java objects, so a string has
// Java's methods with Java's meanings (replaceAll takes a pattern). One that isn't here is refused
// by name, since velocityjs would quietly print the call itself.

type Method = (value: string, given: readonly string[]) => string | number | boolean | string[];

const strings: { readonly [name: string]: Method } = {
  toString: (value: string) => value,
  length: (value) => value.length,
  isEmpty: (value) => value === "",
  equals: (value, [other]) => value === other,
  contains: (value, [part = ""]) => value.includes(part),
  startsWith: (value, [part = ""]) => value.startsWith(part),
  endsWith: (value, [part = ""]) => value.endsWith(part),
  indexOf: (value, [part = ""]) => value.indexOf(part),
  substring: (value, [from, to]) =>
    value.substring(Number(from), to === undefined ? undefined : Number(to)),
  replace: (value, [part = "", by = ""]) => value.replaceAll(part, () => by),
  replaceAll: (value, [pattern = "", by = ""]) => value.replace(regex(pattern), () => literal(by)),
  matches: (value, [pattern = ""]) => new RegExp(`^(?:${pattern})$`, "su").test(value),
  split: (value, [pattern = ""]) => value.split(regex(pattern)),
  toLowerCase: (value) => value.toLowerCase(),
  toUpperCase: (value) => value.toUpperCase(),
  trim: (value) => value.trim(),
};

/** Calls the method; throws on one that the lab doesn't have. */
export function callMethod(value: unknown, name: string, given: readonly unknown[]): unknown {
  const texts = given.map(String);
  const method = Object.hasOwn(strings, name) ? strings[name] : undefined;
  if (typeof value === "string" && method !== undefined) return method(value, texts);
  if (Array.isArray(value)) return onList(value, name, given);
  if (typeof value === "number" || typeof value === "boolean") {
    if (name === "toString") return String(value);
    if (name === "equals") return value === given[0];
  }
  if (typeof value === "object" && value !== null) return onMap(value, name, given);
  throw new Error(`the lab models no method ${name} in templates`);
}

function onList(value: readonly unknown[], name: string, [first]: readonly unknown[]): unknown {
  switch (name) {
    case "size":
      return value.length;
    case "isEmpty":
      return value.length === 0;
    case "get":
      return value[Number(first)];
    case "contains":
      return value.includes(first);
    default:
      throw new Error(`the lab models no method ${name} of lists in templates`);
  }
}

function onMap(value: object, name: string, [first]: readonly unknown[]): unknown {
  const members = new Map(Object.entries(value));
  switch (name) {
    case "size":
      return members.size;
    case "isEmpty":
      return members.size === 0;
    case "get":
      return members.get(String(first));
    case "containsKey":
      return members.has(String(first));
    case "keySet":
      return [...members.keys()];
    default:
      throw new Error(`the lab models no method ${name} of maps in templates`);
  }
}

const regex = (pattern: string) => new RegExp(pattern, "gsu");

/** Java's replacement texts have references of their own. */
function literal(by: string): string {
  if (/[$\\]/.test(by)) throw new Error(`the lab models no replacement ${by} in templates`);
  return by;
}
