// How far back past runs are looked through, against services that are planned call by call.
import { expect, test } from "vitest";
import { now, secondsAgo } from "../core/world.ts";
import { operate, type Plan } from "./replicas.ts";

const day = 86_400;
/** One page a day, with one run that changed nothing, and always an older page. */
const endless: Plan = {
  "ListExecutions in us-east-1": () => ({ executions: [] }),
  "ListExecutions in us-west-2": ({ nextToken }) => {
    const days = nextToken === undefined ? 0 : Number(nextToken);
    const startDate = secondsAgo(days * day) / 1_000;
    const run = { executionArn: `arn:aws:states:us-west-2:1:execution:m:${days}`, name: "run" };
    return {
      executions: [
        { ...run, stateMachineArn: "m", status: "SUCCEEDED", startDate, stopDate: startDate + 60 },
      ],
      nextToken: String(days + 1),
    };
  },
  DescribeExecution: () => ({
    ...{ executionArn: "a", stateMachineArn: "m", status: "SUCCEEDED", startDate: now / 1_000 },
  }),
  "Query of undefined": () => ({ Items: [] }),
};
const listed = (called: readonly string[]) =>
  called.filter((call) => call === "ListExecutions in us-west-2").length;
const unlooked =
  "us-west-2: older runs were not looked through (from before 2025-12-27 09:00:00 UTC)";

test("past runs are looked through page by page, until those that ended too early", async () => {
  const { status, out, err, called } = await operate(endless, ["history", "--since", "3d"]);
  expect([status, out, listed(called)]).toEqual([0, "No switch is on record.\n", 5]);
  expect(err).not.toContain("unknown");
  expect(called.filter((call) => call.startsWith("DescribeExecution"))).toHaveLength(4);
});

test("where the pages do not reach far enough, history and the report say so", async () => {
  const drawn = await operate(endless, ["history"]);
  expect([drawn.status, listed(drawn.called)]).toEqual([0, 20]);
  expect(drawn.err).toContain(`unknown  ${unlooked}\n`);
  const json = await operate(endless, ["history", "--json"]);
  expect(JSON.parse(json.out)).toEqual({ switches: [], unknown: [unlooked] });
  const report = await operate(endless, ["report", "--since", "29d"]);
  expect([report.status, report.err]).toEqual([0, expect.stringContaining(unlooked)]);
});

test("ledgers that were not looked through are unknown, and not sound", async () => {
  const checked = await operate(endless, ["audit", "verify", "--json"]);
  expect([checked.status, JSON.parse(checked.out)]).toMatchObject([
    1,
    { ok: false, unknown: [unlooked] },
  ]);
});
