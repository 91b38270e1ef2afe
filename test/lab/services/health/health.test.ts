// The lab's AWS Health API through the real SDK client.
import { DescribeEventsCommand, HealthClient } from "@aws-sdk/client-health";
import { expect, test } from "vitest";
import type { Json } from "../../../../lab/kernel.ts";
import { createHealth } from "../../../../lab/services/health/health.ts";
import { inProcess } from "../in-process.ts";

const published = (name: string, difference: { [key: string]: Json } = {}) => ({
  source: "aws.health",
  detail: {
    eventArn: `arn:aws:health:us-east-1::event/${name}`,
    service: "LAMBDA",
    eventTypeCode: "AWS_LAMBDA_OPERATIONAL_ISSUE",
    eventTypeCategory: "issue",
    eventScopeCode: "PUBLIC",
    eventRegion: "us-east-1",
    statusCode: "open",
    startTime: "Thu, 15 Jan 2026 09:00:00 GMT",
    lastUpdatedTime: "Thu, 15 Jan 2026 09:05:00 GMT",
    ...difference,
  },
});

function world() {
  const health = createHealth();
  const client = new HealthClient(inProcess(health.service, "us-east-1"));
  const ask = (filter: object, more: object = {}) =>
    client.send(new DescribeEventsCommand({ filter, ...more }));
  return { health, ask };
}

test("An event is known once it is published, as it was last updated", async () => {
  const { health, ask } = world();
  expect((await ask({})).events).toEqual([]);
  health.published(published("a"));
  const ended = { statusCode: "closed", endTime: "Thu, 15 Jan 2026 09:20:00 GMT" };
  health.published(published("a", { ...ended, lastUpdatedTime: ended.endTime }));
  health.published(published("a", { lastUpdatedTime: "Thu, 15 Jan 2026 09:01:00 GMT" }));
  expect((await ask({})).events).toEqual([
    {
      arn: "arn:aws:health:us-east-1::event/a",
      service: "LAMBDA",
      eventTypeCode: "AWS_LAMBDA_OPERATIONAL_ISSUE",
      eventTypeCategory: "issue",
      eventScopeCode: "PUBLIC",
      region: "us-east-1",
      statusCode: "closed",
      startTime: new Date("2026-01-15T09:00:00Z"),
      endTime: new Date("2026-01-15T09:20:00Z"),
      lastUpdatedTime: new Date("2026-01-15T09:20:00Z"),
    },
  ]);
});

test("Only what fits every filter is answered, the newest first, by pages", async () => {
  const { health, ask } = world();
  health.published(published("old", { lastUpdatedTime: "Wed, 14 Jan 2026 09:00:00 GMT" }));
  health.published(published("elsewhere", { eventRegion: "eu-west-1" }));
  health.published(published("change", { eventTypeCategory: "scheduledChange" }));
  health.published(published("closed", { statusCode: "closed" }));
  health.published(published("other", { service: "EC2" }));
  for (let number = 10; number < 22; number += 1) {
    const lastUpdatedTime = `Thu, 15 Jan 2026 09:${number}:00 GMT`;
    health.published(published(`n${number}`, { lastUpdatedTime }));
  }
  const filter = {
    regions: ["us-east-1"],
    services: ["LAMBDA"],
    eventTypeCategories: ["issue"],
    eventStatusCodes: ["open"],
    lastUpdatedTimes: [{ from: new Date("2026-01-15T00:00:00Z") }],
  };
  const first = await ask(filter, { maxResults: 10 });
  expect(first.events?.map(({ arn }) => arn?.split("/").at(-1))).toEqual(
    [21, 20, 19, 18, 17, 16, 15, 14, 13, 12].map((number) => `n${number}`),
  );
  const second = await ask(filter, { maxResults: 10, nextToken: first.nextToken });
  expect(second.events?.map(({ arn }) => arn?.split("/").at(-1))).toEqual(["n11", "n10"]);
  expect(second.nextToken).toBeUndefined();
});
