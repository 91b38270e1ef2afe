// Small cloud assemblies on disk, in the words of CDK's cloud-assembly-schema.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readAssembly } from "../../../lab/deploy/assembly.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "assembly-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: string, content: unknown) =>
  writeFileSync(join(folder, name), JSON.stringify(content));

function stack(region: string, dependencies: string[] = []) {
  return {
    type: "aws:cloudformation:stack",
    environment: `aws://123456789012/${region}`,
    properties: { templateFile: "template.json" },
    dependencies,
  };
}

describe("an assembly", () => {
  test("gives each stack, with its Region and template, after those it depends on", () => {
    write("manifest.json", {
      artifacts: {
        routing: stack("us-east-2", ["primary", "data"]),
        primary: stack("us-east-1", ["data", "primary.assets"]),
        data: stack("us-east-1"),
        Tree: { type: "cdk:tree", properties: { file: "tree.json" } },
      },
    });
    write("template.json", {
      Resources: { Topic: { Type: "AWS::SNS::Topic", DependsOn: "Key" }, Key: { Type: "T" } },
    });
    const { stacks } = readAssembly(folder);
    expect(stacks.map(({ name, region }) => `${name} in ${region}`)).toEqual([
      "data in us-east-1",
      "primary in us-east-1",
      "routing in us-east-2",
    ]);
    expect(stacks[0]?.template.Resources.Topic).toEqual({
      Type: "AWS::SNS::Topic",
      Properties: {},
      DependsOn: ["Key"],
    });
  });

  test("finds an asset by its hash, and says which it lacks", () => {
    write("manifest.json", {
      artifacts: { "data.assets": { type: "cdk:asset-manifest", properties: {} } },
    });
    write("data.assets.json", {
      files: { abc: { source: { path: "asset.abc" } }, def: { source: {} } },
    });
    const assembly = readAssembly(folder);
    expect(assembly.assetPath("abc")).toBe(join(folder, "asset.abc"));
    expect(() => assembly.assetPath("def")).toThrow("has no asset def");
  });

  test("is refused when stacks depend on each other in a circle", () => {
    write("manifest.json", {
      artifacts: { a: stack("us-east-1", ["b"]), b: stack("us-east-1", ["a"]) },
    });
    write("template.json", {});
    expect(() => readAssembly(folder)).toThrow("Stacks form a cycle: a → b → a");
  });

  test("is refused when a template is not one", () => {
    write("manifest.json", { artifacts: { a: stack("us-east-1") } });
    write("template.json", { Resources: { Topic: { Properties: {} } } });
    expect(() => readAssembly(folder)).toThrow("Topic");
  });
});
