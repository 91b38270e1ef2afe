// Runs the component table, and what a Region whose CloudWatch is silent says.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { componentRules, seriesOf } from "../../../core/component-metrics.ts";
import { componentReports, componentWindow } from "../../../core/components.ts";
import type { RoutingState } from "../../../core/contracts/routing-state.ts";
import { initialState } from "../../../core/plan.ts";
import { config, configOf, now, regionOf, secondsAgo } from "../world.ts";
import { type ComponentCase, caseSchema, readingsOf } from "./case.ts";

const text = readFileSync(new URL("./components.json", import.meta.url), "utf8");
const cases = z.array(caseSchema).parse(JSON.parse(text));
const apiFunction = "orders-orders-api";

function routingOf(one: ComponentCase, first: RoutingState): RoutingState {
  const { claimAge, switching } = one;
  if (switching) return { ...first, epoch: 2, phase: "switching", writer: null };
  return claimAge === undefined ? first : { ...first, epoch: 2, claimedAt: secondsAgo(claimAge) };
}

describe("What CloudWatch's metrics say", () => {
  it.each(cases)("$title", (one) => {
    const itsConfig = configOf(one.config);
    const region = regionOf(one.region);
    const routing = routingOf(one, initialState(itsConfig, secondsAgo(86_400)));
    const readings = { [region]: readingsOf(itsConfig, apiFunction, one.given) };
    const reports = componentReports(itsConfig, { routing, apiFunction, readings });
    const found = reports.filter((report) => report.region === region);
    const byName = Object.fromEntries(found.map((report) => [report.component, report]));
    expect(byName).toMatchObject(one.expect);
  });

  it("is unknown of every component of a Region whose CloudWatch does not answer.", () => {
    const routing = initialState(config, now);
    const readings = { "us-east-1": null };
    const reports = componentReports(config, { routing, apiFunction, readings });
    expect(reports.map(({ region, component }) => `${region} ${component}`)).toEqual([
      "us-east-1 api-errors",
      "us-east-1 api-latency",
      "us-east-1 functions",
      "us-east-1 tables",
      "us-west-2 api-errors",
      "us-west-2 api-latency",
      "us-west-2 functions",
      "us-west-2 tables",
    ]);
    expect(new Set(reports.map(({ verdict }) => verdict))).toEqual(new Set(["unknown"]));
  });

  it("is read of five whole minutes, in one call with the largest configuration there is.", () => {
    expect(componentWindow(now + 59_999)).toEqual({ from: now - 300_000, to: now });
    const tables = [..."abcdefghij"].map((name) => ({ name, partitionKey: "id" }));
    const largest = configOf({ workloads: ["api", "events"], tables });
    // Two of the API's beside Count, three of each function, ten of each table, the queue's age.
    expect(seriesOf(componentRules(largest, apiFunction))).toHaveLength(3 + 6 + 120 + 1);
  });
});
