// The handle by which a console steers a live lab, in this process.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { labStateSchema } from "../../../core/contracts/lab-control.ts";
import { projectRoot } from "../../../lab/deploy/project-root.ts";
import { synthesize } from "../../../lab/deploy/synthesis.ts";
import type { LabEvent } from "../../../lab/kernel.ts";
import { Steering } from "../../../lab/live/control.ts";
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

describe("its own controls", () => {
  const token = "t".repeat(43);
  const authorization = `Bearer ${token}`;
  const folder = mkdtempSync(join(tmpdir(), "control-"));
  let steering: Steering;
  beforeAll(() => {
    const file = join(folder, "switchback.config.json");
    writeFileSync(file, JSON.stringify(settings));
    steering = new Steering(live, file);
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const ask = (
    path: string,
    body?: unknown,
    headers: { [key: string]: string } = { authorization },
  ) => {
    const method = body === undefined ? "GET" : "POST";
    const request = { method, path, query: {}, headers, body: JSON.stringify(body ?? "") };
    const answer = steering.answer(request, token);
    return { status: answer.status, ...JSON.parse(answer.body) };
  };

  test("need the token", () => {
    for (const headers of [{}, { authorization: "Bearer wrong" }, { authorization: token }]) {
      expect(ask("/heal", { id: "all" }, headers).status).toBe(401);
      expect(ask("/state", undefined, headers).status).toBe(401);
    }
  });

  test("break and heal what the scenario format can, and tell what stands", () => {
    const broken = ask("/faults", { fault: { kind: "canary-silent", region: "witness" } });
    expect(broken).toMatchObject({ status: 200, ok: true });
    const [id] = live.standingFaults();
    const { faults } = labStateSchema.parse(ask("/state"));
    expect(faults).toMatchObject([
      { id, words: "canary-silent us-east-2", regions: ["us-east-2"] },
    ]);
    expect(ask("/heal", { id }).message).toBe(`Healed: ${id}`);
    expect(labStateSchema.parse(ask("/state")).faults).toEqual([]);
    expect(ask("/heal", { id })).toMatchObject({ status: 409, ok: false });
  });

  test("name every fault of what they refuse, and carry nothing of it out", () => {
    const wrong = ask("/faults", { fault: { kind: "partition", between: ["mars", "primary"] } });
    expect(wrong.status).toBe(400);
    expect(wrong.message).toContain('fault.between[0]: "mars" is no role');
    const shape = ask("/faults", { fault: { kind: "endpoint", region: "primary", mode: "odd" } });
    expect(shape).toMatchObject({ status: 400 });
    expect(ask("/faults", { fault: { kind: "nothing" } }).message).toContain("unknown fault kind");
    expect(ask("/speed", { speed: 0 }).status).toBe(400);
    expect(ask("/play", { scenario: "../secret" }).status).toBe(400);
    expect(ask("/play", { scenario: "no-such" }).message).toContain("No shipped scenario");
    expect(ask("/play", { scenario: "active-active-outage" })).toMatchObject({ status: 409 });
    expect(live.standingFaults()).toEqual([]);
  });

  test("tell what clients see, and which scenarios can be played here", {
    timeout: patience,
  }, async () => {
    await event("request");
    const state = labStateSchema.parse(ask("/state"));
    expect(state.clients.requests).toBeGreaterThan(0);
    expect(state.buckets.at(-1)?.good["us-east-1"]).toBeGreaterThan(0);
    expect(state.outage).toBeNull();
    const why = Object.fromEntries(state.scenarios.map((one) => [one.name, one.why]));
    expect(why["gray-failure"]).toBeNull();
    expect(why["active-active-outage"]).toBe(
      "needs another configuration: npm start -- --scenario active-active-outage",
    );
    expect(ask("/speed", { speed: 20 }).message).toBe("Speed: 20");
  });
});
