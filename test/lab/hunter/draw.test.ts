// What is drawn must be a scenario that the lab accepts, the same one each time, and one in which
// something breaks, everything heals, and enough quiet follows.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { projectRoot } from "../../../lab/deploy/project-root.ts";
import { drawDisaster, minutesMin } from "../../../lab/hunter/draw.ts";
import { disasterInWords } from "../../../lab/hunter/words.ts";
import { readWorlds } from "../../../lab/hunter/worlds.ts";
import { checkScenario } from "../../../lab/scenarios/load.ts";

const baseConfig: unknown = JSON.parse(
  readFileSync(join(projectRoot, "switchback.config.json"), "utf8"),
);
const draw = (seed: number, longest = 40) => drawDisaster(seed, { longest, baseConfig });
const seeds = Array.from({ length: 120 }, (_, index) => index);
const drawn = seeds.map((seed) => checkScenario(draw(seed).scenario, "drawn", baseConfig));

describe("A drawn disaster", () => {
  it("is a scenario that the lab accepts, whatever the seed.", () => {
    expect(drawn.map(({ scenario }) => scenario.seed)).toEqual(seeds);
  });

  it("is the same for the same seed, and another for another.", () => {
    expect(draw(7003)).toEqual(draw(7003));
    expect(draw(7003)).not.toEqual(draw(7004));
  });

  it("breaks something or moves something on purpose, and heals everything at once.", () => {
    for (const { scenario } of drawn) {
      const { timeline } = scenario;
      expect(timeline.some(({ fault, operator }) => fault ?? operator)).toBe(true);
      const healed = timeline.filter(({ heal }) => heal === "all").map(({ at }) => at);
      expect(healed).toHaveLength(1);
      const late = timeline.filter(
        ({ fault, at }) => fault !== undefined && at >= (healed[0] ?? 0),
      );
      expect(late).toEqual([]);
    }
  });

  it("leaves 15 minutes of quiet after everybody's last word.", () => {
    for (const { scenario } of drawn) {
      const { timeline, until } = scenario;
      const last = Math.max(...timeline.map(({ at, operator }) => at + (operator?.within ?? 0)));
      expect(until - last).toBeGreaterThan(900);
    }
  });

  it("sets the clocks of one Region off at most, since more would be no promise's breach.", () => {
    for (const { scenario } of drawn) {
      const skews = scenario.timeline.filter(({ fault }) => fault?.kind === "clock-skew");
      expect(skews.length).toBeLessThan(2);
    }
  });

  it("is never longer than it may be, and uses every world.", () => {
    const short = seeds.map((seed) => draw(seed, minutesMin));
    expect(short.filter(({ scenario }) => scenario.until !== 60 * minutesMin)).toEqual([]);
    const worlds = new Set(short.map(({ world }) => world));
    expect([...worlds].sort()).toEqual(
      readWorlds()
        .map(({ name }) => name)
        .sort(),
    );
  });

  it("is told in the order in which it happens.", () => {
    const scenario = {
      name: "told",
      description: "One of each.",
      traffic: { clients: 5, requestsPerSecond: 0.4, writeShare: 0.6 },
      timeline: [
        { at: 600, heal: "all" },
        {
          at: 90,
          id: "fault-1",
          fault: {
            kind: "service" as const,
            region: "primary",
            service: "dynamodb" as const,
            mode: "slow" as const,
            share: 0.5,
            seconds: 3,
          },
        },
        { at: 95, operator: { command: "approve" as const, within: 180 } },
      ],
      until: 1680,
    };
    expect(disasterInWords({ seed: 7, world: "passive", patient: true, scenario })).toBe(
      [
        "Run 7: passive; 5 clients, 0.4 requests a second, 0.6 of them writes; 28m",
        "      1m30s  service primary dynamodb slow 50 % 3s (fault-1)",
        "      1m35s  operator: approve within 3m",
        "        10m  heal all",
      ].join("\n"),
    );
  });
});
