// The whole of it: the synthesized app, deployed into the lab, loses its primary and comes through.
// One synthesis serves every drill here, so that a source that changes meanwhile can't split them.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readAssembly } from "../../lab/deploy/assembly.ts";
import { projectRoot } from "../../lab/deploy/project-root.ts";
import { synthesize } from "../../lab/deploy/synthesis.ts";
import { type DrillResult, drillResultSchema } from "../../lab/report/result.ts";
import { loadScenario } from "../../lab/scenarios/load.ts";
import { drill, type Ended } from "../lab/command.ts";

/** Ten minutes: a synthesis and drills on a machine that is busy with other things. */
const patience = { timeout: 600_000 };

const scenario = {
  name: "first-light",
  description: "The primary goes down and stays down.",
  traffic: { clients: 12, requestsPerSecond: 2 },
  timeline: [{ at: "30s", id: "outage", fault: { kind: "region-down", region: "primary" } }],
  until: "3m30s",
  expect: { activeRegion: "secondary", failovers: 1, failbacks: 0, pendingApprovals: 0 },
};

let folder: string;
let file: string;
let assembly: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "first-light-"));
  file = join(folder, "first-light.json");
  writeFileSync(file, JSON.stringify(scenario));
  const { config } = loadScenario(file, join(projectRoot, "switchback.config.json"));
  assembly = await synthesize(config, () => {});
  const again = await synthesize(config, () => {
    throw new Error("what was synthesized is synthesized again");
  });
  expect(again).toBe(assembly);
}, 600_000);
afterAll(() => rmSync(folder, { recursive: true }));

const onAssembly = (...words: string[]): Promise<Ended> => drill(...words, "--assembly", assembly);

interface Raw {
  readonly switches: { readonly [key: string]: unknown }[];
  readonly decisions: object[];
  readonly invariants: object[];
}

function resultIn({ stdout }: Ended): DrillResult {
  return drillResultSchema.parse(JSON.parse(stdout));
}

test("the assembly has the five stacks, the routing after all others", patience, () => {
  const { stacks } = readAssembly(assembly);
  expect(stacks.map(({ name, region }) => `${name} in ${region}`).sort()).toEqual([
    "orders-data in us-east-1",
    "orders-primary in us-east-1",
    "orders-routing in us-east-2",
    "orders-secondary in us-west-2",
    "orders-witness in us-east-2",
  ]);
  expect(stacks.at(-1)?.name).toBe("orders-routing");
});

describe("a short drill", () => {
  let ended: Ended;
  let result: DrillResult;
  beforeAll(async () => {
    ended = await onAssembly(file, "--json");
    result = resultIn(ended);
  }, 600_000);

  test("passes, with its result alone on stdout and progress on stderr", () => {
    expect(result.failures).toEqual([]);
    expect(ended.status).toBe(0);
    expect(result).toMatchObject({
      scenario: "first-light",
      seed: 1,
      passed: true,
      virtualSeconds: 210,
      activeRegion: "us-west-2",
      epoch: 2,
      denied: [],
    });
    expect(ended.stderr).toMatch(/^Running first-light, seed 1 …\n/);
  });

  test("fails over once, automatically, without the primary", () => {
    expect(result.switches).toHaveLength(1);
    const [failover] = result.switches;
    expect(failover).toMatchObject({
      direction: "failover",
      mode: "automatic",
      from: "us-east-1",
      to: "us-west-2",
      epoch: 2,
      status: "SUCCEEDED",
      impactAt: 30,
      because: ["quorum-reached"],
    });
    expect(failover?.executionArn).toContain(":us-west-2:");
    const { signalAt, decidedAt, shiftedAt, completedAt } = failover ?? {};
    const order = [30, signalAt, decidedAt, shiftedAt, completedAt].map(Number);
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(failover?.rtoSeconds.p99).not.toBeNull();
    expect(result.decisions[0]).toMatchObject({ kind: "go", because: ["quorum-reached"] });
  });

  test("holds every invariant, each of the ten by name", () => {
    expect(result.invariants.map(({ name, violated }) => `${name} ${violated}`)).toEqual([
      "some-region-serves 0",
      "one-writer-per-epoch 0",
      "fit-target 0",
      "planned-loses-nothing 0",
      "bounded-loss 0",
      "never-leaves-healthy 0",
      "write-ahead-ledger 0",
      "control-plane-free 0",
      "one-switch-at-a-time 0",
      "converges 0",
    ]);
    // A check that never ran holds nothing.
    expect(result.invariants.filter(({ checked }) => checked === 0)).toEqual([]);
  });

  test("serves its clients before and after", () => {
    const { requests, failed, acknowledgedWrites } = result.clients;
    expect(requests).toBeGreaterThan(350);
    expect(failed).toBeGreaterThan(0);
    expect(failed).toBeLessThan(requests / 2);
    expect(acknowledgedWrites).toBeGreaterThan(100);
  });

  test("has every field of the contract, and no other", () => {
    // Not the parsed result: the schema drops what it does not know.
    const raw: { [key: string]: unknown } & Raw = JSON.parse(ended.stdout);
    const keys = (value: unknown) => Object.keys(Object(value)).sort();
    expect(keys(raw)).toEqual(
      [
        ["scenario", "seed", "passed", "failures", "virtualSeconds", "wallMilliseconds"],
        ["logSha256", "activeRegion", "epoch", "switches", "decisions", "clients"],
        ["invariants", "denied"],
      ]
        .flat()
        .sort(),
    );
    const [failover] = raw.switches;
    expect(keys(failover)).toEqual(
      [
        ["direction", "mode", "from", "to", "epoch", "executionArn", "status", "requestedBy"],
        ["impactAt", "signalAt", "decidedAt", "shiftedAt", "completedAt"],
        [
          "rtoSeconds",
          "rtoSecondsAll",
          "baseline",
          "lossBoundSeconds",
          "lostWrites",
          "writePauseSeconds",
        ],
        ["levers", "route53ControlPlaneCalls", "stateTransitions", "because"],
      ]
        .flat()
        .sort(),
    );
    expect(keys(failover?.rtoSeconds)).toEqual(["p50", "p99"]);
    expect(keys(failover?.rtoSecondsAll)).toEqual(["p50", "p99"]);
    expect(keys(failover?.levers)).toEqual(["drain", "switch"]);
    expect(keys(raw.decisions[0])).toEqual(["at", "because", "blockedBy", "executionArn", "kind"]);
    expect(keys(raw.clients)).toEqual([
      "acknowledgedWrites",
      "failed",
      "failedDuringPlanned",
      "lostWrites",
      "requests",
    ]);
    expect(keys(raw.invariants[0])).toEqual(["checked", "name", "violated"]);
    expect(result.logSha256).toMatch(/^[0-9a-f]{64}$/);
  });

  test(
    "repeats itself with its seed, beside another drill, and differs with another seed",
    patience,
    async () => {
      const both = await onAssembly(file, "--seeds", "1-2", "--json", "--no-baseline");
      const results: unknown[] = JSON.parse(both.stdout);
      const [first, second] = results.map((one) => drillResultSchema.parse(one));
      expect(both.status).toBe(0);
      expect(first).toEqual({
        ...result,
        wallMilliseconds: expect.any(Number),
        switches: result.switches.map((one) => ({ ...one, baseline: null })),
      });
      expect(second).toMatchObject({ seed: 2, passed: true });
      expect(second?.logSha256).not.toBe(result.logSha256);
    },
  );
});

test(
  "a drill that misses an expectation says which, and ends with status 1",
  patience,
  async () => {
    const wrong = join(folder, "wrong.json");
    const expected = { failovers: 1, lostWrites: 0 };
    writeFileSync(
      wrong,
      JSON.stringify({ ...scenario, timeline: [], until: "20s", expect: expected }),
    );
    const { status, stdout, stderr } = await onAssembly(wrong);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^first-light, seed 1: The primary goes down and stays down\.\n/);
    expect(stdout).toContain("✗ Expected 1 completed failovers; found 0.\n");
    expect(stdout.endsWith("failed\n")).toBe(true);
    expect(stderr).toContain("Running first-light, seed 1 …");
  },
);
