// What the templates say of an application that isn't the sample: its own function, its own routes,
// its own tables, and no more rights than these need.
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { ApiDefinition } from "../../app/api-definition.ts";
import { bundle } from "../../app/bundles.ts";
import { ordersApi } from "../../app/orders-api.ts";
import { synthesize } from "./assembly.ts";

const api: ApiDefinition = {
  functionName: "shop-api",
  entry: "test/samples/carts/handler.ts",
  routes: [
    { method: "PUT", path: "/carts/{userId}", access: "open" },
    { method: "GET", path: "/carts/{userId}", access: "open" },
    { method: "DELETE", path: "/items/{shop}/{id}", access: "signed" },
  ],
};
const tables = [
  { name: "carts", partitionKey: "userId" },
  { name: "items", partitionKey: "shop", sortKey: "item_id" },
];
const own = synthesize({ tables, canaryPath: "/switchback/canary" }, { api });

const statement = z.object({
  Action: z.union([z.string(), z.array(z.string())]),
  Resource: z.unknown(),
  Condition: z.unknown().optional(),
});
const role = z.object({
  Properties: z.object({
    Description: z.string(),
    Policies: z.array(z.object({ PolicyDocument: z.object({ Statement: z.array(statement) }) })),
  }),
});

/** Statements of the function's role that name that table, as [actions, condition]. */
function onTable(table: string, functionName: string) {
  const roles = Object.values(own.primary.findResources("AWS::IAM::Role"))
    .flatMap((found) => role.safeParse(found).data ?? [])
    .filter(({ Properties }) => Properties.Description.endsWith(`: ${functionName}`));
  return roles
    .flatMap(({ Properties }) => Properties.Policies)
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
    .filter(({ Resource }) => JSON.stringify(Resource).includes(`table/${table}"`))
    .map(({ Action, Condition, Resource }) => ({
      actions: [Action].flat().map((action) => action.replace("dynamodb:", "")),
      regions: ["us-east-1", "us-west-2"].filter((r) => JSON.stringify(Resource).includes(r)),
      ...(Condition === undefined ? {} : { Condition }),
    }));
}

describe("an application of a team's own", () => {
  test("has its tables in both Regions, under its own keys", () => {
    const table = (name: string) =>
      own.data.findResources("AWS::DynamoDB::GlobalTable", {
        Properties: { TableName: `orders-${name}` },
      });
    const [carts] = Object.values(table("carts"));
    expect(carts).toMatchObject({
      DeletionPolicy: "Retain",
      Properties: {
        KeySchema: [{ AttributeName: "userId", KeyType: "HASH" }],
        MultiRegionConsistency: "EVENTUAL",
        TimeToLiveSpecification: { AttributeName: "expiresAt", Enabled: true },
        Replicas: [
          { Region: "us-west-2", DeletionProtectionEnabled: true },
          { Region: "us-east-1", DeletionProtectionEnabled: true },
        ],
      },
    });
    const [items] = Object.values(table("items"));
    expect(items?.Properties.KeySchema).toEqual([
      { AttributeName: "shop", KeyType: "HASH" },
      { AttributeName: "item_id", KeyType: "RANGE" },
    ]);
  });

  test("has its own function, and not the sample's", () => {
    for (const template of [own.primary, own.secondary]) {
      const names = Object.values(template.findResources("AWS::Lambda::Function")).map(
        ({ Properties }) => Properties.FunctionName,
      );
      expect(names).toContain("orders-shop-api");
      expect(names).not.toContain("orders-orders-api");
    }
  });

  test("answers its own routes, health, the canaries at their own path, and the other Region", () => {
    const methods = Object.values(own.primary.findResources("AWS::ApiGateway::Method"));
    expect(
      methods.map(({ Properties: p }) => [p.HttpMethod, p.AuthorizationType].join(" ")).sort(),
    ).toEqual([
      "DELETE AWS_IAM",
      "GET AWS_IAM",
      "GET NONE",
      "GET NONE",
      "POST AWS_IAM",
      "POST AWS_IAM",
      "PUT NONE",
    ]);
    const parts = Object.values(own.primary.findResources("AWS::ApiGateway::Resource")).map(
      ({ Properties }) => Properties.PathPart,
    );
    const paths = ["canary", "orders", "forwarded", "switchback", "health"];
    expect(parts.sort()).toEqual([...paths, "carts", "items", "{id}", "{shop}", "{userId}"].sort());
    expect(JSON.stringify(own.witness.toJSON())).toContain("prod/POST/switchback/canary");
    expect(JSON.stringify(own.primary.toJSON())).not.toContain("orders/canary");
  });

  const keys = (...patterns: string[]) => ({
    "ForAllValues:StringLike": { "dynamodb:LeadingKeys": patterns },
  });

  test("may write its own tables here, never delete, and of the application table its journal", () => {
    const here = ["us-east-1"];
    const rights = [{ actions: ["GetItem", "PutItem", "Query", "UpdateItem"], regions: here }];
    expect(onTable("orders-carts", "shop-api")).toEqual(rights);
    expect(onTable("orders-items", "shop-api")).toEqual(rights);
    expect(onTable("orders-application", "shop-api")).toEqual([
      {
        actions: ["PutItem"],
        regions: here,
        Condition: keys("journal#us-east-1#*", "canary#*#us-east-1"),
      },
      { actions: ["GetItem"], regions: here, Condition: keys("canary#*#us-east-1") },
      // The count of the writes that are held.
      {
        actions: ["UpdateItem"],
        regions: here,
        Condition: {
          "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": ["held#us-east-1"] },
        },
      },
    ]);
  });

  test("is watched by functions that may read its tables, and write nothing but heartbeats", () => {
    const both = ["us-east-1", "us-west-2"];
    const put = { actions: ["PutItem"], regions: ["us-east-1"] };
    expect(onTable("orders-carts", "watch")).toEqual([
      { ...put, Condition: keys("switchback#heartbeat#us-east-1#*") },
      { actions: ["BatchGetItem"], regions: both },
    ]);
    expect(onTable("orders-application", "watch")).toContainEqual({
      ...put,
      Condition: keys("heartbeat#us-east-1#*"),
    });
    expect(onTable("orders-carts", "check-drain")).toEqual([
      { actions: ["BatchGetItem", "GetItem"], regions: both },
    ]);
    expect(onTable("orders-carts", "gather-evidence")).toEqual([
      { actions: ["GetItem"], regions: both },
    ]);
    expect(onTable("orders-carts", "decide")).toEqual([]);
  });

  test("leaves nothing to cdk-nag", () => {
    expect(synthesize({ tables }, { api, validate: true }).assembly.stacks).toHaveLength(5);
  });

  test("can't take the name of one of the controller's functions, nor a file that isn't there", async () => {
    const taken = { ...ordersApi, functionName: "watch" };
    await expect(bundle("never-written", taken)).rejects.toThrow("name the API's otherwise");
    const missing = { ...ordersApi, entry: "functions/none.ts" };
    await expect(bundle("never-written", missing)).rejects.toThrow(
      "no source for functions/none.ts",
    );
  });
});
