import { describe, expect, it } from "vitest";
import type { HealthIssue } from "../../../core/contracts/evidence.ts";
import { healthIssuesOn } from "../../../functions/adapters/health-issues.ts";
import type { Condition, Key, Table } from "../../../functions/adapters/table.ts";
import { config, nine, unplanned } from "../steady.ts";

const open: HealthIssue = {
  eventArn: "arn:1",
  region: "us-east-1",
  service: "LAMBDA",
  eventTypeCode: "X",
  startedAt: nine,
  updatedAt: nine,
  counts: true,
  why: "AWS reports an open issue.",
};

function tableOf(stored: Record<string, HealthIssue[]>) {
  const puts: { key: Key; condition: Condition | undefined }[] = [];
  const table: Table = {
    read: () => unplanned("read"),
    list: async ({ pk }, schema) => (stored[pk] ?? []).map((issue) => schema.parse(issue)),
    put: async (key, _value, condition) => {
      puts.push({ key, condition });
      return true;
    },
    set: () => unplanned("set"),
  };
  return { puts, issues: healthIssuesOn(table, config) };
}

describe("stored Health issues", () => {
  it("are replaced by newer updates only; of the same time, by the end of the issue", async () => {
    const { puts, issues } = tableOf({});
    await issues.store(open);
    await issues.store({ ...open, counts: false });
    expect(puts).toMatchObject([
      {
        key: { pk: "health#orders#2026-01-15", sk: "arn:1" },
        condition: {
          expression: "attribute_not_exists(pk) OR #updatedAt < :updatedAt",
          values: { updatedAt: nine },
        },
      },
      { condition: { expression: "attribute_not_exists(pk) OR #updatedAt <= :updatedAt" } },
    ]);
  });

  it("stop counting when nobody updated them for 24 hours", async () => {
    const { issues } = tableOf({ "health#orders#2026-01-15": [open] });
    expect((await issues.list(nine + 86_400_000))[0]?.counts).toBe(true);
    expect((await issues.list(nine + 86_400_001))[0]?.counts).toBe(false);
  });

  it("are read of two days, their newest update alone, and not of years", async () => {
    const night = nine + 16 * 3_600_000;
    const { issues } = tableOf({
      "health#orders#2026-01-13": [{ ...open, eventArn: "arn:old" }],
      "health#orders#2026-01-15": [open],
      "health#orders#2026-01-16": [{ ...open, updatedAt: night, counts: false }],
    });
    const listed = await issues.list(night);
    expect(listed).toEqual([{ ...open, updatedAt: night, counts: false }]);
  });
});
