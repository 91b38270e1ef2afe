// The CloudFormation types of API Gateway that the app uses. A property that would change what a
// caller sees and is not modelled is refused by name.
import { z } from "zod";
import type { CreatedResource, DeployedResource, Random, ResourceModels } from "../../kernel.ts";
import { addMethod } from "./methods.ts";
import type { Api, ApiResource, Domain, Stage } from "./model.ts";
import { readModel } from "./request-model.ts";

export interface Registry {
  readonly apis: Map<string, Api>;
  /** By Region and name: both Regions have the public name. */
  readonly domains: Map<string, Domain>;
}

export interface ModelPorts {
  readonly account: string;
  readonly random: Random;
  readonly registry: Registry;
  /** A new domain listens at its addresses. */
  onDomain(domain: Domain): void;
}

export const domainKey = (region: string, name: string) => `${region} ${name.toLowerCase()}`;

const restApiSchema = z.object({
  Name: z.string(),
  Body: z.undefined("an OpenAPI body is not modelled").optional(),
  Policy: z.undefined("a resource policy is not modelled").optional(),
});
const resourceSchema = z.object({
  ParentId: z.string(),
  PathPart: z.string(),
  RestApiId: z.string(),
});
const modelSchema = z.strictObject({
  RestApiId: z.string(),
  Name: z.string().optional(),
  ContentType: z.literal("application/json"),
  Description: z.string().optional(),
  Schema: z.json(),
});
const validatorSchema = z.strictObject({
  RestApiId: z.string(),
  Name: z.string().optional(),
  ValidateRequestBody: z.boolean().default(false),
  ValidateRequestParameters: z.boolean().default(false),
});
const stageSchema = z.object({
  RestApiId: z.string(),
  StageName: z.string(),
  DeploymentId: z.string(),
  MethodSettings: z
    .array(
      z.object({
        HttpMethod: z.literal("*"),
        ResourcePath: z.literal("/*"),
        ThrottlingRateLimit: z.coerce.number().optional(),
        ThrottlingBurstLimit: z.coerce.number().optional(),
      }),
    )
    .default([]),
});
// https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
const ownAnswerSchema = z.strictObject({
  RestApiId: z.string(),
  ResponseType: z.enum(["DEFAULT_4XX", "DEFAULT_5XX"]),
  ResponseParameters: z.record(
    z.string().regex(/^gatewayresponse\.header\./, "only headers are modelled"),
    z.string().regex(/^'.*'$/, "only static values are modelled"),
  ),
});
const domainSchema = z.object({
  DomainName: z.string(),
  EndpointConfiguration: z.object({ Types: z.tuple([z.literal("REGIONAL")]) }),
});
const mappingSchema = z.object({
  DomainName: z.string(),
  BasePath: z.string().default(""),
  RestApiId: z.string(),
  Stage: z.string(),
});

const named = (ref: string, attributes: CreatedResource["attributes"] = {}): CreatedResource => ({
  ref,
  attributes,
});

export function apiGatewayModels(ports: ModelPorts): ResourceModels {
  const id = () => ports.random.hex("apigateway", 10);
  return {
    "AWS::ApiGateway::RestApi": (resource) => restApi(resource, id(), id(), ports.registry),
    "AWS::ApiGateway::Resource": (resource) => apiResource(resource, id(), ports.registry),
    "AWS::ApiGateway::Method": (resource) => {
      addMethod(resource, (apiId) => apiOf(ports.registry, apiId));
      return named(resource.logicalId);
    },
    "AWS::ApiGateway::Model": (resource) => model(resource, ports.registry),
    "AWS::ApiGateway::RequestValidator": (resource) => validator(resource, id(), ports.registry),
    "AWS::ApiGateway::Deployment": () => named(id()),
    "AWS::ApiGateway::Stage": (resource) => stage(resource, ports.registry),
    "AWS::ApiGateway::GatewayResponse": (resource) => ownAnswer(resource, ports.registry),
    "AWS::ApiGateway::DomainName": (resource) => domain(resource, ports),
    "AWS::ApiGateway::BasePathMapping": (resource) => mapping(resource, ports.registry),
    // The role that API Gateway writes logs with; logs are not kept.
    "AWS::ApiGateway::Account": ({ logicalId }) => named(logicalId, { Id: logicalId }),
  };
}

function restApi(resource: DeployedResource, apiId: string, rootId: string, registry: Registry) {
  const { Name } = restApiSchema.parse(resource.properties);
  const root = { id: rootId, parentId: null, pathPart: "", methods: new Map() };
  registry.apis.set(apiId, {
    id: apiId,
    region: resource.region,
    name: Name,
    resources: new Map([[rootId, root]]),
    stages: new Map(),
    models: new Map(),
    validators: new Map(),
    ownHeaders: new Map(),
  });
  return named(apiId, { RestApiId: apiId, RootResourceId: rootId });
}

function apiOf(registry: Registry, apiId: string): Api {
  const api = registry.apis.get(apiId);
  if (api === undefined) throw new Error(`there is no REST API ${apiId}`);
  return api;
}

function apiResource(resource: DeployedResource, id: string, registry: Registry) {
  const { RestApiId, ParentId, PathPart } = resourceSchema.parse(resource.properties);
  const made: ApiResource = { id, parentId: ParentId, pathPart: PathPart, methods: new Map() };
  if (PathPart.endsWith("+}")) throw new Error(`greedy path variables are not modelled`);
  apiOf(registry, RestApiId).resources.set(id, made);
  return named(id, { ResourceId: id });
}

function model(resource: DeployedResource, registry: Registry) {
  const { RestApiId, Name, Schema } = modelSchema.parse(resource.properties);
  const name = Name ?? resource.logicalId;
  apiOf(registry, RestApiId).models.set(name, readModel(Schema));
  return named(name);
}

function validator(resource: DeployedResource, id: string, registry: Registry) {
  const given = validatorSchema.parse(resource.properties);
  apiOf(registry, given.RestApiId).validators.set(id, {
    body: given.ValidateRequestBody,
    parameters: given.ValidateRequestParameters,
  });
  return named(id, { RequestValidatorId: id });
}

function stage(resource: DeployedResource, registry: Registry) {
  const given = stageSchema.parse(resource.properties);
  const [settings] = given.MethodSettings;
  const rate = settings?.ThrottlingRateLimit;
  const made: Stage = {
    name: given.StageName,
    throttle:
      rate === undefined
        ? null
        : { ratePerSecond: rate, burst: settings?.ThrottlingBurstLimit ?? rate },
    isDeleted: false,
  };
  apiOf(registry, given.RestApiId).stages.set(made.name, made);
  return named(made.name);
}

function ownAnswer(resource: DeployedResource, registry: Registry) {
  const given = ownAnswerSchema.parse(resource.properties);
  const headers = Object.entries(given.ResponseParameters).map(
    ([name, value]) => [name.split(".").slice(2).join("."), value.slice(1, -1)] as const,
  );
  const ofClass = given.ResponseType === "DEFAULT_4XX" ? "4" : "5";
  apiOf(registry, given.RestApiId).ownHeaders.set(ofClass, Object.fromEntries(headers));
  return named(resource.logicalId);
}

/** Addresses are of the ranges for benchmarks and documentation (RFC 2544, RFC 3849). */
function domain(resource: DeployedResource, { account, random, registry, onDomain }: ModelPorts) {
  const { DomainName: name } = domainSchema.parse(resource.properties);
  const { region } = resource;
  const number = registry.domains.size * 2 + 1;
  const regionalName = `d-${random.hex("apigateway", 10)}.execute-api.${region}.amazonaws.com`;
  const made: Domain = {
    name,
    region,
    regionalName,
    hostedZoneId: `Z${random.hex(`apigateway-zone:${region}`, 13).toUpperCase()}`,
    addresses: {
      A: [`198.18.0.${number}`, `198.18.0.${number + 1}`],
      AAAA: [`2001:db8::${number.toString(16)}`],
    },
    mappings: [],
  };
  registry.domains.set(domainKey(region, name), made);
  onDomain(made);
  return named(name, {
    RegionalDomainName: regionalName,
    RegionalHostedZoneId: made.hostedZoneId,
    DomainNameArn: `arn:aws:apigateway:${region}:${account}:/domainnames/${name}`,
  });
}

function mapping(resource: DeployedResource, registry: Registry) {
  const given = mappingSchema.parse(resource.properties);
  const target = registry.domains.get(domainKey(resource.region, given.DomainName));
  if (target === undefined) throw new Error(`there is no domain name ${given.DomainName}`);
  target.mappings.push({
    basePath: given.BasePath,
    apiId: given.RestApiId,
    stage: given.Stage,
    isDeleted: false,
  });
  return named(`${given.DomainName}|${given.BasePath}`);
}
