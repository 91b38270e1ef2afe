// What the operator may do: start a switch, answer a question, pause and resume, and read how it
// stands. No more than a person on call needs, so that the lab shows it is enough.
import type { Config } from "../../core/config/schema.ts";
import { controlTableName, servingRegions, stateMachineName } from "../../core/names.ts";
import type { Json } from "../kernel.ts";

export function operatorPolicy(config: Config, account: string): Json {
  const regions = servingRegions(config);
  const machine = stateMachineName(config);
  const tables = regions.map(
    (region) => `arn:aws:dynamodb:${region}:${account}:table/${controlTableName(config)}`,
  );
  const machines = regions.map(
    (region) => `arn:aws:states:${region}:${account}:stateMachine:${machine}`,
  );
  const runs = regions.map(
    (region) => `arn:aws:states:${region}:${account}:execution:${machine}:*`,
  );
  const allow = (Action: string[], Resource: string[]) => ({ Effect: "Allow", Action, Resource });
  return {
    Version: "2012-10-17",
    Statement: [
      allow(["states:StartExecution", "states:ListExecutions"], machines),
      allow(["states:DescribeExecution", "states:GetExecutionHistory"], runs),
      // Knows no resource: whoever holds a task's token may answer it.
      allow(["states:SendTaskSuccess"], ["*"]),
      allow(["dynamodb:GetItem", "dynamodb:Query", "dynamodb:UpdateItem"], tables),
      allow(["route53:GetHealthCheck"], ["arn:aws:route53:::healthcheck/*"]),
      // Knows no resource either.
      allow(["cloudwatch:GetMetricData"], ["*"]),
    ],
  };
}
