// Every template of every shape, against CloudFormation's own resource schemas. cdk-nag and CDK's
// validation look at a template's security and at rules; a property that isn't there passes them.
import { describe, expect, test } from "vitest";
import { synthesize } from "./assembly.ts";
import { templateFaults } from "./resource-schemas.ts";

const regions = (primary: string, secondary: string, witness: string) => ({
  regions: { primary, secondary, witness },
});

const shapes: readonly (readonly [string, object])[] = [
  ["the default", {}],
  ["without canaries", { canaries: false }],
  ["active-active", { topology: "active-active", writes: "any-region" }],
  ["events alone", { workloads: ["events"] }],
  ["events beside the API", { workloads: ["api", "events"] }],
  ["with a website", { frontend: true }],
  ["eventual", { coordination: "eventual", ...regions("sa-east-1", "ca-central-1", "us-east-2") }],
  ["Singapore and Tokyo", regions("ap-southeast-1", "ap-northeast-1", "ap-northeast-3")],
  ["Ireland and Frankfurt", regions("eu-west-1", "eu-central-1", "eu-west-3")],
  ["Oregon and Ohio", regions("us-west-2", "us-east-2", "us-east-1")],
  [
    "everything at once",
    {
      topology: "active-active",
      writes: "any-region",
      workloads: ["api", "events"],
      frontend: true,
      ...regions("eu-west-1", "eu-central-1", "eu-west-3"),
    },
  ],
];

describe("each template is what CloudFormation's resource schemas take:", () => {
  test.each(shapes)("%s", (_name, difference) => {
    const { templates } = synthesize(difference);
    expect(templates.size).toBeGreaterThanOrEqual(5);
    const faults = [...templates].flatMap(([stack, template]) =>
      templateFaults(template.toJSON()).map((fault) => `${stack}: ${fault}`),
    );
    expect(faults).toEqual([]);
  });
});

describe("a template is refused for", () => {
  const table = (Properties: object) => ({
    Resources: { Control: { Type: "AWS::DynamoDB::GlobalTable", Properties } },
  });
  const Replicas = [{ Region: "us-east-1" }];

  test.each([
    [
      "a property that there is not",
      table({ Replicas, Witness: "us-east-2" }),
      "Control (AWS::DynamoDB::GlobalTable) has no property Witness",
    ],
    [
      "one that there is not further down",
      table({ Replicas: [{ Region: "us-east-1", DeleteProtection: true }] }),
      "Control (AWS::DynamoDB::GlobalTable).Replicas[0] has no property DeleteProtection",
    ],
    ["what it lacks", table({}), "Control (AWS::DynamoDB::GlobalTable) lacks Replicas"],
    [
      "a value of another type",
      table({ Replicas, SSESpecification: { SSEEnabled: "false" } }),
      "Control (AWS::DynamoDB::GlobalTable).SSESpecification.SSEEnabled must be a boolean, but is " +
        '"false"',
    ],
    [
      "one thing where a list belongs",
      table({ Replicas: { Region: "us-east-1" } }),
      'Control (AWS::DynamoDB::GlobalTable).Replicas must be a list, but is {"Region":"us-east-1"}',
    ],
    [
      "a value that is none of those allowed",
      table({ Replicas, MultiRegionConsistency: "LINEAR" }),
      'Control (AWS::DynamoDB::GlobalTable).MultiRegionConsistency is "LINEAR"; it must be one of ' +
        "EVENTUAL, STRONG",
    ],
    [
      "a type that there is not",
      { Resources: { Control: { Type: "AWS::DynamoDB::WorldTable" } } },
      "Control: there is no resource type AWS::DynamoDB::WorldTable",
    ],
    [
      "an attribute that there is not",
      {
        Resources: {
          Topic: { Type: "AWS::SNS::Topic" },
          Alarm: {
            Type: "AWS::CloudWatch::Alarm",
            Properties: {
              ComparisonOperator: "GreaterThanThreshold",
              EvaluationPeriods: 1,
              AlarmActions: [{ "Fn::GetAtt": ["Topic", "Url"] }],
            },
          },
        },
      },
      "Alarm: AWS::SNS::Topic has no attribute Url",
    ],
  ])("%s", (_name, template, fault) => {
    expect(templateFaults(template)).toEqual([fault]);
  });
});
