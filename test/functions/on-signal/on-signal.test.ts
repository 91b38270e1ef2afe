import { describe, expect, it } from "vitest";
import type { Config } from "../../../core/config/schema.ts";
import type { HealthIssue } from "../../../core/contracts/evidence.ts";
import type { RoutingState } from "../../../core/contracts/routing-state.ts";
import type { SwitchRequest } from "../../../core/contracts/steps.ts";
import { onSignal, type SignalPorts } from "../../../functions/on-signal/on-signal.ts";
import { config, nine, steady, switching } from "../steady.ts";

const activeActive: Config = { ...config, topology: "active-active", writes: "any-region" };
const released = { switch: "released", drain: "released" } as const;
const pulled = { switch: "pulled", drain: "pulled" } as const;

class World {
  config = config;
  routing: RoutingState | null = steady();
  region = "us-west-2";
  readonly runs: { name: string; request: SwitchRequest }[] = [];
  readonly stored: HealthIssue[] = [];

  ports(): SignalPorts {
    return {
      config: this.config,
      region: this.region,
      control: { findRouting: async () => this.routing },
      machine: {
        start: async (name, request) => {
          if (this.runs.some((run) => run.name === name)) return false;
          this.runs.push({ name, request });
          return true;
        },
      },
      health: {
        store: async (issue) => {
          this.stored.push(issue);
          return false;
        },
      },
      now: () => nine + 30_000,
    };
  }

  tell(source: string, type: string, detail: unknown) {
    const event = { source, "detail-type": type, time: "2026-01-15T09:00:12Z", detail };
    return onSignal(event, this.ports());
  }

  signal(against = "us-east-1", kind = "watch") {
    const detail = `finds ${against} failing`;
    const signal = { kind, from: "us-east-2", against, detail, at: nine };
    return this.tell("switchback.orders", "Switchback Signal", signal);
  }

  health(difference: object = {}) {
    return this.tell("aws.health", "AWS Health Event", {
      eventArn: "arn:aws:health:us-east-1::event/LAMBDA/AWS_LAMBDA_OPERATIONAL_ISSUE/x",
      service: "LAMBDA",
      eventTypeCode: "AWS_LAMBDA_OPERATIONAL_ISSUE",
      eventTypeCategory: "issue",
      startTime: "Thu, 15 Jan 2026 08:50:00 GMT",
      lastUpdatedTime: "Thu, 15 Jan 2026 08:55:00 GMT",
      statusCode: "open",
      eventRegion: "us-east-1",
      ...difference,
    });
  }
}

describe("a signal", () => {
  it("starts a run in the passive Region, named by group, epoch and minute", async () => {
    const world = new World();
    expect(await world.signal()).toEqual({ started: true, name: "orders-1-29474460" });
    expect(world.runs).toEqual([
      {
        name: "orders-1-29474460",
        request: {
          mode: "automatic",
          requestedBy: "signal:watch",
          signal: "watch:us-east-2 finds us-east-1 failing",
          signalAt: nine,
        },
      },
    ]);
  });

  it("starts one run a minute, however many signals come", async () => {
    const world = new World();
    await world.signal();
    expect(await world.signal()).toMatchObject({ started: false });
    expect(world.runs).toHaveLength(1);
  });

  it("starts nothing in the active Region, nor for a Region that is passive", async () => {
    const world = new World();
    world.region = "us-east-1";
    expect(await world.signal()).toEqual({
      started: false,
      why: "us-west-2 does not serve: there is nothing to leave from here.",
    });
    world.region = "us-west-2";
    expect(await world.signal("us-west-2")).toEqual({
      started: false,
      why: "Whether us-west-2 is left is decided in us-east-1.",
    });
  });

  it("starts a run in either Region of two that serve, to leave the other one alone", async () => {
    const world = new World();
    world.config = activeActive;
    world.routing = steady({
      writer: null,
      levers: { "us-east-1": released, "us-west-2": released },
    });
    expect(await world.signal("us-east-1")).toMatchObject({ started: true });
    expect(await world.signal("us-west-2")).toEqual({
      started: false,
      why: "Whether us-west-2 is left is decided in us-east-1.",
    });
    world.region = "us-east-1";
    expect(await world.signal("us-east-1")).toMatchObject({ started: false });
    const twice = await world.signal("us-west-2");
    expect(twice).toEqual({ started: false, why: "orders-1-29474460 runs or has run." });
  });

  it("starts nothing in a Region that serves alone", async () => {
    const world = new World();
    world.config = activeActive;
    world.routing = steady({
      writer: null,
      levers: { "us-east-1": released, "us-west-2": pulled },
    });
    world.region = "us-east-1";
    expect(await world.signal("us-west-2")).toEqual({
      started: false,
      why: "us-west-2 does not serve: there is nothing to leave from here.",
    });
    world.region = "us-west-2";
    expect(await world.signal("us-east-1")).toMatchObject({ started: true });
  });

  it("starts nothing while a lease is live, and a take-over anywhere afterwards", async () => {
    const world = new World();
    world.routing = switching(nine + 30_001);
    expect(await world.signal()).toMatchObject({ started: false });
    world.routing = switching(nine + 30_000);
    world.region = "us-east-1";
    expect(await world.signal()).toEqual({ started: true, name: "orders-2-29474460" });
  });

  it("starts nothing before there is a routing state", async () => {
    const world = new World();
    world.routing = null;
    expect(await world.signal()).toMatchObject({ started: false });
  });
});

describe("a Health event", () => {
  it("is stored, and wakes a run of its own even when another Region stored it first", async () => {
    const world = new World();
    await world.signal();
    expect(await world.health()).toEqual({ started: true, name: "orders-1-29474460-health" });
    expect(world.stored).toMatchObject([{ region: "us-east-1", service: "LAMBDA", counts: true }]);
    expect(world.runs[1]?.request).toEqual({
      mode: "automatic",
      requestedBy: "signal:health",
      signal: "health:LAMBDA AWS_LAMBDA_OPERATIONAL_ISSUE in us-east-1",
      signalAt: nine + 12_000,
    });
  });

  it("is stored when it ends, and wakes nobody", async () => {
    const world = new World();
    expect(await world.health({ statusCode: "closed" })).toMatchObject({ started: false });
    expect(world.stored).toMatchObject([{ counts: false }]);
  });

  it("is not even stored for a Region that does not serve", async () => {
    const world = new World();
    await world.health({ eventRegion: "eu-west-1" });
    expect(world.stored).toEqual([]);
  });
});

describe("an alarm of a canary", () => {
  const alarm = (value: string) => ({ alarmName: "orders-journey-us-east-2", state: { value } });
  const type = "CloudWatch Alarm State Change";

  it("wakes a run, since a canary does not say which Region fails", async () => {
    const world = new World();
    const answer = await world.tell("aws.cloudwatch", type, alarm("ALARM"));
    expect(answer).toEqual({ started: true, name: "orders-1-29474460-canary" });
  });

  it.each(["OK", "INSUFFICIENT_DATA"])("wakes nobody when it goes to %s", async (value) => {
    const world = new World();
    const answer = await world.tell("aws.cloudwatch", type, alarm(value));
    expect(answer).toEqual({ started: false, why: `orders-journey-us-east-2 is ${value}.` });
  });
});

it("Events that nobody asked for start nothing.", async () => {
  const world = new World();
  expect(await world.tell("aws.ec2", "Something", {})).toMatchObject({ started: false });
});
