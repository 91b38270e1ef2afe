import { expect, it } from "vitest";
import type { AwsRequest, Json } from "../../../../lab/kernel.ts";
import { countTableRequests } from "../../../../lab/services/dynamodb/request-metrics.ts";

const request = (action: string, body: object, service = "dynamodb"): AwsRequest => ({
  ...{ service, region: "us-east-1", method: "POST", path: "/", query: {} },
  headers: { "x-amz-target": `DynamoDB_20120810.${action}` },
  body: JSON.stringify(body),
  principal: { kind: "role", arn: "arn:aws:iam::111111111111:role/r" },
  from: { region: "us-east-1" },
});

it("counts by table and operation what DynamoDB answered with 500, and what succeeded", () => {
  const counted: Json[] = [];
  const count = countTableRequests({ putMetric: (...metric: Json[]) => void counted.push(metric) });
  const answer = (status: number) => ({ status, headers: {}, body: "" });
  count(request("PutItem", { TableName: "orders", Item: {} }), answer(500));
  count(request("BatchGetItem", { RequestItems: { a: {}, b: {} } }), answer(503));
  count(request("GetItem", { TableName: "orders" }), answer(400));
  count(request("Query", { TableName: "orders" }), answer(200));
  count(request("PutItem", { TableName: "orders" }, "events"), answer(500));
  const errors = (TableName: string, Operation: string) => [
    ...["us-east-1", "AWS/DynamoDB", "SystemErrors"],
    { TableName, Operation },
    1,
  ];
  expect(counted).toEqual([
    errors("orders", "PutItem"),
    errors("a", "BatchGetItem"),
    errors("b", "BatchGetItem"),
    [
      ...["us-east-1", "AWS/DynamoDB", "SuccessfulRequestLatency"],
      { TableName: "orders", Operation: "Query" },
      0,
    ],
  ]);
});
