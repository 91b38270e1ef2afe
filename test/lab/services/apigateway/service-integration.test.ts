import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AwsRequest, AwsResponse, HttpRequest, Json } from "../../../../lab/kernel.ts";
import {
  type ApiGateway,
  createApiGateway,
} from "../../../../lab/services/apigateway/apigateway.ts";
import { account, allow, outcome, resource, type SmallLab, smallLab } from "../../small-lab.ts";

const host = "us-east-1.api.example.com";
const integrationRole = `arn:aws:iam::${account}:role/api`;
const trustApiGateway: Json = {
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Action: "sts:AssumeRole",
      Principal: { Service: "apigateway.amazonaws.com" },
    },
  ],
};

const busArn = `arn:aws:events:us-east-1:${account}:event-bus/orders-events`;

let lab: SmallLab;
let gateway: ApiGateway;
let address: string;
let asked: AwsRequest[];
let serve: () => Promise<AwsResponse>;
const says = (status: number, body: Json): AwsResponse => ({
  status,
  headers: {},
  body: JSON.stringify(body),
});

beforeEach(() => {
  lab = smallLab();
  asked = [];
  serve = async () => says(200, { FailedEntryCount: 0, Entries: [{ EventId: "e-1" }] });
  lab.calls.register({
    name: "events",
    demands: () => [{ action: "events:PutEvents", resource: busArn }],
    handle: async (request) => {
      asked.push(request);
      return await serve();
    },
    error: (_request, code, message, status) => says(status, { __type: code, message }),
  });
  lab.iam.addRole(integrationRole, [allow("events:PutEvents")], trustApiGateway);
  gateway = createApiGateway({
    lab: { ...lab.lab, iam: lab.iam, lambda: lab.lambda },
    accessKeys: lab.accessKeys,
  });
});
afterEach(() => lab.close());

async function deploy(type: string, logicalId: string, properties: { [key: string]: Json }) {
  const model = gateway.models[`AWS::ApiGateway::${type}`];
  if (model === undefined) throw new Error(`no model of ${type}`);
  return await model(resource(type, logicalId, properties));
}

const okAnswer = [
  "#if($input.path('$.FailedEntryCount') == 0){\"eventId\":\"$input.path('$.Entries[0].EventId')\"}",
  '#else#set($context.responseOverride.status = 503){"title":"Unavailable"}#end',
].join("");
const header = "method.response.header.X-Region";
const integration = {
  Type: "AWS",
  Uri: "arn:aws:apigateway:us-east-1:events:action/PutEvents",
  IntegrationHttpMethod: "POST",
  Credentials: integrationRole,
  PassthroughBehavior: "NEVER",
  TimeoutInMillis: 8000,
  RequestParameters: { "integration.request.header.X-Amz-Target": "'AWSEvents.PutEvents'" },
  RequestTemplates: { "application/json": "{\"Detail\":$input.json('$.data')}" },
  IntegrationResponses: [
    {
      StatusCode: "202",
      SelectionPattern: "200",
      ResponseParameters: { [header]: "'us-east-1'" },
      ResponseTemplates: { "application/json": okAnswer },
    },
    { StatusCode: "503", ResponseParameters: { [header]: "'us-east-1'" } },
  ],
};
const responses = ["202", "503"].map((StatusCode) => ({
  StatusCode,
  ResponseParameters: { [header]: true },
}));

/** POST /events, with what a test changes of its integration and its method. */
async function deployApi(integrationMore: object = {}, methodMore: object = {}) {
  const api = await deploy("RestApi", "Api", { Name: "orders-api" });
  const RestApiId = api.ref;
  const ParentId = api.attributes.RootResourceId ?? null;
  const events = await deploy("Resource", "Events", { RestApiId, PathPart: "events", ParentId });
  const model = await deploy("Model", "NewEvent", {
    RestApiId,
    ContentType: "application/json",
    Name: "NewEvent",
    Schema: { type: "object", required: ["id"], properties: { id: { type: "string" } } },
  });
  const validator = await deploy("RequestValidator", "Validator", {
    RestApiId,
    ValidateRequestBody: true,
    ValidateRequestParameters: true,
  });
  await deploy("Method", "Post", {
    ...{ RestApiId, ResourceId: events.ref, HttpMethod: "POST", AuthorizationType: "NONE" },
    RequestValidatorId: validator.ref,
    RequestModels: { "application/json": model.ref },
    MethodResponses: responses,
    Integration: { ...integration, ...integrationMore },
    ...methodMore,
  });
  await deploy("Stage", "Stage", { RestApiId, StageName: "prod", DeploymentId: "1" });
  for (const ResponseType of ["DEFAULT_4XX", "DEFAULT_5XX"]) {
    const ResponseParameters = { "gatewayresponse.header.X-Region": "'us-east-1'" };
    await deploy("GatewayResponse", ResponseType, { RestApiId, ResponseType, ResponseParameters });
  }
  const domain = await deploy("DomainName", "Own", {
    DomainName: host,
    EndpointConfiguration: { Types: ["REGIONAL"] },
  });
  address = gateway.addresses(String(domain.attributes.RegionalDomainName), "A")[0] ?? "";
  await deploy("BasePathMapping", "Map", { DomainName: host, RestApiId, Stage: "prod" });
}

const post = async (body: Json, more: Partial<HttpRequest> = {}) => {
  const request: HttpRequest = {
    ...{ method: "POST", host, path: "/events", query: {} },
    headers: { "Content-Type": "application/json; charset=utf-8" },
    body: JSON.stringify(body),
    ...more,
  };
  const from = { region: "us-west-2" };
  return await outcome(lab, lab.web.exchange(from, address, request), 35);
};

describe("a method with a service behind it", () => {
  it("calls the service with its role, and answers by the template", async () => {
    await deployApi();
    expect(await post({ id: "a", data: { n: 1 } })).toMatchObject({
      status: 202,
      headers: { "content-type": "application/json", "x-region": "us-east-1" },
      body: '{"eventId":"e-1"}',
    });
    expect(asked).toMatchObject([
      {
        ...{ service: "events", region: "us-east-1", body: '{"Detail":{"n":1}}' },
        headers: { "x-amz-target": "AWSEvents.PutEvents" },
        principal: { kind: "role", arn: integrationRole },
      },
    ]);
  });

  it("may answer another status than the service, where its template says so", async () => {
    await deployApi();
    serve = async () => says(200, { FailedEntryCount: 1, Entries: [{ ErrorCode: "x" }] });
    expect(await post({ id: "a", data: {} })).toMatchObject({
      status: 503,
      headers: { "x-region": "us-east-1" },
      body: '{"title":"Unavailable"}',
    });
  });

  it("takes the response whose pattern fits the status, else the one without", async () => {
    await deployApi();
    serve = async () => says(500, { __type: "InternalException" });
    expect(await post({ id: "a", data: {} })).toMatchObject({
      status: 503,
      body: '{"__type":"InternalException"}',
    });
  });

  it("says Internal server error where no response fits", async () => {
    await deployApi({ IntegrationResponses: integration.IntegrationResponses.slice(0, 1) });
    serve = async () => says(400, {});
    expect(await post({ id: "a", data: {} })).toMatchObject({
      status: 500,
      headers: { "x-region": "us-east-1" },
    });
  });

  it("refuses what its model does not fit, before the service is asked", async () => {
    await deployApi();
    const refused = { status: 400, body: '{"message":"Invalid request body"}' };
    expect(await post({ data: {} })).toMatchObject(refused);
    expect(await post({}, { body: "{" })).toMatchObject(refused);
    expect(await post({}, { body: "" })).toMatchObject({
      ...refused,
      headers: { "x-region": "us-east-1" },
    });
    expect(asked).toEqual([]);
  });

  it("refuses content types without a template, and passes them on where it may", async () => {
    await deployApi();
    const text = { headers: { "content-type": "text/plain" } };
    expect(await post({ data: {} }, text)).toMatchObject({ status: 415 });
    expect(asked).toEqual([]);
  });

  it("passes a body on as it is where no template matches and it may", async () => {
    await deployApi({ PassthroughBehavior: "WHEN_NO_MATCH" });
    await post({ anything: 1 }, { headers: { "content-type": "text/plain" } });
    expect(asked[0]?.body).toBe('{"anything":1}');
  });

  it("asks for the query parameters that it requires", async () => {
    await deployApi({}, { RequestParameters: { "method.request.querystring.v": true } });
    expect(await post({ id: "a", data: {} })).toMatchObject({
      status: 400,
      body: '{"message":"Missing required request parameters: [v]"}',
    });
    expect(await post({ id: "a", data: {} }, { query: { v: "1" } })).toMatchObject({ status: 202 });
  });

  it("gives up after its timeout", async () => {
    await deployApi();
    serve = () => new Promise(() => {});
    expect(await post({ id: "a", data: {} })).toMatchObject({
      status: 504,
      body: '{"message":"Endpoint request timed out"}',
    });
  });

  it("is what its role may do", async () => {
    await deployApi({ Credentials: `arn:aws:iam::${account}:role/other` });
    lab.iam.addRole(`arn:aws:iam::${account}:role/other`, [], trustApiGateway);
    expect(await post({ id: "a", data: {} })).toMatchObject({ status: 503 });
    expect(lab.log.events.at(-1)).toMatchObject({
      kind: "denied",
      detail: { action: "events:PutEvents" },
    });
  });

  it("needs a role that trusts API Gateway", async () => {
    await deployApi({ Credentials: `arn:aws:iam::${account}:role/function` });
    expect(await post({ id: "a", data: {} })).toMatchObject({ status: 500 });
    expect(asked).toEqual([]);
  });

  it("fails the drill with what a template does and the lab does not model", async () => {
    await deployApi({ RequestTemplates: { "application/json": "$util.toJson('x')" } });
    expect(await post({ id: "a", data: {} })).toMatchObject({ status: 500 });
    expect(lab.log.events.at(-1)).toMatchObject({
      kind: "lab-defect",
      detail: {
        service: "apigateway",
        why: "/events: the lab models no method toJson of maps in templates",
      },
    });
  });

  it("is refused at deployment where an answer is not declared or not modelled", async () => {
    await expect(deployApi({}, { MethodResponses: [] })).rejects.toThrow(
      "no method response declares 202",
    );
    const undeclared = responses.map(({ StatusCode }) => ({ StatusCode }));
    await expect(deployApi({}, { MethodResponses: undeclared })).rejects.toThrow(
      `the method response 202 does not declare ${header}`,
    );
    const mapped = { "integration.request.header.X": "method.request.header.Y" };
    await expect(deployApi({ RequestParameters: mapped })).rejects.toThrow(
      "the lab models no parameter",
    );
  });
});

it("counts each answer of an API, its own ones too", async () => {
  await deployApi();
  await post({ id: "a", data: {} });
  await post({ data: {} });
  serve = async () => says(500, {});
  await post({ id: "a", data: {} });
  const dimensions = { ApiName: "orders-api", Stage: "prod" };
  const values = (name: string) =>
    lab.metrics.flatMap((metric) => {
      const [region, namespace, each, given, value] = Array.isArray(metric) ? metric : [];
      if (each !== name) return [];
      expect([region, namespace, given]).toEqual(["us-east-1", "AWS/ApiGateway", dimensions]);
      return [value];
    });
  expect(values("Count")).toEqual([1, 1, 1]);
  expect(values("4XXError")).toEqual([0, 1, 0]);
  expect(values("5XXError")).toEqual([0, 0, 1]);
  expect(values("Latency")).toEqual([expect.any(Number), 0, expect.any(Number)]);
});
