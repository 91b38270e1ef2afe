// One healthy pair: what tests of functions spread their difference over.
import { type Config, configSchema } from "../../core/config/schema.ts";
import type { RoutingState } from "../../core/contracts/routing-state.ts";

export const config: Config = configSchema.parse({
  application: "orders",
  domain: {
    name: "api.example.com",
    hostedZoneName: "example.com",
    hostedZoneId: "Z0123456789EXAMPLE",
  },
  regions: { primary: "us-east-1", secondary: "us-west-2", witness: "us-east-2" },
});

/** 2026-01-15T09:00:00Z */
export const nine = 1_768_467_600_000;

export function steady(difference: Partial<RoutingState> = {}): RoutingState {
  return {
    group: "orders",
    epoch: 1,
    active: "us-east-1",
    writer: "us-east-1",
    phase: "steady",
    levers: { "us-east-1": { switch: "released", drain: "released" } },
    switchAttempted: { "us-east-1": "released" },
    plan: null,
    lease: null,
    automation: "armed",
    automationChange: null,
    claimedAt: nine,
    automaticSwitchAt: null,
    ...difference,
  };
}

const machine = "arn:aws:states:us-west-2:123456789012:execution:orders-region-switch";

export function switching(until: number): RoutingState {
  return steady({
    epoch: 2,
    writer: null,
    phase: "switching",
    levers: { "us-east-1": { switch: "pulled", drain: "pulled" } },
    plan: {
      direction: "failover",
      mode: "automatic",
      source: "us-east-1",
      target: "us-west-2",
      before: ["us-east-1"],
      after: ["us-west-2"],
    },
    lease: { executionArn: `${machine}:run`, until },
  });
}

/** For what a test does not plan to be called. */
export function unplanned(what: string): never {
  throw new Error(`Not planned: ${what}`);
}
