// A live lab in a process of its own, reached as other programs on the machine reach it.

import { createSocket } from "node:dgram";
import { Resolver } from "node:dns/promises";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { GetHealthCheckCommand, Route53Client } from "@aws-sdk/client-route-53";
import { SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { decode, encode, streamDecode, streamEncode } from "dns-packet";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { controlKeys } from "../../../core/contracts/records.ts";
import { controlTableName, groupOf, stateMachineName } from "../../../core/names.ts";
import type { LabFile } from "../../../lab/live/lab-file.ts";
import { LiveProcess } from "./live-process.ts";

/** A synthesis and a deployment on a machine that is busy with other things. */
const patience = 600_000;

let folder: string;
let file: string;
let process_: LiveProcess;
let lab: LabFile;

const wrongKeys = { accessKeyId: "ASIANOBODYSKEY", secretAccessKey: "x" };
const region = () => lab.config.regions.primary;
const asOperator = () => ({
  region: region(),
  endpoint: lab.awsEndpoint,
  credentials: lab.credentials,
  maxAttempts: 1,
});

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "live-lab-"));
  file = join(folder, "lab.json");
  // Of a process that is gone: no process has this id.
  writeFileSync(file, JSON.stringify({ pid: 2 ** 30 }));
  process_ = new LiveProcess(file, "--speed", "5");
  lab = await process_.lab();
}, patience);

afterAll(async () => {
  await process_.interrupt();
  rmSync(folder, { recursive: true, force: true });
});

describe("a live lab", () => {
  test("replaces the lab.json of a process that is gone by its own, for its user's eyes", () => {
    expect(lab.pid).toBe(process_.pid);
    expect(lab.speed).toBe(5);
    expect(lab.console).toBe(null);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test("refuses a second one, and leaves the first one's file alone", {
    timeout: patience,
  }, async () => {
    const second = new LiveProcess(file);
    expect(await second.ended).toBe(1);
    expect(second.told).toContain(`A live lab runs already (process ${process_.pid}`);
    expect(process_.fileExists).toBe(true);
  });

  test("lets an SDK client read the routing state", async () => {
    const { Item } = await new DynamoDBClient(asOperator()).send(
      new GetItemCommand({
        TableName: controlTableName(lab.config),
        Key: {
          pk: { S: controlKeys.routing(groupOf(lab.config)).pk },
          sk: { S: controlKeys.routing(groupOf(lab.config)).sk },
        },
        ConsistentRead: true,
      }),
    );
    expect(Item?.active?.S).toBe(region());
    expect(Item?.epoch?.N).toBe("1");
  });

  test("lets an SDK client start a dry run, which is told in the story", async () => {
    const { executionArn } = await new SFNClient({
      ...asOperator(),
      region: lab.config.regions.secondary,
    }).send(
      new StartExecutionCommand({
        stateMachineArn: `arn:aws:states:${lab.config.regions.secondary}:123456789012:stateMachine:${stateMachineName(lab.config)}`,
        input: JSON.stringify({
          direction: "failover",
          mode: "planned",
          requestedBy: "alice@example.com",
          dryRun: true,
        }),
      }),
    );
    expect(executionArn).toContain(`:states:${lab.config.regions.secondary}:`);
    await process_.says("An operator asked for it.");
  });

  test("tells callers who they are", async () => {
    const identity = await new STSClient(asOperator()).send(new GetCallerIdentityCommand());
    expect(identity.Account).toBe("123456789012");
    expect(identity.Arn).toBe("arn:aws:sts::123456789012:assumed-role/switchback-on-call/you");
  });

  test("refuses keys that it didn't give out, as each service does", async () => {
    const settings = { ...asOperator(), credentials: wrongKeys };
    await expect(
      new STSClient(settings).send(new GetCallerIdentityCommand()),
    ).rejects.toMatchObject({ name: "InvalidClientTokenId" });
    await expect(
      new SFNClient(settings).send(new StartExecutionCommand({ stateMachineArn: "a" })),
    ).rejects.toMatchObject({ name: "UnrecognizedClientException" });
    await expect(
      new Route53Client(settings).send(new GetHealthCheckCommand({ HealthCheckId: "a" })),
    ).rejects.toMatchObject({ name: "InvalidClientTokenId" });
    const unsigned = await fetch(lab.awsEndpoint, { method: "POST", body: "{}" });
    expect(unsigned.status).toBe(400);
    expect(await unsigned.json()).toMatchObject({ __type: "MissingAuthenticationTokenException" });
  });

  test("enforces the operator's policy", async () => {
    await expect(
      new DynamoDBClient(asOperator()).send(
        new GetItemCommand({ TableName: "somebody-elses", Key: { pk: { S: "a" } } }),
      ),
    ).rejects.toMatchObject({ name: "AccessDeniedException" });
  });
});

describe("its name servers", () => {
  test("answer node:dns over UDP, and say no to what isn't there", async () => {
    const resolver = new Resolver();
    resolver.setServers([`${lab.dns.host}:${lab.dns.port}`]);
    expect(await resolver.resolve4("api.example.com")).not.toEqual([]);
    expect(await resolver.resolveTxt(`_region.${region()}.api.example.com`)).toEqual([[region()]]);
    await expect(resolver.resolve4("nobody.example.com")).rejects.toMatchObject({
      code: "ENOTFOUND",
    });
    await expect(resolver.resolve4("example.org")).rejects.toMatchObject({ code: "EREFUSED" });
  });

  test("answer over TCP", async () => {
    const questions = [{ type: "TXT" as const, name: `_region.${region()}.api.example.com` }];
    const socket = createConnection(lab.dns.port, lab.dns.host);
    socket.write(streamEncode({ type: "query", id: 7, questions }));
    const bytes = await new Promise<Buffer>((resolve) => socket.once("data", resolve));
    socket.destroy();
    const { id, answers } = streamDecode(bytes);
    expect(id).toBe(7);
    expect(answers).toMatchObject([{ type: "TXT", data: [Buffer.from(region())] }]);
  });

  test("survive what is no DNS message", async () => {
    const socket = createConnection(lab.dns.port, lab.dns.host);
    socket.write(Buffer.from([0, 3, 1, 2, 3]));
    await new Promise<void>((resolve) => socket.once("close", () => resolve()));
    const datagrams = createSocket("udp4");
    datagrams.send(Buffer.from([1, 2, 3]), lab.dns.port, lab.dns.host);
    const questions = [{ type: "MX" as const, name: "api.example.com" }];
    datagrams.send(encode({ type: "query", id: 9, questions }), lab.dns.port, lab.dns.host);
    const bytes = await new Promise<Buffer>((resolve) => datagrams.once("message", resolve));
    datagrams.close();
    expect(decode(bytes)).toMatchObject({ id: 9, rcode: "NOERROR", answers: [] });
  });
});

describe("its API", () => {
  test("answers by Host header, and without one as the public name", async () => {
    const health = await fetch(`${lab.api}/health`);
    expect(health.status).toBe(200);
    expect(health.headers.get("x-region")).toBe(region());
  });
});

test("Ctrl-C ends it, with its file and its ports", { timeout: patience }, async () => {
  expect(await process_.interrupt()).toBe(0);
  expect(process_.fileExists).toBe(false);
  await expect(fetch(lab.api)).rejects.toThrow("fetch failed");
  await expect(fetch(lab.awsEndpoint)).rejects.toThrow("fetch failed");
});
