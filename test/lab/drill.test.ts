// `npm run drill` as a command: what it says before any lab is started. What a drill itself does is
// in test/scenarios.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { drill, drillFrom } from "./command.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "drill-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const shipped = [
  "active-active-drain",
  "active-active-outage",
  "active-active-single-writer",
  "api-deleted",
  "automation-approval",
  "automation-paused",
  "clock-skew",
  "components-alone",
  "components-decide",
  "control-plane-outage",
  "crash-at-every-step",
  "divergence",
  "duplicate-health-events",
  "events-through-outage",
  "eventual-outage",
  "eventual-partition",
  "eventual-planned",
  "false-dawn",
  "gray-failure",
  "health-endpoint-404",
  "health-event-alone",
  "health-event-corroborates",
  "health-relay",
  "held-writes-overload",
  "ireland-frankfurt",
  "lambda-2023",
  "one-vantage-point",
  "oregon-ohio",
  "partition",
  "planned-switch",
  "region-never-returns",
  "regional-outage",
  "replication-paused",
  "route53-control-plane-2021",
  "second-thoughts",
  "shadow-day",
  "sick-target",
  "silent-canaries",
  "singapore-tokyo",
  "single-zone-2021",
  "target-fails-next",
  "there-and-back-again",
  "three-strikes",
  "throttled",
  "two-operators",
  "two-persons",
];

// A process a test, on a busy machine.
describe("npm run drill", { timeout: 60_000 }, () => {
  test("explains itself with examples and what its exit status means", async () => {
    const { status, stdout, stderr } = await drill("--help");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    for (const part of [
      "--seed <n>",
      "--seeds <a-b>",
      "--all",
      "--json",
      "--no-baseline",
      '"regional-outage")',
      "Examples:",
      "Exit status: 0",
    ])
      expect(stdout).toContain(part);
    expect(stdout).not.toContain("late-baseline");
  });

  test("lists the shipped scenarios, one a line", async () => {
    const { status, stdout, stderr } = await drill("--list");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const lines = stdout.trimEnd().split("\n");
    expect(lines.map((line) => line.split(" ")[0])).toEqual(shipped);
    expect(lines.every((line) => /^[a-z0-9-]+ {2,}[A-Z].*\.$/.test(line))).toBe(true);
  });

  test("lists them as JSON and nothing else", async () => {
    const { status, stdout, stderr } = await drill("--list", "--json");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const listed: unknown = JSON.parse(stdout);
    expect(listed).toEqual(
      shipped.map((name) => ({
        name,
        description: expect.any(String),
        file: `${name}.json`,
        virtualSeconds: expect.any(Number),
      })),
    );
  });

  test("refuses a scenario that it does not know, and names those it does", async () => {
    const { status, stdout, stderr } = await drill("no-such-thing");
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toBe(
      "no-such-thing:\n" +
        "  there is no such file, and no shipped scenario of that name; there are: " +
        `${shipped.join(", ")}\n`,
    );
  });

  test("refuses an invalid file with every fault at once", async () => {
    const path = file(
      "wrong.json",
      JSON.stringify({
        name: "wrong",
        description: "d",
        until: "soon",
        surprise: 1,
        timeline: [
          { at: "1m" },
          { at: "2m", fault: { kind: "region-down", region: "eu-west-1" } },
          { at: "3m", fault: { kind: "clock-screw", region: "primary" } },
          { at: "4m", heal: "nobody" },
        ],
        config: { regions: { secondary: "us-east-1" } },
      }),
    );
    const { status, stdout, stderr } = await drill(path, "--json");
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr.startsWith(`${path}:\n`)).toBe(true);
    for (const fault of [
      "  $.until: must be a duration",
      "  $.surprise: unknown key",
      "  $.timeline[0]: has no action",
      '  $.timeline[2].fault.kind: unknown fault kind "clock-screw"; there are: ',
      '  $.timeline[3].heal: no fault has the id "nobody"',
      "  $.config",
    ])
      expect(stderr).toContain(`\n${fault}`);
  });

  test("refuses a file that is not readable JSON", async () => {
    const path = file("text.json", "scenario:");
    const { status, stdout, stderr } = await drill(path);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain(`${path}:\n  is not readable JSON: `);
  });

  test.each([
    [["--seed", "x"], "must be a whole number, 0 or more"],
    [["--seed", "-1"], "must be a whole number, 0 or more"],
    [["--seeds", "3-1"], 'must be a range like "1-20"'],
    [["--seeds", "1-"], 'must be a range like "1-20"'],
    [["--seed", "9007199254740992"], "must be at most 9007199254740991"],
    [["--seeds", "9007199254740991-9007199254740993"], "must be at most 9007199254740991"],
    [["--seed", "1", "--seeds", "1-2"], "give --seed or --seeds, not both"],
    [["--all", "--seed", "1"], "with --all give --seeds, like --seeds 7-7"],
    [["--all", "regional-outage"], "give a scenario or --all, not both"],
    [["--seeds", "1-2", "--log", "x"], "--log is for one drill"],
    [["--all", "--assembly", "x"], "--assembly is for one scenario, not for --all"],
    [["--sead", "1"], "unknown option '--sead'"],
    [["regional-outage", "gray-failure"], "too many arguments"],
  ])("refuses %j", async (words, why) => {
    const { status, stdout, stderr } = await drill(...words);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain(why);
  });

  test("says that a log can't be written before it runs anything", async () => {
    const log = join(folder, "nowhere", "log");
    const { status, stdout, stderr } = await drill("sick-target", "--log", log);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toBe(`--log: there is no folder ${join(folder, "nowhere")}\n`);
  });

  test("leaves no log of a drill that it refuses", async () => {
    const log = join(folder, "refused.log");
    const { status } = await drill("no-such-thing", "--log", log);
    expect([status, existsSync(log)]).toEqual([2, false]);
  });

  test("looks for a log's folder and an assembly from where the caller stands", async () => {
    const log = await drillFrom(folder, "sick-target", "--log", join("below", "log"));
    expect(log.stderr).toBe(`--log: there is no folder ${join(folder, "below")}\n`);
    const assembly = await drillFrom(folder, "sick-target", "--assembly", "cdk.out");
    expect({ ...assembly }).toEqual({
      ...{ status: 2, stdout: "" },
      stderr: `${join(folder, "cdk.out")}:\n  is no cloud assembly: there is no manifest.json in it\n`,
    });
  });
});
