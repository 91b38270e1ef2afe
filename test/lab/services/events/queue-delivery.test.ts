import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Json } from "../../../../lab/kernel.ts";
import { createEvents, type Events } from "../../../../lab/services/events/events.ts";
import { createSqs, type Sqs } from "../../../../lab/services/sqs/sqs.ts";
import { account, resource, type SmallLab, smallLab, zero } from "../../small-lab.ts";
import { inProcess, settled } from "../in-process.ts";

const region = "us-east-1";
const arn = (name: string) => `arn:aws:sqs:${region}:${account}:${name}`;
const ruleArn = `arn:aws:events:${region}:${account}:rule/orders-events/to-queue`;

let lab: SmallLab;
let sqs: Sqs;
let events: Events;

beforeEach(async () => {
  lab = smallLab();
  sqs = createSqs(lab.lab);
  lab.calls.register(sqs.service);
  events = createEvents({
    ...lab.lab,
    lambda: {
      invoke: () => {
        throw new Error("no function was planned");
      },
    },
  });
  for (const name of ["work", "dead"]) {
    await deploy(sqs.models, "AWS::SQS::Queue", name, { QueueName: name });
  }
  await deploy(events.models, "AWS::Events::EventBus", "Bus", { Name: "orders-events" });
});
afterEach(() => lab.close());

async function deploy(
  models: Sqs["models"],
  type: string,
  logicalId: string,
  properties: { [name: string]: Json },
) {
  const model = models[type];
  if (model === undefined) throw new Error(`no model of ${type}`);
  return await model(resource(type, logicalId, properties));
}

/** Lets EventBridge send to the queue, for that rule alone. */
const permit = (name: string, sourceArn = ruleArn) =>
  deploy(sqs.models, "AWS::SQS::QueuePolicy", `${name}Policy`, {
    Queues: [`https://sqs.${region}.amazonaws.com/${account}/${name}`],
    PolicyDocument: {
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Action: ["sqs:SendMessage", "sqs:GetQueueUrl"],
          Principal: { Service: "events.amazonaws.com" },
          Resource: arn(name),
          Condition: { ArnEquals: { "aws:SourceArn": sourceArn } },
        },
      ],
    },
  });
const rule = (target: { [name: string]: Json } = {}) =>
  deploy(events.models, "AWS::Events::Rule", "Rule", {
    Name: "to-queue",
    EventBusName: "orders-events",
    EventPattern: { source: ["orders.events"] },
    Targets: [{ Id: "t", Arn: arn("work"), DeadLetterConfig: { Arn: arn("dead") }, ...target }],
  });
const put = (EventBusName?: string) => {
  const client = new EventBridgeClient(inProcess(events.service, region));
  const entry = { Source: "orders.events", DetailType: "Event", Detail: '{"id":"a"}' };
  const bus = EventBusName === undefined ? {} : { EventBusName };
  return settled(lab.clock, client.send(new PutEventsCommand({ Entries: [{ ...entry, ...bus }] })));
};
const bodies = (name: string) =>
  (sqs.queue(arn(name))?.messages() ?? []).map(({ body }): unknown => JSON.parse(body));
const toSecond = (second: number) => lab.clock.runUntil(zero + second * 1000);

describe("an event on a bus of its own", () => {
  it("reaches the queue in its envelope, as the rule may send it", async () => {
    await permit("work");
    expect(await rule()).toEqual({ ref: "orders-events|to-queue", attributes: { Arn: ruleArn } });
    const { Entries } = await put("orders-events");
    await toSecond(5);
    expect(bodies("work")).toMatchObject([
      {
        id: Entries?.[0]?.EventId,
        ...{ source: "orders.events", "detail-type": "Event", region, detail: { id: "a" } },
      },
    ]);
    expect(bodies("dead")).toEqual([]);
  });

  it("does not wake rules of another bus", async () => {
    await permit("work");
    await rule();
    await put();
    await toSecond(5);
    expect(bodies("work")).toEqual([]);
  });

  it("is refused for a bus that there is not, and with the request when it is too large", async () => {
    expect((await put("nobodys")).Entries?.[0]).toMatchObject({ ErrorCode: "InvalidArgument" });
    const client = new EventBridgeClient(inProcess(events.service, region));
    const entry = { Source: "s", DetailType: "d", Detail: `{"a":"${"x".repeat(256 * 1024)}"}` };
    const sent = client.send(new PutEventsCommand({ Entries: [entry] }));
    await expect(settled(lab.clock, sent)).rejects.toThrow("too large");
  });

  it("goes to the dead-letter queue at once where the queue's policy refuses the rule", async () => {
    await permit("work", `${ruleArn}-other`);
    await permit("dead");
    await rule();
    await put("orders-events");
    await toSecond(5);
    expect(bodies("work")).toEqual([]);
    expect(bodies("dead")).toMatchObject([{ detail: { id: "a" } }]);
    expect(lab.log.events.at(-1)).toMatchObject({ kind: "event-dead", region });
  });

  it("is said to be given up where no dead-letter queue takes it", async () => {
    await rule();
    await put("orders-events");
    await toSecond(5);
    expect(lab.log.events.at(-1)).toMatchObject({
      kind: "event-given-up",
      detail: { rule: ruleArn, target: arn("work") },
    });
  });

  it("is tried again while SQS is out of reach, and arrives once", async () => {
    await permit("work");
    await rule();
    const heal = lab.hindrances.add(region, "sqs", { mode: "unreachable", seconds: 0, share: 1 });
    await put("orders-events");
    await toSecond(60);
    expect(bodies("work")).toEqual([]);
    heal();
    await toSecond(180);
    expect(bodies("work")).toHaveLength(1);
  });

  it("goes to the dead-letter queue after the last attempt that its target allows", async () => {
    await permit("work");
    await permit("dead");
    await rule({ RetryPolicy: { MaximumRetryAttempts: 2 } });
    const heal = lab.hindrances.add(region, "sqs", { mode: "error", seconds: 0, share: 1 });
    // The third attempt is over by then, and the dead letter not sent yet.
    lab.clock.after(3500, heal);
    await put("orders-events");
    await toSecond(30);
    expect([bodies("work").length, bodies("dead").length]).toEqual([0, 1]);
  });

  it("is not given up for attempts that its Region's outage swallowed", async () => {
    await permit("work");
    await rule({ RetryPolicy: { MaximumRetryAttempts: 1 } });
    const heal = lab.hindrances.add(region, "sqs", { mode: "error", seconds: 0, share: 1 });
    lab.clock.after(400, () => lab.network.setDown(region, true));
    await put("orders-events");
    heal();
    await toSecond(600);
    lab.network.setDown(region, false);
    await toSecond(720);
    expect(bodies("work")).toHaveLength(1);
  });

  it("waits while its Region is down", async () => {
    await permit("work");
    await rule();
    lab.clock.after(20, () => lab.network.setDown(region, true));
    await put("orders-events");
    await toSecond(600);
    expect(bodies("work")).toEqual([]);
    lab.network.setDown(region, false);
    await toSecond(720);
    expect(bodies("work")).toHaveLength(1);
  });

  it("comes as often as a fault duplicates it", async () => {
    await permit("work");
    await rule();
    events.addDelay(region, { seconds: 10, duplicates: 2 });
    await put("orders-events");
    await toSecond(9);
    expect(bodies("work")).toEqual([]);
    await toSecond(20);
    expect(bodies("work")).toHaveLength(3);
  });
});

it("refuses a rule on a bus that nobody deployed", async () => {
  const properties = { EventBusName: "nobodys", EventPattern: { source: ["a"] }, Targets: [] };
  await expect(deploy(events.models, "AWS::Events::Rule", "R", properties)).rejects.toThrow(
    "there is no event bus nobodys",
  );
});
