// A table in memory that understands exactly the conditions that the adapters write, and throws on
// any other: a new condition has to be thought about here, too.
import { z } from "zod";
import type { Condition, Key, ListQuery, Table } from "../../../functions/adapters/table.ts";

export interface MemoryTable extends Table {
  readonly items: Map<string, Record<string, unknown>>;
}

type Item = Record<string, unknown> | undefined;
const anything = z.record(z.string(), z.unknown());

type Values = Record<string, unknown>;
const same =
  (...names: string[]) =>
  (item: Item, values: Values) =>
    names.every((name) => item?.[name] === values[name]);

const conditions: Record<string, (item: Item, values: Values) => boolean> = {
  "attribute_not_exists(pk)": (item) => item === undefined,
  "#epoch = :epoch AND #phase = :phase": same("epoch", "phase"),
  "#epoch = :epoch AND #phase = :phase AND #automation = :automation": same(
    "epoch",
    "phase",
    "automation",
  ),
  "#epoch = :epoch AND #phase = :phase AND #lease.#until = :until AND #lease.#executionArn = :executionArn":
    (item, values) => {
      const lease = anything.safeParse(item?.lease).data;
      return same("epoch", "phase")(item, values) && same("until", "executionArn")(lease, values);
    },
  "#compared = :compared AND #status = :status": same("compared", "status"),
  "#hash = :hash AND #acknowledged = :nobody": (item, values) =>
    same("hash")(item, values) && item?.acknowledged === values.nobody,
  "#epoch = :epoch AND #phase = :phase AND #automation = :automation AND #change.#until = :automationUntil":
    (item, values) => {
      const change = anything.safeParse(item?.automationChange).data;
      const isSame = same("epoch", "phase", "automation")(item, values);
      return isSame && change?.until === values.automationUntil;
    },
  "#id = :id": same("id"),
  "#status = :status": same("status"),
  "attribute_not_exists(pk) OR #status = :status": (item, values) =>
    item === undefined || same("status")(item, values),
};

export function memoryTable(): MemoryTable {
  const items = new Map<string, Record<string, unknown>>();
  const nameOf = (key: Key) => `${key.pk}|${key.sk}`;
  const holds = (key: Key, condition: Condition | undefined) => {
    if (condition === undefined) return true;
    const predicate = conditions[condition.expression];
    if (predicate === undefined) throw new Error(`Not planned: ${condition.expression}`);
    return predicate(items.get(nameOf(key)), condition.values ?? {});
  };
  return {
    items,
    async read(key, schema) {
      const item = items.get(nameOf(key));
      return item === undefined ? null : schema.parse(structuredClone(item));
    },
    async list(query, schema) {
      return listed(items, query).map((item) => schema.parse(structuredClone(item)));
    },
    async put(key, value, condition) {
      if (!holds(key, condition)) return false;
      items.set(nameOf(key), anything.parse(structuredClone(value)));
      return true;
    },
    async set(key, changes, condition) {
      if (!holds(key, condition)) return false;
      items.set(nameOf(key), { ...items.get(nameOf(key)), ...structuredClone(changes) });
      return true;
    },
  };
}

function listed(items: ReadonlyMap<string, Record<string, unknown>>, query: ListQuery) {
  const start = `${query.pk}|${query.prefix ?? ""}`;
  const names = [...items.keys()].filter((name) => name.startsWith(start)).sort();
  const chosen = query.newest === undefined ? names : names.reverse().slice(0, query.newest);
  return chosen.flatMap((name) => items.get(name) ?? []);
}
