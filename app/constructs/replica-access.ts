// With eventual coordination some steps also read the routing state in the peer's replica of the
// control table, since their own may be behind. Reading is all that they may do there.
import { ArnFormat, Stack } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import type { Config, Region } from "../../core/config/schema.ts";
import { controlTableName, peerOf, servingRegions } from "../../core/names.ts";
import type { FunctionFolder } from "./function-catalogue.ts";

const readers: readonly FunctionFolder[] = [
  "watch",
  "gather-evidence",
  "claim-epoch",
  "fence-source",
  "check-drain",
];

export function replicaAccess(
  scope: Construct,
  config: Config,
  region: Region,
  folder: FunctionFolder,
): PolicyStatement[] {
  const serves = servingRegions(config).includes(region);
  if (config.coordination === "strong" || !serves || !readers.includes(folder)) return [];
  const table = Stack.of(scope).formatArn({
    service: "dynamodb",
    region: peerOf(config, region),
    resource: `table/${controlTableName(config)}`,
    arnFormat: ArnFormat.NO_RESOURCE_NAME,
  });
  return [new PolicyStatement({ actions: ["dynamodb:GetItem"], resources: [table] })];
}
