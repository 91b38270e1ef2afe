// What a failover left behind, as operators see it: which items, both versions, who has read it.
import { expect, test } from "vitest";
import type { Divergence, DivergentItem } from "../../core/contracts/divergence.ts";
import { now, secondsAgo } from "../core/world.ts";
import { arn, operate, type Plan, page, question, statusOf, tables } from "./replicas.ts";

const report: Divergence = {
  ...{ epoch: 2, mode: "automatic", source: "us-east-1", target: "us-west-2" },
  ...{ fencedAt: secondsAgo(3_600), promotedAt: secondsAgo(3_592), mark: null },
  window: { from: secondsAgo(3_610), to: secondsAgo(3_590) },
  ...{ status: "listed", detail: "", through: now, next: { shard: 4, after: null } },
  ...{ compared: 40, items: 1, fenced: 0, discarded: 1, pages: 1, hash: "h1", acknowledged: null },
};
const item: DivergentItem = {
  table: "application",
  key: { pk: "order#1", sk: "order" },
  fenced: false,
  stands: { version: "v-2", region: "us-west-2", epoch: 2, at: secondsAgo(3_000) },
  discarded: [
    {
      ...{ version: "v-1", region: "us-east-1", epoch: 1, at: secondsAgo(3_601) },
      entry: { pk: "journal#us-east-1#1#0#1", sk: "1#v-1" },
    },
  ],
};

function plan(reports: object[], more: Plan = {}): Plan {
  return {
    ...tables(),
    "Query of divergence": ({ ExpressionAttributeValues: values }) =>
      JSON.stringify(values).includes("#orders#2") ? page([{ items: [item] }]) : page(reports),
    "GetItem of order": () => ({ Item: { version: { S: "v-2" }, note: { S: "new" } } }),
    "GetItem of journal": () => ({ Item: { copy: { S: '{"note":"old"}' } } }),
    ...more,
  };
}

test("the report names each item with both versions, as far as somebody still holds them", async () => {
  const shown = await operate(plan([report]), ["divergence"]);
  expect(shown.status).toBe(0);
  expect(shown.out.split("\n")).toEqual([
    "divergence  epoch 2, automatic, from us-east-1 to us-west-2",
    "fenced      2026-01-15 08:00:00 UTC",
    "stated loss 2026-01-15 07:59:50 UTC to 2026-01-15 08:00:10 UTC",
    "found       1 item: 0 by a fenced writer, 1 with a discarded write; 40 items were compared",
    "read by     nobody yet: a failback waits",
    "",
    "application: pk order#1, sk order",
    "  stands    us-west-2, epoch 2, 2026-01-15 08:10:00 UTC",
    '            {"version":"v-2","note":"new"} (us-west-2)',
    "  discarded us-east-1, epoch 1, 2026-01-15 07:59:59 UTC",
    '            {"note":"old"} (the journal)',
    "",
  ]);
  expect(shown.called).not.toContain("UpdateItem of divergence in us-east-1");
});

test("what nobody holds any more, or may read, is said to be unknown", async () => {
  const gone = await operate(plan([report], { "GetItem of journal": () => ({}) }), ["divergence"]);
  expect(gone.out).toContain(
    "content unknown: it was too large for the journal's copy, or that has expired",
  );
  const refused = await operate(
    plan([report], {
      "GetItem of order": () => ({ refused: "AccessDeniedException" }),
      "GetItem of journal": () => ({ refused: "AccessDeniedException" }),
    }),
    ["divergence", "--json"],
  );
  const { listed } = JSON.parse(refused.out);
  expect(listed[0].discarded[0].content).toEqual({
    from: null,
    why: expect.stringContaining("us-west-2 does not permit it"),
  });
});

test("every item is listed, and contents of the first 100 are read", async () => {
  const many = Array.from({ length: 102 }, (_, index) => ({
    ...item,
    key: { pk: `order#${index + 1}`, sk: "order" },
  }));
  const all: Plan = {
    ...plan([report]),
    "Query of divergence": ({ ExpressionAttributeValues: values }) =>
      JSON.stringify(values).includes("#orders#2") ? page([{ items: many }]) : page([report]),
  };
  const { out, called } = await operate(all, ["divergence", "--json"]);
  const { listed } = JSON.parse(out);
  expect([listed.length, listed[101].key.pk]).toEqual([102, "order#102"]);
  expect(listed[99].stands.content).toMatchObject({ from: "us-west-2" });
  const why = "not read, since contents are read of the first 100 items";
  expect(listed[100].stands.content).toEqual({ from: null, why });
  expect(listed[100].discarded[0]).toMatchObject({ version: "v-1", content: { from: null, why } });
  expect(called.filter((call) => call === "GetItem of journal in us-east-1")).toHaveLength(100);
  const drawn = await operate(all, ["divergence"]);
  expect(drawn.out).toContain("application: pk order#102, sk order\n");
  expect(drawn.out).toContain(`            content unknown: ${why}\n`);
});

test("acknowledging asks first, and records who has read exactly this", async () => {
  let written: Record<string, unknown> = {};
  const update = {
    "UpdateItem of divergence": (body: Record<string, unknown>) => {
      written = body;
      return {};
    },
  };
  const no = await operate(plan([report], update), ["divergence", "--acknowledge"], false);
  expect([no.status, no.asked, written]).toEqual([1, ["acknowledge?"], {}]);
  const yes = await operate(plan([report], update), ["divergence", "--acknowledge"], true);
  expect([yes.status, yes.out.split("\n").at(-2)]).toEqual([0, `Acknowledged as ${arn}.`]);
  expect(written).toMatchObject({
    Key: { pk: { S: "divergence#orders" }, sk: { S: "00000002" } },
    ConditionExpression: "#hash = :hash AND acknowledged = :nobody",
    ExpressionAttributeValues: { ":hash": { S: "h1" }, ":nobody": { NULL: true } },
  });
});

test("what is not complete is not acknowledged, nor what somebody else has just read", async () => {
  const waiting = { ...report, status: "waiting", detail: "Its items are compared later." };
  const early = await operate(plan([waiting]), ["divergence", "--acknowledge", "--yes"]);
  expect([early.status, early.err]).toEqual([1, expect.stringContaining("not complete yet")]);
  const refused = { "UpdateItem of divergence": () => failed };
  const failed = { refused: "ConditionalCheckFailedException" };
  const late = await operate(plan([report], refused), ["divergence", "--acknowledge", "--yes"]);
  expect([late.status, late.err]).toEqual([1, expect.stringContaining("meanwhile")]);
});

test("without a report, or of an epoch that has none, it says so", async () => {
  const none = await operate(plan([]), ["divergence"]);
  expect([none.status, none.out]).toEqual([
    0,
    "No switch has been made without a drain: there is nothing to compare.\n",
  ]);
  const other = await operate(plan([report]), ["divergence", "--epoch", "9"]);
  expect([other.status, other.err]).toEqual([1, expect.stringContaining("There are: 2.")]);
});

test("the status and a question say what is unread", async () => {
  const status = await statusOf(plan([report]));
  expect(status.divergence).toEqual([
    {
      ...{ items: 1, fenced: 0, discarded: 1, hash: "h1", detail: "" },
      ...{ epoch: 2, source: "us-east-1", target: "us-west-2", status: "listed" },
      words: "1 item: 0 by a fenced writer, 1 with a discarded write",
    },
  ]);
  const asked = {
    ...question,
    divergence: ["divergence of epoch 2: 1 item"],
    divergenceHash: "2:h1",
  };
  const shown = await operate(
    { ...tables(undefined, [asked]), GetExecutionHistory: () => ({ events: [] }) },
    ["approve"],
    false,
  );
  expect(shown.err).toContain("read    approving acknowledges divergence of epoch 2: 1 item");
});
