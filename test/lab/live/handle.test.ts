// The handle by which a console steers a live lab, in this process.
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { projectRoot } from "../../../lab/deploy/project-root.ts";
import { synthesize } from "../../../lab/deploy/synthesis.ts";
import type { LabEvent } from "../../../lab/kernel.ts";
import { type LiveLab, startLiveLab } from "../../../lab/live/live-lab.ts";
import { checkScenario, findScenario, loadScenario } from "../../../lab/scenarios/load.ts";
import { config, now, settings } from "../../core/world.ts";

const patience = 600_000;
const baseFile = join(projectRoot, "switchback.config.json");
const loaded = (difference: object = {}) =>
  checkScenario(
    {
      name: "live",
      description: "Live.",
      traffic: { regions: ["primary"] },
      until: "1m",
      ...difference,
    },
    baseFile,
    settings,
  );

let live: LiveLab;
let running: Promise<void>;

const event = (kind: string) =>
  new Promise<LabEvent>((resolve) => live.onEvent((one) => one.kind === kind && resolve(one)));

beforeAll(async () => {
  const folder = await synthesize(config, () => {});
  const quiet = loaded();
  live = await startLiveLab({
    loaded: quiet,
    seed: 1,
    speed: 20,
    folder,
    zero: now,
    onBehind() {},
  });
  running = live.run();
}, patience);

afterAll(async () => {
  live.stop();
  await running;
});

test("clients are counted, and their success in the last minute", {
  timeout: patience,
}, async () => {
  await event("request");
  const seen = live.clients();
  expect(seen.requests).toBeGreaterThan(0);
  expect(seen.failed).toBe(0);
  expect(seen.successShareLastMinute).toBe(1);
});

test("a fault stands until it is healed; a dead Region answers no call", {
  timeout: patience,
}, async () => {
  const { primary } = config.regions;
  const before = live.eventsSince(0).next;
  const id = live.inject({ kind: "region-down", region: "primary" });
  expect(live.standingFaults()).toEqual([id]);
  expect(() => live.inject({ kind: "region-down", region: "primary" }, id)).toThrow(
    "stands already",
  );
  const scope = `${live.credentials.accessKeyId}/20260115/${primary}/states/aws4_request`;
  const gone = new AbortController();
  const answer = fetch(live.addresses.awsEndpoint, {
    method: "POST",
    headers: { authorization: `AWS4-HMAC-SHA256 Credential=${scope}, Signature=x` },
    body: "{}",
    signal: gone.signal,
  }).then(
    () => "answered",
    () => "gave up",
  );
  await event("request");
  await event("health-check-status");
  live.heal(id);
  gone.abort();
  expect(await answer).toBe("gave up");
  expect(live.standingFaults()).toEqual([]);
  expect(() => live.heal(id)).toThrow(`no fault "${id}" stands`);
  const kinds = live.eventsSince(before).events.map(({ kind }) => kind);
  expect(kinds).toContain("fault");
  expect(kinds).toContain("heal");
});

test("a scenario's timeline is played from now on", { timeout: patience }, async () => {
  const told = event("fault");
  live.play(
    loaded({
      timeline: [{ at: "1s", id: "hush", fault: { kind: "canary-silent", region: "witness" } }],
    }),
  );
  expect((await told).detail.id).toBe("hush");
  expect(live.standingFaults()).toEqual(["hush"]);
  live.heal("all");
  expect(live.standingFaults()).toEqual([]);
});

test("a scenario for another configuration is refused, with what to do", () => {
  const other = loadScenario(findScenario("active-active-outage"), baseFile);
  expect(() => live.play(other)).toThrow(
    "active-active-outage needs another configuration: npm run lab -- --scenario active-active-outage",
  );
});

test("a new speed is told", () => {
  const told: number[] = [];
  live.onSpeed((speed) => told.push(speed));
  live.setSpeed(40);
  expect(live.speed).toBe(40);
  expect(() => live.setSpeed(0)).toThrow(RangeError);
  expect(told).toEqual([40]);
});
