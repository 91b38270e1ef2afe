// Models: JSON Schema, draft 4, as far as request validation uses it. A keyword that isn't modelled
// is refused by name when the model is deployed: a validator that passes too much would prove
// nothing. Source: "Request validation for REST APIs in API Gateway"; json-schema.org, draft 4.
import { z } from "zod";
import type { Json } from "../../kernel.ts";

/** Does the body fit? */
export type RequestModel = (body: Json) => boolean;

type JsonType = "object" | "array" | "string" | "integer" | "number" | "boolean" | "null";
const typeNames = z.enum(["object", "array", "string", "integer", "number", "boolean", "null"]);

interface Schema {
  readonly type?: JsonType | undefined;
  readonly required?: readonly string[] | undefined;
  readonly properties?: { readonly [name: string]: Schema } | undefined;
  readonly additionalProperties?: boolean | undefined;
  readonly items?: Schema | undefined;
  readonly minItems?: number | undefined;
  readonly maxItems?: number | undefined;
  readonly pattern?: string | undefined;
  readonly minLength?: number | undefined;
  readonly maxLength?: number | undefined;
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  readonly enum?: readonly Json[] | undefined;
}

const schemaSchema: z.ZodType<Schema> = z.lazy(() =>
  z.strictObject({
    $schema: z.literal("http://json-schema.org/draft-04/schema#").optional(),
    title: z.string().optional(),
    description: z.string().optional(),
    type: typeNames.optional(),
    required: z.array(z.string()).optional(),
    properties: z.record(z.string(), schemaSchema).optional(),
    additionalProperties: z.boolean().optional(),
    items: schemaSchema.optional(),
    minItems: z.int().optional(),
    maxItems: z.int().optional(),
    pattern: z.string().optional(),
    minLength: z.int().optional(),
    maxLength: z.int().optional(),
    minimum: z.number().optional(),
    maximum: z.number().optional(),
    enum: z.array(z.json()).optional(),
  }),
);

/** Throws on what isn't modelled. */
export function readModel(schema: Json): RequestModel {
  const read = schemaSchema.parse(schema);
  return (body) => fits(read, body);
}

function fits(schema: Schema, value: Json): boolean {
  if (schema.type !== undefined && !isOfType(schema.type, value)) return false;
  if (schema.enum?.every((one) => JSON.stringify(one) !== JSON.stringify(value))) return false;
  if (typeof value === "string") return textFits(schema, value);
  if (typeof value === "number") return within(value, schema.minimum, schema.maximum);
  if (Array.isArray(value)) return listFits(schema, value);
  return value === null || typeof value !== "object" || objectFits(schema, value);
}

function isOfType(type: JsonType, value: Json): boolean {
  switch (type) {
    case "null":
      return value === null;
    case "array":
      return Array.isArray(value);
    case "object":
      return value !== null && typeof value === "object" && !Array.isArray(value);
    case "integer":
      return Number.isInteger(value);
    case "string":
    case "number":
    case "boolean":
      return typeof value === type;
    default:
      return type satisfies never;
  }
}

/** A pattern may match anywhere; lengths count code points. */
function textFits({ pattern, minLength, maxLength }: Schema, value: string): boolean {
  if (pattern !== undefined && !new RegExp(pattern, "u").test(value)) return false;
  return within([...value].length, minLength, maxLength);
}

function listFits({ items, minItems, maxItems }: Schema, value: readonly Json[]): boolean {
  if (items !== undefined && !value.every((one) => fits(items, one))) return false;
  return within(value.length, minItems, maxItems);
}

function objectFits(
  { required = [], properties = {}, additionalProperties = true }: Schema,
  value: { readonly [name: string]: Json },
): boolean {
  if (!required.every((name) => Object.hasOwn(value, name))) return false;
  return Object.entries(value).every(([name, member]) => {
    const schema = Object.hasOwn(properties, name) ? properties[name] : undefined;
    return schema === undefined ? additionalProperties : fits(schema, member);
  });
}

const within = (value: number, least = -Infinity, most = Infinity) =>
  value >= least && value <= most;
