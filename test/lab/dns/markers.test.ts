import { expect, it } from "vitest";
import { regionsAnswered } from "../../../lab/dns/markers.ts";
import type { DnsAnswer } from "../../../lab/kernel.ts";
import { config } from "../../core/world.ts";

const activeActive = { ...config, topology: "active-active" } as const;

/** Name servers that hold these TXT records and no others. */
function answering(records: { [name: string]: string }) {
  const answer = (name: string, type: string): DnsAnswer => {
    const value = type === "TXT" ? records[name] : undefined;
    const status = value === undefined ? "NXDOMAIN" : "NOERROR";
    return { status, values: value === undefined ? [] : [value], ttlSeconds: 10 };
  };
  return { answer };
}
const primary = "_region.us-east-1.api.example.com";
const secondary = "_region.us-west-2.api.example.com";

it("asks one marker in active-passive, where one Region has levers", () => {
  expect(regionsAnswered(answering({ [primary]: "us-west-2" }), config)).toEqual(["us-west-2"]);
});

it("names both Regions, in order, while each marker answers its own", () => {
  const both = answering({ [primary]: "us-east-1", [secondary]: "us-west-2" });
  expect(regionsAnswered(both, activeActive)).toEqual(["us-east-1", "us-west-2"]);
});

it("names the one Region that both markers answer", () => {
  const one = answering({ [primary]: "us-west-2", [secondary]: "us-west-2" });
  expect(regionsAnswered(one, activeActive)).toEqual(["us-west-2"]);
});

it("knows nothing while a marker is not there", () => {
  expect(regionsAnswered(answering({ [primary]: "us-east-1" }), activeActive)).toBeNull();
  expect(regionsAnswered(answering({}), config)).toBeNull();
});
