import { describe, expect, test } from "vitest";
import { identityModels, type ManagedPolicies } from "../../../lab/deploy/identities.ts";
import type { Iam, Json } from "../../../lab/kernel.ts";
import { resource } from "../small-lab.ts";

const account = "123456789012";
const document = (Action: string): Json => ({ Statement: [{ Action }] });
const trust: Json = { Statement: [{ Principal: "lambda.amazonaws.com" }] };

function world() {
  const said: Json[] = [];
  const iam: Iam = {
    addRole: (arn, policies, given) => void said.push({ role: arn, policies, trust: given }),
    addPolicy: (roleArn, policy) => void said.push({ to: roleArn, policy }),
    allows: () => {
      throw new Error("nobody planned a decision");
    },
  };
  const managed: ManagedPolicies = new Map();
  const models = identityModels(iam, account, managed);
  const create = (type: string, id: string, properties: { [key: string]: Json }) => {
    const model = models[type];
    if (!model) throw new Error(`nobody models ${type}`);
    const created = model(resource(type, id, properties));
    if (created instanceof Promise) throw new Error("identities are created at once");
    return created;
  };
  return { said, create, managed };
}

describe("identities", () => {
  test("a role is known by name and ARN, with its inline policies and its trust", () => {
    const { said, create } = world();
    const created = create("AWS::IAM::Role", "LookRole", {
      Policies: [{ PolicyName: "own", PolicyDocument: document("dynamodb:GetItem") }],
      AssumeRolePolicyDocument: trust,
    });
    expect(created).toEqual({
      ref: "orders-LookRole",
      attributes: {
        Arn: "arn:aws:iam::123456789012:role/orders-LookRole",
        RoleId: "AROALookRole",
      },
    });
    expect(said).toEqual([
      {
        role: "arn:aws:iam::123456789012:role/orders-LookRole",
        policies: [document("dynamodb:GetItem")],
        trust,
      },
    ]);
  });

  test("a policy is added to each role that it names", () => {
    const { said, create } = world();
    create("AWS::IAM::Role", "A", { RoleName: "a" });
    create("AWS::IAM::Role", "B", {});
    said.length = 0;
    create("AWS::IAM::Policy", "P", {
      Roles: ["a", "orders-B"],
      PolicyDocument: document("sns:Publish"),
    });
    create("AWS::IAM::ManagedPolicy", "M", { Roles: ["a"], PolicyDocument: document("x:Y") });
    expect(said).toEqual([
      { to: "arn:aws:iam::123456789012:role/a", policy: document("sns:Publish") },
      { to: "arn:aws:iam::123456789012:role/orders-B", policy: document("sns:Publish") },
      { to: "arn:aws:iam::123456789012:role/a", policy: document("x:Y") },
    ]);
  });

  test("a managed policy is kept by its name, and its reference is its ARN", () => {
    const { create, managed } = world();
    const properties = { ManagedPolicyName: "orders-viewer", PolicyDocument: document("x:Y") };
    const { ref } = create("AWS::IAM::ManagedPolicy", "Viewer", properties);
    expect(ref).toBe("arn:aws:iam::123456789012:policy/orders-viewer");
    expect(managed.get("orders-viewer")).toEqual(document("x:Y"));
    expect(() => create("AWS::IAM::ManagedPolicy", "Again", properties)).toThrow(
      "the managed policy orders-viewer exists already",
    );
  });

  test("a policy for a role that is not in the templates is refused by the role's name", () => {
    const { create } = world();
    expect(() => create("AWS::IAM::Policy", "P", { Roles: ["stranger"] })).toThrow(
      "names the role stranger, which is not in the templates",
    );
  });

  test("a managed policy is accepted only where it adds nothing that the lab judges", () => {
    const { create } = world();
    const managed = (name: string) =>
      create("AWS::IAM::Role", "A", { ManagedPolicyArns: [`arn:aws:iam::aws:policy/${name}`] });
    expect(() => managed("service-role/AWSLambdaBasicExecutionRole")).not.toThrow();
    expect(() => managed("AdministratorAccess")).toThrow(
      "attaches the managed policy arn:aws:iam::aws:policy/AdministratorAccess",
    );
  });
});
