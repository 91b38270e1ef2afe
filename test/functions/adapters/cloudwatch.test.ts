import { expect, test } from "vitest";
import { minuteValues, positionOf } from "../../../functions/adapters/cloudwatch.ts";

test("A minute in which one position was said has it; of one with both it is unknown", () => {
  expect(positionOf(1)).toBe("pulled");
  expect(positionOf(0)).toBe("released");
  expect(positionOf(0.5)).toBeNull();
  expect(positionOf(0.02)).toBeNull();
});

test("Minutes count only where CloudWatch has read all of them", () => {
  const at = new Date(1_768_467_600_000);
  const read = { Id: "m0", Timestamps: [at], Values: [7] };
  const values = [{ at: 1_768_467_600_000, value: 7 }];
  expect(minuteValues({ ...read, StatusCode: "Complete" })).toEqual(values);
  for (const StatusCode of ["PartialData", "InternalError", "Forbidden"] as const)
    expect(minuteValues({ ...read, StatusCode })).toEqual([]);
  expect(minuteValues(undefined)).toEqual([]);
});
