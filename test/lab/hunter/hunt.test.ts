// The hunt around the runs: order, counts, repeated runs, workers that break. No lab runs here.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { projectRoot } from "../../../lab/deploy/project-root.ts";
import type { Disaster } from "../../../lab/hunter/draw.ts";
import { compared, hunt, simulationResult, succeeded } from "../../../lab/hunter/hunt.ts";
import { hunters } from "../../../lab/hunter/hunters.ts";
import type { Order, Report } from "../../../lab/hunter/orders.ts";
import { command } from "../command.ts";

const report = (given: Partial<Report> = {}): Report => ({
  verdict: "pass",
  failures: [],
  logSha256: "aa",
  wallMilliseconds: 10,
  ...given,
});
const disaster = (seed: number): Disaster => ({
  seed,
  world: "passive",
  patient: true,
  scenario: {
    name: "drawn",
    description: "drawn",
    timeline: [
      { at: 1, fault: { kind: "region-down", region: "primary" } },
      { at: 2, fault: { kind: "partition", between: ["primary", "witness"] } },
      { at: 3, fault: { kind: "partition", between: ["primary", "secondary"] } },
    ],
    until: 1680,
  },
});
const assemblyOf = async () => "folder";
const crewOf = (answer: (order: Order) => Report) => ({
  run: async (order: Order) => answer(order),
});

describe("A hunt", () => {
  const failing = crewOf(({ seed }) =>
    seed === 7001 ? report({ verdict: "fail", failures: ["Lost."] }) : report(),
  );

  it("says how many passed and failed, what was drawn, and how to see the first failure.", async () => {
    const finished = await hunt([7000, 7001].map(disaster), {
      ...{ crew: failing, assemblyOf, twice: 0, lanes: 2 },
    });
    const told = { seed: 7, words: "", wallMilliseconds: 20 };
    expect(simulationResult(finished, told)).toEqual({
      ...{ runs: 2, seed: 7, passed: 1, failed: 1, inconclusive: 0, wallMilliseconds: 20 },
      faultsDrawn: { partition: 4, "region-down": 2 },
      firstFailure: {
        seed: 7001,
        failures: ["Lost."],
        replay: "npm run simulate -- --runs 1 --seed 7001",
      },
    });
  });

  it("begins no further run once it has seen enough.", async () => {
    const finished = await hunt([7000, 7001, 7002].map(disaster), {
      ...{ crew: failing, assemblyOf, twice: 0, lanes: 1 },
      enough: ({ report: { verdict } }) => verdict === "fail",
    });
    expect(finished.map(({ disaster: { seed } }) => seed)).toEqual([7000, 7001]);
  });

  it("fails a run that leaves another log when it is repeated.", async () => {
    let hash = 0;
    const crew = crewOf(() => {
      hash += 1;
      return report({ logSha256: String(hash) });
    });
    const [one] = await hunt([disaster(7)], { crew, assemblyOf, twice: 1, lanes: 1 });
    expect(one?.report.failures).toEqual(["Two runs of this seed left different logs: 1, 2."]);
    expect(one?.report.verdict).toBe("fail");
  });

  it("can't compare with a run that didn't end.", () => {
    const broken = report({ verdict: "inconclusive", logSha256: null });
    expect(compared(report(), broken)).toEqual(broken);
    expect(compared(broken, report())).toEqual(broken);
  });

  it("keeps a failure whose other run didn't end.", () => {
    const broken = report({ verdict: "inconclusive", logSha256: null });
    const failed = report({ verdict: "fail", failures: ["Lost."] });
    expect(compared(failed, broken)).toEqual(failed);
    expect(compared(broken, failed)).toEqual(failed);
  });

  it("ends with what broke it, once the other runs under way have ended, and begins no more.", async () => {
    const told: string[] = [];
    let end = () => {};
    const crew = {
      run: ({ seed }: Order) => {
        told.push(`began ${seed}`);
        return new Promise<Report>((done) => {
          end = () => done(report());
        });
      },
    };
    const broken = async ({ seed }: Disaster) => {
      if (seed === 7001) throw new Error("The CDK app did not synthesize.");
      return "folder";
    };
    const hunted = hunt([7000, 7001, 7002, 7003].map(disaster), {
      ...{ crew, assemblyOf: broken, twice: 0, lanes: 2 },
      onEnd: ({ disaster: { seed } }) => told.push(`ended ${seed}`),
    }).catch(({ message }) => told.push(message));
    await new Promise((soon) => setTimeout(soon, 20));
    end();
    await hunted;
    expect(told).toEqual(["began 7000", "ended 7000", "The CDK app did not synthesize."]);
  });

  it("succeeds without a failure and with at most 2 % inconclusive.", () => {
    const result = { seed: 1, wallMilliseconds: 0, faultsDrawn: {}, passed: 0 };
    expect(succeeded({ ...result, runs: 50, failed: 0, inconclusive: 1 })).toBe(true);
    expect(succeeded({ ...result, runs: 49, failed: 0, inconclusive: 1 })).toBe(false);
    expect(succeeded({ ...result, runs: 50, failed: 1, inconclusive: 0 })).toBe(false);
  });
});

describe("A crew", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "crew-"));
    writeFileSync(
      join(folder, "worker.mjs"),
      `process.on("disconnect", () => process.exit(1));
       process.on("message", ({ seed }) => {
         if (seed === 13) { process.stderr.write("unlucky\\n"); process.exit(3); }
         if (seed === 99) return;
         process.send({ verdict: "pass", failures: [], logSha256: String(process.pid),
           wallMilliseconds: seed });
       });`,
    );
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const crew = (patience = 20_000) =>
    hunters({ patience, script: relative(projectRoot, join(folder, "worker.mjs")) });
  const order = (seed: number) => ({ scenario: {}, seed, patient: true, folder: "" });

  it("hands one worker order after order.", async () => {
    const one = crew();
    const reports = [await one.run(order(1)), await one.run(order(2))];
    one.stop();
    expect(reports.map(({ wallMilliseconds }) => wallMilliseconds)).toEqual([1, 2]);
    expect(new Set(reports.map(({ logSha256 }) => logSha256)).size).toBe(1);
  });

  it("calls a run inconclusive whose worker broke, in its words, and goes on.", async () => {
    const one = crew();
    const [broken, next] = [await one.run(order(13)), await one.run(order(2))];
    one.stop();
    expect(broken).toEqual({
      ...{ verdict: "inconclusive", logSha256: null, wallMilliseconds: 0 },
      failures: ["The worker ended (status 3). unlucky"],
    });
    expect(next?.verdict).toBe("pass");
  });

  it("hires nobody once it was stopped.", async () => {
    const one = crew();
    const under = one.run(order(99));
    one.stop();
    expect((await under).failures).toEqual(["The worker ended (SIGKILL)."]);
    expect(await one.run(order(1))).toEqual({
      ...{ verdict: "inconclusive", logSha256: null, wallMilliseconds: 0 },
      failures: ["The workers were stopped."],
    });
    one.stop();
  });

  it("waits for nobody for ever.", async () => {
    const one = crew(50);
    const { verdict, failures } = await one.run(order(99));
    one.stop();
    expect([verdict, failures]).toEqual([
      "inconclusive",
      ["The run took more than 0.05 s of real time."],
    ]);
  });
});

describe("npm run simulate", { timeout: 60_000 }, () => {
  const simulate = (...words: string[]) => command("lab/simulate.ts", ...words);

  it("refuses a call that is wrong with status 2.", async () => {
    const { status, stdout, stderr } = await simulate("--runs", "0");
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toContain("must be a whole number from 1 to 1000");
  });

  it("refuses beside a self-test, by name, what that would ignore.", async () => {
    const words = ["--runs", "20", "--twice", "1", "--shrink", "--write", "disaster.json"];
    expect(await simulate("--self-test", "--seed", "7", ...words)).toEqual({
      ...{ status: 2, stdout: "" },
      stderr: "error: --self-test goes without --runs, --twice, --shrink, --write\n",
    });
  });

  it("says in one line that a scenario can't be written.", async () => {
    const nowhere = join(tmpdir(), "nowhere");
    expect(await simulate("--runs", "1", "--write", join(nowhere, "disaster.json"))).toEqual({
      ...{ status: 2, stdout: "" },
      stderr: `error: --write: there is no folder ${nowhere}\n`,
    });
  });
});
