// What a run without the controller notes down, and how long it takes. The run itself is in
// test/scenarios.
import { describe, expect, test } from "vitest";
import { isDisturbed } from "../../../lab/baseline/beside.ts";
import { endOf, noted } from "../../../lab/baseline/run-baseline.ts";
import { checkScenario } from "../../../lab/scenarios/load.ts";
import { settings } from "../../core/world.ts";
import { atSecond, config, primary, scriptedLog, secondary } from "../scripted-log.ts";

const down = { kind: "region-down", region: "primary" };
const variables = { function: "orders-api", region: "primary", env: { HEALTH_STATUS: "404" } };

function scenario(timeline: object[], until = "90m") {
  const raw = { name: "s", description: "d", until, timeline };
  return checkScenario(raw, "s.json", settings).scenario;
}

describe("a baseline ends", () => {
  test.each<[string, object[], number]>([
    [
      "five minutes after the last fault healed",
      [
        { at: "1m", id: "a", fault: down },
        { at: "20m", heal: "a" },
      ],
      1500,
    ],
    [
      "so too where all are healed at once",
      [
        { at: "1m", fault: down },
        { at: "20m", heal: "all" },
      ],
      1500,
    ],
    [
      "with the drill where a fault stands to the end",
      [
        { at: "1m", id: "a", fault: down },
        { at: "2m", id: "b", fault: down },
        { at: "20m", heal: "a" },
      ],
      5400,
    ],
    [
      "with the drill where one stands that has no id, beside one that is called as it would be",
      [
        { at: "1m", fault: down },
        { at: "2m", id: "step-0", fault: down },
        { at: "20m", heal: "step-0" },
      ],
      5400,
    ],
    ["with the drill where somebody set a variable", [{ at: "1m", set: variables }], 5400],
    [
      "never after the drill",
      [
        { at: "1m", id: "a", fault: down },
        { at: "88m", heal: "a" },
      ],
      5400,
    ],
    [
      "by time, in whatever order the file says it",
      [
        { at: "20m", heal: "a" },
        { at: "1m", id: "a", fault: down },
      ],
      1500,
    ],
  ])("%s", (_, timeline, seconds) => {
    expect(endOf(scenario(timeline))).toBe(seconds);
  });
});

test("without a fault or a set variable there is nothing that Route 53 could have answered", () => {
  expect(isDisturbed(scenario([]))).toBe(false);
  expect(isDisturbed(scenario([{ at: "1m", operator: { command: "failover" } }]))).toBe(false);
  expect(isDisturbed(scenario([{ at: "1m", fault: down }]))).toBe(true);
  expect(isDisturbed(scenario([{ at: "1m", set: variables }]))).toBe(true);
});

describe("a run without the controller notes", () => {
  test("each fault with its Regions, from when until when", () => {
    const { log, emit } = scriptedLog();
    emit(60, "fault", { id: "a", regions: [primary] });
    emit(70, "fault", { id: "b", regions: [primary, secondary] });
    emit(90, "heal", { id: "a" });
    expect(noted({ config }, log.events).disturbances).toEqual([
      { at: atSecond(60), until: atSecond(90), regions: ["us-east-1"] },
      { at: atSecond(70), until: null, regions: ["us-east-1", "us-west-2"] },
    ]);
  });

  test("a set variable until the same function's next", () => {
    const { log, emit } = scriptedLog();
    emit(60, "variables-set", { function: "orders-api" }, primary);
    emit(70, "variables-set", { function: "orders-api" }, secondary);
    emit(90, "variables-set", { function: "orders-api" }, primary);
    expect(noted({ config }, log.events).disturbances).toEqual([
      { at: atSecond(60), until: atSecond(90), regions: ["us-east-1"] },
      { at: atSecond(70), until: null, regions: ["us-west-2"] },
      { at: atSecond(90), until: null, regions: ["us-east-1"] },
    ]);
  });

  test("where clients were sent, first and after each change of the public name's address", () => {
    const { log, emit } = scriptedLog();
    const name = config.domain.name;
    emit(60, "dns-answer-changed", { name, type: "AAAA", answer: secondary });
    emit(61, "dns-answer-changed", { name: "other.example.com", type: "A", answer: secondary });
    emit(62, "dns-answer-changed", { name, type: "A", answer: `${primary},${secondary}` });
    expect(noted({ config }, log.events).answers).toEqual([
      { at: 0, regions: ["us-east-1"] },
      { at: atSecond(62), regions: ["us-east-1", "us-west-2"] },
    ]);
  });

  test("that clients of a pair that serves together began at both", () => {
    const both = { ...config, topology: "active-active", writes: "any-region" } as const;
    expect(noted({ config: both }, []).answers).toEqual([
      { at: 0, regions: ["us-east-1", "us-west-2"] },
    ]);
  });
});
