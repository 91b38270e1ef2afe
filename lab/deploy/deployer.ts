// Deploys an assembly: stacks in dependency order, resources in the order that their references
// and DependsOn demand, each handed to the service that models its type. A type that nobody models
// stops the lab, unless it is listed as inert with its reason.
import type { CreatedResource, DeployedResource, Json, ResourceModels } from "../kernel.ts";
import type { Assembly, Stack, TemplateResource } from "./assembly.ts";
import { inertTypes } from "./inert.ts";
import { resolve, type Scope } from "./intrinsics.ts";

export interface DeployPorts {
  readonly account: string;
  readonly models: ResourceModels;
  /** SSM parameter of a Region, for dynamic references. */
  parameter(region: string, name: string): string | undefined;
}

/** Throws an error that names every unmodelled type, before anything is created. */
export async function deploy(assembly: Assembly, ports: DeployPorts): Promise<number> {
  refuseUnmodelled(assembly, ports.models);
  const exports = new Map<string, Json>();
  let count = 0;
  for (const stack of assembly.stacks) count += await deployStack(stack, ports, exports);
  return count;
}

function refuseUnmodelled(assembly: Assembly, models: ResourceModels): void {
  const missing = new Map<string, string>();
  for (const stack of assembly.stacks) {
    for (const [logicalId, { Type }] of Object.entries(stack.template.Resources)) {
      if (!models[Type] && !inertTypes[Type]) missing.set(Type, `${stack.name}/${logicalId}`);
    }
  }
  if (missing.size === 0) return;
  const lines = [...missing].map(([type, where]) => `  ${type} (first seen: ${where})`);
  throw new Error(
    `The lab models no such resource:\n${lines.join("\n")}\n` +
      "Model the type in lab/services, or list it in lab/deploy/inert.ts with the reason.",
  );
}

async function deployStack(
  stack: Stack,
  ports: DeployPorts,
  exports: Map<string, Json>,
): Promise<number> {
  const created = new Map<string, CreatedResource>();
  const scope = scopeOf(stack, ports, created, exports);
  const order = inOrder(stack.template.Resources);
  for (const [logicalId, resource] of order) {
    if (resource.Condition && resolve({ Condition: resource.Condition }, scope) !== true) continue;
    const properties = resolve(resource.Properties, scope);
    if (properties === null || typeof properties !== "object" || Array.isArray(properties))
      continue;
    const { name: stackName, region } = stack;
    const deployed = { stack: stackName, region, logicalId, type: resource.Type, properties };
    created.set(logicalId, await createOne(deployed, ports.models));
  }
  for (const output of Object.values(stack.template.Outputs)) {
    const name = output.Export ? resolve(output.Export.Name, scope) : null;
    if (name !== null) exports.set(`${stack.region}/${String(name)}`, resolve(output.Value, scope));
  }
  return order.length;
}

async function createOne(resource: DeployedResource, models: ResourceModels) {
  const model = models[resource.type];
  if (!model) return inert(resource);
  try {
    return await model(resource);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`${resource.stack}/${resource.logicalId} (${resource.type}): ${why}`, {
      cause: error,
    });
  }
}

/** Inert resources still have a reference and attributes that others may name. */
function inert(resource: DeployedResource): CreatedResource {
  const ref = `${resource.stack}-${resource.logicalId}`;
  const arn = `arn:aws:inert:${resource.region}::${ref}`;
  const attributes = new Proxy<Record<string, Json>>(
    {},
    { get: (_target, name) => (name === "Arn" ? arn : `${ref}.${String(name)}`) },
  );
  return { ref, attributes };
}

function scopeOf(
  stack: Stack,
  ports: DeployPorts,
  created: Map<string, CreatedResource>,
  exports: Map<string, Json>,
): Scope {
  return {
    template: stack.template,
    pseudo: {
      "AWS::Region": stack.region,
      "AWS::AccountId": ports.account,
      "AWS::Partition": "aws",
      "AWS::URLSuffix": "amazonaws.com",
      "AWS::StackName": stack.name,
      "AWS::StackId": `arn:aws:cloudformation:${stack.region}:${ports.account}:stack/${stack.name}`,
    },
    ref: (logicalId) => created.get(logicalId)?.ref,
    attribute: (logicalId, name) => created.get(logicalId)?.attributes[name],
    importValue: (name) => exports.get(`${stack.region}/${name}`),
    parameter: (name) => ports.parameter(stack.region, name),
  };
}

function inOrder(resources: Record<string, TemplateResource>): [string, TemplateResource][] {
  const ordered = new Map<string, TemplateResource>();
  const visit = (logicalId: string, path: string[]): void => {
    const resource = resources[logicalId];
    if (!resource || ordered.has(logicalId)) return;
    if (path.includes(logicalId)) {
      throw new Error(`Resources form a cycle: ${[...path, logicalId].join(" → ")}`);
    }
    const needed = [...resource.DependsOn, ...referenced(resource.Properties)];
    for (const other of needed) visit(other, [...path, logicalId]);
    ordered.set(logicalId, resource);
  };
  for (const logicalId of Object.keys(resources)) visit(logicalId, []);
  return [...ordered];
}

function referenced(value: Json): string[] {
  if (Array.isArray(value)) return value.flatMap(referenced);
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([key, member]) => {
    if (key === "Ref") return [String(member)];
    if (key === "Fn::GetAtt") {
      return [String(Array.isArray(member) ? member[0] : String(member).split(".")[0])];
    }
    if (key === "Fn::Sub") return substituted(member);
    return referenced(member);
  });
}

function substituted(argument: Json): string[] {
  const text = Array.isArray(argument) ? argument[0] : argument;
  const names = [...String(text).matchAll(/\$\{([^!}.]+)[^}]*\}/g)].map((match) => match[1] ?? "");
  return [...names, ...(Array.isArray(argument) ? referenced(argument.slice(1)) : [])];
}
