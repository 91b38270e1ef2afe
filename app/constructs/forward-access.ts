// What the API's function needs where one Region writes: to hand a write on to the other Region's
// API, by one route that nobody else may use, and to count the writes that it holds until then.
import { ArnFormat, Stack } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import type { Config, Region } from "../../core/config/schema.ts";
import { applicationKeys } from "../../core/contracts/records.ts";
import { apiStageName, applicationTableName, forwardedPath, peerOf } from "../../core/names.ts";
import { isForwarding } from "../../core/writer.ts";

export function forwardAccess(scope: Construct, config: Config, region: Region): PolicyStatement[] {
  if (!isForwarding(config)) return [];
  const arn = (service: string, where: Region, resource: string) =>
    Stack.of(scope).formatArn({
      service,
      region: where,
      resource,
      arnFormat: ArnFormat.NO_RESOURCE_NAME,
    });
  // The other Region's API id isn't known here, so the route is named under any API.
  const route = `*/${apiStageName}/POST${forwardedPath(config)}`;
  const { pk } = applicationKeys.held(region, 0);
  return [
    new PolicyStatement({
      actions: ["execute-api:Invoke"],
      resources: [arn("execute-api", peerOf(config, region), route)],
    }),
    new PolicyStatement({
      actions: ["dynamodb:UpdateItem"],
      resources: [arn("dynamodb", region, `table/${applicationTableName(config)}`)],
      conditions: { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": [pk] } },
    }),
  ];
}
