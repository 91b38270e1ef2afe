import { describe, expect, it } from "vitest";
import { mockAnswer, mockedStatus } from "../../../../lab/services/apigateway/mock.ts";

const answer = (status: number, pattern: RegExp | null) => ({
  status,
  pattern,
  headers: [["access-control-max-age", "600"]] as const,
  template: null,
});

describe("A mock integration", () => {
  it("answers what its status selects, else what nothing selects, else nothing.", () => {
    const responses = [answer(204, null), answer(418, /^(?:4\d\d)$/)];
    const headers = { "access-control-max-age": "600" };
    const chosen = (status: number) => mockAnswer({ kind: "mock", status, responses });
    expect(chosen(200)).toEqual({ status: 204, headers, body: "" });
    expect(chosen(404)).toEqual({ status: 418, headers, body: "" });
    expect(mockAnswer({ kind: "mock", status: 200, responses: [] })).toBe(null);
  });

  it("says its status as CDK writes it, and any other template is refused by name.", () => {
    expect(mockedStatus("{ statusCode: 200 }")).toBe(200);
    expect(mockedStatus('{"statusCode": 404}')).toBe(404);
    expect(() => mockedStatus("#set($a = 1)")).toThrow("a mock with the template #set($a = 1)");
  });
});
