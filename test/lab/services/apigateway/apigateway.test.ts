import { afterEach, beforeEach, expect, it } from "vitest";
import type { HttpRequest, Json } from "../../../../lab/kernel.ts";
import {
  type ApiGateway,
  createApiGateway,
} from "../../../../lab/services/apigateway/apigateway.ts";
import {
  account,
  allow,
  deployFunction,
  outcome,
  resource,
  roleArn,
  type SmallLab,
  smallLab,
} from "../../small-lab.ts";

let lab: SmallLab;
let gateway: ApiGateway;
let apiId: string;
let address: string;
const host = "us-east-1.api.example.com";

beforeEach(async () => {
  lab = smallLab();
  gateway = createApiGateway({
    lab: { ...lab.lab, iam: lab.iam, lambda: lab.lambda },
    accessKeys: lab.accessKeys,
  });
  await deployApi();
});
afterEach(() => lab.close());

async function deploy(type: string, logicalId: string, properties: { [key: string]: Json }) {
  const model = gateway.models[`AWS::ApiGateway::${type}`];
  if (model === undefined) throw new Error(`no model of ${type}`);
  return await model(resource(type, logicalId, properties));
}

const source = `exports.handler = async (event) => {
  if (event.path === "/orders/throws") throw new Error("broken");
  if (event.path === "/orders/malformed") return "text";
  if (event.path === "/orders/slow") await new Promise((done) => setTimeout(done, 40000));
  return { statusCode: 200, headers: { "X-Region": "us-east-1" }, body: JSON.stringify(event) };
};`;

async function deployApi() {
  const functionArn = await deployFunction(lab, "orders-api", source, { Timeout: 60 });
  const api = await deploy("RestApi", "Api", { Name: "orders-api" });
  apiId = api.ref;
  const integration = {
    Type: "AWS_PROXY",
    Uri: `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${functionArn}/invocations`,
  };
  const path = async (PathPart: string, ParentId: Json) =>
    (await deploy("Resource", PathPart, { RestApiId: apiId, PathPart, ParentId })).ref;
  const method = (ResourceId: string, HttpMethod: string, AuthorizationType: string) =>
    deploy("Method", `${ResourceId}${HttpMethod}`, {
      ...{ RestApiId: apiId, ResourceId, HttpMethod, AuthorizationType },
      Integration: integration,
    });
  const orders = await path("orders", api.attributes.RootResourceId ?? null);
  const health = await path("health", api.attributes.RootResourceId ?? null);
  const canary = await path("canary", orders);
  const order = await path("{id}", orders);
  await method(health, "GET", "NONE");
  await method(orders, "POST", "NONE");
  await method(canary, "POST", "AWS_IAM");
  await method(order, "GET", "NONE");
  const throttling = { ThrottlingRateLimit: 10, ThrottlingBurstLimit: 3 };
  await deploy("Stage", "Stage", {
    ...{ RestApiId: apiId, StageName: "prod", DeploymentId: "1" },
    MethodSettings: [{ HttpMethod: "*", ResourcePath: "/*", ...throttling }],
  });
  const domain = await deploy("DomainName", "Own", {
    DomainName: host,
    EndpointConfiguration: { Types: ["REGIONAL"] },
  });
  address = gateway.addresses(String(domain.attributes.RegionalDomainName), "A")[0] ?? "";
  await deploy("BasePathMapping", "Map", { DomainName: host, RestApiId: apiId, Stage: "prod" });
  const permission = "AWS::Lambda::Permission";
  await lab.lambda.models[permission]?.(
    resource(permission, "Permission", {
      FunctionName: functionArn,
      Action: "lambda:InvokeFunction",
      Principal: "apigateway.amazonaws.com",
      SourceArn: `arn:aws:execute-api:us-east-1:${account}:${apiId}/prod/*`,
    }),
  );
}

const get = (path: string, more: Partial<HttpRequest> = {}): HttpRequest => ({
  ...{ method: "GET", host, path, query: {}, headers: {}, body: "" },
  ...more,
});
const ask = async (request: HttpRequest, seconds = 35) =>
  await outcome(lab, lab.web.exchange({ region: "us-west-2" }, address, request), seconds);

it("turns a request into a proxy event, and the function's answer into a response", async () => {
  const answer = await ask(
    get("/orders/7", { query: { verbose: "1" }, headers: { accept: "application/json" } }),
  );
  expect(answer).toMatchObject({
    status: 200,
    headers: { "x-region": "us-east-1", "content-type": "application/json" },
  });
  const body = typeof answer === "object" && answer !== null && "body" in answer ? answer.body : "";
  expect(JSON.parse(String(body))).toMatchObject({
    resource: "/orders/{id}",
    path: "/orders/7",
    httpMethod: "GET",
    headers: { accept: "application/json", Host: host },
    queryStringParameters: { verbose: "1" },
    pathParameters: { id: "7" },
    body: null,
    requestContext: {
      accountId: account,
      apiId,
      stage: "prod",
      resourcePath: "/orders/{id}",
      identity: { userArn: null },
      domainName: host,
    },
  });
});

it("answers in its own words what it has no domain, mapping or method for", async () => {
  expect(await ask(get("/health", { host: "other.example.com" }))).toMatchObject({
    status: 403,
    body: '{"message":"Forbidden"}',
  });
  expect(await ask(get("/nothing"))).toMatchObject({
    status: 403,
    body: '{"message":"Missing Authentication Token"}',
  });
  expect(await ask(get("/health", { method: "DELETE" }))).toMatchObject({ status: 403 });
});

const signedBy = (accessKeyId: string, region = "us-east-1"): HttpRequest =>
  get("/orders/canary", {
    method: "POST",
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20260115/${region}/execute-api/aws4_request, SignedHeaders=host, Signature=0`,
    },
  });

it("lets only roles that may invoke it call a method with IAM authorisation", async () => {
  const { accessKeyId } = lab.accessKeys.issue({ kind: "role", arn: roleArn });
  expect(await ask(get("/orders/canary", { method: "POST" }))).toMatchObject({
    status: 403,
    body: '{"message":"Missing Authentication Token"}',
  });
  expect(await ask(signedBy("ASIAUNKNOWN"))).toMatchObject({ status: 403 });
  expect(await ask(signedBy(accessKeyId))).toMatchObject({
    status: 403,
    headers: { "x-amzn-errortype": "AccessDeniedException" },
  });
  const arn = `arn:aws:execute-api:us-east-1:${account}:${apiId}/prod/POST/orders/canary`;
  lab.iam.addPolicy(roleArn, allow("execute-api:Invoke", arn));
  expect(await ask(signedBy(accessKeyId))).toMatchObject({ status: 200 });
  expect(await ask(signedBy(accessKeyId, "us-west-2"))).toMatchObject({
    status: 403,
    headers: { "x-amzn-errortype": "InvalidSignatureException" },
  });
});

it("names what a gateway response says on its own answers, and on no other", async () => {
  for (const ResponseType of ["DEFAULT_4XX", "DEFAULT_5XX"]) {
    await deploy("GatewayResponse", ResponseType, {
      ...{ RestApiId: apiId, ResponseType },
      ResponseParameters: { "gatewayresponse.header.X-Own": "'us-east-1'" },
    });
  }
  const own = { "x-own": "us-east-1" };
  expect(await ask(get("/nothing"))).toMatchObject({ status: 403, headers: own });
  expect(await ask(get("/orders/throws"))).toMatchObject({ status: 502, headers: own });
  const answer = await ask(get("/health"));
  expect(answer).toMatchObject({ status: 200 });
  expect(answer).not.toHaveProperty("headers.x-own");
});

it("answers 502 for a function that fails or answers no response, and 504 after 29 s", async () => {
  expect(await ask(get("/orders/throws"))).toMatchObject({ status: 502 });
  expect(await ask(get("/orders/malformed"))).toMatchObject({ status: 502 });
  expect(await ask(get("/orders/slow"), 29)).toBe("silence");
  expect(await ask(get("/orders/slow"))).toMatchObject({
    status: 504,
    body: '{"message":"Endpoint request timed out"}',
  });
});

it("throttles a stage at its burst, and refills at its rate", async () => {
  const many = Array.from({ length: 5 }, () =>
    lab.web.exchange({ region: "us-east-1" }, address, get("/health")),
  );
  const statuses = await outcome(
    lab,
    Promise.all(many).then((answers) => answers.map(({ status }) => status).sort()),
  );
  expect(statuses).toEqual([200, 200, 200, 429, 429]);
  expect(await ask(get("/health"))).toMatchObject({ status: 200 });
});

it("shows nothing but an internal error when it may not invoke the function", async () => {
  const other = await deployFunction(lab, "closed", source);
  const root = (await deploy("RestApi", "Other", { Name: "other" })).attributes;
  const otherApi = String(root.RestApiId);
  await deploy("Method", "Any", {
    ...{ RestApiId: otherApi, ResourceId: root.RootResourceId ?? null, HttpMethod: "ANY" },
    AuthorizationType: "NONE",
    Integration: { Type: "AWS_PROXY", Uri: `x/functions/${other}/invocations` },
  });
  await deploy("Stage", "S", { RestApiId: otherApi, StageName: "prod", DeploymentId: "1" });
  await deploy("BasePathMapping", "M", {
    ...{ DomainName: host, RestApiId: otherApi, Stage: "prod" },
    BasePath: "other",
  });
  expect(await ask(get("/other"))).toMatchObject({
    status: 500,
    body: '{"message":"Internal server error"}',
  });
});

it("fails the application's answers under a fault, but not /health", async () => {
  const heal = gateway.addEndpointFault("us-east-1", {
    ...{ mode: "error", share: 1, seconds: 0, path: null },
  });
  expect(await ask(get("/orders/7"))).toMatchObject({ status: 500 });
  expect(await ask(get("/health"))).toMatchObject({ status: 200 });
  heal();
  expect(await ask(get("/orders/7"))).toMatchObject({ status: 200 });
});

it("delays answers after their effect, spoils bodies, and hits paths by prefix", async () => {
  const heal = gateway.addEndpointFault("us-east-1", {
    ...{ mode: "slow", share: 1, seconds: 15, path: "/health" },
  });
  expect(await ask(get("/health"), 15)).toBe("silence");
  expect(await ask(get("/health"))).toMatchObject({ status: 200 });
  expect(await ask(get("/orders/7"), 1)).toMatchObject({ status: 200 });
  heal();
  gateway.addEndpointFault("us-east-1", {
    ...{ mode: "wrong-body", share: 1, seconds: 0, path: "/orders" },
  });
  expect(await ask(get("/orders/7"))).toMatchObject({ body: expect.stringContaining("<html>") });
});

it("hits the stated share of requests", async () => {
  gateway.addEndpointFault("us-east-1", { mode: "error", share: 0.5, seconds: 0, path: null });
  let failed = 0;
  for (let request = 0; request < 40; request += 1) {
    const answer = await ask(get("/orders/7"), 1);
    if (JSON.stringify(answer).includes('"status":500')) failed += 1;
  }
  expect(failed).toBeGreaterThan(8);
  expect(failed).toBeLessThan(32);
});

it("is silent while its Region is down", async () => {
  lab.network.setDown("us-east-1", true);
  expect(await ask(get("/health"))).toBe("silence");
});

it("refuses connections to addresses where nobody listens", async () => {
  address = "198.18.9.9";
  expect(await ask(get("/health"))).toBe("ConnectionRefused: connect ECONNREFUSED 198.18.9.9:443");
});

it.each([
  ["error", { status: 500, body: '{"message":"Internal server error"}' }],
  ["throttle", { status: 429, body: '{"message":"Too Many Requests"}' }],
] as const)("speaks for itself while it is hindered: %s", async (mode, said) => {
  const heal = lab.hindrances.add("us-east-1", "apigateway", { mode, share: 1, seconds: 0 });
  expect(await ask(get("/health"))).toMatchObject(said);
  heal();
  expect(await ask(get("/health"))).toMatchObject({ status: 200 });
});

it("is silent while it is out of reach, late while it is slow", async () => {
  const hinder = (mode: "unreachable" | "slow") =>
    lab.hindrances.add("us-east-1", "apigateway", { mode, share: 1, seconds: 8 });
  const heal = hinder("unreachable");
  expect(await ask(get("/health"))).toBe("silence");
  heal();
  hinder("slow");
  expect(await ask(get("/health"), 7)).toBe("silence");
  expect(await ask(get("/health"), 9)).toMatchObject({ status: 200 });
});

it("loses its addresses with its name, and serves who still has one", async () => {
  const domain = await deploy("DomainName", "Second", {
    DomainName: "api.example.com",
    EndpointConfiguration: { Types: ["REGIONAL"] },
  });
  const name = String(domain.attributes.RegionalDomainName);
  expect(gateway.addresses(name, "A")).toHaveLength(2);
  lab.hindrances.add("us-east-1", "apigateway", { mode: "no-dns", share: 1, seconds: 0 });
  expect(gateway.addresses(name, "A")).toEqual([]);
  expect(await ask(get("/health"))).toMatchObject({ status: 200 });
});

it.each(["setStagesDeleted", "setMappingsDeleted"] as const)(
  "answers Forbidden without its stage or mapping, in that Region alone: %s",
  async (set) => {
    gateway[set]("us-west-2", true);
    expect(await ask(get("/health"))).toMatchObject({ status: 200 });
    gateway[set]("us-east-1", true);
    expect(await ask(get("/health"))).toMatchObject({
      status: 403,
      body: '{"message":"Forbidden"}',
    });
    gateway[set]("us-east-1", false);
    expect(await ask(get("/health"))).toMatchObject({ status: 200 });
  },
);
