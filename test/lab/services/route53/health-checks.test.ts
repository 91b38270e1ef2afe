// Bounds in these tests are the arithmetic of the documented limits and the lab's stated ranges;
// the seed decides where in them an instant falls.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  alias,
  createWorld,
  deployRouting,
  endpointConfig,
  metricConfig,
  type World,
  zero,
} from "./world.ts";

let world: World;
beforeEach(() => {
  world = createWorld();
});
afterEach(() => world.clock.uninstall());

/** Seconds until the marker is answered by that Region; fails after ten minutes. */
async function secondsUntil(region: string): Promise<number> {
  const start = world.clock.now();
  while (world.answered() !== region) {
    if (world.clock.now() - start > 600_000) throw new Error(`${region} is never answered`);
    await world.seconds(0.1);
  }
  return (world.clock.now() - start) / 1000;
}

const invert = (id: string, inverted: boolean, version?: number) =>
  world.route53.checks.update(
    id,
    { Inverted: inverted, ...(version === undefined ? {} : { HealthCheckVersion: version }) },
    "arn:aws:iam::123456789012:role/test",
  );

describe("an endpoint check", () => {
  it("makes 16 checkers probe every interval", async () => {
    await deployRouting(world);
    await world.seconds(20);
    world.probes.count = 0;
    await world.seconds(100);
    expect(world.probes.count).toBeGreaterThanOrEqual(155);
    expect(world.probes.count).toBeLessThanOrEqual(160);
  });

  it("moves answers 22 to 48 s after a Region goes silent: three probes of 4 s, then 2 hops", async () => {
    await deployRouting(world);
    await world.seconds(60);
    world.network.setDown("us-east-1", true);
    const seconds = await secondsUntil("us-west-2");
    expect(seconds).toBeGreaterThan(22);
    expect(seconds).toBeLessThan(48);
  });

  it("moves answers back when the endpoint answers again", async () => {
    await deployRouting(world);
    world.status["us-east-1"] = 503;
    await secondsUntil("us-west-2");
    world.status["us-east-1"] = 200;
    const seconds = await secondsUntil("us-east-1");
    expect(seconds).toBeGreaterThan(20);
    expect(seconds).toBeLessThan(40);
  });

  it.each([
    { regions: ["us-east-1", "us-west-1", "us-west-2", "eu-west-1", "sa-east-1"], healthy: true },
    {
      regions: ["us-east-1", "us-west-1", "us-west-2", "eu-west-1", "sa-east-1", "ap-northeast-1"],
      healthy: false,
    },
  ])("with 2 of its checkers passing in $regions is $healthy: 20 %, 17 %", async (row) => {
    await deployRouting(world);
    const real = world.network.reachable.bind(world.network);
    world.network.reachable = (from, to) =>
      "internet" in from && from.internet !== "us-west-2" ? false : real(from, to);
    const id = await world.check("some", { ...endpointConfig, Regions: row.regions });
    await world.seconds(90);
    expect(world.route53.checks.healthy(id)).toBe(row.healthy);
  });

  it("counts redirects as healthy, and other answers not", async () => {
    await deployRouting(world);
    world.status["us-east-1"] = 399;
    await world.seconds(90);
    expect(world.answered()).toBe("us-east-1");
    world.status["us-east-1"] = 400;
    await world.seconds(90);
    expect(world.answered()).toBe("us-west-2");
  });

  it("is healthy when new, and unhealthy when new and inverted", async () => {
    const plain = await world.check("plain", endpointConfig);
    const inverted = await world.check("inverted", { ...endpointConfig, Inverted: true });
    expect(world.route53.checks.healthy(plain)).toBe(true);
    expect(world.route53.checks.healthy(inverted)).toBe(false);
  });

  it("turns healthy by inversion when its Region is dead: why levers are checks of their own", async () => {
    const { endpoint } = await deployRouting(world);
    world.network.setDown("us-east-1", true);
    await world.seconds(90);
    expect(world.route53.checks.healthy(endpoint)).toBe(false);
    invert(endpoint, true);
    await world.seconds(20);
    expect(world.route53.checks.healthy(endpoint)).toBe(true);
  });

  it("demands the search string within the body when it has one", async () => {
    await world.record("Own", {
      Name: "us-east-1.api.example.com",
      Type: "A",
      AliasTarget: alias("us-east-1"),
    });
    const config = { ...endpointConfig, Type: "HTTPS_STR_MATCH" };
    const right = await world.check("right", { ...config, SearchString: "ok" });
    const wrong = await world.check("wrong", { ...config, SearchString: "OK" });
    await world.seconds(60);
    expect(world.route53.checks.healthy(right)).toBe(true);
    expect(world.route53.checks.healthy(wrong)).toBe(false);
  });
});

describe("the switch lever", () => {
  it("moves answers 3 to 18 s after its inversion, and back", async () => {
    const { switch: lever } = await deployRouting(world);
    await world.seconds(60);
    invert(lever, true, 1);
    const away = await secondsUntil("us-west-2");
    expect(away).toBeGreaterThan(3);
    expect(away).toBeLessThan(18.1);
    invert(lever, false, 2);
    expect(await secondsUntil("us-east-1")).toBeLessThan(18.1);
  });

  it("is refused with a version that isn't the newest", async () => {
    const { switch: lever } = await deployRouting(world);
    expect(invert(lever, true, 1).kind).toBe("updated");
    expect(invert(lever, false, 1).kind).toBe("version-mismatch");
    expect(invert("nobody", true).kind).toBe("unknown-check");
  });

  it("ends as the newest update says, when two follow each other closely", async () => {
    const { switch: lever } = await deployRouting(world);
    for (let round = 0; round < 10; round++) {
      invert(lever, true);
      invert(lever, false);
      await world.seconds(30);
      expect(world.route53.checks.healthy(lever)).toBe(true);
    }
  });

  it("keeps what an update leaves out", async () => {
    const { switch: lever } = await deployRouting(world);
    invert(lever, true);
    expect(world.route53.checks.get(lever)?.config).toEqual({
      Type: "CLOUDWATCH_METRIC",
      AlarmIdentifier: { Name: "switch", Region: "us-east-2" },
      InsufficientDataHealthStatus: "Healthy",
      Inverted: true,
      Disabled: false,
    });
  });
});

describe("the drain lever", () => {
  it("moves answers within a poll and two aggregations of the metric's data", async () => {
    await deployRouting(world);
    await world.seconds(30);
    world.alarms.drain = "ALARM";
    expect(await secondsUntil("us-west-2")).toBeLessThan(16.1);
  });

  it("keeps its last known status without data, also while the witness is down", async () => {
    await deployRouting(world);
    world.alarms.drain = "ALARM";
    await secondsUntil("us-west-2");
    world.alarms.drain = "INSUFFICIENT_DATA";
    await world.seconds(60);
    expect(world.answered()).toBe("us-west-2");
    world.alarms.drain = "OK";
    world.network.setDown("us-east-2", true);
    await world.seconds(60);
    expect(world.answered()).toBe("us-west-2");
    world.network.setDown("us-east-2", false);
    expect(await secondsUntil("us-east-1")).toBeLessThan(16.1);
  });

  it.each([
    { policy: "Healthy", healthy: true },
    { policy: "Unhealthy", healthy: false },
    { policy: "LastKnownStatus", healthy: true },
  ])("is $healthy without any data under $policy", async ({ policy, healthy }) => {
    const id = await world.check("metric", metricConfig("nobody-publishes", policy));
    await world.seconds(30);
    expect(world.route53.checks.healthy(id)).toBe(healthy);
  });
});

describe("disabled and calculated checks", () => {
  it("counts a disabled check as healthy, and unhealthy when inverted besides", async () => {
    world.alarms.drain = "ALARM";
    const config = { ...metricConfig("drain", "Healthy"), Disabled: true };
    const disabled = await world.check("disabled", config);
    const both = await world.check("both", { ...config, Inverted: true });
    await world.seconds(60);
    expect(world.route53.checks.healthy(disabled)).toBe(true);
    expect(world.route53.checks.healthy(both)).toBe(false);
  });

  it.each([
    { threshold: 0, healthy: true },
    { threshold: 1, healthy: true },
    { threshold: 2, healthy: false },
  ])("with threshold $threshold and one healthy child is $healthy", async (row) => {
    world.alarms.drain = "ALARM";
    const parent = await world.check("parent", {
      Type: "CALCULATED",
      ChildHealthChecks: [
        await world.check("switch", metricConfig("switch", "Healthy")),
        await world.check("drain", metricConfig("drain", "Healthy")),
      ],
      HealthThreshold: row.threshold,
    });
    await world.seconds(60);
    expect(world.route53.checks.healthy(parent)).toBe(row.healthy);
  });

  it("refuses a calculated child, an unknown child, and types that aren't modelled", async () => {
    const { region } = await deployRouting(world);
    const nested = { Type: "CALCULATED", ChildHealthChecks: [region], HealthThreshold: 1 };
    await expect(world.check("nested", nested)).rejects.toThrow("can't monitor another one");
    const unknown = { ...nested, ChildHealthChecks: ["nobody"] };
    await expect(world.check("unknown", unknown)).rejects.toThrow("does not exist");
    const tcp = { Type: "TCP", IPAddress: "192.0.2.1" };
    await expect(world.check("tcp", tcp)).rejects.toThrow("not modelled");
  });
});

it("logs statuses and changed answers, and the same again from the same seed", async () => {
  const { switch: lever, region } = await deployRouting(world);
  await world.seconds(60);
  invert(lever, true);
  await world.seconds(30);
  expect(world.events("health-check-updated").map((event) => event.detail)).toEqual([
    {
      id: lever,
      name: "switch",
      inverted: true,
      version: 2,
      by: "arn:aws:iam::123456789012:role/test",
    },
  ]);
  expect(world.events("health-check-status").map((event) => event.detail)).toEqual([
    { id: lever, name: "switch", healthy: false },
    { id: region, name: "region", healthy: false },
  ]);
  expect(world.events("dns-answer-changed").map((event) => event.detail)).toEqual([
    { name: "_region.example.com", type: "TXT", answer: "us-west-2" },
  ]);
  const first = world.log.sha256();
  world.clock.uninstall();
  world = createWorld();
  const again = await deployRouting(world);
  await world.clock.runUntil(zero + 60_000);
  invert(again.switch, true);
  await world.seconds(30);
  expect(world.log.sha256()).toBe(first);
});
