import { createHook } from "node:async_hooks";
import { expect, it } from "vitest";
import { createIam } from "../../lab/iam.ts";
import type { Demand, Json, Principal } from "../../lab/kernel.ts";

const account = "111111111111";
const role: Principal = { kind: "role", arn: `arn:aws:iam::${account}:role/orders-api` };
const table = `arn:aws:dynamodb:us-east-1:${account}:table/orders-control`;
const get: Demand = { action: "dynamodb:GetItem", resource: table };
const statement = (fields: { [key: string]: Json }): Json => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", ...fields }],
});

const trust = statement({
  Principal: { Service: "lambda.amazonaws.com" },
  Action: "sts:AssumeRole",
});

function world(...policies: Json[]) {
  const denied: Json[] = [];
  let simulated = 0;
  const iam = createIam({
    account,
    clock: {
      track(operation) {
        simulated += 1;
        return operation;
      },
    },
    log: {
      emit(kind, region, detail) {
        denied.push({ kind, region, detail });
        return { at: 0, kind, region, detail };
      },
    },
  });
  iam.addRole(role.arn, policies, trust);
  return { iam, denied, simulated: () => simulated };
}

it("allows what a role's policy allows, and simulates it once", async () => {
  const { iam, denied, simulated } = world(
    statement({ Action: "dynamodb:GetItem", Resource: table }),
  );
  expect(await iam.allows(role, get)).toBe(true);
  expect(await iam.allows(role, get)).toBe(true);
  expect(simulated()).toBe(1);
  expect(denied).toEqual([]);
});

it("denies what no policy allows, and logs each time who wanted what", async () => {
  const { iam, denied } = world(statement({ Action: "dynamodb:Query", Resource: table }));
  expect(await iam.allows(role, get)).toBe(false);
  expect(await iam.allows(role, get)).toBe(false);
  const detail = { principal: role.arn, action: "dynamodb:GetItem", resource: table };
  const event = { kind: "denied", region: "us-east-1", detail };
  expect(denied).toEqual([event, event]);
});

it("denies a role that was never deployed", async () => {
  const { iam } = world();
  expect(await iam.allows({ kind: "role", arn: `${role.arn}-2` }, get)).toBe(false);
});

it("takes a policy into account that is attached later", async () => {
  const { iam } = world();
  expect(await iam.allows(role, get)).toBe(false);
  iam.addPolicy(role.arn, statement({ Action: "dynamodb:*", Resource: "*" }));
  expect(await iam.allows(role, get)).toBe(true);
});

it("judges conditions by the context of the demand", async () => {
  const { iam } = world(
    statement({
      Action: "cloudwatch:PutMetricData",
      Resource: "*",
      Condition: { StringEquals: { "cloudwatch:namespace": "Switchback" } },
    }),
  );
  const put = (namespace: string): Demand => ({
    action: "cloudwatch:PutMetricData",
    resource: "*",
    context: { "cloudwatch:namespace": namespace },
  });
  expect(await iam.allows(role, put("Switchback"))).toBe(true);
  expect(await iam.allows(role, put("Other"))).toBe(false);
});

const heartbeatsOnly = statement({
  Action: "dynamodb:PutItem",
  Resource: table,
  Condition: { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": ["heartbeat#orders"] } },
});
const putUnder = (key: string, resource = table): Demand => ({
  action: "dynamodb:PutItem",
  resource,
  context: { "dynamodb:LeadingKeys": [key] },
});

it("judges partition keys where a policy asks for them", async () => {
  const { iam } = world(heartbeatsOnly);
  expect(await iam.allows(role, putUnder("heartbeat#orders"))).toBe(true);
  expect(await iam.allows(role, putUnder("group#orders"))).toBe(false);
});

it("simulates once for all partition keys of a resource that no policy asks about", async () => {
  const other = table.replace("control", "application");
  const putOther = statement({ Action: "dynamodb:PutItem", Resource: other });
  const { iam, simulated } = world(heartbeatsOnly, putOther);
  for (const key of ["order#1", "order#2", "order#3"]) {
    expect(await iam.allows(role, putUnder(key, other))).toBe(true);
  }
  expect(simulated()).toBe(1);
});

it("simulates once for all partition keys that a policy tells no difference of", async () => {
  const { iam, simulated } = world(
    statement({
      Action: "dynamodb:PutItem",
      Resource: table,
      Condition: { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["order#*", "run#?"] } },
    }),
  );
  for (const key of ["order#1", "order#2", "order#"]) {
    expect(await iam.allows(role, putUnder(key))).toBe(true);
  }
  expect(simulated()).toBe(1);
  expect(await iam.allows(role, putUnder("run#1"))).toBe(true);
  for (const key of ["run#12", "group#1", "Order#1"]) {
    expect(await iam.allows(role, putUnder(key))).toBe(false);
  }
  expect(simulated()).toBe(3);
});

it.each<[string, string, { [key: string]: boolean }]>([
  ["StringEquals", "Order*", { "Order*": true, "Order#1": false, "order*": false }],
  ["StringNotEquals", "order#1", { "order#2": true, "order#1": false }],
  ["StringEqualsIgnoreCase", "Order#1", { "order#1": true, "ORDER#1": true, "order#2": false }],
  ["StringNotLike", "order#*", { "order#1": false, "run#1": true }],
  ["StringLike", "a.c*", { "a.c1": true, abc1: false }],
])("tells partition keys apart as %s %s does", async (operator, text, expected) => {
  const key = "DynamoDB:leadingKeys";
  const { iam } = world(
    statement({
      Action: "dynamodb:PutItem",
      Resource: table,
      Condition: { [`ForAllValues:${operator}`]: { [key]: [text] } },
    }),
  );
  for (const [value, allowed] of Object.entries(expected)) {
    expect(await iam.allows(role, putUnder(value)), value).toBe(allowed);
  }
});

it("judges each partition key by itself where a policy compares it with a variable", async () => {
  const { iam, simulated } = world(
    statement({
      Action: "dynamodb:PutItem",
      Resource: table,
      Condition: {
        "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": ["${aws:RequestedRegion}"] },
      },
    }),
  );
  const put = (key: string, region: string): Demand => ({
    ...putUnder(key),
    context: { "dynamodb:LeadingKeys": [key], "aws:RequestedRegion": region },
  });
  expect(await iam.allows(role, put("us-east-1", "us-east-1"))).toBe(true);
  expect(await iam.allows(role, put("us-west-2", "us-east-1"))).toBe(false);
  expect(simulated()).toBe(2);
});

it("asks the resource's policy about services and strangers", async () => {
  const { iam } = world();
  const resource = `arn:aws:lambda:us-east-1:${account}:function:orders-on-signal`;
  const invoke: Demand = { action: "lambda:InvokeFunction", resource };
  const policy = statement({
    Principal: { Service: "events.amazonaws.com" },
    Action: "lambda:InvokeFunction",
    Resource: resource,
  });
  const events: Principal = { kind: "service", arn: "events.amazonaws.com" };
  const scheduler: Principal = { kind: "service", arn: "scheduler.amazonaws.com" };
  expect(await iam.allows(events, invoke, policy)).toBe(true);
  expect(await iam.allows(scheduler, invoke, policy)).toBe(false);
  expect(await iam.allows(events, invoke)).toBe(false);
  expect(await iam.allows({ kind: "anonymous", arn: "anonymous" }, invoke, policy)).toBe(false);
});

it("refuses to judge an action that AWS does not have", async () => {
  const { iam } = world();
  await expect(iam.allows(role, { action: "dynamodb:Fetch", resource: table })).rejects.toThrow(
    "IAM cannot judge dynamodb:Fetch",
  );
});

it("knows which service may act as a role", async () => {
  const { iam } = world();
  expect(await iam.trusts(role.arn, "lambda.amazonaws.com")).toBe(true);
  expect(await iam.trusts(role.arn, "states.amazonaws.com")).toBe(false);
});

it("waits for no disk once it has read up on the services that policies name", async () => {
  const queue = `arn:aws:sqs:us-east-1:${account}:orders-events`;
  const send: Demand = { action: "sqs:SendMessage", resource: queue };
  const { iam } = world(statement({ Action: "sqs:SendMessage", Resource: queue }));
  const publish: Demand = {
    action: "sns:Publish",
    resource: `arn:aws:sns:us-east-1:${account}:orders-pages`,
    context: { "sns:Protocol": "email" },
  };
  await iam.readUp([statement({ Action: ["sns:Publish"], Resource: "*" })]);
  let reads = 0;
  const hook = createHook({
    init(_id, type) {
      if (type.startsWith("FSREQ")) reads += 1;
    },
  }).enable();
  const allowed = [await iam.allows(role, send), await iam.allows(role, publish)];
  hook.disable();
  expect(allowed).toEqual([true, false]);
  expect(reads).toBe(0);
});
