import { describe, expect, it } from "vitest";
import { failedMessages } from "../../../../lab/services/lambda/batch-answer.ts";

const ids = ["a", "b"];
const said = (payload: string, functionError: string | null = null, reportsItems = true) => [
  ...failedMessages({ payload, functionError }, ids, reportsItems),
];

describe("a function's answer to a batch", () => {
  it.each([
    ["null", []],
    ["{}", []],
    ['{"batchItemFailures":null}', []],
    ['{"batchItemFailures":[]}', []],
    ['{"batchItemFailures":[{"itemIdentifier":"b"}]}', ["b"]],
    // Documented as failures of the whole batch.
    ['{"batchItemFailures":[{"itemIdentifier":""}]}', ["a", "b"]],
    ['{"batchItemFailures":[{"itemIdentifier":null}]}', ["a", "b"]],
    ['{"batchItemFailures":[{"itemidentifier":"b"}]}', ["a", "b"]],
    ['{"batchItemFailures":[{"itemIdentifier":"c"}]}', ["a", "b"]],
    ['"done"', ["a", "b"]],
  ])("%s leaves %o in the queue", (payload, failed) => {
    expect(said(payload)).toEqual(failed);
  });

  it("leaves everything when the function failed", () => {
    expect(said('{"errorType":"Error"}', "Unhandled")).toEqual(["a", "b"]);
  });

  it("is not read without ReportBatchItemFailures", () => {
    expect(said('{"batchItemFailures":[{"itemIdentifier":"b"}]}', null, false)).toEqual([]);
  });
});
