// CloudWatch's metrics of DynamoDB's requests, by table and operation: SystemErrors, published
// where there are some, for answers of HTTP 500, whether the service said so or a fault in its
// place; and SuccessfulRequestLatency, whose SampleCount is the number of requests that succeeded.
// Its value is 0: the lab's tables take no virtual time. DynamoDB developer guide, "DynamoDB
// metrics and dimensions".
import { z } from "zod";
import type { AwsRequest, AwsResponse, Lab } from "../../kernel.ts";

const tablesSchema = z.looseObject({
  TableName: z.string().optional(),
  RequestItems: z.record(z.string(), z.unknown()).optional(),
});

/** For AwsCalls.onAnswer. */
export function countTableRequests(lab: Pick<Lab, "putMetric">) {
  return ({ service, region, headers, body }: AwsRequest, { status }: AwsResponse): void => {
    const failed = status >= 500;
    if (service !== "dynamodb" || (status >= 400 && !failed)) return;
    const Operation = headers["x-amz-target"]?.split(".")[1] ?? "";
    const { TableName, RequestItems = {} } = tablesSchema.parse(JSON.parse(body));
    const name = failed ? "SystemErrors" : "SuccessfulRequestLatency";
    for (const table of TableName === undefined ? Object.keys(RequestItems) : [TableName]) {
      const dimensions = { TableName: table, Operation };
      lab.putMetric(region, "AWS/DynamoDB", name, dimensions, failed ? 1 : 0);
    }
  };
}
