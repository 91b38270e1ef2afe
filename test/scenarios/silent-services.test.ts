// Parts that say nothing, or whose names nobody resolves, while all is well and then while the
// primary dies: they accuse nobody, vouch for nobody, and hold nothing up that can do without them.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { projectRoot } from "../../lab/deploy/project-root.ts";
import { synthesize } from "../../lab/deploy/synthesis.ts";
import { type DrillRun, runDrill } from "../../lab/run-drill.ts";
import { loadScenario } from "../../lab/scenarios/load.ts";

const patience = 600_000;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "silent-services-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function drilled(scenario: { name: string; [key: string]: unknown }): Promise<DrillRun> {
  const file = join(folder, `${scenario.name}.json`);
  const traffic = { clients: 4, requestsPerSecond: 0.5 };
  writeFileSync(file, JSON.stringify({ description: "A fixture.", traffic, ...scenario }));
  const loaded = loadScenario(file, join(projectRoot, "switchback.config.json"));
  const assembly = await synthesize(loaded.config, () => {});
  return runDrill(loaded, { seed: 1, folder: assembly, progress: { say: () => undefined } });
}

const service = (at: string, name: string, region: string, mode: string) => ({
  at,
  id: `${name}-${region}`,
  fault: { kind: "service", service: name, region, mode },
});
const outageAt = (at: string) => ({
  at,
  id: "outage",
  fault: { kind: "region-down", region: "primary" },
});
const regions = ["primary", "secondary", "witness"];

/** Of events of a kind, in the first so many seconds. */
function during(run: DrillRun, kind: string, seconds: number) {
  const until = run.zero + seconds * 1_000;
  return run.events.filter((event) => {
    return event.kind === kind && event.at >= run.zero && event.at < until;
  });
}

describe("Canary alarms in INSUFFICIENT_DATA while all is well", () => {
  let run: DrillRun;
  beforeAll(async () => {
    run = await drilled({
      name: "no-canary-runs",
      config: { detection: { canaryIntervalSeconds: 120 } },
      timeline: [
        ...regions.map((region) => service("4m", "synthetics", region, "unreachable")),
        { at: "14m", operator: { command: "failover", dryRun: true } },
        outageAt("15m"),
      ],
      until: "19m",
      expect: {
        activeRegion: "secondary",
        failovers: 1,
        noSwitch: [["0s", "15m"]],
        switchWithin: { direction: "failover", after: "15m", within: "2m" },
      },
    });
  }, patience);

  test("are those of every vantage point, and were OK before", () => {
    const changes = during(run, "alarm-state", 14 * 60).flatMap(({ region, detail }) =>
      detail.to === "INSUFFICIENT_DATA" ? [`${region} ${detail.alarm} was ${detail.from}`] : [],
    );
    expect(changes.sort()).toEqual([
      "us-east-1 orders-journey-us-east-1 was OK",
      "us-east-1 orders-journey-us-west-2 was OK",
      "us-east-2 orders-journey-us-east-1 was OK",
      "us-east-2 orders-journey-us-west-2 was OK",
      "us-west-2 orders-journey-us-east-1 was OK",
      "us-west-2 orders-journey-us-west-2 was OK",
    ]);
  });

  test("wake no run, page nobody and move nothing", () => {
    const started = during(run, "execution-started", 15 * 60);
    expect(started.map(({ detail }) => detail.input)).toEqual([
      expect.objectContaining({ mode: "planned", dryRun: true }),
    ]);
    expect(during(run, "notification", 15 * 60)).toEqual([]);
    expect(
      during(run, "lever", 15 * 60).filter(({ detail }) => detail.position === "pulled"),
    ).toEqual([]);
  });

  test("count as nothing: a dry run sees no obstacle, and an outage ends in a failover", () => {
    expect(run.result.failures).toEqual([]);
    const decided = run.result.decisions.map(({ kind, because, blockedBy }) => ({
      ...{ kind, because, blockedBy },
    }));
    expect(decided.slice(0, 2)).toEqual([
      { kind: "go", because: ["operator-request"], blockedBy: [] },
      { kind: "go", because: ["quorum-reached"], blockedBy: [] },
    ]);
  });
});

describe("A name that nobody resolves", () => {
  const scenario = (name: string, faults: object[]) => ({
    name,
    timeline: [...faults, outageAt("4m")],
    until: "7m",
    expect: {
      activeRegion: "secondary",
      failovers: 1,
      noSwitch: [["0s", "4m"]],
      switchWithin: { direction: "failover", after: "4m", within: "2m" },
    },
  });

  test("moves nothing; without CloudWatch's the switch lever carries the failover alone", {
    timeout: patience,
  }, async () => {
    const names = [
      service("1m", "cloudwatch", "witness", "no-dns"),
      service("1m", "sns", "secondary", "no-dns"),
      service("1m", "ssm", "secondary", "no-dns"),
      service("1m", "synthetics", "secondary", "no-dns"),
    ];
    const { result, defects } = await drilled(scenario("no-service-names", names));
    expect([result.failures, defects]).toEqual([[], []]);
    expect(result.switches).toMatchObject([
      { status: "SUCCEEDED", levers: { switch: "effective", drain: "failed" }, lostWrites: 0 },
    ]);
  });

  test("moves nothing; without Route 53's the drain lever carries the failover alone", {
    timeout: patience,
  }, async () => {
    const names = [
      { at: "1m", fault: { kind: "route53-control-plane", mode: "no-dns" } },
      { at: "1m", fault: { kind: "health-api", mode: "no-dns" } },
    ];
    const { result, defects } = await drilled(scenario("no-global-names", names));
    expect([result.failures, defects]).toEqual([[], []]);
    expect(result.switches).toMatchObject([
      { status: "SUCCEEDED", levers: { switch: "failed", drain: "effective" }, lostWrites: 0 },
    ]);
  });
});
