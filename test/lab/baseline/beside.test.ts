// The process beside the drill: what comes of it when it works, breaks, or never ends.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Baseline,
  type BaselineOutcome,
  drillWithBaseline,
  startBaseline,
} from "../../../lab/baseline/beside.ts";
import type { BaselineRecord } from "../../../lab/baseline/record.ts";
import { projectRoot } from "../../../lab/deploy/project-root.ts";
import type { DrillRun } from "../../../lab/run-drill.ts";
import { checkScenario, findScenario } from "../../../lab/scenarios/load.ts";
import { settings } from "../../core/world.ts";
import { failover, result } from "../report/result.ts";
import { zero } from "../scripted-log.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "baseline-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const order = { file: "f.json", configFile: "c.json", folder: "nowhere", seed: 7 };
const record: BaselineRecord = {
  zero,
  endedAt: zero + 1_800_000,
  disturbances: [{ at: zero + 120_000, until: null, regions: ["us-east-1"] }],
  answers: [{ at: 0, regions: ["us-east-1"] }],
  histories: [],
};

/** A process of a test's own, instead of the lab's. */
function started(code: string): Baseline {
  const script = join(folder, "child.mjs");
  writeFileSync(script, code);
  return startBaseline(order, script);
}

// A process a test, on a busy machine.
describe("the process of a baseline", { timeout: 60_000 }, () => {
  test("sends what it noted", async () => {
    const sends = `process.send(${JSON.stringify(record)}, () => process.exit(0));`;
    expect(await started(sends).outcome(50_000)).toEqual({ record });
  });

  test("is told what to run as its one word", async () => {
    const code = "process.stderr.write(process.argv[2], () => process.exit(3));";
    expect(await started(code).outcome(50_000)).toEqual({
      failure:
        'it ended with status 3. {"file":"f.json","configFile":"c.json","folder":"nowhere","seed":7}',
      record: null,
    });
  });

  test("that sends something else has failed", async () => {
    const sends = `process.send({ zero: "noon" }, () => process.exit(0));`;
    const failure = "it ended with status 0.";
    expect(await started(sends).outcome(50_000)).toEqual({ failure, record: null });
  });

  test("is stopped when it takes too long", async () => {
    const never = started("setInterval(() => {}, 1000);");
    const failure = "it took 0 s longer than the drill";
    expect(await never.outcome(1)).toEqual({ failure, record: null });
    const killed = await never.outcome(50_000);
    expect(killed).toEqual({ failure: "it ended with SIGKILL.", record: null });
  });

  test("says why it can't run the scenario", async () => {
    const file = findScenario("planned-switch");
    const configFile = join(projectRoot, "switchback.config.json");
    const outcome = await startBaseline({ file, configFile, folder, seed: 1 }).outcome(50_000);
    expect(outcome.record).toBeNull();
    expect(outcome).toMatchObject({
      failure: expect.stringMatching(/status 1[\s\S]*manifest\.json/),
    });
  });
});

describe("a drill with a baseline", () => {
  const planned = { ...failover, mode: "planned" as const, impactAt: null };
  const scenario = { name: "s", description: "d", until: "30m" };
  const loaded = checkScenario(scenario, "s.json", settings);
  const drilled = (switches = [failover]): DrillRun => {
    const quiet = { forMilliseconds: 0, restMilliseconds: 0 };
    const rest = { histories: [], defects: [], endedAt: zero, quiet };
    return { loaded, zero, events: [], result: { ...result, switches }, ...rest };
  };

  /** Which of the two was started, stopped, asked, in order. */
  function scripted(outcome: BaselineOutcome) {
    const told: string[] = [];
    const start = () => {
      told.push("start");
      return {
        stop: () => void told.push("stop"),
        outcome: async (patience: number) => {
          told.push(`ask for ${patience} ms`);
          return outcome;
        },
      };
    };
    const drill = (run: DrillRun) => async () => {
      told.push("drill");
      return run;
    };
    return { told, start, drill, progress: { start: () => {} } };
  }

  test("runs it beside the drill, and waits four minutes and the drill's time for it", async () => {
    const { told, drill, ...how } = scripted({ record });
    const { result: shown } = await drillWithBaseline(order, drill(drilled()), {
      ...how,
      late: false,
    });
    expect(told).toEqual(["start", "drill", "ask for 249400 ms", "stop"]);
    expect(shown.baselineFailure).toBeUndefined();
    expect(shown.switches[0]?.baseline).toMatchObject({ simulated: true, movedAt: null });
  });

  test("starts it after the drill where it is to come late", async () => {
    const { told, drill, ...how } = scripted({ record });
    await drillWithBaseline(order, drill(drilled()), { ...how, late: true });
    expect(told).toEqual(["drill", "start", "ask for 249400 ms"]);
  });

  test("drops it where no switch was unplanned", async () => {
    const { told, drill, ...how } = scripted({ record });
    const run = drilled([planned]);
    expect(await drillWithBaseline(order, drill(run), { ...how, late: false })).toEqual(run);
    expect(await drillWithBaseline(order, drill(run), { ...how, late: true })).toEqual(run);
    expect(told).toEqual(["start", "drill", "stop", "drill"]);
  });

  test("passes although the baseline failed, and says so", async () => {
    const { drill, ...how } = scripted({ failure: "it ended with status 1.", record: null });
    const run = drilled();
    const baselineFailure = "it ended with status 1.";
    expect(await drillWithBaseline(order, drill(run), { ...how, late: false })).toEqual({
      ...run,
      result: { ...run.result, baselineFailure },
    });
  });

  test("leaves no process behind where the drill breaks", async () => {
    const { told, ...how } = scripted({ record });
    const breaks = () => Promise.reject(new Error("broken"));
    const run = drillWithBaseline(order, breaks, { ...how, late: false });
    await expect(run).rejects.toThrow("broken");
    expect(told).toEqual(["start", "stop"]);
  });
});
