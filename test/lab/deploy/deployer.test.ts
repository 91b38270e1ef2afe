import { describe, expect, test } from "vitest";
import type { Assembly, Template } from "../../../lab/deploy/assembly.ts";
import { deploy } from "../../../lab/deploy/deployer.ts";
import type { DeployedResource, Json } from "../../../lab/kernel.ts";

type Resources = Template["Resources"];

function assemblyOf(
  stacks: { name: string; resources: Resources; outputs?: Template["Outputs"] }[],
) {
  const assembly: Assembly = {
    folder: "nowhere",
    stacks: stacks.map(({ name, resources, outputs }) => ({
      name,
      region: "eu-west-1",
      template: {
        Resources: resources,
        Outputs: outputs ?? {},
        Parameters: {},
        Conditions: {},
        Mappings: {},
      },
    })),
    assetPath: () => {
      throw new Error("no assets here");
    },
  };
  return assembly;
}

const resource = (
  Type: string,
  Properties: { [key: string]: Json } = {},
  DependsOn: string[] = [],
) => ({
  Type,
  Properties,
  DependsOn,
});

async function deployed(assembly: Assembly): Promise<DeployedResource[]> {
  const seen: DeployedResource[] = [];
  await deploy(assembly, {
    account: "123456789012",
    models: {
      "Test::Thing": (one) => {
        seen.push(one);
        return { ref: `ref-${one.logicalId}`, attributes: { Arn: `arn-${one.logicalId}` } };
      },
    },
    parameter: () => undefined,
  });
  return seen;
}

describe("the deployer", () => {
  test("creates what others refer to or depend on first", async () => {
    const seen = await deployed(
      assemblyOf([
        {
          name: "one",
          resources: {
            A: resource("Test::Thing", { b: { Ref: "B" } }),
            B: resource("Test::Thing", { c: { "Fn::Sub": "${C.Arn}" } }),
            C: resource("Test::Thing", {}, ["D"]),
            D: resource("Test::Thing"),
          },
        },
      ]),
    );
    expect(seen.map(({ logicalId }) => logicalId)).toEqual(["D", "C", "B", "A"]);
    expect(seen.at(-1)?.properties).toEqual({ b: "ref-B" });
  });

  test("hands one stack's exports to the next in the same Region", async () => {
    const seen = await deployed(
      assemblyOf([
        {
          name: "one",
          resources: { A: resource("Test::Thing") },
          outputs: {
            Out: { Value: { "Fn::GetAtt": ["A", "Arn"] }, Export: { Name: "one:A" } },
          },
        },
        {
          name: "two",
          resources: { B: resource("Test::Thing", { a: { "Fn::ImportValue": "one:A" } }) },
        },
      ]),
    );
    expect(seen[1]?.properties).toEqual({ a: "arn-A" });
  });

  test("stops with the names of all types that nobody models, before creating anything", async () => {
    const assembly = assemblyOf([
      {
        name: "one",
        resources: {
          A: resource("Test::Thing"),
          B: resource("AWS::Foo::Bar"),
          C: resource("AWS::Logs::LogGroup"),
        },
      },
    ]);
    await expect(deployed(assembly)).rejects.toThrow(
      "The lab models no such resource:\n  AWS::Foo::Bar (first seen: one/B)",
    );
  });

  test("refuses resources that refer to each other in a circle", async () => {
    const assembly = assemblyOf([
      {
        name: "one",
        resources: {
          A: resource("Test::Thing", { b: { Ref: "B" } }),
          B: resource("Test::Thing", { a: { Ref: "A" } }),
        },
      },
    ]);
    await expect(deployed(assembly)).rejects.toThrow("Resources form a cycle: A → B → A");
  });
});
