// The form of a fault follows the lab's own schema: each kind that there is, and what it sends.
import { expect, test } from "vitest";
import { z } from "zod";
import { faultSchema } from "../../../lab/scenarios/fault-schema.ts";
import { faultKinds, faultOf } from "../../../operator/console/page/fault-fields.ts";

const kinds = faultKinds(z.toJSONSchema(faultSchema, { io: "input", unrepresentable: "any" }));
const kind = (name: string) => {
  const found = kinds.find((one) => one.kind === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
};

test("every kind of the scenario format can be chosen, also one that is added later", () => {
  expect(kinds.map((one) => one.kind)).toEqual(
    faultSchema.options.map((shape) => shape.shape.kind.value),
  );
  const added = {
    oneOf: [{ properties: { kind: { const: "meteor" }, size: { type: "number" } } }],
  };
  expect(faultKinds(added)).toEqual([
    {
      kind: "meteor",
      fields: [{ name: "size", isRequired: false, kind: "number", choices: [], hint: "" }],
    },
  ]);
});

test("a field is asked for as what it is", () => {
  expect(kind("service").fields).toMatchObject([
    { name: "region", isRequired: true, kind: "region" },
    { name: "service", isRequired: true, kind: "choice" },
    { name: "mode", isRequired: true, kind: "choice" },
    { name: "share", isRequired: false, kind: "number", hint: "0 to 1" },
    { name: "seconds", isRequired: false, kind: "text", hint: "like 30, 45s or 2m" },
  ]);
  expect(kind("partition").fields).toMatchObject([
    { name: "between", isRequired: true, kind: "pair" },
    { name: "oneWay", isRequired: false, kind: "switch" },
  ]);
});

test("what was filled in is a fault that the lab takes; what was left empty is left out", () => {
  const service = faultOf(kind("service"), {
    ...{ region: "us-east-1", service: "dynamodb", mode: "slow", share: "0.5", seconds: "2m" },
  });
  expect(service).toEqual({
    ...{ kind: "service", region: "us-east-1", service: "dynamodb", mode: "slow" },
    ...{ share: 0.5, seconds: "2m" },
  });
  expect(faultSchema.safeParse(service).success).toBe(true);
  expect(faultOf(kind("partition"), { between: "us-east-1 us-east-2", oneWay: "true" })).toEqual({
    kind: "partition",
    between: ["us-east-1", "us-east-2"],
    oneWay: true,
  });
  expect(faultOf(kind("region-down"), { region: "primary" })).toEqual({
    kind: "region-down",
    region: "primary",
  });
});

test("a schema that is none of faults makes no form", () => {
  expect(faultKinds(null)).toEqual([]);
  expect(faultKinds({ type: "object" })).toEqual([]);
});
