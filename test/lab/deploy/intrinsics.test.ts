import { describe, expect, test } from "vitest";
import type { Template } from "../../../lab/deploy/assembly.ts";
import { resolve, type Scope } from "../../../lab/deploy/intrinsics.ts";

const template: Template = {
  Resources: {},
  Outputs: {},
  Mappings: {},
  Parameters: { Stage: { Default: "prod" } },
  Conditions: { Yes: { "Fn::Equals": ["a", "a"] }, No: { "Fn::Not": [{ Condition: "Yes" }] } },
};
const scope: Scope = {
  template,
  pseudo: { "AWS::Region": "eu-west-1", "AWS::Partition": "aws" },
  ref: (id) => (id === "Table" ? "orders" : undefined),
  attribute: (id, name) => (id === "Table" && name === "Arn" ? "arn:table" : undefined),
  importValue: (name) => (name === "Other:Export" ? "imported" : undefined),
  parameter: (name) => (name === "/a/b" ? "from-ssm" : undefined),
};

describe("intrinsic functions", () => {
  test.each([
    [{ Ref: "Table" }, "orders"],
    [{ Ref: "Stage" }, "prod"],
    [{ Ref: "AWS::Region" }, "eu-west-1"],
    [{ "Fn::GetAtt": ["Table", "Arn"] }, "arn:table"],
    [{ "Fn::GetAtt": "Table.Arn" }, "arn:table"],
    [{ "Fn::Join": ["-", ["a", { Ref: "Table" }]] }, "a-orders"],
    [{ "Fn::Select": [1, { "Fn::Split": [":", "x:y:z"] }] }, "y"],
    [{ "Fn::Sub": "arn:${AWS::Partition}:${Table.Arn}/${Table}" }, "arn:aws:arn:table/orders"],
    [{ "Fn::Sub": ["${A}-${!Literal}", { A: { Ref: "Table" } }] }, "orders-${Literal}"],
    [{ "Fn::ImportValue": { "Fn::Join": [":", ["Other", "Export"]] } }, "imported"],
    [{ "Fn::If": ["Yes", 1, 2] }, 1],
    [{ "Fn::If": ["No", 1, 2] }, 2],
    ["{{resolve:ssm:/a/b}}", "from-ssm"],
    [{ keep: 1, drop: { Ref: "AWS::NoValue" } }, { keep: 1 }],
  ])("%j resolves", (value, expected) => {
    expect(resolve(value, scope)).toEqual(expected);
  });

  test.each([
    [{ "Fn::Cidr": ["10.0.0.0/16", 2] }, "The lab does not know the intrinsic function Fn::Cidr."],
    [{ Ref: "Nobody" }, "Ref Nobody: there is no such resource or parameter."],
    [{ "Fn::GetAtt": ["Table", "Colour"] }, "Fn::GetAtt Table.Colour: not modelled."],
    [{ "Fn::ImportValue": "x" }, "Fn::ImportValue x: no stack exports it."],
    ["{{resolve:ssm:/no}}", "{{resolve:ssm:/no}}: there is no such SSM parameter."],
  ])("%j stops the deployment by name", (value, message) => {
    expect(() => resolve(value, scope)).toThrow(message);
  });
});
