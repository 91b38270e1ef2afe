// What IAM itself says of the operator's policy, action by action.
import { expect, test } from "vitest";
import { createIam } from "../../../lab/iam.ts";
import type { Principal } from "../../../lab/kernel.ts";
import { createEventLog } from "../../../lab/log.ts";
import { operatorPolicy } from "../../../lab/scenarios/operator-policy.ts";
import { config } from "../scripted-log.ts";

const account = "123456789012";
const operator: Principal = { kind: "role", arn: `arn:aws:iam::${account}:role/operator` };

async function may(action: string, resource: string): Promise<boolean> {
  const clock = { now: () => 0, track: <T>(operation: Promise<T>) => operation };
  const iam = createIam({ account, clock, log: createEventLog(clock) });
  iam.addRole(operator.arn, [operatorPolicy(config, account)], null);
  return await iam.allows(operator, { action, resource });
}

const machine = (region: string, name = "orders-region-switch") =>
  `arn:aws:states:${region}:${account}:stateMachine:${name}`;
const table = (region: string, name: string) =>
  `arn:aws:dynamodb:${region}:${account}:table/${name}`;

test.each([
  ["states:StartExecution", machine("us-east-1")],
  ["states:StartExecution", machine("us-west-2")],
  ["states:SendTaskSuccess", "*"],
  ["states:ListExecutions", machine("us-west-2")],
  ["states:GetExecutionHistory", `${machine("us-west-2").replace("stateMachine", "execution")}:a`],
  ["states:DescribeExecution", `${machine("us-east-1").replace("stateMachine", "execution")}:a`],
  ["route53:GetHealthCheck", "arn:aws:route53:::healthcheck/abc"],
  ["cloudwatch:GetMetricData", "*"],
  ["dynamodb:GetItem", table("us-east-1", "orders-control")],
  ["dynamodb:Query", table("us-west-2", "orders-control")],
  ["dynamodb:UpdateItem", table("us-west-2", "orders-control")],
])("the operator may %s on %s", async (action, resource) => {
  expect(await may(action, resource)).toBe(true);
});

test.each([
  ["states:StartExecution", machine("us-east-2")],
  ["states:StartExecution", machine("us-east-1", "another")],
  ["states:StopExecution", `arn:aws:states:us-east-1:${account}:execution:orders-region-switch:a`],
  ["dynamodb:PutItem", table("us-east-1", "orders-control")],
  ["dynamodb:GetItem", table("us-east-1", "orders-application")],
  ["dynamodb:GetItem", table("us-east-2", "orders-control")],
  ["route53:UpdateHealthCheck", "*"],
  ["cloudwatch:PutMetricData", "*"],
])("the operator may not %s on %s", async (action, resource) => {
  expect(await may(action, resource)).toBe(false);
});
