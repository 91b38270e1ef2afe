// Each kind of fault, on and off, against the lab's real network and its door to the services.
import { describe, expect, test } from "vitest";
import type { Interceptor } from "../../../lab/aws-calls.ts";
import { installClock } from "../../../lab/clock.ts";
import { type EndpointFault, type FaultPorts, startFault } from "../../../lab/faults/faults.ts";
import type { AwsRequest, AwsService } from "../../../lab/kernel.ts";
import { createNetwork } from "../../../lab/network.ts";
import { createRandom } from "../../../lab/random.ts";
import type { Fault } from "../../../lab/scenarios/fault-schema.ts";
import { config, zero } from "../scripted-log.ts";

const roles = new Map(Object.entries(config.regions));
const regionOf = (name: string) => roles.get(name) ?? name;

const request = (service: string): AwsRequest => ({
  service,
  region: "us-east-1",
  method: "GET",
  path: "/",
  query: {},
  headers: {},
  body: "",
  principal: { arn: "arn:aws:iam::123456789012:role/caller", kind: "role" },
  from: { region: "us-west-2" },
});

/** Says its errors as they are given. */
const service = (name: string): AwsService => ({
  name,
  demands: () => null,
  handle: () => Promise.reject(new Error("nobody planned this")),
  error: (_request, code, message, status) => ({
    status,
    headers: {},
    body: `${code}: ${message}`,
  }),
});

function world() {
  const clock = installClock({ zero });
  clock.uninstall();
  const random = createRandom(1);
  const network = createNetwork(clock, random);
  const endpoints = new Map<string, EndpointFault>();
  const interceptors = new Set<Interceptor>();
  const said: string[] = [];
  const ports: FaultPorts = {
    ...{ config, clock, random, network },
    addEndpointFault(region, fault) {
      endpoints.set(region, fault);
      return () => endpoints.delete(region);
    },
    hangFunction: (region, name, hung) => said.push(`${name} in ${region} hung: ${hung}`),
    silenceCanaries: (region, silent) => said.push(`canaries in ${region} silent: ${silent}`),
    intercept(check) {
      interceptors.add(check);
      return () => interceptors.delete(check);
    },
    addServiceFault(region, hindered, fault) {
      const { mode, share, seconds } = fault;
      said.push(`${hindered} in ${region}: ${mode}, share ${share}, ${seconds} s`);
      return () => said.push(`${hindered} in ${region} healed`);
    },
    setStagesDeleted: (region, deleted) => said.push(`stages in ${region} deleted: ${deleted}`),
    setMappingsDeleted: (region, deleted) => said.push(`mappings in ${region} deleted: ${deleted}`),
    addEventDelay(region, { seconds, duplicates }) {
      said.push(`events in ${region}: ${seconds} s late, ${duplicates} more`);
      return () => said.push(`events in ${region} in time`);
    },
    addReplicationFault(from, to, fault) {
      said.push(`replication ${from} to ${to}: ${JSON.stringify(fault)}`);
      return () => said.push(`replication ${from} to ${to} healed`);
    },
    skewClocks(region, milliseconds) {
      said.push(`clocks in ${region} off by ${milliseconds} ms`);
      return () => said.push(`clocks in ${region} right`);
    },
  };
  const start = (fault: Fault) => startFault(fault, regionOf, ports);
  const asked = (name: string) =>
    [...interceptors].map((check) => check(request(name), service(name)));
  const route53 = () => asked("route53");
  return { network, endpoints, said, start, asked, route53 };
}

const [primary, secondary, witness] = ["us-east-1", "us-west-2", "us-east-2"] as const;

describe("region-down", () => {
  test("silences the Region in both directions until it is healed", () => {
    const { network, start } = world();
    const heal = start({ kind: "region-down", region: "primary" });
    expect(network.isDown(primary)).toBe(true);
    expect(network.reachable({ region: secondary }, primary)).toBe(false);
    expect(network.reachable({ internet: witness }, primary)).toBe(false);
    expect(network.reachable({ region: secondary }, witness)).toBe(true);
    heal();
    expect(network.reachable({ region: secondary }, primary)).toBe(true);
  });

  test("lasts until the last of overlapping ones is healed, each Region for itself", () => {
    const { network, start } = world();
    const first = start({ kind: "region-down", region: "primary" });
    const second = start({ kind: "region-down", region: primary });
    const other = start({ kind: "region-down", region: "secondary" });
    first();
    expect(network.isDown(primary)).toBe(true);
    other();
    expect(network.isDown(secondary)).toBe(false);
    second();
    expect(network.isDown(primary)).toBe(false);
  });
});

describe("partition", () => {
  test("separates two Regions, and neither from the third or the internet", () => {
    const { network, start } = world();
    const heal = start({ kind: "partition", between: ["primary", "witness"] });
    expect(network.reachable({ region: primary }, witness)).toBe(false);
    expect(network.reachable({ region: witness }, primary)).toBe(false);
    expect(network.reachable({ region: secondary }, primary)).toBe(true);
    expect(network.reachable({ internet: witness }, primary)).toBe(true);
    heal();
    expect(network.reachable({ region: witness }, primary)).toBe(true);
  });

  test("counts: the pair talks again only when both overlapping ones are healed", () => {
    const { network, start } = world();
    const both = start({ kind: "partition", between: ["primary", "witness"] });
    const oneWay = start({ kind: "partition", between: ["witness", "primary"], oneWay: true });
    both();
    expect(network.reachable({ region: witness }, primary)).toBe(false);
    oneWay();
    expect(network.reachable({ region: witness }, primary)).toBe(true);
  });

  test("that is one way drops the packets of the first, and lets those of the second through", async () => {
    const clock = installClock({ zero });
    try {
      const network = createNetwork(clock, createRandom(1));
      const never = () => {
        throw new Error("a partition does not do this");
      };
      const ports: FaultPorts = {
        ...{ config, clock, network, random: createRandom(1) },
        addEndpointFault: never,
        hangFunction: never,
        silenceCanaries: never,
        intercept: never,
        addServiceFault: never,
        setStagesDeleted: never,
        setMappingsDeleted: never,
        addEventDelay: never,
        addReplicationFault: never,
        skewClocks: never,
      };
      startFault(
        { kind: "partition", between: ["primary", "witness"], oneWay: true },
        regionOf,
        ports,
      );
      const served: string[] = [];
      const serve = (where: string) => async () => void served.push(where);
      void network.roundTrip({ region: primary }, witness, serve("witness"));
      void network.roundTrip({ region: witness }, primary, serve("primary"));
      await clock.runUntil(zero + 10_000);
      expect(served).toEqual(["primary"]);
    } finally {
      clock.uninstall();
    }
  });
});

describe("endpoint", () => {
  test("reaches the API of its Region with what the scenario says, and its defaults", () => {
    const { endpoints, start } = world();
    const heal = start({ kind: "endpoint", region: "primary", mode: "error" });
    expect(endpoints.get(primary)).toEqual({ mode: "error", share: 1, seconds: 15, path: null });
    heal();
    expect(endpoints.size).toBe(0);
    start({
      kind: "endpoint",
      region: "secondary",
      mode: "slow",
      share: 0.25,
      seconds: 4,
      path: "/orders",
    });
    expect(endpoints.get(secondary)).toEqual({
      mode: "slow",
      share: 0.25,
      seconds: 4,
      path: "/orders",
    });
  });
});

describe("canary-silent", () => {
  test("stops canaries, watch and look of the vantage point, once for overlapping ones", () => {
    const { said, start } = world();
    const first = start({ kind: "canary-silent", region: "witness" });
    const second = start({ kind: "canary-silent", region: "witness" });
    first();
    expect(said).toEqual([
      "canaries in us-east-2 silent: true",
      "orders-watch in us-east-2 hung: true",
      "orders-look in us-east-2 hung: true",
    ]);
    said.length = 0;
    second();
    expect(said).toEqual([
      "canaries in us-east-2 silent: false",
      "orders-watch in us-east-2 hung: false",
      "orders-look in us-east-2 hung: false",
    ]);
  });
});

describe("route53-control-plane", () => {
  const outage = (mode: "unreachable" | "error" | "throttle" | "slow" | "no-dns") => {
    const here = world();
    here.start({ kind: "route53-control-plane", mode });
    return here.route53()[0];
  };

  test("answers each mode as Route 53's API does", () => {
    expect(outage("unreachable")).toBe("hang");
    expect(outage("no-dns")).toBe("no-dns");
    expect(outage("slow")).toEqual({ delayMilliseconds: 10_000 });
    expect(outage("error")).toMatchObject({
      status: 500,
      body: expect.stringContaining("InternalError: "),
    });
    expect(outage("throttle")).toMatchObject({
      status: 400,
      body: expect.stringContaining("Throttling: "),
    });
  });

  test("is as slow as the scenario says", () => {
    const { start, route53 } = world();
    start({ kind: "route53-control-plane", mode: "slow", seconds: 3 });
    expect(route53()).toEqual([{ delayMilliseconds: 3000 }]);
  });

  test("concerns no other service, and nothing once it is healed", () => {
    const { asked, start, route53 } = world();
    const heal = start({ kind: "route53-control-plane", mode: "unreachable" });
    expect(asked("dynamodb")).toEqual([null]);
    heal();
    expect(route53()).toEqual([]);
  });

  test("hits the share of the calls that the scenario says, drawn by the seed", () => {
    const { start, route53 } = world();
    start({ kind: "route53-control-plane", mode: "unreachable", share: 0.3 });
    const calls = Array.from({ length: 1000 }, () => route53()[0]);
    const hit = calls.filter((one) => one === "hang").length;
    expect(calls.filter((one) => one === null).length).toBe(1000 - hit);
    expect(hit).toBeGreaterThan(250);
    expect(hit).toBeLessThan(350);
    const again = world();
    again.start({ kind: "route53-control-plane", mode: "unreachable", share: 0.3 });
    expect(Array.from({ length: 1000 }, () => again.route53()[0])).toEqual(calls);
  });

  test("hits none of the calls with a share of 0", () => {
    const { start, route53 } = world();
    start({ kind: "route53-control-plane", mode: "error", share: 0 });
    expect(Array.from({ length: 50 }, () => route53()[0]).every((one) => one === null)).toBe(true);
  });
});

describe("service", () => {
  test("hinders that service of that Region, by its defaults or as the scenario says", () => {
    const { said, start } = world();
    const heal = start({ kind: "service", region: "primary", service: "dynamodb", mode: "error" });
    heal();
    const slow = { mode: "slow", share: 0.5, seconds: 3 } as const;
    start({ kind: "service", region: "witness", service: "lambda", ...slow });
    expect(said).toEqual([
      "dynamodb in us-east-1: error, share 1, 10 s",
      "dynamodb in us-east-1 healed",
      "lambda in us-east-2: slow, share 0.5, 3 s",
    ]);
  });
});

describe("delete-stage and delete-base-path-mapping", () => {
  test("take the API's part away until the last of overlapping ones is healed", () => {
    const { said, start } = world();
    const first = start({ kind: "delete-stage", region: "primary" });
    const second = start({ kind: "delete-stage", region: primary });
    const mapping = start({ kind: "delete-base-path-mapping", region: "secondary" });
    first();
    mapping();
    expect(said).toEqual([
      "stages in us-east-1 deleted: true",
      "mappings in us-west-2 deleted: true",
      "mappings in us-west-2 deleted: false",
    ]);
    second();
    expect(said.at(-1)).toBe("stages in us-east-1 deleted: false");
  });
});

describe("event-delay", () => {
  test("makes a Region's events late and more than one, until it is healed", () => {
    const { said, start } = world();
    const heal = start({ kind: "event-delay", region: "primary", seconds: 90, duplicates: 2 });
    start({ kind: "event-delay", region: "secondary", seconds: 5 });
    heal();
    expect(said).toEqual([
      `events in ${primary}: 90 s late, 2 more`,
      `events in ${secondary}: 5 s late, 0 more`,
      `events in ${primary} in time`,
    ]);
  });
});

describe("health-api", () => {
  test("refuses without a support plan as AWS does, and concerns no other service", () => {
    const { asked, start } = world();
    start({ kind: "health-api", mode: "no-support-plan" });
    expect(asked("health")).toMatchObject([
      { status: 400, body: expect.stringContaining("SubscriptionRequiredException") },
    ]);
    expect(asked("events")).toEqual([null]);
  });
});

describe("replication", () => {
  test("is paused or slowed in one direction, and healed", () => {
    const { start, said } = world();
    const ends = { kind: "replication", from: "primary", to: "secondary" } as const;
    start({ ...ends, mode: "paused" })();
    start({ ...ends, mode: "slow" });
    start({ ...ends, mode: "slow", seconds: 45 });
    expect(said).toEqual([
      'replication us-east-1 to us-west-2: {"mode":"paused"}',
      "replication us-east-1 to us-west-2 healed",
      'replication us-east-1 to us-west-2: {"mode":"slow","seconds":10}',
      'replication us-east-1 to us-west-2: {"mode":"slow","seconds":45}',
    ]);
  });
});

describe("clock-skew", () => {
  test("sets a Region's clocks off, slow ones too, and right again", () => {
    const { start, said } = world();
    start({ kind: "clock-skew", region: "witness", seconds: -90 })();
    expect(said).toEqual(["clocks in us-east-2 off by -90000 ms", "clocks in us-east-2 right"]);
  });
});
