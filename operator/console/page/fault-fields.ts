// The form of a fault, read from the JSON schema that the lab hands out: whatever kinds and fields
// it knows, the form has. What a value must be is checked by the lab; here is only how it is asked.
import { z } from "zod";

export interface Field {
  readonly name: string;
  readonly isRequired: boolean;
  /** How it is asked for. "pair": two Regions. */
  readonly kind: "region" | "pair" | "choice" | "switch" | "number" | "text";
  readonly choices: readonly string[];
  /** Between which it must be, in words; empty: nothing to say. */
  readonly hint: string;
}
export interface FaultKind {
  readonly kind: string;
  readonly fields: readonly Field[];
}

const propertySchema = z.looseObject({
  const: z.unknown().optional(),
  type: z.union([z.string(), z.array(z.string())]).optional(),
  enum: z.array(z.string()).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
});
const kindSchema = z.looseObject({
  properties: z.looseObject({ kind: z.looseObject({ const: z.string() }) }),
  required: z.array(z.string()).default([]),
});
const faultsSchema = z
  .looseObject({ oneOf: z.array(kindSchema).optional(), anyOf: z.array(kindSchema).optional() })
  .transform(({ oneOf, anyOf }) => oneOf ?? anyOf ?? []);

/** Empty where the schema is not one of faults. */
export function faultKinds(schema: unknown): FaultKind[] {
  const kinds = faultsSchema.safeParse(schema).data ?? [];
  return kinds.map(({ properties, required }) => ({
    kind: properties.kind.const,
    fields: Object.entries(properties)
      .filter(([name]) => name !== "kind")
      .map(([name, property]) => fieldOf(name, property, required.includes(name))),
  }));
}

function fieldOf(name: string, described: unknown, isRequired: boolean): Field {
  const property = propertySchema.safeParse(described).data ?? {};
  const choices = property.enum ?? [];
  return { name, isRequired, choices, kind: kindOf(name, property), hint: hintOf(name, property) };
}

const regionNames = ["region", "from", "to"];

function kindOf(name: string, { type, enum: choices }: z.output<typeof propertySchema>) {
  if (choices !== undefined) return "choice";
  if (name === "between") return "pair";
  if (regionNames.includes(name)) return "region";
  if (type === "boolean") return "switch";
  if (type === "number" || type === "integer") return "number";
  return "text";
}

function hintOf(name: string, { minimum, maximum, type }: z.output<typeof propertySchema>): string {
  if (Array.isArray(type) || name === "seconds") return "like 30, 45s or 2m";
  if (name === "path") return "like /orders: whatever begins with it";
  const isBounded = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER;
  if (minimum !== undefined && isBounded) return `${minimum} to ${maximum}`;
  return minimum === undefined || minimum <= Number.MIN_SAFE_INTEGER ? "" : `${minimum} or more`;
}

/** The fault as the scenario format writes it; what was left empty is left out. */
export function faultOf(
  { kind, fields }: FaultKind,
  values: Readonly<Record<string, string>>,
): Record<string, unknown> {
  const given = fields.flatMap(({ name, kind: asked }): [string, unknown][] => {
    const text = values[name] ?? "";
    if (asked === "switch") return text === "true" ? [[name, true]] : [];
    if (asked === "pair") return [[name, text.split(" ")]];
    if (text === "") return [];
    const isNumber = asked === "number" || /^-?\d+(\.\d+)?$/.test(text);
    return [[name, isNumber ? Number(text) : text]];
  });
  return { kind, ...Object.fromEntries(given) };
}
