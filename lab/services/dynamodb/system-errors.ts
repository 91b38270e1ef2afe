// CloudWatch's SystemErrors of DynamoDB: requests that were answered with HTTP 500, by table and
// operation, whether the service said so or a fault in its place. Published when there are some, as
// AWS does: DynamoDB developer guide, "DynamoDB metrics and dimensions".
import { z } from "zod";
import type { AwsRequest, AwsResponse, Lab } from "../../kernel.ts";

const tablesSchema = z.looseObject({
  TableName: z.string().optional(),
  RequestItems: z.record(z.string(), z.unknown()).optional(),
});

/** For AwsCalls.onAnswer. */
export function countSystemErrors(lab: Pick<Lab, "putMetric">) {
  return ({ service, region, headers, body }: AwsRequest, { status }: AwsResponse): void => {
    if (service !== "dynamodb" || status < 500) return;
    const Operation = headers["x-amz-target"]?.split(".")[1] ?? "";
    const { TableName, RequestItems = {} } = tablesSchema.parse(JSON.parse(body));
    for (const table of TableName === undefined ? Object.keys(RequestItems) : [TableName]) {
      const dimensions = { TableName: table, Operation };
      lab.putMetric(region, "AWS/DynamoDB", "SystemErrors", dimensions, 1);
    }
  };
}
