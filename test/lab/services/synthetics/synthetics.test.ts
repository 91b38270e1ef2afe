import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createAccessKeys } from "../../../../lab/access-keys.ts";
import { installClock, type LabClock } from "../../../../lab/clock.ts";
import { Hindrances } from "../../../../lab/faults/hindrances.ts";
import { createInternet } from "../../../../lab/internet.ts";
import type { AwsRequest, Network } from "../../../../lab/kernel.ts";
import { createEventLog } from "../../../../lab/log.ts";
import { createNetwork } from "../../../../lab/network.ts";
import { createRandom } from "../../../../lab/random.ts";
import { RegionClocks } from "../../../../lab/region-clocks.ts";
import {
  createSynthetics,
  type Synthetics,
} from "../../../../lab/services/synthetics/synthetics.ts";

const zero = Date.UTC(2026, 0, 15, 9);
const region = "us-east-2";
const minute = 60_000;

let clock: LabClock;
let network: Network;
let hindrances: Hindrances;
let synthetics: Synthetics;
let log: ReturnType<typeof createEventLog>;
let folder: string;
let published: AwsRequest[];

const neverAsked = () => {
  throw new Error("nobody should ask for this");
};

/** CloudWatch's name is resolved by nobody. */
let unresolved = false;

beforeEach(() => {
  clock = installClock({ zero });
  const random = createRandom(1);
  network = createNetwork(clock, random);
  hindrances = new Hindrances(random);
  log = createEventLog(clock);
  published = [];
  folder = mkdtempSync(join(tmpdir(), "canary-"));
  mkdirSync(join(folder, "nodejs", "node_modules"), { recursive: true });
  const lab = {
    clock,
    clocks: new RegionClocks(clock),
    random,
    network,
    hindrance: hindrances.meets.bind(hindrances),
    log,
    web: {
      listen: neverAsked,
      listenAtEdges: neverAsked,
      exchange: neverAsked,
      connect: neverAsked,
    },
    nameServers: { servers: [], answer: neverAsked },
    resolverIn: neverAsked,
  };
  unresolved = false;
  synthetics = createSynthetics({
    lab,
    internet: createInternet(clock, network),
    accessKeys: createAccessKeys(random),
    codeOf: () => folder,
    calls: {
      call: async (request) => {
        published.push(request);
        if (unresolved) throw new Error("getaddrinfo ENOTFOUND monitoring.us-east-2.amazonaws.com");
        return { status: 200, headers: {}, body: "{}" };
      },
    },
  });
});
afterEach(() => {
  clock.uninstall();
  rmSync(folder, { recursive: true });
});

const create = (script: string) => {
  writeFileSync(join(folder, "nodejs", "node_modules", "journey.js"), script);
  return synthetics.models["AWS::Synthetics::Canary"]?.({
    stack: "witness",
    region,
    logicalId: "Canary",
    type: "AWS::Synthetics::Canary",
    properties: {
      Name: "orders-journey",
      Code: { Handler: "journey.handler", S3Bucket: "b", S3Key: "k" },
      ExecutionRoleArn: "arn:aws:iam::123456789012:role/canary",
      RuntimeVersion: "syn-nodejs-3.1",
      Schedule: { Expression: "rate(5 minutes)" },
      RunConfig: { TimeoutInSeconds: 60, EnvironmentVariables: { WHAT: "orders" } },
    },
  });
};
const steps = `
  const { synthetics } = require("@aws/synthetics-core");
  exports.handler = async () => {
    await synthetics.executeStep(process.env.WHAT + " read", async () => {
      await new Promise((resolve) => setTimeout(resolve, 500));
    });
    await synthetics.executeStep("write", async () => { throw new Error("503"); });
  };`;
const runs = () => log.events.filter(({ kind }) => kind === "canary-run");

describe("a canary", () => {
  it("goes on where nobody resolves CloudWatch's name, and its metrics are lost", async () => {
    unresolved = true;
    await create(steps);
    await clock.runUntil(zero + 2 * minute);
    expect(runs()).toHaveLength(1);
    const lost = log.events.filter(({ kind }) => kind === "canary-metrics-lost");
    expect(lost.map(({ detail }) => detail)).toEqual([
      {
        canary: "orders-journey",
        why: "Error: getaddrinfo ENOTFOUND monitoring.us-east-2.amazonaws.com",
      },
    ]);
  });

  it("runs its script by its schedule and publishes a metric for it and each step", async () => {
    await create(steps);
    await clock.runUntil(zero + 2 * minute);
    expect(runs().map(({ region: where, detail }) => ({ where, ...detail }))).toEqual([
      { where: region, canary: "orders-journey", passed: false, why: "503" },
    ]);
    expect(published[0]?.principal.arn).toBe("arn:aws:iam::123456789012:role/canary");
    const { Namespace, MetricData } = JSON.parse(published[0]?.body ?? "");
    expect(Namespace).toBe("CloudWatchSynthetics");
    const shown = MetricData.map(
      (datum: { MetricName: string; Value: number; Dimensions: { Value: string }[] }) => [
        datum.MetricName,
        datum.Dimensions.map(({ Value }) => Value).join("/"),
        datum.Value,
      ],
    );
    expect(shown).toEqual([
      ["SuccessPercent", "orders-journey", 0],
      ["Duration", "orders-journey", 500],
      ["Failed", "orders-journey", 1],
      ["SuccessPercent", "orders-journey/orders read", 100],
      ["Duration", "orders-journey/orders read", 500],
      ["Failed", "orders-journey/orders read", 0],
      ["SuccessPercent", "orders-journey/write", 0],
      ["Duration", "orders-journey/write", 0],
      ["Failed", "orders-journey/write", 1],
    ]);
    await clock.runUntil(zero + 12 * minute);
    expect(runs()).toHaveLength(3);
  });

  it("that hangs fails at its timeout", async () => {
    await create("exports.handler = () => new Promise(() => {});");
    await clock.runUntil(zero + 3 * minute);
    expect(runs().map(({ detail }) => detail.why)).toEqual(["Task timed out after 60 seconds"]);
  });

  it("does not run while silenced", async () => {
    synthetics.silence(region, true);
    await create(steps);
    await clock.runUntil(zero + 5 * minute);
    expect(runs()).toEqual([]);
    synthetics.silence(region, false);
    await clock.runUntil(zero + 7 * minute);
    expect(runs()).toHaveLength(1);
  });

  it.each([
    ["synthetics", "error"],
    ["lambda", "throttle"],
    ["lambda", "no-dns"],
  ] as const)("does not run while %s is hindered: %s", async (service, mode) => {
    const heal = hindrances.add(region, service, { mode, share: 1, seconds: 0 });
    await create(steps);
    await clock.runUntil(zero + 5 * minute);
    expect(runs()).toEqual([]);
    heal();
    await clock.runUntil(zero + 7 * minute);
    expect(runs()).toHaveLength(1);
  });

  it("dies with its Region, and runs again after it", async () => {
    await create("exports.handler = () => new Promise((done) => setTimeout(done, 40000));");
    await clock.runUntil(zero + 100_000);
    network.setDown(region, true);
    await clock.runUntil(zero + 9 * minute);
    expect(log.events).toEqual([]);
    network.setDown(region, false);
    await clock.runUntil(zero + 12 * minute);
    expect(runs().map(({ detail }) => detail.passed)).toEqual([true]);
  });

  it("is refused by name when it needs what the lab does not model", async () => {
    await create(`
      const { synthetics } = require("@aws/synthetics-core");
      exports.handler = async () => synthetics.executeHttpStep("x");`);
    await clock.runUntil(zero + 2 * minute);
    expect(runs().map(({ detail }) => detail.why)).toEqual([
      "The lab does not model synthetics.executeHttpStep.",
    ]);
  });
});
