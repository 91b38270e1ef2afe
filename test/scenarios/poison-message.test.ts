// What can't be processed, in the synthesized app: an operator's put on the events bus, since no
// request that the API lets in is poison. It ends in the dead-letter queue, pages, and holds nothing
// up. The application here has events and no orders.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { applicationKeys } from "../../core/contracts/records.ts";
import {
  applicationTableName,
  customerEventSource,
  deadEventAlarmName,
  deadEventQueueName,
  eventBusName,
  eventQueueName,
  topicName,
} from "../../core/names.ts";
import { projectRoot } from "../../lab/deploy/project-root.ts";
import { synthesize } from "../../lab/deploy/synthesis.ts";
import type { Principal } from "../../lab/kernel.ts";
import { account, type RunningLab, startLab } from "../../lab/lab.ts";
import { loadScenario } from "../../lab/scenarios/load.ts";

const zero = Date.UTC(2026, 0, 15, 9);
const region = "us-west-2";
const operator: Principal = { kind: "role", arn: `arn:aws:iam::${account}:role/operator` };

const folder = mkdtempSync(join(tmpdir(), "poison-"));
const file = join(folder, "poison.json");
writeFileSync(
  file,
  JSON.stringify({
    name: "poison",
    description: "Only its configuration is used.",
    config: { workloads: ["events"] },
    until: "1m",
  }),
);
const { config } = loadScenario(file, join(projectRoot, "switchback.config.json"));
let lab: RunningLab;

beforeAll(async () => {
  const assembly = await synthesize(config, () => {});
  const settings = { config, seed: 1, folder: assembly, zero, warmUpMilliseconds: 0 };
  lab = await startLab(settings);
  const bus = `arn:aws:events:${region}:${account}:event-bus/${eventBusName(config)}`;
  const mayPut = { Effect: "Allow", Action: "events:PutEvents", Resource: bus };
  lab.iam.addRole(operator.arn, [{ Version: "2012-10-17", Statement: [mayPut] }], null);
}, 600_000);
afterAll(() => {
  lab.clock.uninstall();
  rmSync(folder, { recursive: true });
});

function put(detail: object): void {
  const entry = { DetailType: "Event", Detail: JSON.stringify(detail) };
  const names = { EventBusName: eventBusName(config), Source: customerEventSource(config) };
  void lab.calls.call({
    ...{ service: "events", region, method: "POST", path: "/", query: {} },
    headers: { "x-amz-target": "AWSEvents.PutEvents" },
    body: JSON.stringify({ Entries: [{ ...entry, ...names }] }),
    principal: operator,
    from: { region },
  });
}

const queue = (name: string) => {
  const found = lab.sqs.queue(`arn:aws:sqs:${region}:${account}:${name}`);
  if (found === null) throw new Error(`there is no queue ${name}`);
  return found;
};

test("a poison message goes to the dead-letter queue and pages, and others pass it by", async () => {
  put({ surprise: "nobody can process this" });
  put({ id: "fine", type: "t", data: {} });
  await lab.clock.runUntil(zero + 12 * 60_000);

  const dead = queue(deadEventQueueName(config)).messages();
  expect(dead.map(({ body, receiveCount }) => [JSON.parse(body).detail, receiveCount])).toEqual([
    [{ surprise: "nobody can process this" }, 5],
  ]);
  const waiting = queue(eventQueueName(config)).messages();
  expect(waiting.filter(({ body }) => JSON.parse(body)["detail-type"] === "Event")).toEqual([]);
  const items = lab.dynamoDb.readAll(applicationTableName(config), region);
  expect(items.map(({ pk }) => pk)).toContain(applicationKeys.event("fine").pk);

  const alarm = deadEventAlarmName(config);
  const states = lab.log.events.filter(
    ({ kind, detail }) => kind === "alarm-state" && detail.alarm === alarm,
  );
  expect(states.map((one) => [one.region, one.detail.to])).toContainEqual([region, "ALARM"]);
  const pages = lab.log.events.filter(
    ({ kind, detail }) => kind === "notification" && detail.topic === topicName(config),
  );
  expect(pages.map(({ detail }) => detail.subject)).toContain(`ALARM: "${alarm}" in ${region}`);
  expect(lab.log.events.filter(({ kind }) => /denied|lab-defect|not-modelled/.test(kind))).toEqual(
    [],
  );
}, 600_000);
