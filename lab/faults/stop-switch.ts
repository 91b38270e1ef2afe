// The crash of a whole execution: StopExecution at any moment, on the one that is moving something,
// else on the one that has run longest. Where a Region is down nothing can be stopped.
import { z } from "zod";
import type { Config, Region } from "../../core/config/schema.ts";
import { controlKeys } from "../../core/contracts/records.ts";
import { controlTableName, groupOf, servingRegions, stateMachineName } from "../../core/names.ts";
import type { Network } from "../kernel.ts";
import type { DynamoDb } from "../services/dynamodb/dynamodb.ts";
import type { ExecutionRecord } from "../services/states/executions.ts";

export interface StopPorts {
  readonly config: Config;
  readonly network: Pick<Network, "isDown">;
  readonly dynamoDb: Pick<DynamoDb, "readAll">;
  readonly executions: { readonly records: ReadonlyMap<string, ExecutionRecord> };
}

/** Stops it; answers its ARN and Region, or null: none runs. */
export function stopSwitch(ports: StopPorts): { arn: string; region: Region } | null {
  const { config, network, executions } = ports;
  const running = [...executions.records.values()]
    .filter(({ machine, ended }) => machine.name === stateMachineName(config) && ended === null)
    .filter(({ machine }) => !network.isDown(machine.region))
    .sort((a, b) => a.startedAt - b.startedAt);
  const holders = leaseHolders(ports);
  const stopped = running.find(({ arn }) => holders.includes(arn)) ?? running[0];
  if (stopped === undefined) return null;
  stopped.execution.stop("Lab.Crash", "The scenario stops this execution.");
  return { arn: stopped.arn, region: stopped.machine.region };
}

const heldSchema = z.looseObject({ lease: z.looseObject({ executionArn: z.string() }) });

/** As each serving Region's replica shows it: with eventual coordination they may differ. */
function leaseHolders({ config, dynamoDb }: StopPorts): string[] {
  const { pk, sk } = controlKeys.routing(groupOf(config));
  return servingRegions(config).flatMap((region) =>
    dynamoDb
      .readAll(controlTableName(config), region)
      .filter((item) => item.pk === pk && item.sk === sk)
      .flatMap((item) => heldSchema.safeParse(item).data?.lease.executionArn ?? []),
  );
}
