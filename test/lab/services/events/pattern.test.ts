import { describe, expect, it } from "vitest";
import type { Json } from "../../../../lab/kernel.ts";
import { readPattern } from "../../../../lab/services/events/pattern.ts";
import { readSchedule } from "../../../../lab/services/events/schedule.ts";

const event: Json = {
  source: "aws.cloudwatch",
  resources: ["arn:a", "arn:b"],
  detail: {
    alarmName: "orders-journey-east",
    state: { value: "ALARM", note: null },
    count: 5,
    list: [{ id: 1 }, { id: 2 }],
  },
};

describe("an event pattern", () => {
  const matching: [string, Json][] = [
    ["an exact value", { source: ["aws.health", "aws.cloudwatch"] }],
    ["one member of an array", { resources: ["arn:b"] }],
    ["a nested value", { detail: { state: { value: ["ALARM"] } } }],
    ["null", { detail: { state: { note: [null] } } }],
    ["a prefix", { detail: { alarmName: [{ prefix: "orders-journey-" }] } }],
    ["a suffix", { detail: { alarmName: [{ suffix: "east" }] } }],
    ["a prefix whatever its case", { source: [{ prefix: { "equals-ignore-case": "AWS." } }] }],
    ["equality whatever its case", { source: [{ "equals-ignore-case": "AWS.CloudWatch" }] }],
    ["anything but others", { source: [{ "anything-but": ["aws.health"] }] }],
    ["anything but a prefix", { source: [{ "anything-but": { prefix: "switchback" } }] }],
    ["what exists", { detail: { count: [{ exists: true }] } }],
    ["what does not exist", { detail: { other: [{ exists: false }] } }],
    ["a range", { detail: { count: [{ numeric: [">", 0, "<=", 5] }] } }],
    ["a wildcard", { detail: { alarmName: [{ wildcard: "orders-*-east" }] } }],
    ["one of the objects of an array", { detail: { list: { id: [2] } } }],
    ["one of two alternatives", { $or: [{ source: ["x"] }, { detail: { count: [5] } }] }],
  ];
  it.each(matching)("matches %s", (_name, pattern) => {
    expect(readPattern(pattern)(event)).toBe(true);
  });

  const failing: [string, Json][] = [
    ["another value", { source: ["aws.health"] }],
    ["a number given as text", { detail: { count: ["5"] } }],
    ["one of two members", { source: ["aws.cloudwatch"], detail: { count: [6] } }],
    ["a missing member", { detail: { other: ["x"] } }],
    ["anything but itself", { source: [{ "anything-but": "aws.cloudwatch" }] }],
    ["anything but, of what is missing", { detail: { other: [{ "anything-but": ["x"] }] } }],
    ["what should not exist", { detail: { count: [{ exists: false }] } }],
    ["an edge outside its range", { detail: { count: [{ numeric: ["<", 5] }] } }],
    ["a dot where a wildcard has another letter", { source: [{ wildcard: "awsXcloud*" }] }],
  ];
  it.each(failing)("does not match %s", (_name, pattern) => {
    expect(readPattern(pattern)(event)).toBe(false);
  });

  it("is refused by name where it is not modelled", () => {
    expect(() => readPattern({ a: [{ cidr: "10.0.0.0/8" }] })).toThrow('no pattern "cidr"');
  });
});

describe("a schedule", () => {
  const at = (text: string) => Date.parse(`${text}Z`);

  it("of a rate counts from its start", () => {
    const next = readSchedule("rate(5 minutes)", at("2026-01-15T09:00:30"));
    expect(next(at("2026-01-15T09:00:30"))).toBe(at("2026-01-15T09:05:30"));
    expect(next(at("2026-01-15T09:17:00"))).toBe(at("2026-01-15T09:20:30"));
  });

  it("of cron finds the next minute that fits", () => {
    const next = readSchedule("cron(0/15 8,20 * * ? *)", 0);
    expect(next(at("2026-01-15T08:15:00"))).toBe(at("2026-01-15T08:30:00"));
    expect(next(at("2026-01-15T08:50:00"))).toBe(at("2026-01-15T20:00:00"));
    const sundays = readSchedule("cron(30 6 ? * 1 *)", 0);
    expect(next(0)).toBe(at("1970-01-01T08:00:00"));
    expect(sundays(at("2026-01-15T00:00:00"))).toBe(at("2026-01-18T06:30:00"));
  });

  it("is refused by name where it is not modelled", () => {
    expect(() => readSchedule("at(2026-01-01T00:00:00)", 0)).toThrow("at(2026");
    expect(() => readSchedule("cron(0 8 L * ? *)", 0)).toThrow('cron field "L"');
  });
});
