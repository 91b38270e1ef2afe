import { expect, test } from "vitest";
import type { Approval } from "../../../core/contracts/records.ts";
import { approvalsOn } from "../../../functions/adapters/approvals.ts";
import { config, now } from "../../core/world.ts";
import { memoryTable } from "./memory-table.ts";

function question(id: string, difference: Partial<Approval> = {}): Approval {
  return {
    id,
    group: "orders",
    status: "pending",
    taskToken: `token of ${id}`,
    region: "us-west-2",
    executionArn: `arn:${id}`,
    epoch: 1,
    direction: "failover",
    source: "us-east-1",
    because: ["quorum-reached"],
    blockedBy: ["cooldown"],
    lossBoundSeconds: 18,
    askedAt: now,
    expiresAt: now + 900_000,
    answeredAt: null,
    answeredBy: null,
    ...difference,
  };
}

test("A second question is refused while one is open", async () => {
  const approvals = approvalsOn(memoryTable(), config);
  expect(await approvals.ask(question("a#1"))).toBe(true);
  expect(await approvals.ask(question("b#1"))).toBe(false);
  expect((await approvals.list()).map(({ id }) => id)).toEqual(["a#1"]);
});

test("A question whose time is over is open no more", async () => {
  const approvals = approvalsOn(memoryTable(), config);
  await approvals.ask(question("a#1"));
  expect(await approvals.ask(question("b#1", { askedAt: now + 900_001 }))).toBe(true);
});

test("Asking again under the same id replaces the task token", async () => {
  const approvals = approvalsOn(memoryTable(), config);
  await approvals.ask(question("a#1"));
  expect(await approvals.ask(question("a#1", { taskToken: "new" }))).toBe(true);
  expect((await approvals.list()).map(({ taskToken }) => taskToken)).toEqual(["new"]);
});

test("An answered question is not opened again under its id", async () => {
  const table = memoryTable();
  const approvals = approvalsOn(table, config);
  await approvals.ask(question("a#1"));
  await table.put({ pk: "approval#orders", sk: "a#1" }, question("a#1", { status: "approved" }));
  expect(await approvals.ask(question("a#1"))).toBe(false);
});

test("Nobody's answer closes the questions of that execution alone", async () => {
  const table = memoryTable();
  const approvals = approvalsOn(table, config);
  await approvals.ask(question("a#1"));
  await table.put({ pk: "approval#orders", sk: "b#1" }, question("b#1"));
  await approvals.lapse("arn:a#1");
  const statuses = (await approvals.list()).map(({ id, status }) => [id, status]);
  expect(statuses).toEqual([
    ["a#1", "lapsed"],
    ["b#1", "pending"],
  ]);
});

test("Of years of answers only the newest are read", async () => {
  const table = memoryTable();
  const approvals = approvalsOn(table, config);
  for (let year = 1_950; year < 2_010; year += 1) {
    const id = `${year}-01-15T08:59:30.000Z/a#1`;
    const answered = question(id, { askedAt: year, status: "approved" });
    await table.put({ pk: "approval#orders", sk: id }, answered);
  }
  const listed = await approvals.list();
  expect(listed).toHaveLength(50);
  expect(listed[0]?.id).toBe("1960-01-15T08:59:30.000Z/a#1");
  expect(listed.at(-1)?.id).toBe("2009-01-15T08:59:30.000Z/a#1");
});
