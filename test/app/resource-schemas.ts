// Holds a template against CloudFormation's resource schemas, as @aws-cdk/aws-service-spec has them:
// types, properties and attributes by name, what is required, and the type of each value. What an
// intrinsic function yields is known to CloudFormation alone and passes; a custom resource's
// properties are its own.
import { loadAwsServiceSpecSync } from "@aws-cdk/aws-service-spec";
import type { Property, PropertyType, Resource, SpecDatabase } from "@aws-cdk/service-spec-types";
import { z } from "zod";

const templateSchema = z.object({
  Resources: z.record(
    z.string(),
    z.object({
      Type: z.string(),
      Properties: z.record(z.string(), z.unknown()).default({}),
    }),
  ),
});

type Properties = Readonly<Record<string, Property>>;

let loaded: SpecDatabase | null = null;
/** A second of work, once a test file. */
function database(): SpecDatabase {
  loaded ??= loadAwsServiceSpecSync();
  return loaded;
}

const known = new Map<string, Resource | null>();
function resourceOf(type: string): Resource | null {
  const cached = known.get(type);
  if (cached !== undefined) return cached;
  const [found] = database().lookup("resource", "cloudFormationType", "equals", type);
  known.set(type, found ?? null);
  return found ?? null;
}

/** Made by CDK or by a provider of its own; no schema of CloudFormation's. */
const hasNoSchema = (type: string) => type.startsWith("Custom::") || type === "AWS::CDK::Metadata";

/** One sentence a fault; `template` as CDK writes it. */
export function templateFaults(template: unknown): string[] {
  const { Resources: resources } = templateSchema.parse(template);
  const types = new Map(Object.entries(resources).map(([id, { Type }]) => [id, Type]));
  return Object.entries(resources).flatMap(([id, { Type, Properties }]) => {
    if (hasNoSchema(Type)) return attributeFaults(Properties, id, types);
    const resource = resourceOf(Type);
    if (resource === null) return [`${id}: there is no resource type ${Type}`];
    return [
      ...memberFaults(Properties, resource.properties, `${id} (${Type})`),
      ...attributeFaults(Properties, id, types),
    ];
  });
}

function memberFaults(
  value: Readonly<Record<string, unknown>>,
  properties: Properties,
  where: string,
): string[] {
  const unknown = Object.keys(value).filter((name) => properties[name] === undefined);
  const missing = Object.entries(properties).filter(
    ([name, { required }]) => required === true && value[name] === undefined,
  );
  return [
    ...unknown.map((name) => `${where} has no property ${name}`),
    ...missing.map(([name]) => `${where} lacks ${name}`),
    ...Object.entries(value).flatMap(([name, member]) => {
      const property = properties[name];
      return property === undefined ? [] : valueFaults(member, property, `${where}.${name}`);
    }),
  ];
}

/** A property had other types before, which CloudFormation still takes. */
function valueFaults(value: unknown, { type, previousTypes }: Property, where: string): string[] {
  const tried = [type, ...(previousTypes ?? [])].map((one) => typeFaults(value, one, where));
  return tried.find((faults) => faults.length === 0) ?? tried[0] ?? [];
}

function typeFaults(value: unknown, type: PropertyType, where: string): string[] {
  if (isIntrinsic(value)) return [];
  switch (type.type) {
    case "json":
      return [];
    case "string":
      return typeof value === "string"
        ? choiceFaults(value, "allowedValues" in type ? type.allowedValues : undefined, where)
        : wrong(value, "a string", where);
    case "date-time":
      return typeof value === "string" ? [] : wrong(value, "a string", where);
    case "boolean":
      return typeof value === "boolean" ? [] : wrong(value, "a boolean", where);
    case "number":
      return typeof value === "number" ? [] : wrong(value, "a number", where);
    case "integer":
      return Number.isInteger(value) ? [] : wrong(value, "a whole number", where);
    case "null":
      return value === null ? [] : wrong(value, "null", where);
    case "array":
      return Array.isArray(value)
        ? value.flatMap((one, index) => typeFaults(one, type.element, `${where}[${index}]`))
        : wrong(value, "a list", where);
    case "map":
      return isObject(value)
        ? Object.entries(value).flatMap(([key, one]) =>
            typeFaults(one, type.element, `${where}.${key}`),
          )
        : wrong(value, "a map", where);
    case "tag":
      return isObject(value)
        ? memberFaults(value, tagProperties, where)
        : wrong(value, "a tag", where);
    case "ref": {
      const { properties } = database().get("typeDefinition", type.reference);
      return isObject(value)
        ? memberFaults(value, properties, where)
        : wrong(value, "an object", where);
    }
    case "union": {
      const tried = type.types.map((one) => typeFaults(value, one, where));
      return tried.some((faults) => faults.length === 0) ? [] : (tried[0] ?? []);
    }
  }
}

const tagProperties: Properties = {
  Key: { type: { type: "string" }, required: true },
  Value: { type: { type: "string" }, required: true },
};

function choiceFaults(value: string, choices: readonly string[] | undefined, where: string) {
  if (choices === undefined || choices.length === 0 || choices.includes(value)) return [];
  return [`${where} is "${value}"; it must be one of ${choices.join(", ")}`];
}

const wrong = (value: unknown, wanted: string, where: string) => [
  `${where} must be ${wanted}, but is ${JSON.stringify(value)}`,
];

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function isIntrinsic(value: unknown): boolean {
  if (!isObject(value)) return false;
  const [name, ...others] = Object.keys(value);
  return others.length === 0 && name !== undefined && (name === "Ref" || name.startsWith("Fn::"));
}

/** Fn::GetAtt of what there is not. */
function attributeFaults(
  value: unknown,
  where: string,
  types: ReadonlyMap<string, string>,
): string[] {
  if (Array.isArray(value)) return value.flatMap((one) => attributeFaults(one, where, types));
  if (!isObject(value)) return [];
  const asked = getAtt.safeParse(value);
  if (!asked.success) {
    return Object.values(value).flatMap((one) => attributeFaults(one, where, types));
  }
  const [id, attribute] = asked.data["Fn::GetAtt"];
  const type = types.get(id);
  if (type === undefined) return [`${where}: there is no resource ${id} to ask for ${attribute}`];
  const attributes = hasNoSchema(type) ? null : resourceOf(type)?.attributes;
  if (attributes === null || attributes?.[attribute] !== undefined) return [];
  return [`${where}: ${type} has no attribute ${attribute}`];
}
const getAtt = z.object({ "Fn::GetAtt": z.tuple([z.string(), z.string()]) });
