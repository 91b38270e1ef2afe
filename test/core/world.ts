// One healthy world, seen at one instant: tests spread the difference over it. Roles are used
// where a case would otherwise have to repeat Region codes.
import { deepMerge, parseConfig } from "../../core/config/load.ts";
import type { Config, Region, Role } from "../../core/config/schema.ts";
import type { Evidence, VantageReport } from "../../core/contracts/evidence.ts";
import { initialState } from "../../core/plan.ts";

/** 2026-01-15T09:00:00Z */
export const now = 1_768_467_600_000;
export const secondsAgo = (seconds: number) => now - seconds * 1000;

export const settings = {
  application: "orders",
  domain: {
    name: "api.example.com",
    hostedZoneName: "example.com",
    hostedZoneId: "Z0123456789EXAMPLE",
  },
  regions: { primary: "us-east-1", secondary: "us-west-2", witness: "us-east-2" },
  notify: ["oncall@example.com"],
};

export function configOf(difference: unknown = {}): Config {
  const parsed = parseConfig(deepMerge(settings, difference));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
  return parsed.config;
}

export const config = configOf();

export const regionOf = (role: Role): Region => config.regions[role];

export function report(
  vantage: Role,
  serving: Role,
  difference: Partial<VantageReport> = {},
): VantageReport {
  return {
    vantage: regionOf(vantage),
    serving: regionOf(serving),
    verdict: "healthy",
    looks: 3,
    passed: 3,
    at: secondsAgo(2),
    detail: "",
    healthySince: secondsAgo(7200),
    ...difference,
  };
}

export const roles: readonly Role[] = ["primary", "secondary", "witness"];
export const servingRoles = ["primary", "secondary"] as const;

export function world(difference: Partial<Evidence> = {}): Evidence {
  return {
    at: secondsAgo(1),
    gatheredIn: "us-west-2",
    routing: initialState(config, secondsAgo(86_400)),
    reports: servingRoles.flatMap((serving) => roles.map((vantage) => report(vantage, serving))),
    canaries: [],
    health: [],
    components: [],
    controlHeartbeats: { "us-east-1": secondsAgo(3), "us-west-2": secondsAgo(3) },
    replication: { "us-east-1": secondsAgo(4), "us-west-2": secondsAgo(4) },
    dnsAnswers: ["us-east-1"],
    route53Reachable: true,
    levers: { "us-east-1": { switch: "released", drain: "released" } },
    writesPerSecond: 1.5,
    divergence: [],
    ...difference,
  };
}
