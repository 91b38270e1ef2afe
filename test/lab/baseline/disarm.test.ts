import { describe, expect, test } from "vitest";
import { disarmed } from "../../../lab/baseline/disarm.ts";
import type { DeployedResource, Json, ResourceModels } from "../../../lab/kernel.ts";
import { config } from "../../core/world.ts";

/** What the lab would be given, by type: each resource's properties after the change. */
function deployed(type: string, ...all: { [key: string]: Json }[]): Promise<Json[]> {
  const seen: Json[] = [];
  const model = ({ logicalId, properties }: DeployedResource) => {
    seen.push({ ...properties });
    return { ref: logicalId, attributes: {} };
  };
  const models: ResourceModels = Object.fromEntries(types.map((one) => [one, model]));
  return deployInto(disarmed(config, models), type, all).then(() => seen);
}

const types = [
  "AWS::Events::Rule",
  "AWS::Lambda::Function",
  "AWS::Route53::HealthCheck",
  "AWS::Route53::RecordSet",
];

async function deployInto(models: ResourceModels, type: string, all: { [key: string]: Json }[]) {
  for (const [index, { type: own, ...properties }] of all.entries()) {
    const resource = { stack: "s", region: "us-east-1", logicalId: `r${index}`, type, properties };
    await models[typeof own === "string" ? own : type]?.(resource);
  }
}

const ruleTo = (name: string) => ({
  EventPattern: { source: ["a"] },
  Targets: [{ Id: "t", Arn: `arn:aws:lambda:us-east-1:123456789012:function:${name}` }],
});

describe("a lab without the controller", () => {
  test("starts neither watch nor on-signal, and leaves the application's rules alone", async () => {
    const queue = {
      Targets: [{ Id: "t", Arn: "arn:aws:sqs:us-east-1:123456789012:orders-events" }],
    };
    const rules = [ruleTo("orders-watch"), ruleTo("orders-on-signal"), ruleTo("carts-tidy"), queue];
    expect(await deployed("AWS::Events::Rule", ...rules)).toEqual([
      { ...ruleTo("orders-watch"), State: "DISABLED" },
      { ...ruleTo("orders-on-signal"), State: "DISABLED" },
      ruleTo("carts-tidy"),
      queue,
    ]);
  });

  test("lets every function write in any Region, and tells it nothing else", async () => {
    const told = JSON.stringify({ application: "orders", writes: "single-region" });
    const given = {
      Role: "r",
      Environment: { Variables: { SWITCHBACK_CONFIG: told, OTHER: "1" } },
    };
    const own = { Role: "r", Environment: { Variables: { OTHER: "1" } } };
    const changed = JSON.stringify({ application: "orders", writes: "any-region" });
    expect(await deployed("AWS::Lambda::Function", given, own)).toEqual([
      { Role: "r", Environment: { Variables: { SWITCHBACK_CONFIG: changed, OTHER: "1" } } },
      own,
    ]);
  });

  test("answers by the endpoint's check, without the levers", async () => {
    const check = (config: { [key: string]: Json }) => ({
      type: "AWS::Route53::HealthCheck",
      HealthCheckConfig: config,
    });
    const record = (HealthCheckId: string) => ({ Name: "api.example.com", HealthCheckId });
    const seen = await deployed(
      "AWS::Route53::RecordSet",
      check({ Type: "CLOUDWATCH_METRIC" }),
      check({ Type: "HTTPS" }),
      check({ Type: "CALCULATED", ChildHealthChecks: ["r0", "r1"] }),
      record("r2"),
      record("r1"),
      { Name: "us-west-2.api.example.com" },
    );
    expect(seen.slice(3)).toEqual([
      { Name: "api.example.com", HealthCheckId: "r1" },
      { Name: "api.example.com", HealthCheckId: "r1" },
      { Name: "us-west-2.api.example.com" },
    ]);
  });

  test("has canaries by name that never run", async () => {
    const models = disarmed(config, Object.fromEntries(types.map((one) => [one, ran])));
    const canary = models["AWS::Synthetics::Canary"];
    const resource = { stack: "s", region: "us-east-1", logicalId: "c", type: "t" };
    expect(await canary?.({ ...resource, properties: { Name: "orders-journey" } })).toEqual({
      ref: "orders-journey",
      attributes: { Id: "orders-journey", State: "STOPPED" },
    });
  });

  test("can't be built where the lab models less", () => {
    expect(() => disarmed(config, {})).toThrow("the lab has no model of AWS::Route53::HealthCheck");
  });
});

function ran(): never {
  throw new Error("nothing else is deployed here");
}
