import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { expect, it } from "vitest";
import { policyName } from "../../core/names.ts";
import { createIam } from "../../lab/iam.ts";
import { people } from "../../lab/people.ts";
import { config } from "../core/world.ts";

const person = { role: "approver", name: "grace@example.com" } as const;

/** The desk of a lab whose services answer nothing; `left`: Regions in the order of the calls. */
function desk() {
  const left: string[] = [];
  const clock = { now: () => 0, after: () => () => {}, track: <T>(one: Promise<T>) => one };
  const policies = ["viewer", "operator", "approver", "break-glass"] as const;
  const parts = {
    account: "123456789012",
    iam: createIam({ account: "123456789012", clock, log: { emit: () => ({}) as never } }),
    accessKeys: { issue: () => ({}) as never, principalOf: () => null },
    clock,
    calls: {
      call: async ({ region }: { region: string }) => {
        left.push(region);
        return { status: 200, headers: {}, body: "{}" };
      },
    },
    managedPolicies: new Map(policies.map((policy) => [policyName(config, policy), null])),
  };
  const made = people(config, parts as never).desk;
  const read = (region: string) =>
    made
      .tables(region, person)
      .send(new GetCommand({ TableName: "orders-control", Key: { pk: "a", sk: "b" } }));
  return { left, read };
}

it("lets a person's calls leave in their order, whatever an earlier lab of the process has asked", async () => {
  await desk().read("us-west-2");
  const { left, read } = desk();
  await Promise.all([read("us-east-1"), read("us-west-2")]);
  expect(left).toEqual(["us-east-1", "us-west-2"]);
});
