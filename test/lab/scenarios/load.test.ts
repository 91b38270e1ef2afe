import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { projectRoot } from "../../../lab/deploy/project-root.ts";
import {
  checkScenario,
  findScenario,
  loadScenario,
  ScenarioRefused,
  shippedScenarios,
} from "../../../lab/scenarios/load.ts";
import { atToken } from "../../../lab/scenarios/schema.ts";

const base: unknown = JSON.parse(readFileSync(join(projectRoot, "switchback.config.json"), "utf8"));

const sound = { name: "a", description: "d", until: "10m" };

function refusal(scenario: unknown): string[] {
  try {
    checkScenario(scenario, "f.json", base);
  } catch (error) {
    if (!(error instanceof ScenarioRefused)) throw error;
    return error.message.split("\n").slice(1);
  }
  return [];
}

describe("a scenario file", () => {
  test("is refused with an event file that is missing, beside its other faults", () => {
    const timeline = [
      { at: "1m", healthEvent: { file: "nowhere.json" } },
      { at: "2m", operator: { command: "retreat" } },
    ];
    const expected = { noSwitch: [["3m", "1m"]] };
    expect(refusal({ ...sound, timeline, expect: expected })).toEqual([
      "  $.timeline[1].operator.command: must be failover, failback, approve, reject, pause, " +
        "resume or abort",
      "  $.expect.noSwitch[0]: must end no earlier than it begins",
      "  $.timeline[0].healthEvent.file: nowhere.json can't be read as JSON",
    ]);
  });

  test("is refused where an operator names a Region that serves nothing", () => {
    const failover = (region: string) => ({ at: 1, operator: { command: "failover", region } });
    const timeline = [failover("primary"), failover("witness"), failover("mars-north-1")];
    expect(refusal({ ...sound, timeline })).toEqual([
      '  $.timeline[1].operator.region: "witness" is the witness, which serves no traffic',
      '  $.timeline[2].operator.region: "mars-north-1" is no role and none of the Regions ' +
        "us-east-1, us-west-2, us-east-2",
    ]);
  });

  test("gets the documented defaults for what it leaves out", () => {
    const { scenario, config } = checkScenario(sound, "f.json", base);
    expect(scenario).toMatchObject({
      seed: 1,
      startsAt: "2026-01-15T09:00:00Z",
      until: 600,
      traffic: {
        clients: 30,
        requestsPerSecond: 3,
        writeShare: 0.5,
        ignoresTtlShare: 0.04,
        regions: ["us-east-1"],
      },
    });
    expect(config.policy.cooldownSeconds).toBe(3600);
  });

  test("is refused with a seed that would be rounded", () => {
    const rounded: unknown = JSON.parse("9007199254740993");
    expect(refusal({ ...sound, seed: rounded })).toEqual([
      "  $.seed: must be a whole number from 0 to 9007199254740991",
    ]);
  });

  test("names Regions by role or by code", () => {
    const { regionOf } = checkScenario(
      { ...sound, config: { regions: { secondary: "us-east-2", witness: "us-west-2" } } },
      "f.json",
      base,
    );
    expect(regionOf("secondary")).toBe("us-east-2");
    expect(regionOf("us-east-2")).toBe("us-east-2");
  });

  test("is refused with all of its faults at once, by path", () => {
    const faults = refusal({
      name: "Not A Name",
      description: "d",
      until: "10 minutes",
      bogus: true,
      timeline: [{ at: "1m" }, { at: "1m", heal: "nobody" }],
    });
    expect(faults).toEqual([
      "  $.name: must be of a-z, 0-9 and -",
      '  $.until: must be a duration like "45s", "2m", "1h30m", or seconds as a number, not negative',
      "  $.bogus: unknown key",
      '  $.timeline[1].heal: no fault has the id "nobody"',
      "  $.timeline[0]: has no action; exactly one of fault, heal, healthEvent, operator, crash, set is needed",
    ]);
  });

  test("says what a step does too little or too much, also where its parts are wrong", () => {
    const faults = refusal({
      ...sound,
      timeline: [
        { note: "later" },
        { at: "5m", heal: "all", fault: { kind: "region-down" } },
        { at: true, heal: ["all"] },
      ],
    });
    expect(faults.filter((fault) => fault.includes("action"))).toEqual([
      "  $.timeline[0]: has no action; exactly one of fault, heal, healthEvent, operator, crash, set is needed",
      "  $.timeline[1]: has 2 actions (fault, heal); exactly one is allowed",
    ]);
    expect(faults.map((fault) => fault.trim().split(":")[0])).toEqual(
      expect.arrayContaining([
        "$.timeline[0].at",
        "$.timeline[1].fault.region",
        "$.timeline[2].at",
      ]),
    );
  });

  test("is refused where a Health event names no Region, or a time in no known format", () => {
    const event = (region: string, startTime: unknown) => ({
      at: 1,
      healthEvent: { region, detail: { affected: [{ startTime }] } },
    });
    const faults = refusal({
      ...sound,
      timeline: [
        event("us-esat1", { $at: "iso" }),
        event("eu-south-2", { $at: "iso8601" }),
        event("primary", { $at: "rfc1123", plus: 1 }),
      ],
    });
    const time = 'a time is {"$at": "iso"} or {"$at": "rfc1123"}, and nothing beside it';
    expect(faults).toEqual([
      '  $.timeline[0].healthEvent.region: "us-esat1" is neither a role nor like a Region\'s code',
      `  $.timeline[1].healthEvent.detail.affected[0].startTime: ${time}`,
      `  $.timeline[2].healthEvent.detail.affected[0].startTime: ${time}`,
    ]);
  });

  test("is refused where a crash names nothing that can die", () => {
    const faults = refusal({
      ...sound,
      timeline: [
        { at: 1, crash: "promote-target" },
        { at: 1, crash: { function: "promote-target", region: "primary" } },
        { at: 1, crash: { function: "promote", region: "mars-north-1", invocation: 1 } },
      ],
    });
    const crash =
      'must be "region-switch", or { function, region, invocation }, invocation from 1 on';
    expect(faults).toEqual([
      `  $.timeline[0].crash: ${crash}`,
      `  $.timeline[1].crash: ${crash}`,
      '  $.timeline[2].crash.region: "mars-north-1" is no role and none of the Regions us-east-1, us-west-2, us-east-2',
      expect.stringMatching(/crash\.function: there is no "promote"; there are: .*look, /),
    ]);
  });

  test("takes clocks that are slow, and is refused where a Region replicates to itself", () => {
    const skew = (seconds: unknown) => ({
      at: 1,
      fault: { kind: "clock-skew", region: "witness", seconds },
    });
    const { scenario } = checkScenario(
      { ...sound, timeline: [skew("90s"), skew(-90), skew("-1m30s")] },
      "f.json",
      base,
    );
    expect(scenario.timeline.map(({ fault }) => fault)).toMatchObject([
      { seconds: 90 },
      { seconds: -90 },
      { seconds: -90 },
    ]);
    const replication = (from: string, to: string) => ({
      at: 1,
      fault: { kind: "replication", from, to, mode: "paused" },
    });
    const timeline = [
      skew("--90s"),
      replication("primary", "us-east-1"),
      replication("primary", "witness"),
    ];
    expect(refusal({ ...sound, timeline })).toEqual([
      '  $.timeline[0].fault.seconds: must be a duration like "90s" or "-90s", or seconds as a number',
      "  $.timeline[1].fault: us-east-1 does not replicate to itself",
      '  $.timeline[2].fault.to: "witness" is the witness, which serves no traffic',
    ]);
  });

  test("is refused where a step sets variables of a function or a Region that is not there", () => {
    const faults = refusal({
      ...sound,
      timeline: [
        { at: 1, set: { function: "orders", region: "primary", env: { A_B: "1" } } },
        { at: 1, set: { function: "look", region: "eu-west-1", env: {} } },
        { at: 1, set: { function: "look", region: "primary", env: { A_B: [1] } } },
      ],
    });
    expect(faults).toEqual([
      "  $.timeline[1].set.env: must name a variable",
      "  $.timeline[2].set.env.A_B: must be a string",
      expect.stringMatching(
        /timeline\[0\]\.set\.function: there is no "orders"; there are: .*look, /,
      ),
      '  $.timeline[1].set.region: "eu-west-1" is no role and none of the Regions us-east-1, us-west-2, us-east-2',
    ]);
  });

  test("is refused when a fault names a Region outside the configured three", () => {
    const faults = refusal({
      ...sound,
      timeline: [{ at: 1, fault: { kind: "region-down", region: "eu-west-1" } }],
    });
    expect(faults).toEqual([
      '  $.timeline[0].fault.region: "eu-west-1" is no role and none of the Regions us-east-1, us-west-2, us-east-2',
    ]);
  });

  test("is refused when its configuration is, with the configuration's faults", () => {
    const faults = refusal({ ...sound, config: { regions: { secondary: "us-east-1" } } });
    expect(faults.length).toBeGreaterThan(0);
    expect(faults.every((fault) => fault.startsWith("  $.config"))).toBe(true);
  });

  test("is refused for its Regions, too, when the configuration is wrong elsewhere", () => {
    const timeline = [{ at: 1, fault: { kind: "region-down", region: "mars-north-1" } }];
    expect(refusal({ ...sound, timeline, config: { frontend: "yes" } })).toEqual([
      '  $.config.frontend: must be a boolean, but is "yes"',
      '  $.timeline[0].fault.region: "mars-north-1" is no role and none of the Regions ' +
        "us-east-1, us-west-2, us-east-2",
    ]);
    expect(refusal({ ...sound, timeline, config: { regions: { witness: "us-east-1" } } })).toEqual([
      expect.stringMatching(/^ {2}\$\.config\.regions\.witness: /),
    ]);
  });

  test("is refused when it parts a Region from itself", () => {
    const fault = { kind: "partition", between: ["primary", "us-east-1"] };
    expect(refusal({ ...sound, timeline: [{ at: 1, fault }] })).toEqual([
      "  $.timeline[0].fault.between: is us-east-1 twice; a partition needs two Regions",
    ]);
  });

  test("may set variables of a function that only a team's own app knows", () => {
    const own = join(projectRoot, "test", "samples", "carts");
    const set = { function: "carts-api", region: "primary", env: { HEALTH_STATUS: "404" } };
    const file = join(mkdtempSync(join(tmpdir(), "scenario-")), "own.json");
    writeFileSync(file, JSON.stringify({ ...sound, timeline: [{ at: 1, set }] }));
    expect(loadScenario(file, join(own, "switchback.config.json")).scenario.timeline).toHaveLength(
      1,
    );
    expect(() => loadScenario(file, join(projectRoot, "switchback.config.json"))).toThrow(
      '$.timeline[0].set.function: there is no "carts-api"',
    );
  });

  test("is found by the name of a shipped one, and every shipped one is sound", () => {
    const names = shippedScenarios().map(({ name }) => name);
    expect(names).toContain("regional-outage");
    for (const name of names) {
      const raw: unknown = JSON.parse(readFileSync(findScenario(name), "utf8"));
      expect(checkScenario(raw, name, base).scenario.name).toBe(name);
    }
  });
});

test("a $at token stands for the instant in the format that it names", () => {
  const instant = Date.UTC(2026, 0, 15, 9, 2, 3, 400);
  expect(atToken({ $at: "iso" }, instant)).toBe("2026-01-15T09:02:03Z");
  expect(atToken({ $at: "rfc1123" }, instant)).toBe("Thu, 15 Jan 2026 09:02:03 GMT");
  expect(atToken({ at: "iso" }, instant)).toBeNull();
});
