// More writes than may be held, in the shipped drill: what each customer was told while nobody might
// write.
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { projectRoot } from "../../lab/deploy/project-root.ts";
import { synthesize } from "../../lab/deploy/synthesis.ts";
import type { RunningLab } from "../../lab/lab.ts";
import { functionArn } from "../../lab/play.ts";
import { type DrillRun, runDrill } from "../../lab/run-drill.ts";
import { loadScenario } from "../../lab/scenarios/load.ts";

let run: DrillRun;
let lab: RunningLab;

beforeAll(async () => {
  const file = join(projectRoot, "lab/scenarios/held-writes-overload.json");
  const loaded = loadScenario(file, join(projectRoot, "switchback.config.json"));
  const folder = await synthesize(loaded.config, () => {});
  run = await runDrill(loaded, {
    ...{ seed: 1, folder, progress: { say: () => undefined } },
    onStart: (started) => {
      lab = started;
    },
  });
}, 600_000);

/** What customers were told of their writes, without those that were made within a second. */
function notable(): { status: unknown; region: unknown; atOnce: boolean }[] {
  return run.events.flatMap(({ kind, detail }) => {
    const { status, region, ms } = detail;
    if (kind !== "request" || detail.kind !== "write") return [];
    const atOnce = Number(ms) < 1_000;
    return atOnce && status === 201 ? [] : [{ status, region, atOnce }];
  });
}

test("the drill passes: nothing is lost", () => {
  expect(run.result.failures).toEqual([]);
  expect(run.result.clients.lostWrites).toBe(0);
});

test("what is above heldWritesMax is refused at once, where it was asked", () => {
  const refused = notable().filter(({ status }) => status !== 201);
  expect(refused.length).toBeGreaterThan(0);
  expect(new Set(refused.map((each) => JSON.stringify(each)))).toEqual(
    new Set(['{"status":503,"region":"us-east-1","atOnce":true}']),
  );
});

test("what is below waits, and is made by the Region that writes then", () => {
  const held = notable().filter(({ status }) => status === 201);
  // Six begin to be held in each window of 8 s, and the pause touches two.
  expect(held.length).toBeGreaterThanOrEqual(6);
  expect(held.length).toBeLessThanOrEqual(12);
  expect(new Set(held.map(({ region }) => region))).toEqual(new Set(["us-west-2"]));
});

/** What the function that was asked has printed for CloudWatch, added up by name. */
function counted(name: string): number {
  const arn = functionArn(run.loaded.config, "us-east-1", "orders-api");
  const lines = lab.lambda.linesOf(arn).filter((line) => line.includes('"_aws"'));
  return lines.reduce((sum, line) => sum + Number(JSON.parse(line)[name] ?? 0), 0);
}

test("CloudWatch is told how many waited, were forwarded and were too many", () => {
  const held = notable().filter(({ status }) => status === 201);
  const refused = notable().filter(({ status }) => status === 503);
  expect(counted("HeldWrites")).toBe(held.length);
  expect(counted("WritesAboveHeldMax")).toBe(refused.length);
  expect(counted("ForwardedWrites")).toBeGreaterThanOrEqual(held.length);
  expect(counted("ForwardsNotSent") + counted("ForwardsUnknown")).toBe(0);
});
