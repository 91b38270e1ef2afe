// Against dynalite over a socket, through the SDK: expressions, conditions and pages are
// DynamoDB's own business, and the memory table only repeats what is believed of them here.
import type { Server } from "node:http";
import { createRequire } from "node:module";
import { CreateTableCommand, DescribeTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { z } from "zod";
import { initialState } from "../../../core/plan.ts";
import { approvals } from "../../../functions/adapters/approvals.ts";
import { controlTable } from "../../../functions/adapters/control-table.ts";
import { ledger } from "../../../functions/adapters/ledger.ts";
import { tableIn } from "../../../functions/adapters/table.ts";
import { config, now } from "../../core/world.ts";
import { claimedState } from "../fakes.ts";

const dynalite: (options: object) => Server = createRequire(import.meta.url)("dynalite");
const region = "us-west-2";
const server = dynalite({ createTableMs: 0 });
const control = controlTable(config, region);
const table = tableIn(region, "orders-control");

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const { port } = z.object({ port: z.number() }).parse(server.address());
  vi.stubEnv("AWS_ENDPOINT_URL_DYNAMODB", `http://localhost:${port}`);
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
  const client = new DynamoDBClient({ region });
  const [pk, sk] = ["pk", "sk"];
  await client.send(
    new CreateTableCommand({
      TableName: "orders-control",
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [
        { AttributeName: pk, KeyType: "HASH" },
        { AttributeName: sk, KeyType: "RANGE" },
      ],
      AttributeDefinitions: [
        { AttributeName: pk, AttributeType: "S" },
        { AttributeName: sk, AttributeType: "S" },
      ],
    }),
  );
  for (let status: string | undefined; status !== "ACTIVE"; ) {
    const answer = await client.send(new DescribeTableCommand({ TableName: "orders-control" }));
    status = answer.Table?.TableStatus;
  }
});
afterAll(() => {
  vi.unstubAllEnvs();
  server.close();
});

test("The routing state goes through the table unchanged, conditions included", async () => {
  const steady = initialState(config, now - 86_400_000);
  const switching = claimedState(config);
  expect(await control.createRouting(steady)).toBe(true);
  expect(await control.createRouting(steady)).toBe(false);
  expect(await control.readRouting()).toEqual(steady);
  expect(await control.writeRouting(steady, switching, { automation: "armed" })).toEqual(switching);
  expect(await control.readRouting()).toEqual(switching);
  const late = { ...steady, writer: null };
  expect(await control.writeRouting(steady, late)).toBeNull();
});

test("Views are listed, and the group's other items are not", async () => {
  const view = {
    ...{ vantage: "us-east-2", serving: "us-east-1", verdict: "healthy" as const, detail: "" },
    ...{ since: now, seenAt: now },
  };
  await control.putView(view);
  await control.putMark({ source: "us-east-1", epoch: 1, at: now });
  await control.putPage("us-east-1", { subject: "held", at: now });
  expect(await control.readViews()).toEqual([view]);
  expect(await control.readMark("us-east-1")).toEqual({ source: "us-east-1", epoch: 1, at: now });
  expect(await control.readPage("us-east-1")).toEqual({ subject: "held", at: now });
  expect(await control.readPage("us-west-2")).toBeNull();
});

test("A ledger's chain is continued by whoever reads its end", async () => {
  const note = { execution: "arn:a", epoch: 1, kind: "claim", sentence: "", detail: {} } as const;
  const first = await ledger(config, region, () => now).append(note);
  const second = await ledger(config, region, () => now).append(note);
  expect([second.sequence, second.previous]).toEqual([2, first.hash]);
});

test("One question is open at a time, and lapses", async () => {
  const questions = approvals(config, region);
  const question = {
    ...{ id: "a#1", group: "orders", status: "pending" as const, taskToken: "t", region },
    ...{
      executionArn: "arn:a",
      epoch: 1,
      direction: "failover",
      source: "us-east-1",
      because: [],
      blockedBy: [],
    },
    ...{ lossBoundSeconds: null, askedAt: now, expiresAt: now + 1, answeredAt: null },
    answeredBy: null,
  };
  expect(await questions.ask(question)).toBe(true);
  expect(await questions.ask({ ...question, taskToken: "u" })).toBe(true);
  expect(await questions.ask({ ...question, id: "b#1" })).toBe(false);
  await questions.lapse("arn:a");
  expect((await questions.list()).map(({ status }) => status)).toEqual(["lapsed"]);
});

test("More than a page is listed to its end; a limit counts from the end", async () => {
  const item = z.object({ n: z.number(), filler: z.string() });
  const filler = "x".repeat(300_000);
  for (const n of [1, 2, 3, 4, 5]) await table.put({ pk: "big", sk: `item#${n}` }, { n, filler });
  const all = await table.list({ pk: "big", prefix: "item#" }, item);
  expect(all.map(({ n }) => n)).toEqual([1, 2, 3, 4, 5]);
  const newest = await table.list({ pk: "big", newest: 1 }, item);
  expect(newest.map(({ n }) => n)).toEqual([5]);
});
