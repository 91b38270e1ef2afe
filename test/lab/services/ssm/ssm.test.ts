import {
  DeleteParameterCommand,
  GetParameterCommand,
  PutParameterCommand,
  SSMClient,
} from "@aws-sdk/client-ssm";
import { describe, expect, it } from "vitest";
import type { Json } from "../../../../lab/kernel.ts";
import { createSsm } from "../../../../lab/services/ssm/ssm.ts";
import { account, inProcess } from "../in-process.ts";

const region = "us-east-2";
const now = Date.UTC(2026, 0, 15, 9);

function world() {
  const clock = {
    zero: now,
    now: () => now,
    seconds: () => 0,
    after: () => () => {},
    sleep: async () => {},
    track: <T>(operation: Promise<T>) => operation,
    runUntil: async () => {},
  };
  const ssm = createSsm({ account, clock });
  const create = (type: string, properties: { [name: string]: Json }) =>
    ssm.models[type]?.({ stack: "routing", region, logicalId: "R", type, properties });
  return { ssm, create, client: new SSMClient(inProcess(ssm.service, region)) };
}

describe("a parameter", () => {
  it("of a template is read by name, in its Region alone", async () => {
    const { create, client, ssm } = world();
    await create("AWS::SSM::Parameter", { Name: "/s/checks", Type: "String", Value: "{}" });
    const { Parameter } = await client.send(new GetParameterCommand({ Name: "/s/checks" }));
    expect(Parameter).toMatchObject({
      Name: "/s/checks",
      Type: "String",
      Value: "{}",
      Version: 1,
      LastModifiedDate: new Date(now),
      ARN: `arn:aws:ssm:${region}:${account}:parameter/s/checks`,
    });
    expect(ssm.parameter(region, "/s/checks")).toBe("{}");
    expect(ssm.parameter("us-east-1", "/s/checks")).toBeUndefined();
  });

  it("is overwritten only on request", async () => {
    const { client } = world();
    const put = (more: object) =>
      client.send(new PutParameterCommand({ Name: "/a", Value: "v", ...more }));
    await put({ Type: "String" });
    await expect(put({})).rejects.toMatchObject({ name: "ParameterAlreadyExists" });
    expect((await put({ Overwrite: true })).Version).toBe(2);
  });

  it("that does not exist is an error, and so is what is not modelled", async () => {
    const { client } = world();
    await expect(client.send(new GetParameterCommand({ Name: "/no" }))).rejects.toMatchObject({
      name: "ParameterNotFound",
    });
    const remove = new DeleteParameterCommand({ Name: "/no" });
    await expect(client.send(remove)).rejects.toMatchObject({ name: "UnknownOperationException" });
  });

  it("carries a reference from one Region's stack to another's", async () => {
    const { create, ssm } = world();
    const name = "/cdk/exports/routing/RegionDomain";
    await create("Custom::CrossRegionExportWriter", {
      ServiceToken: "arn",
      WriterProps: { region: "us-west-2", prefix: "routing", exports: { [name]: "d-1.example" } },
    });
    expect(ssm.parameter("us-west-2", name)).toBe("d-1.example");
    const reader = await create("Custom::CrossRegionExportReader", {
      ServiceToken: "arn",
      ReaderProps: { region: "us-west-2", prefix: "routing", imports: { [name]: "d-1.example" } },
    });
    expect(reader?.attributes[name]).toBe("d-1.example");
  });
});
