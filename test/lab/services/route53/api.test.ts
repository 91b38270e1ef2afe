// The API as the real SDK client speaks to it.
import {
  GetHealthCheckCommand,
  GetHostedZoneCommand,
  ListHealthChecksCommand,
  ListResourceRecordSetsCommand,
  Route53Client,
  UpdateHealthCheckCommand,
} from "@aws-sdk/client-route-53";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AwsRequest } from "../../../../lab/kernel.ts";
import { createWorld, deployRouting, type World } from "./world.ts";

interface SdkRequest {
  method: string;
  path: string;
  query: { [key: string]: string };
  headers: { [key: string]: string };
  body?: string;
}

let world: World;
let checks: Awaited<ReturnType<typeof deployRouting>>;
let client: Route53Client;
let asked: AwsRequest[];
beforeEach(async () => {
  world = createWorld();
  checks = await deployRouting(world);
  asked = [];
  const handle = async (request: SdkRequest) => {
    const principal = { arn: "arn:aws:iam::123456789012:role/test", kind: "role" as const };
    const from = { region: "us-west-2" };
    const place = { service: "route53", region: "us-east-1", principal, from };
    const aws = { ...place, ...request, body: request.body ?? "" };
    asked.push(aws);
    const response = await world.route53.service.handle(aws);
    const body = new TextEncoder().encode(response.body);
    return { response: { statusCode: response.status, headers: response.headers, body } };
  };
  client = new Route53Client({
    region: "us-west-2",
    maxAttempts: 1,
    credentials: { accessKeyId: "AKID", secretAccessKey: "secret" },
    requestHandler: { handle },
  });
});
afterEach(() => world.clock.uninstall());

const get = (id: string) => client.send(new GetHealthCheckCommand({ HealthCheckId: id }));

it("shows an endpoint check", async () => {
  const { HealthCheck: check } = await get(checks.endpoint);
  expect(check?.Id).toBe(checks.endpoint);
  expect(check?.HealthCheckVersion).toBe(1);
  expect(check?.HealthCheckConfig).toMatchObject({
    Type: "HTTPS",
    FullyQualifiedDomainName: "us-east-1.api.example.com",
    Port: 443,
    ResourcePath: "/health",
    RequestInterval: 10,
    FailureThreshold: 3,
    Inverted: false,
  });
  expect(check?.HealthCheckConfig?.Regions).toHaveLength(8);
});

it("shows a calculated check with its children", async () => {
  const { HealthCheck: check } = await get(checks.region);
  expect(check?.HealthCheckConfig?.ChildHealthChecks).toEqual([
    checks.endpoint,
    checks.switch,
    checks.drain,
  ]);
  expect(check?.HealthCheckConfig?.HealthThreshold).toBe(3);
});

it("inverts a check, once for a version", async () => {
  const pull = new UpdateHealthCheckCommand({
    HealthCheckId: checks.switch,
    HealthCheckVersion: 1,
    Inverted: true,
  });
  const { HealthCheck: check } = await client.send(pull);
  expect(check?.HealthCheckVersion).toBe(2);
  expect(check?.HealthCheckConfig?.Inverted).toBe(true);
  expect(check?.HealthCheckConfig?.AlarmIdentifier).toEqual({
    Name: "switch",
    Region: "us-east-2",
  });
  await expect(client.send(pull)).rejects.toMatchObject({
    name: "HealthCheckVersionMismatch",
    $metadata: { httpStatusCode: 409 },
  });
});

it("changes alarms and children, texts escaped", async () => {
  const alarm = { Region: "us-east-2", Name: "a<b> & 'c'" } as const;
  await client.send(
    new UpdateHealthCheckCommand({ HealthCheckId: checks.drain, AlarmIdentifier: alarm }),
  );
  expect((await get(checks.drain)).HealthCheck?.HealthCheckConfig?.AlarmIdentifier).toEqual(alarm);
  const children = new UpdateHealthCheckCommand({
    HealthCheckId: checks.region,
    ResetElements: ["ChildHealthChecks"],
    HealthThreshold: 0,
  });
  const { HealthCheck: check } = await client.send(children);
  expect(check?.HealthCheckConfig?.ChildHealthChecks ?? []).toEqual([]);
});

it("says no in Route 53's words", async () => {
  await expect(get("nobody")).rejects.toMatchObject({
    name: "NoSuchHealthCheck",
    $metadata: { httpStatusCode: 404 },
  });
  const senseless = { HealthCheckId: checks.region, ChildHealthChecks: ["nobody"] };
  await expect(client.send(new UpdateHealthCheckCommand(senseless))).rejects.toMatchObject({
    name: "InvalidInput",
  });
  const wrongType = { HealthCheckId: checks.switch, ResourcePath: "/health" };
  await expect(client.send(new UpdateHealthCheckCommand(wrongType))).rejects.toMatchObject({
    name: "InvalidInput",
  });
});

it("throttles after a burst of 50 and lets 10 a second through again", async () => {
  for (let call = 0; call < 50; call++) await get(checks.switch);
  await expect(get(checks.switch)).rejects.toMatchObject({
    name: "Throttling",
    message: "Rate exceeded",
    $metadata: { httpStatusCode: 400 },
  });
  await world.clock.runUntil(world.clock.now() + 1000);
  for (let call = 0; call < 10; call++) await get(checks.switch);
  await expect(get(checks.switch)).rejects.toMatchObject({ name: "Throttling" });
});

it("lists checks page by page", async () => {
  const first = await client.send(new ListHealthChecksCommand({ MaxItems: 3 }));
  expect(first.IsTruncated).toBe(true);
  const marker = first.NextMarker === undefined ? {} : { Marker: first.NextMarker };
  const second = await client.send(new ListHealthChecksCommand({ ...marker, MaxItems: 3 }));
  expect(second.IsTruncated).toBe(false);
  const all = [...(first.HealthChecks ?? []), ...(second.HealthChecks ?? [])];
  expect(all.map((check) => check.Id)).toEqual(Object.values(checks));
});

it("shows the zone and lists its records in Route 53's order", async () => {
  const zone = await client.send(new GetHostedZoneCommand({ Id: "Z0123456789EXAMPLE" }));
  expect(zone.HostedZone?.Name).toBe("example.com.");
  expect(zone.DelegationSet?.NameServers).toHaveLength(4);
  const list = new ListResourceRecordSetsCommand({ HostedZoneId: "Z0123456789EXAMPLE" });
  const { ResourceRecordSets: records } = await client.send(list);
  expect(records?.map((one) => [one.Name, one.Type, one.Failover])).toEqual([
    ["_region.example.com.", "TXT", "PRIMARY"],
    ["_region.example.com.", "TXT", "SECONDARY"],
    ["us-east-1.api.example.com.", "A", undefined],
  ]);
  expect(records?.[0]?.ResourceRecords).toEqual([{ Value: '"us-east-1"' }]);
  expect(records?.[2]?.AliasTarget?.EvaluateTargetHealth).toBe(false);
});

describe("permissions", () => {
  it.each([
    ["GET", "healthcheck/abc", "GetHealthCheck", "healthcheck/abc"],
    ["POST", "healthcheck/abc", "UpdateHealthCheck", "healthcheck/abc"],
    ["GET", "hostedzone/Z1", "GetHostedZone", "hostedzone/Z1"],
    ["GET", "hostedzone/Z1/rrset", "ListResourceRecordSets", "hostedzone/Z1"],
  ])("of %s %s are route53:%s on %s", async (method, path, action, resource) => {
    await get(checks.switch);
    const [request] = asked;
    if (request === undefined) throw new Error("nothing was asked");
    const demands = world.route53.service.demands({
      ...request,
      method,
      path: `/2013-04-01/${path}`,
    });
    const arn = `arn:aws:route53:::${resource}`;
    expect(demands).toEqual([{ action: `route53:${action}`, resource: arn }]);
  });

  it("refuses what isn't modelled", async () => {
    await get(checks.switch);
    const [request] = asked;
    if (request === undefined) throw new Error("nothing was asked");
    const path = "/2013-04-01/hostedzone/Z1/rrset";
    expect(world.route53.service.demands({ ...request, method: "POST", path })).toBeNull();
  });
});
