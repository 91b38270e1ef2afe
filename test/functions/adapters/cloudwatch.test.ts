import { expect, test } from "vitest";
import { positionOf } from "../../../functions/adapters/cloudwatch.ts";

test("A minute in which one position was said has it; of one with both it is unknown", () => {
  expect(positionOf(1)).toBe("pulled");
  expect(positionOf(0)).toBe("released");
  expect(positionOf(0.5)).toBeNull();
  expect(positionOf(0.02)).toBeNull();
});
