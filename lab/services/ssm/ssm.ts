// Systems Manager's parameters of all Regions, and the two custom resources by which CDK carries
// references across Regions: the writer puts parameters into the reading stack's Region, the
// reader hands them out as attributes. Natively, since their Lambda functions call CloudFormation.
import { z } from "zod";
import type { Region } from "../../../core/config/schema.ts";
import type {
  AwsRequest,
  AwsService,
  CreatedResource,
  DeployedResource,
  Lab,
  ResourceModels,
} from "../../kernel.ts";
import { jsonService, operation, ServiceFault } from "../json-service.ts";

export interface Ssm {
  readonly service: AwsService;
  readonly models: ResourceModels;
  /** A parameter's value, for dynamic references. */
  parameter(region: Region, name: string): string | undefined;
}

interface Parameter {
  readonly value: string;
  readonly type: string;
  readonly version: number;
  /** Virtual ms since 1970. */
  readonly changedAt: number;
}

const getSchema = z.strictObject({ Name: z.string(), WithDecryption: z.boolean().optional() });
const putSchema = z.strictObject({
  Name: z.string(),
  Value: z.string(),
  Type: z.enum(["String", "StringList"]).optional(),
  Overwrite: z.boolean().optional(),
  Description: z.string().optional(),
});
const parameterProperties = z.looseObject({
  Name: z.string().optional(),
  Type: z.enum(["String", "StringList"]),
  Value: z.string(),
});
const writerProperties = z.looseObject({
  WriterProps: z.looseObject({ region: z.string(), exports: z.record(z.string(), z.string()) }),
});
const readerProperties = z.looseObject({
  ReaderProps: z.looseObject({ imports: z.record(z.string(), z.string()) }),
});

export function createSsm(lab: Pick<Lab, "account" | "clock">): Ssm {
  const parameters = new Map<string, Parameter>();
  const keyOf = (region: Region, name: string) => `${region} ${name}`;
  const arnOf = (region: Region, name: string) =>
    `arn:aws:ssm:${region}:${lab.account}:parameter/${name.replace(/^\//, "")}`;
  const put = (region: Region, name: string, value: string, type: string): number => {
    const version = (parameters.get(keyOf(region, name))?.version ?? 0) + 1;
    const parameter = { value, type, version, changedAt: lab.clock.now() };
    parameters.set(keyOf(region, name), parameter);
    return version;
  };
  const needs = (action: string) => (input: { Name: string }, request: AwsRequest) => [
    { action: `ssm:${action}`, resource: arnOf(request.region, input.Name) },
  ];
  const get = operation(getSchema, needs("GetParameter"), ({ Name }, { region }) => {
    const found = parameters.get(keyOf(region, Name));
    if (found === undefined) throw new ServiceFault("ParameterNotFound", `no parameter ${Name}`);
    const { value: Value, type: Type, version: Version, changedAt } = found;
    const LastModifiedDate = changedAt / 1000;
    const ARN = arnOf(region, Name);
    return { Parameter: { Name, Type, Value, Version, LastModifiedDate, ARN, DataType: "text" } };
  });
  const change = operation(putSchema, needs("PutParameter"), (input, { region }) => {
    const known = parameters.get(keyOf(region, input.Name));
    if (known !== undefined && input.Overwrite !== true) {
      throw new ServiceFault("ParameterAlreadyExists", `${input.Name} exists; see Overwrite`);
    }
    const type = input.Type ?? known?.type ?? "String";
    return { Version: put(region, input.Name, input.Value, type), Tier: "Standard" };
  });
  return {
    service: jsonService({
      name: "ssm",
      version: "1.1",
      operations: { GetParameter: get, PutParameter: change },
    }),
    models: ssmModels(put),
    parameter: (region, name) => parameters.get(keyOf(region, name))?.value,
  };
}

type Put = (region: Region, name: string, value: string, type: string) => number;

function ssmModels(put: Put): ResourceModels {
  return {
    "AWS::SSM::Parameter": ({ region, stack, logicalId, properties }: DeployedResource) => {
      const { Name, Type, Value } = parameterProperties.parse(properties);
      const name = Name ?? `CFN-${stack}-${logicalId}`;
      put(region, name, Value, Type);
      return { ref: name, attributes: { Type, Value } };
    },
    "Custom::CrossRegionExportWriter": ({ stack, logicalId, properties }): CreatedResource => {
      const { region, exports } = writerProperties.parse(properties).WriterProps;
      for (const [name, value] of Object.entries(exports)) put(region, name, value, "String");
      return { ref: `${stack}-${logicalId}`, attributes: {} };
    },
    // Its imports are dynamic references to the parameters, resolved by now.
    "Custom::CrossRegionExportReader": ({ stack, logicalId, properties }): CreatedResource => {
      const { imports } = readerProperties.parse(properties).ReaderProps;
      return { ref: `${stack}-${logicalId}`, attributes: imports };
    },
  };
}
