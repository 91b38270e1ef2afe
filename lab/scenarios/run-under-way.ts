// Which run a scripted operator means who says "abort": the one that holds the lease, else the one
// that is listed first. Throws where none is under way, which is then a refusal.
import { ListExecutionsCommand } from "@aws-sdk/client-sfn";
import { GetCommand } from "@aws-sdk/lib-dynamodb";
import type { Config } from "../../core/config/schema.ts";
import { controlKeys } from "../../core/contracts/records.ts";
import { routingStateSchema } from "../../core/contracts/routing-state.ts";
import { controlTableName, groupOf, servingRegions, stateMachineName } from "../../core/names.ts";
import type { ActingPerson, OperatorCalls } from "./operator-calls.ts";

const leaseSchema = routingStateSchema.pick({ lease: true }).strip();

/** The routing state as it is stored, strongly read. */
export async function readRouting(
  calls: OperatorCalls,
  person: ActingPerson,
  config: Config,
): Promise<unknown> {
  const read = await calls.eitherTable(person, (table, abortSignal) =>
    table.send(
      new GetCommand({
        TableName: controlTableName(config),
        Key: controlKeys.routing(groupOf(config)),
        ConsistentRead: true,
      }),
      { abortSignal },
    ),
  );
  return read.Item;
}

export async function runUnderWay(
  calls: OperatorCalls,
  person: ActingPerson,
  config: Config,
  account: string,
): Promise<string> {
  const holder = leaseSchema.parse(await readRouting(calls, person, config)).lease?.executionArn;
  if (holder !== undefined) return holder;
  const machine = stateMachineName(config);
  const listed = await Promise.allSettled(
    servingRegions(config).map((region) =>
      calls.patiently(region, (abortSignal) =>
        calls.states(region, person).send(
          new ListExecutionsCommand({
            stateMachineArn: `arn:aws:states:${region}:${account}:stateMachine:${machine}`,
            statusFilter: "RUNNING",
          }),
          { abortSignal },
        ),
      ),
    ),
  );
  const [first] = listed.flatMap((one) =>
    one.status === "fulfilled" ? (one.value.executions ?? []) : [],
  );
  if (first?.executionArn === undefined) throw new Error("no run is under way");
  return first.executionArn;
}
