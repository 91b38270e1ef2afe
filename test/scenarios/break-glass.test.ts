// The runbook's last resort, rehearsed word by word: the control table has lost two of its Regions,
// so that nobody can claim; a person with the break-glass policy sends the very command that the
// runbook prints, DNS follows, and the undo brings it back.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CloudWatchClient, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkedConfig } from "../../core/config/load.ts";
import type { Config } from "../../core/config/schema.ts";
import { projectRoot } from "../../lab/deploy/project-root.ts";
import { synthesize } from "../../lab/deploy/synthesis.ts";
import { regionsAnswered } from "../../lab/dns/markers.ts";
import { type RunningLab, startLab } from "../../lab/lab.ts";
import { people } from "../../lab/people.ts";
import { settled } from "../lab/services/in-process.ts";

const zero = Date.UTC(2026, 0, 15, 9, 0, 0);
const minute = 60_000;
let config: Config;
let lab: RunningLab;
let settings: ReturnType<typeof people>["settings"];

beforeAll(async () => {
  config = checkedConfig(readFileSync(join(projectRoot, "switchback.config.json"), "utf8"));
  const folder = await synthesize(config, () => {});
  lab = await startLab({ config, seed: 1, folder, zero, warmUpMilliseconds: 150_000 });
  settings = people(config, lab).settings;
  await lab.clock.runUntil(zero);
}, 600_000);
afterAll(() => lab.clock.uninstall());

/** The one command line of that section that begins so, its continued lines joined. */
function commandOf(section: string, beginning: string): string {
  const runbook = readFileSync(join(projectRoot, "docs/runbook.md"), "utf8");
  const text = new RegExp(`^## ${section}\n([\\s\\S]*?)(?=^## |$(?![\\s\\S]))`, "m").exec(
    runbook,
  )?.[1];
  const lines = (text ?? "").replace(/\\\n\s*/g, "").split("\n");
  const found = lines.map((line) => line.trim()).filter((line) => line.startsWith(beginning));
  const [only] = found;
  if (only === undefined || found.length > 1) throw new Error(`${found.length} such commands`);
  return only;
}

/** What the AWS command line makes of `aws cloudwatch put-metric-data` with these options. */
function parsed(command: string) {
  const options = new Map(
    [...command.matchAll(/--([a-z-]+) (\S+)/g)].map(([, name, value]) => [name, value ?? ""]),
  );
  const option = (name: string) => {
    const value = options.get(name);
    if (value === undefined) throw new Error(`the command has no --${name}`);
    options.delete(name);
    return value;
  };
  const call = {
    region: option("region"),
    Namespace: option("namespace"),
    MetricName: option("metric-name"),
    Dimensions: option("dimensions")
      .split(",")
      .map((pair) => pair.split("="))
      .map(([Name, Value]) => ({ Name, Value })),
    Value: Number(option("value")),
  };
  expect([...options.keys()]).toEqual([]);
  return call;
}

const breakGlass = () => parsed(commandOf("Break glass", "aws cloudwatch put-metric-data"));

async function publish(value: number, role: "break-glass" | "on-call" = "break-glass") {
  const { region, Namespace, ...datum } = breakGlass();
  const client = new CloudWatchClient(settings({ role, name: "grace" }, region));
  const MetricData = [{ ...datum, Value: value }];
  await settled(lab.clock, client.send(new PutMetricDataCommand({ Namespace, MetricData })));
}

const served = () => regionsAnswered(lab.lab.nameServers, config);
const pass = (minutes: number) => lab.clock.runUntil(lab.clock.now() + minutes * minute);

test("the runbook's command says which Region, and where", () => {
  expect(commandOf("Break glass", "aws cloudwatch put-metric-data")).toBe(
    "aws cloudwatch put-metric-data --region us-east-2 --namespace Switchback " +
      "--metric-name Drain --dimensions Group=orders,Region=us-east-1 --value 1",
  );
  expect(breakGlass().Value).toBe(1);
});

test("with two Regions of the control table lost it moves DNS, and back", {
  timeout: 600_000,
}, async () => {
  for (const region of ["us-east-1", "us-east-2"]) {
    lab.hindrances.add(region, "dynamodb", { mode: "unreachable", share: 1, seconds: 0 });
  }
  await pass(3);
  // Nobody could claim, and Route 53 sees nothing wrong by itself.
  expect(served()).toEqual(["us-east-1"]);
  await expect(publish(1, "on-call")).rejects.toThrow("not authorized to perform");
  await publish(breakGlass().Value);
  await pass(3);
  expect(served()).toEqual(["us-west-2"]);
  // One datapoint holds: reconcile, which can't read the desired state, publishes nothing.
  await pass(5);
  expect(served()).toEqual(["us-west-2"]);
  await publish(0);
  await pass(3);
  expect(served()).toEqual(["us-east-1"]);
});
