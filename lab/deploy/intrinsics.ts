// CloudFormation's intrinsic functions, as far as the templates use them. An unknown one stops the
// deployment by name: a silently unresolved value would be a different application.
// Source: CloudFormation User Guide, "Intrinsic function reference".
import type { Json } from "../kernel.ts";
import type { Template } from "./assembly.ts";

export interface Scope {
  readonly template: Template;
  readonly pseudo: { readonly [name: string]: string };
  /** Ref and GetAtt of a created resource; undefined: not created (yet). */
  ref(logicalId: string): Json | undefined;
  attribute(logicalId: string, name: string): Json | undefined;
  importValue(name: string): Json | undefined;
  /** Value of an SSM parameter of the stack's Region, for {{resolve:ssm:…}}. */
  parameter(name: string): string | undefined;
}

type JsonObject = { [key: string]: Json };
const isObject = (value: Json): value is JsonObject =>
  value !== null && typeof value === "object" && !Array.isArray(value);

/** The value with every intrinsic replaced. Properties that become AWS::NoValue disappear. */
export function resolve(value: Json, scope: Scope): Json {
  const resolved = resolveOrNothing(value, scope);
  return resolved === undefined ? null : resolved;
}

function resolveOrNothing(value: Json, scope: Scope): Json | undefined {
  if (typeof value === "string") return dynamicReferences(value, scope);
  if (Array.isArray(value)) {
    return value.map((member) => resolveOrNothing(member, scope)).filter((m) => m !== undefined);
  }
  if (!isObject(value)) return value;
  const [key, ...others] = Object.keys(value);
  if (key && others.length === 0 && (key === "Ref" || key === "Condition" || /^Fn::/.test(key))) {
    return intrinsic(key, value[key] ?? null, scope);
  }
  const result: JsonObject = {};
  for (const [name, member] of Object.entries(value)) {
    const resolved = resolveOrNothing(member, scope);
    if (resolved !== undefined) result[name] = resolved;
  }
  return result;
}

function dynamicReferences(text: string, scope: Scope): string {
  return text.replace(/\{\{resolve:ssm:([^}:]+)(?::\d+)?\}\}/g, (whole, name: string) => {
    const value = scope.parameter(name);
    if (value === undefined) throw new Error(`${whole}: there is no such SSM parameter.`);
    return value;
  });
}

function intrinsic(key: string, argument: Json, scope: Scope): Json | undefined {
  switch (key) {
    case "Ref":
      return reference(String(argument), scope);
    case "Condition":
      return condition(String(argument), scope);
    case "Fn::GetAtt":
      return attribute(argument, scope);
    case "Fn::Sub":
      return substitute(argument, scope);
    case "Fn::ImportValue":
      return imported(String(resolve(argument, scope)), scope);
    case "Fn::If":
      return choice(argument, scope);
    default:
      return operation(key, list(resolve(argument, scope)));
  }
}

const list = (value: Json): Json[] => (Array.isArray(value) ? value : [value]);

function operation(key: string, argumentsGiven: Json[]): Json {
  const [first = null, second = null] = argumentsGiven;
  switch (key) {
    case "Fn::Join":
      return list(second).map(String).join(String(first));
    case "Fn::Select":
      return list(second)[Number(first)] ?? null;
    case "Fn::Split":
      return String(second).split(String(first));
    case "Fn::Equals":
      return JSON.stringify(first) === JSON.stringify(second);
    case "Fn::Not":
      return first !== true;
    case "Fn::And":
      return argumentsGiven.every((member) => member === true);
    case "Fn::Or":
      return argumentsGiven.some((member) => member === true);
    case "Fn::Base64":
      return Buffer.from(String(first)).toString("base64");
    default:
      throw new Error(`The lab does not know the intrinsic function ${key}.`);
  }
}

function reference(name: string, scope: Scope): Json | undefined {
  if (name === "AWS::NoValue") return undefined;
  const pseudo = scope.pseudo[name];
  if (pseudo !== undefined) return pseudo;
  const created = scope.ref(name);
  if (created !== undefined) return created;
  const parameter = scope.template.Parameters[name];
  if (parameter) return parameter.Default ?? "";
  throw new Error(`Ref ${name}: there is no such resource or parameter.`);
}

function attribute(argument: Json, scope: Scope): Json {
  const parts = typeof argument === "string" ? argument.split(/\.(.*)/s) : list(argument);
  const logicalId = String(parts[0]);
  const name = String(resolve(parts[1] ?? "", scope));
  const value = scope.attribute(logicalId, name);
  if (value === undefined) throw new Error(`Fn::GetAtt ${logicalId}.${name}: not modelled.`);
  return value;
}

function substitute(argument: Json, scope: Scope): string {
  const [text, given] = Array.isArray(argument) ? argument : [argument, {}];
  const variables = isObject(given ?? null) ? (given as JsonObject) : {};
  return String(text).replace(/\$\{(!?)([^}]+)\}/g, (_whole, literal: string, name: string) => {
    if (literal) return `\${${name}}`;
    const variable = variables[name];
    if (variable !== undefined) return String(resolve(variable, scope));
    return String(name.includes(".") ? attribute(name, scope) : reference(name, scope));
  });
}

function imported(name: string, scope: Scope): Json {
  const value = scope.importValue(name);
  if (value === undefined) throw new Error(`Fn::ImportValue ${name}: no stack exports it.`);
  return value;
}

function choice(argument: Json, scope: Scope): Json | undefined {
  const [name, yes, no] = list(argument);
  return resolveOrNothing((condition(String(name), scope) ? yes : no) ?? null, scope);
}

function condition(name: string, scope: Scope): boolean {
  const definition = scope.template.Conditions[name];
  if (definition === undefined) throw new Error(`There is no condition ${name}.`);
  return resolve(definition, scope) === true;
}
