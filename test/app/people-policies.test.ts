// What IAM itself says of the managed policies for people, action by action.
import { expect, test } from "vitest";
import { z } from "zod";
import { createIam } from "../../lab/iam.ts";
import type { Json } from "../../lab/kernel.ts";
import { createEventLog } from "../../lab/log.ts";
import { synthesize } from "./assembly.ts";

const account = "123456789012";
const check = "11111111-2222-3333-4444-555555555555";
const tables = [
  { name: "carts", partitionKey: "userId" },
  ...Array.from({ length: 9 }, (_, index) => ({ name: `own-${index}`, partitionKey: "id" })),
];
const { routing } = synthesize({ tables }, { account });

const policySchema = z.object({ ManagedPolicyName: z.string(), PolicyDocument: z.json() });
const documents = new Map(
  Object.values(routing.findResources("AWS::IAM::ManagedPolicy")).map(({ Properties }) => {
    const { ManagedPolicyName, PolicyDocument } = policySchema.parse(Properties);
    return [ManagedPolicyName, resolved(PolicyDocument)] as const;
  }),
);

/** What CloudFormation fills in: the partition, and the id of the switch check. */
function resolved(document: Json): Json {
  const join = z.object({ "Fn::Join": z.tuple([z.literal(""), z.array(z.string())]) });
  const ref = z.object({ Ref: z.string() });
  const filled = (_key: string, value: unknown) => {
    const name = ref.safeParse(value).data?.Ref;
    if (name !== undefined) return name === "AWS::Partition" ? "aws" : check;
    return join.safeParse(value).data?.["Fn::Join"][1].join("") ?? value;
  };
  return z.json().parse(JSON.parse(JSON.stringify(document), filled));
}

type Context = { [key: string]: string | string[] };

async function may(role: string, action: string, resource: string, context: Context = {}) {
  const clock = { now: () => 0, track: <T>(operation: Promise<T>) => operation };
  const iam = createIam({ account, clock, log: createEventLog(clock) });
  const principal = { kind: "role", arn: `arn:aws:iam::${account}:role/${role}` } as const;
  iam.addRole(principal.arn, [documents.get(`orders-${role}`) ?? null], null);
  return await iam.allows(principal, { action, resource, context });
}

const machine = (region: string, name = "orders-region-switch") =>
  `arn:aws:states:${region}:${account}:stateMachine:${name}`;
const run = (region: string) => `${machine(region).replace("stateMachine", "execution")}:a`;
const table = (region: string, name: string) =>
  `arn:aws:dynamodb:${region}:${account}:table/${name}`;
const archived = (region: string, key: string) =>
  `arn:aws:s3:::orders-archive-${account}-${region}-an/orders/${key}`;
const leading = (pk: string, ...attributes: string[]): Context => ({
  "dynamodb:LeadingKeys": [pk],
  ...(attributes.length === 0 ? {} : { "dynamodb:Attributes": ["pk", "sk", ...attributes] }),
});
const control = table("us-west-2", "orders-control");
const pause = leading("group#orders", "automation", "automationChange", "epoch");
const answer = leading("approval#orders", "status", "answeredAt", "answeredBy", "epoch");
const abort = leading("abort#orders", "execution", "by", "reason", "at");
const drain = { "cloudwatch:namespace": "Switchback", "aws:RequestedRegion": "us-east-2" };

test("the app deploys four policies for people, and attaches them to nobody", () => {
  expect([...documents.keys()].sort()).toEqual([
    "orders-approver",
    "orders-break-glass",
    "orders-operator",
    "orders-viewer",
  ]);
  for (const { Properties } of Object.values(routing.findResources("AWS::IAM::ManagedPolicy"))) {
    const { Roles, Users, Groups } = Properties;
    expect([Roles, Users, Groups]).toEqual([undefined, undefined, undefined]);
  }
});

test("each fits into a managed policy, with as many tables of a team's own as there may be", () => {
  for (const document of documents.values()) {
    expect(JSON.stringify(document).length).toBeLessThan(6_144);
  }
});

test.each<[string, string, string, Context?]>([
  ["viewer", "states:ListExecutions", machine("us-west-2")],
  ["viewer", "states:GetExecutionHistory", run("us-west-2")],
  ["viewer", "states:DescribeExecution", run("us-east-1")],
  ["viewer", "route53:GetHealthCheck", `arn:aws:route53:::healthcheck/${check}`],
  ["viewer", "cloudwatch:GetMetricData", "*"],
  ["viewer", "dynamodb:GetItem", table("us-east-1", "orders-control"), leading("group#orders")],
  ["viewer", "dynamodb:Query", control, leading("approval#orders")],
  [
    "viewer",
    "dynamodb:GetItem",
    table("us-west-2", "orders-application"),
    leading("heartbeat#us-east-1#0"),
  ],
  [
    "viewer",
    "dynamodb:GetItem",
    table("us-east-1", "orders-carts"),
    leading("switchback#heartbeat#us-west-2#3"),
  ],
  ["viewer", "s3:GetObject", archived("us-east-1", "runs/a/record.json")],
  ["viewer", "s3:ListBucket", "arn:aws:s3:::orders-archive-123456789012-us-west-2-an"],
  ["operator", "states:StartExecution", machine("us-east-1")],
  ["operator", "states:StartExecution", machine("us-west-2")],
  ["operator", "states:RedriveExecution", run("us-west-2")],
  ["operator", "s3:PutObject", archived("us-west-2", "bundles/a/page.html")],
  ["operator", "dynamodb:UpdateItem", control, pause],
  ["operator", "dynamodb:UpdateItem", control, abort],
  ["approver", "states:SendTaskSuccess", "*"],
  ["approver", "dynamodb:UpdateItem", control, answer],
  [
    "approver",
    "dynamodb:UpdateItem",
    control,
    leading("divergence#orders", "acknowledged", "hash"),
  ],
  ["approver", "dynamodb:GetItem", table("us-east-1", "orders-application"), leading("order#1")],
  ["break-glass", "cloudwatch:PutMetricData", "*", drain],
])("a %s may %s on %s", async (role, action, resource, context) => {
  expect(await may(role, action, resource, context)).toBe(true);
});

test.each<[string, string, string, Context?]>([
  // A viewer changes nothing, and sees no customer's data.
  ["viewer", "states:StartExecution", machine("us-east-1")],
  ["viewer", "states:RedriveExecution", run("us-east-1")],
  ["viewer", "states:SendTaskSuccess", "*"],
  ["viewer", "dynamodb:UpdateItem", control, pause],
  ["viewer", "dynamodb:UpdateItem", control, abort],
  ["viewer", "dynamodb:GetItem", table("us-east-1", "orders-application"), leading("order#1")],
  ["viewer", "dynamodb:GetItem", table("us-east-1", "orders-carts"), leading("alice")],
  ["viewer", "dynamodb:GetItem", table("us-east-1", "orders-carts"), leading("heartbeat#1")],
  ["viewer", "route53:GetHealthCheck", "arn:aws:route53:::healthcheck/another"],
  ["viewer", "states:DescribeExecution", run("us-east-2")],
  ["viewer", "s3:PutObject", archived("us-east-1", "bundles/a/page.html")],
  ["viewer", "s3:GetObject", "arn:aws:s3:::orders-website-123456789012-us-east-1-an/index.html"],
  ["operator", "s3:PutObject", archived("us-east-1", "runs/a/record.json")],
  ["operator", "s3:BypassGovernanceRetention", archived("us-east-1", "bundles/a/page.html")],
  // An operator can't answer, touches no other machine, and no other part of the routing state.
  ["operator", "states:SendTaskSuccess", "*"],
  ["operator", "states:SendTaskFailure", "*"],
  ["operator", "dynamodb:UpdateItem", control, answer],
  ["operator", "dynamodb:UpdateItem", control, leading("group#orders", "writer", "epoch")],
  ["operator", "dynamodb:UpdateItem", control, leading("group#orders", "levers", "epoch")],
  ["operator", "dynamodb:PutItem", control, leading("group#orders")],
  ["operator", "dynamodb:UpdateItem", control, leading("group#orders", "execution")],
  ["operator", "states:StartExecution", machine("us-east-1", "another")],
  ["operator", "states:StartExecution", machine("us-east-2")],
  ["operator", "states:RedriveExecution", run("us-east-2")],
  ["operator", "states:RedriveExecution", run("us-west-2").replace("orders-region", "another")],
  ["operator", "route53:UpdateHealthCheck", `arn:aws:route53:::healthcheck/${check}`],
  ["operator", "cloudwatch:PutMetricData", "*", drain],
  // An approver starts nothing, and changes nothing of a question but its answer.
  ["approver", "states:StartExecution", machine("us-west-2")],
  ["approver", "states:RedriveExecution", run("us-west-2")],
  ["approver", "dynamodb:UpdateItem", control, pause],
  ["approver", "dynamodb:UpdateItem", control, leading("approval#orders", "blockedBy")],
  ["approver", "dynamodb:UpdateItem", control, leading("divergence#orders", "items")],
  ["approver", "dynamodb:Query", table("us-east-1", "orders-application"), leading("order#1")],
  ["operator", "dynamodb:GetItem", table("us-east-1", "orders-application"), leading("order#1")],
  // Breaking the glass is one call, in one Region.
  ["break-glass", "cloudwatch:PutMetricData", "*", { ...drain, "cloudwatch:namespace": "Other" }],
  [
    "break-glass",
    "cloudwatch:PutMetricData",
    "*",
    { ...drain, "aws:RequestedRegion": "us-east-1" },
  ],
  ["break-glass", "states:StartExecution", machine("us-west-2")],
])("a %s may not %s on %s", async (role, action, resource, context) => {
  expect(await may(role, action, resource, context)).toBe(false);
});
