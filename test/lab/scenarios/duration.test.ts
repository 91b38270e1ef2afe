import { expect, test } from "vitest";
import { formatDuration, parseDuration } from "../../../lab/scenarios/duration.ts";

test.each([
  ["45s", 45],
  ["2m", 120],
  ["1h30m", 5400],
  ["500ms", 0.5],
  [90, 90],
  [0, 0],
])("%s is %d seconds", (text, seconds) => {
  expect(parseDuration(text)).toBe(seconds);
});

test.each(["", "10", "5 m", "-3s", "1x", -1, Number.NaN])("%s is no duration", (text) => {
  expect(parseDuration(text)).toBeNull();
});

test.each([
  [5400, "1h30m"],
  [95, "1m35s"],
  [0.44, "0.4s"],
  [0, "0s"],
])("%d seconds are said as %s", (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});
