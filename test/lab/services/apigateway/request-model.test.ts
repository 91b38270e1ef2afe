import { describe, expect, it } from "vitest";
import type { Json } from "../../../../lab/kernel.ts";
import { readModel } from "../../../../lab/services/apigateway/request-model.ts";

const schema = {
  $schema: "http://json-schema.org/draft-04/schema#",
  type: "object",
  required: ["id", "data"],
  additionalProperties: false,
  properties: {
    id: { type: "string", pattern: "^[a-z]+$", maxLength: 4 },
    data: { type: "object" },
    count: { type: "integer", minimum: 1, maximum: 3 },
    kind: { enum: ["a", "b"] },
    tags: { type: "array", minItems: 1, items: { type: "string", minLength: 1 } },
  },
};
const good = { id: "abc", data: {} };

describe("a model", () => {
  const fits = readModel(schema);

  it.each<[Json, boolean]>([
    [good, true],
    [{ ...good, count: 3, kind: "b", tags: ["x"] }, true],
    [{ id: "abc" }, false],
    [{ ...good, id: "ABC" }, false],
    [{ ...good, id: "abcde" }, false],
    [{ ...good, id: 7 }, false],
    [{ ...good, data: [] }, false],
    [{ ...good, data: null }, false],
    [{ ...good, count: 1.5 }, false],
    [{ ...good, count: 4 }, false],
    [{ ...good, kind: "c" }, false],
    [{ ...good, tags: [] }, false],
    [{ ...good, tags: [""] }, false],
    [{ ...good, more: 1 }, false],
    [[], false],
    ["text", false],
  ])("takes or refuses %o", (body, expected) => {
    expect(fits(body)).toBe(expected);
  });

  it("counts code points, as JSON Schema says", () => {
    expect(readModel({ maxLength: 1 })("😀")).toBe(true);
  });

  it("is refused with keywords that the lab does not have", () => {
    expect(() => readModel({ type: "object", patternProperties: {} })).toThrow("patternProperties");
    expect(() => readModel({ properties: { a: { format: "date" } } })).toThrow("format");
  });
});
