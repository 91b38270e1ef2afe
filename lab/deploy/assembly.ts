// Reads a cloud assembly (cdk.out): which stacks there are, in which Region, in which order, and
// where the assets lie. Format: manifest.json of CDK's cloud-assembly-schema.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Region } from "../../core/config/schema.ts";
import type { Json } from "../kernel.ts";

const manifestSchema = z.object({
  artifacts: z.record(
    z.string(),
    z.object({
      type: z.string(),
      environment: z.string().optional(),
      dependencies: z.array(z.string()).default([]),
      properties: z.object({ templateFile: z.string().optional() }).loose().optional(),
    }),
  ),
});
const assetsSchema = z.object({
  files: z.record(z.string(), z.object({ source: z.object({ path: z.string().optional() }) })),
});
const json: z.ZodType<Json> = z.json();
const resourceSchema = z.object({
  Type: z.string(),
  Properties: z.record(z.string(), json).default({}),
  DependsOn: z
    .union([z.string(), z.array(z.string())])
    .transform((value) => (typeof value === "string" ? [value] : value))
    .default([]),
  Condition: z.string().optional(),
});
const templateSchema = z.object({
  Resources: z.record(z.string(), resourceSchema).default({}),
  Outputs: z
    .record(
      z.string(),
      z.object({ Value: json, Export: z.object({ Name: json }).optional() }).loose(),
    )
    .default({}),
  Parameters: z.record(z.string(), z.object({ Default: json.optional() }).loose()).default({}),
  Conditions: z.record(z.string(), json).default({}),
  Mappings: z.record(z.string(), z.record(z.string(), z.record(z.string(), json))).default({}),
});

export type Template = z.infer<typeof templateSchema>;
export type TemplateResource = z.infer<typeof resourceSchema>;
export interface Stack {
  readonly name: string;
  readonly region: Region;
  readonly template: Template;
}
export interface Assembly {
  readonly folder: string;
  /** Each stack after those it depends on. */
  readonly stacks: readonly Stack[];
  /** Folder or file of an asset by its hash (the S3 key without ending). */
  assetPath(hash: string): string;
}

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, "utf8"));

/** Throws with the file's path when something is not of the schema. */
export function readAssembly(folder: string): Assembly {
  const { artifacts } = manifestSchema.parse(readJson(join(folder, "manifest.json")));
  const assets = new Map<string, string>();
  const stacks = new Map<string, Stack & { dependencies: string[] }>();
  for (const [name, artifact] of Object.entries(artifacts)) {
    const file = artifact.properties?.templateFile;
    if (artifact.type === "cdk:asset-manifest") {
      const manifest = assetsSchema.parse(readJson(join(folder, `${name}.json`)));
      for (const [hash, { source }] of Object.entries(manifest.files)) {
        if (source.path) assets.set(hash, join(folder, source.path));
      }
    }
    if (artifact.type !== "aws:cloudformation:stack" || !file) continue;
    stacks.set(name, {
      name,
      region: artifact.environment?.split("/").at(-1) ?? "",
      template: templateSchema.parse(readJson(join(folder, file))),
      dependencies: artifact.dependencies,
    });
  }
  return {
    folder,
    stacks: inOrder(stacks),
    assetPath(hash) {
      const path = assets.get(hash);
      if (!path) throw new Error(`The assembly ${folder} has no asset ${hash}.`);
      return path;
    },
  };
}

function inOrder(stacks: Map<string, Stack & { dependencies: string[] }>): Stack[] {
  const ordered: Stack[] = [];
  const visit = (name: string, path: string[]): void => {
    const stack = stacks.get(name);
    if (!stack || ordered.includes(stack)) return;
    if (path.includes(name)) throw new Error(`Stacks form a cycle: ${[...path, name].join(" → ")}`);
    for (const dependency of stack.dependencies) visit(dependency, [...path, name]);
    ordered.push(stack);
  };
  for (const name of stacks.keys()) visit(name, []);
  return ordered;
}
