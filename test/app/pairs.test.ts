// Any pair of Regions by configuration alone: the control table, and where AWS Health's copies go.
import { describe, expect, test } from "vitest";
import { synthesize } from "./assembly.ts";

const pair = (primary: string, secondary: string, witness: string, more: object = {}) =>
  synthesize({ regions: { primary, secondary, witness }, ...more });

const stackNames = ({ assembly }: ReturnType<typeof synthesize>) =>
  assembly.stacks.map((stack) => `${stack.stackName} in ${stack.environment.region}`);

function relayRule({ templates }: ReturnType<typeof synthesize>, stack: string): unknown {
  const rules = templates.get(stack)?.findResources("AWS::Events::Rule") ?? {};
  return Object.values(rules)
    .map(({ Properties }) => Properties)
    .find(({ Name }) => Name === "orders-health-relay");
}

const busIn = (region: string) => ({
  "Fn::Join": [
    "",
    [
      "arn:",
      { Ref: "AWS::Partition" },
      `:events:${region}:`,
      { Ref: "AWS::AccountId" },
      ":event-bus/default",
    ],
  ],
});

describe("the control table", () => {
  test("is linearizable where CDK's own construct refuses the Regions", () => {
    const { data } = pair("ap-southeast-1", "ap-northeast-1", "ap-northeast-3");
    data.hasResourceProperties("AWS::DynamoDB::GlobalTable", {
      TableName: "orders-control",
      MultiRegionConsistency: "STRONG",
      GlobalTableWitnesses: [{ Region: "ap-northeast-3" }],
    });
  });

  test("is eventually consistent, without a witness, where the configuration says so", () => {
    const { data } = pair("sa-east-1", "ca-central-1", "us-east-2", { coordination: "eventual" });
    const [control] = Object.values(data.findResources("AWS::DynamoDB::GlobalTable")).filter(
      ({ Properties }) => Properties.TableName === "orders-control",
    );
    expect(control?.DeletionPolicy).toBe("Retain");
    expect(control?.Properties).toMatchObject({
      MultiRegionConsistency: "EVENTUAL",
      StreamSpecification: { StreamViewType: "NEW_AND_OLD_IMAGES" },
    });
    expect(control?.Properties).not.toHaveProperty("GlobalTableWitnesses");
    expect(
      control?.Properties.Replicas.map(({ Region, Tags }: { Region: string; Tags: unknown }) => [
        Region,
        Tags,
      ]),
    ).toEqual(
      ["sa-east-1", "ca-central-1"].map((region) => [
        region,
        [
          { Key: "application", Value: "orders" },
          { Key: "managed-by", Value: "switchback" },
        ],
      ]),
    );
  });
});

describe("AWS Health's copies", () => {
  test("need no further stack where the Regions that serve are each other's backup", () => {
    expect(stackNames(synthesize()).some((name) => name.includes("health-relay"))).toBe(false);
  });

  test("reach both serving Regions from the backup Region where it serves nothing", () => {
    const europe = pair("eu-west-1", "eu-central-1", "eu-west-3");
    expect(stackNames(europe)).toContain("orders-health-relay in us-west-2");
    expect(relayRule(europe, "orders-health-relay")).toMatchObject({
      EventPattern: {
        source: ["aws.health"],
        "detail-type": ["AWS Health Event"],
        region: ["us-west-2"],
        detail: { eventRegion: ["eu-west-1", "eu-central-1"] },
      },
      Targets: [{ Arn: busIn("eu-west-1") }, { Arn: busIn("eu-central-1") }],
    });
  });

  test("move to us-east-1 for a primary in us-west-2", () => {
    const west = pair("us-west-2", "us-east-2", "us-east-1");
    expect(stackNames(west)).toContain("orders-health-relay in us-east-1");
  });

  test("are relayed by the witness Region where that is the backup", () => {
    const east = pair("us-east-1", "us-east-2", "us-west-2");
    expect(stackNames(east)).toContain("orders-health-relay in us-west-2");
  });

  test("go from each serving Region to its peer, but never back again", () => {
    const both = synthesize();
    expect(relayRule(both, "orders-primary")).toMatchObject({
      EventPattern: { region: ["us-east-1"] },
      Targets: [{ Arn: busIn("us-west-2") }],
    });
    expect(relayRule(both, "orders-secondary")).toMatchObject({
      EventPattern: { region: ["us-west-2"] },
      Targets: [{ Arn: busIn("us-east-1") }],
    });
  });
});

describe("the peer's control table", () => {
  const statements = (template: string, difference: object) =>
    JSON.stringify(
      Object.values(
        pair("us-east-1", "us-west-2", "us-east-2", difference)
          .templates.get(template)
          ?.findResources("AWS::IAM::Role") ?? {},
      ).filter((role) => JSON.stringify(role).includes(":dynamodb:us-west-2:")),
    );

  test("may be read, and no more, by the steps that ask it, with eventual coordination", () => {
    const eventual = statements("orders-primary", { coordination: "eventual" });
    const strong = statements("orders-primary", {});
    const reads = (text: string) => text.split('"Action":"dynamodb:GetItem"').length - 1;
    expect(reads(eventual) - reads(strong)).toBe(5);
    expect(eventual).toMatch(/:dynamodb:us-west-2:[^:]*[^ ]*table\/orders-control/);
    expect(strong).not.toMatch(/:dynamodb:us-west-2:[^:]{0,60}:table\/orders-control/);
  });
});
