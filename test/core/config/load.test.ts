// A wrong file is refused with all of its faults at once, each by path and in words.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { configJsonSchema } from "../../../core/config/json-schema.ts";
import { ConfigRefused, checkedConfig, deepMerge, parseConfig } from "../../../core/config/load.ts";
import { settings } from "../world.ts";
import { faultsOf } from "./faults.ts";

describe("A configuration", () => {
  it("needs names and Regions; everything else has its default.", () => {
    expect(checkedConfig(settings)).toEqual({
      ...settings,
      topology: "active-passive",
      workloads: ["api"],
      frontend: false,
      writes: "single-region",
      coordination: "strong",
      writeLeaseSeconds: 5,
      writeDeadlineSeconds: 2,
      heldWritesMax: 200,
      drain: "verified",
      automation: "armed",
      canaries: true,
      objectives: { rtoSeconds: 180, rpoSeconds: 30 },
      detection: {
        quorum: 2,
        lookSeconds: 10,
        lookFailures: 3,
        stepTimeoutSeconds: 5,
        heartbeatSeconds: 10,
        endpointIntervalSeconds: 10,
        endpointFailures: 3,
        canaryIntervalSeconds: 300,
        healthServices: ["APIGATEWAY", "DYNAMODB", "LAMBDA", "MULTIPLE_SERVICES"],
      },
      policy: {
        onLossUnknown: "ask",
        approvalTimeoutSeconds: 900,
        cooldownSeconds: 3600,
        stabilitySeconds: 1800,
      },
      approval: { twoPerson: false },
      archive: { retentionDays: 365 },
      tables: [],
      canaryPath: "/orders/canary",
    });
  });

  it("at the root of the project is accepted.", () => {
    const text = readFileSync(new URL("../../../switchback.config.json", import.meta.url), "utf8");
    expect(parseConfig(text)).toMatchObject({ ok: true });
  });

  it("may be given as text, as the functions get it.", () => {
    expect(checkedConfig(JSON.stringify(settings)).application).toBe("orders");
  });

  it("that was checked is accepted again, defaults and all.", () => {
    const once = checkedConfig(settings);
    expect(checkedConfig(JSON.stringify(once))).toEqual(once);
  });

  it("that is no JSON is refused as such.", () => {
    const parsed = parseConfig("{");
    expect(parsed.ok ? [] : parsed.faults.map(({ path }) => path)).toEqual(["$"]);
  });

  it.each([[null], [[]], [7]])("that is %j is refused.", (value) => {
    expect(parseConfig(value)).toMatchObject({ ok: false, faults: [{ path: "$" }] });
  });

  it("reports wrong values, unknown keys and failed checks together.", () => {
    expect(
      faultsOf({
        rigions: {},
        regions: { witness: "us-west-2" },
        detection: { quorum: "x", lookSecond: 3, lookFailures: 1.5 },
        notify: ["x"],
        topology: "active-active",
        domain: { name: "foo.org" },
        objectives: { rtoSeconds: 0 },
      }).sort(),
    ).toEqual([
      "$.detection.lookFailures: must be a whole number, but is 1.5",
      '$.detection.lookSecond: is not a key of the configuration; did you mean "lookSeconds"?',
      '$.detection.quorum: must be a number, but is "x"',
      "$.domain.name: foo.org is outside the zone example.com",
      '$.notify[0]: must be an e-mail address, but is "x"',
      "$.objectives.rtoSeconds: must be more than 0, but is 0",
      "$.regions.witness: is the secondary too (us-west-2); the witness must be a third Region",
      '$.rigions: is not a key of the configuration; did you mean "regions"?',
    ]);
  });

  it("lists the known keys where no key is near.", () => {
    expect(faultsOf({ approval: { hamster: 1 } })).toEqual([
      "$.approval.hamster: is not a key of the configuration; known keys: twoPerson",
    ]);
  });

  it("does not follow a wrong value with faults that rest on it.", () => {
    expect(faultsOf({ regions: { witness: "mars" } })).toEqual([
      '$.regions.witness: must be a Region code like us-east-1, but is "mars"',
    ]);
    // What stands in for the wrong one would be the primary too.
    expect(faultsOf({ regions: { primary: "us-west-2", secondary: "mars" } })).toEqual([
      '$.regions.secondary: must be a Region code like us-east-1, but is "mars"',
    ]);
    expect(faultsOf({ domain: 7 })).toEqual(["$.domain: must be an object, but is 7"]);
  });

  it("names what is missing.", () => {
    const parsed = parseConfig({ application: "orders", regions: { primary: "us-east-1" } });
    expect(parsed).toEqual({
      ok: false,
      faults: [
        { path: "$.domain", message: "is missing" },
        { path: "$.regions.secondary", message: "is missing" },
        { path: "$.regions.witness", message: "is missing" },
      ],
    });
  });

  it("can't smuggle in a prototype.", () => {
    const text = `{"__proto__": {"frontend": true}, ${JSON.stringify(settings).slice(1)}`;
    expect(parseConfig(text)).toMatchObject({ ok: false, faults: [{ path: "$.__proto__" }] });
  });

  it("is thrown back with all faults where a value is needed.", () => {
    const zone = { ...settings.domain, hostedZoneName: "example.org" };
    const wrong = { ...settings, domain: zone, rigions: {} };
    expect(() => checkedConfig(wrong)).toThrow(ConfigRefused);
    expect(() => checkedConfig(wrong)).toThrow(
      '$.rigions: is not a key of the configuration; did you mean "regions"?\n' +
        "$.domain.name: api.example.com is outside the zone example.org",
    );
  });
});

describe("Merging", () => {
  it("goes key by key, and replaces arrays and values.", () => {
    const base = { a: { b: 1, c: [1, 2] }, d: 1 };
    expect(deepMerge(base, { a: { c: [3] }, d: { e: 1 } })).toEqual({
      a: { b: 1, c: [3] },
      d: { e: 1 },
    });
    expect(deepMerge(base, undefined)).toEqual(base);
  });
});

describe("The JSON Schema beside the configuration", () => {
  it("is the one that is generated.", () => {
    const file = new URL("../../../core/config/config.schema.json", import.meta.url);
    expect(readFileSync(file, "utf8")).toBe(configJsonSchema());
  });

  it("documents every key and refuses unknown ones.", () => {
    const types = [...configJsonSchema().matchAll(/"type": /g)].length;
    const described = [...configJsonSchema().matchAll(/"description": /g)].length;
    // The root, and the items of four arrays, are documented by what holds them.
    expect(types - described).toBe(5);
    expect([...configJsonSchema().matchAll(/"additionalProperties": false/g)]).toHaveLength(9);
  });
});
