// The door to dynalite: its validations and actions, called directly on a memory store, in the
// order in which its HTTP handler calls them. dynalite has no types; what it takes and gives is
// typed here once. Requests pass its own validation, so nothing else checks them.
import { createRequire } from "node:module";
import type { Item } from "./attribute-values.ts";
import type { MemoryStore, TableDescription } from "./memory-store.ts";

const library = createRequire(import.meta.url);

export const itemActions = [
  "GetItem",
  "PutItem",
  "UpdateItem",
  "DeleteItem",
  "Query",
  "Scan",
] as const;
export type ItemAction = (typeof itemActions)[number];

/** An error as dynalite throws and hands it over: body and status as AWS sends them. */
export interface DynaliteFault extends Error {
  readonly statusCode?: number;
  readonly body?: { readonly __type: string; readonly message?: string };
}

export type ActionResult =
  | { readonly ok: true; readonly answer: object }
  | { readonly ok: false; readonly status: number; readonly type: string; readonly body: object };

type Callback = (fault: DynaliteFault | null, answer?: object) => void;
type Action = (store: MemoryStore, data: object, done: Callback) => void;
interface Validation {
  readonly types: { readonly [member: string]: unknown };
  readonly custom: unknown;
}
interface Validations {
  checkTypes(body: object, types: Validation["types"]): object;
  checkValidations(
    data: object,
    types: Validation["types"],
    custom: unknown,
    store: MemoryStore,
  ): void;
}

const validations: Validations = library("dynalite/validations");
const database: { createKey(item: Item, table: TableDescription): string } = library("dynalite/db");

interface Parser {
  parse(text: string, options: { context: ParseContext }): unknown;
}
interface ParseContext {
  readonly attrNames?: object;
  readonly attrVals?: object;
  readonly isKeyCondition?: boolean;
}

/** A condition that names neither names nor values always parses to the same, which nothing
 * changes; of puts, "attribute_not_exists(pk)" would else be the dearest part. */
function remember(parser: Parser): void {
  const parse = parser.parse;
  const known = new Map<string, unknown>();
  parser.parse = (text, options) => {
    const { attrNames, attrVals, isKeyCondition } = options.context;
    if (attrNames || attrVals || isKeyCondition) return parse(text, options);
    if (!known.has(text)) known.set(text, parse(text, options));
    return known.get(text);
  };
}
remember(library("dynalite/db/conditionParser"));

const lowerFirst = (name: string) => name.charAt(0).toLowerCase() + name.slice(1);
const loaded = new Map<ItemAction, { action: Action; validation: Validation }>(
  itemActions.map((name) => [
    name,
    {
      action: library(`dynalite/actions/${lowerFirst(name)}`),
      validation: library(`dynalite/validations/${lowerFirst(name)}`),
    },
  ]),
);

/** The store's key string of an item or of its key attributes. */
export const keyOf = (item: Item, table: TableDescription): string =>
  database.createKey(item, table);

/** Members of the request that dynalite would silently ignore. */
export function unmodelledMembers(name: ItemAction, body: object): string[] {
  const { types } = find(name).validation;
  return Object.keys(body).filter(
    (member) => !(member in types) && member !== "ReturnValuesOnConditionCheckFailure",
  );
}

/** Runs an action to its end; nothing of it is left for later. `body` is used up. */
export function runAction(name: ItemAction, store: MemoryStore, body: object): ActionResult {
  const { types, custom } = find(name).validation;
  try {
    const data = validations.checkTypes(body, types);
    validations.checkValidations(data, types, custom, store);
    return runValidated(name, store, data);
  } catch (fault) {
    return failed(fault instanceof Error ? fault : new Error(String(fault)));
  }
}

/** As runAction, of what has been validated before: half of a put is its validation. */
export function runValidated(name: ItemAction, store: MemoryStore, data: object): ActionResult {
  const results: ActionResult[] = [];
  find(name).action(store, data, (fault, answer) => {
    results.push(fault ? failed(fault) : { ok: true, answer: answer ?? {} });
  });
  store.pump();
  const result = results[0];
  if (result === undefined) throw new Error(`dynalite's ${name} did not settle at once`);
  return result;
}

function failed(fault: DynaliteFault): ActionResult {
  if (fault.statusCode === undefined || fault.body === undefined) throw fault;
  const type = fault.body.__type;
  return {
    ok: false,
    status: fault.statusCode,
    type: type.split("#")[1] ?? type,
    body: fault.body,
  };
}

function find(name: ItemAction) {
  const found = loaded.get(name);
  if (found === undefined) throw new Error(`dynalite has no ${name}`);
  return found;
}
