// Which execution a crash of the switch stops, among several and where Regions are down.
import { expect, test } from "vitest";
import { type StopPorts, stopSwitch } from "../../../lab/faults/stop-switch.ts";
import type { PlainItem } from "../../../lab/services/dynamodb/attribute-values.ts";
import type { ExecutionRecord } from "../../../lab/services/states/executions.ts";
import { config } from "../scripted-log.ts";

interface Run {
  readonly region: string;
  readonly startedAt: number;
  readonly machine?: string;
  readonly hasEnded?: boolean;
}

/** Stops the switch among those executions; answers the ARNs that were stopped. */
function stop(runs: readonly Run[], { down = "", holder = "" } = {}) {
  const stopped: string[] = [];
  const records = runs.map(({ region, startedAt, machine = "orders-region-switch", hasEnded }) => {
    const arn = `${region}:${startedAt}`;
    return [
      arn,
      {
        ...{ arn, startedAt, machine: { name: machine, region } },
        ended: hasEnded === true ? {} : null,
        execution: { stop: () => stopped.push(arn) },
      } as unknown as ExecutionRecord,
    ] as const;
  });
  const item: PlainItem = { pk: "group#orders", sk: "routing", lease: { executionArn: holder } };
  const ports: StopPorts = {
    config,
    network: { isDown: (region) => region === down },
    dynamoDb: { readAll: () => (holder === "" ? [] : [item]) },
    executions: { records: new Map(records) },
  };
  return { answer: stopSwitch(ports), stopped };
}

const early = { region: "us-west-2", startedAt: 1 };
const late = { region: "us-east-1", startedAt: 2 };

test("the one that has run longest, of the switch's machine, and none that has ended", () => {
  const others = [
    { ...early, startedAt: 0, machine: "somebody-elses" },
    { ...early, startedAt: 0.5, hasEnded: true },
  ];
  expect(stop([late, early, ...others])).toEqual({
    answer: { arn: "us-west-2:1", region: "us-west-2" },
    stopped: ["us-west-2:1"],
  });
});

test("the one that holds the lease, though another has run longer", () => {
  expect(stop([early, late], { holder: "us-east-1:2" }).stopped).toEqual(["us-east-1:2"]);
});

test("none in a Region that is down, and none where none runs", () => {
  expect(stop([early, late], { down: "us-west-2" }).stopped).toEqual(["us-east-1:2"]);
  expect(stop([early], { down: "us-west-2" })).toEqual({ answer: null, stopped: [] });
});
