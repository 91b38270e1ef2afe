import { expect, test } from "vitest";
import { healthWords } from "../../../lab/scenarios/health-words.ts";

test("an event says its service, its status and the Region that it concerns", () => {
  const detail = { service: "LAMBDA", statusCode: "open", eventRegion: "us-east-1", page: "1" };
  expect(healthWords(detail)).toEqual({ code: "LAMBDA", status: "open", impacted: "us-east-1" });
});

test("a malformed event stops nothing", () => {
  const nothing = { code: "(nothing)", status: "(nothing)", impacted: "(nothing)" };
  expect(healthWords({ service: null, statusCode: 5 })).toEqual(nothing);
  expect(healthWords(undefined)).toEqual(nothing);
});
