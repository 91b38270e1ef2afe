// DynamoDB's attribute values and what they say in plain JavaScript. Our own twenty lines and not
// the SDK's marshaller: the lab reads stores for its checkers, it is no client.
import type { Json } from "../../kernel.ts";

/** One attribute as the wire has it: exactly one of the type letters. */
export type AttributeValue = {
  readonly S?: string;
  readonly N?: string;
  readonly B?: string;
  readonly BOOL?: boolean;
  readonly NULL?: boolean;
  readonly L?: readonly AttributeValue[];
  readonly M?: { readonly [name: string]: AttributeValue };
  readonly SS?: readonly string[];
  readonly NS?: readonly string[];
  readonly BS?: readonly string[];
};

/** A stored item. Never changed once stored: an update stores a new one. */
export type Item = { readonly [name: string]: AttributeValue };

/** An item in plain JavaScript: numbers as numbers, sets as arrays, binary as base64. */
export type PlainItem = { [name: string]: Json };

export function plainItem(item: Item): PlainItem {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, plain(value)]));
}

function plain(value: AttributeValue): Json {
  if (value.S !== undefined) return value.S;
  if (value.N !== undefined) return Number(value.N);
  if (value.BOOL !== undefined) return value.BOOL;
  if (value.M !== undefined) return plainItem(value.M);
  if (value.L !== undefined) return value.L.map(plain);
  if (value.B !== undefined) return value.B;
  if (value.SS !== undefined) return [...value.SS];
  if (value.NS !== undefined) return value.NS.map(Number);
  if (value.BS !== undefined) return [...value.BS];
  return null;
}
