import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetHealthCheckCommand, Route53Client } from "@aws-sdk/client-route-53";
import { DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type AwsCalls, createAwsCalls } from "../../lab/aws-calls.ts";
import { installClock, type LabClock } from "../../lab/clock.ts";
import { createInternet } from "../../lab/internet.ts";
import type { AwsRequest, AwsService, Demand, Json, Network, Principal } from "../../lab/kernel.ts";
import { createEventLog } from "../../lab/log.ts";
import { createNetwork } from "../../lab/network.ts";
import { createRandom } from "../../lab/random.ts";
import { type SdkTimeouts, sdkRequestHandler } from "../../lab/sdk-request-handler.ts";

const zero = Date.UTC(2026, 0, 15, 9, 0, 0);
const role: Principal = { kind: "role", arn: "arn:aws:iam::111111111111:role/orders-api" };
const from = { region: "us-east-1" };
let clock: LabClock;
let network: Network;
let calls: AwsCalls;
let allowed: boolean;
let asked: Demand[];
let policies: Json[];
let log: ReturnType<typeof createEventLog>;
beforeEach(() => {
  clock = installClock({ zero });
  network = createNetwork(clock, createRandom(1));
  log = createEventLog(clock);
  allowed = true;
  asked = [];
  policies = [];
  const iam = {
    addRole: () => {},
    addPolicy: () => {},
    allows: async (_: Principal, demand: Demand, resourcePolicy?: Json) => {
      asked.push(demand);
      if (resourcePolicy !== undefined) policies.push(resourcePolicy);
      return allowed;
    },
  };
  calls = createAwsCalls({ clock, network, internet: createInternet(clock, network), iam, log });
});
afterEach(() => clock.uninstall());

function service(name: string, body: string, seen: AwsRequest[] = []): AwsService {
  return {
    name,
    demands: (request) =>
      request.headers["x-amz-target"]?.endsWith("Unknown")
        ? null
        : [{ action: `${name}:Act`, resource: "*" }],
    async handle(request) {
      seen.push(request);
      return { status: 200, headers: { "Content-Type": "application/json" }, body };
    },
    error: (_, code, message, status) => ({
      status,
      headers: { "x-amzn-errortype": code },
      body: JSON.stringify({ __type: code, message }),
    }),
  };
}

function settings(timeouts: SdkTimeouts = {}, region = "us-west-2") {
  return {
    region,
    maxAttempts: 1,
    credentials: { accessKeyId: "ASIA1", secretAccessKey: "secret" },
    requestHandler: sdkRequestHandler({ clock, calls, principal: role, from, timeouts }),
  };
}

/** What became of a call within so many virtual seconds. */
async function outcome(call: Promise<unknown>, seconds = 30): Promise<unknown> {
  let result: unknown = "silence";
  call.then(
    (value) => {
      result = value;
    },
    (fault: Error) => {
      result = `${fault.name}: ${fault.message}`;
    },
  );
  await clock.runUntil(clock.now() + seconds * 1000);
  return result;
}

const getItem = (timeouts: SdkTimeouts = {}) =>
  DynamoDBDocumentClient.from(new DynamoDBClient(settings(timeouts))).send(
    new GetCommand({ TableName: "orders-control", Key: { pk: "group#orders" } }),
  );

it("carries an SDK call to the Region of its signature and back", async () => {
  const seen: AwsRequest[] = [];
  calls.register(
    service("dynamodb", '{"Item":{"pk":{"S":"group#orders"},"epoch":{"N":"3"}}}', seen),
  );
  expect(await outcome(getItem())).toMatchObject({ Item: { pk: "group#orders", epoch: 3 } });
  expect(seen).toHaveLength(1);
  expect(seen[0]).toMatchObject({
    sentAt: zero,
    service: "dynamodb",
    region: "us-west-2",
    method: "POST",
    principal: role,
    from,
    body: '{"TableName":"orders-control","Key":{"pk":{"S":"group#orders"}}}',
  });
  expect(asked).toEqual([
    { action: "dynamodb:Act", resource: "*", context: { "aws:RequestedRegion": "us-west-2" } },
  ]);
});

it("carries REST calls: path, query and a binary payload", async () => {
  const seen: AwsRequest[] = [];
  calls.register(service("lambda", '{"answer":1}', seen));
  const client = new LambdaClient(settings());
  const answer = await outcome(
    client.send(
      new InvokeCommand({ FunctionName: "orders-look", Payload: Buffer.from('{"a":1}') }),
    ),
  );
  expect(answer).toMatchObject({ StatusCode: 200 });
  expect(seen[0]?.path).toBe("/2015-03-31/functions/orders-look/invocations");
  expect(seen[0]?.body).toBe('{"a":1}');
});

it("denies in the service's words what a policy does not allow", async () => {
  allowed = false;
  calls.register(service("dynamodb", "{}"));
  expect(await outcome(getItem())).toBe(
    "AccessDeniedException: User: arn:aws:iam::111111111111:role/orders-api is not authorized " +
      "to perform: dynamodb:Act on resource: * because no identity-based policy allows the " +
      "dynamodb:Act action",
  );
});

it("refuses by name what no service models, and logs it", async () => {
  expect(await outcome(getItem())).toBe(
    "Error: The lab does not model DynamoDB_20120810.GetItem of dynamodb.",
  );
  expect(log.events.map(({ kind, detail }) => ({ kind, detail }))).toEqual([
    {
      kind: "not-modelled",
      detail: { service: "dynamodb", operation: "DynamoDB_20120810.GetItem" },
    },
  ]);
});

it("gives up connecting to a Region that is down after connectionTimeout", async () => {
  calls.register(service("dynamodb", "{}"));
  network.setDown("us-west-2", true);
  expect(await outcome(getItem({ connectionTimeout: 1000 }), 0.999)).toBe("silence");
  expect(await outcome(getItem({ connectionTimeout: 1000 }), 1)).toContain("TimeoutError");
});

it("waits beyond requestTimeout, as the SDK does unless told to throw", async () => {
  const slow = service("dynamodb", "{}");
  calls.register({
    ...slow,
    handle: async (request) => {
      await clock.sleep(5000);
      return slow.handle(request);
    },
  });
  expect(await outcome(getItem({ connectionTimeout: 1000, requestTimeout: 3000 }))).toMatchObject({
    $metadata: { httpStatusCode: 200 },
  });
  const throwing = { requestTimeout: 3000, throwOnRequestTimeout: true };
  expect(await outcome(getItem(throwing))).toContain("TimeoutError");
});

it("stops waiting when the caller aborts", async () => {
  calls.register(service("dynamodb", "{}"));
  network.setDown("us-west-2", true);
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 2000);
  const client = new DynamoDBClient(settings());
  const call = DynamoDBDocumentClient.from(client).send(
    new GetCommand({ TableName: "orders-control", Key: { pk: "x" } }),
    { abortSignal: controller.signal },
  );
  expect(await outcome(call)).toBe("AbortError: Request aborted");
});

const healthCheckFrom = (region: string) =>
  new Route53Client({
    ...settings(),
    requestHandler: sdkRequestHandler({
      ...{ clock, calls, principal: role, from: { region } },
      timeouts: { connectionTimeout: 1000 },
    }),
  }).send(new GetHealthCheckCommand({ HealthCheckId: "1" }));

it("reaches Route 53's API past a Region that is down, and from no Region that is", async () => {
  const xml =
    "<GetHealthCheckResponse><HealthCheck><Id>1</Id></HealthCheck></GetHealthCheckResponse>";
  const seen: AwsRequest[] = [];
  calls.register(service("route53", xml, seen));
  network.setDown("us-east-1", true);
  expect(await outcome(healthCheckFrom("us-west-2"))).toMatchObject({ HealthCheck: { Id: "1" } });
  expect(seen[0]?.region).toBe("us-east-1");
  expect(await outcome(healthCheckFrom("us-east-1"))).toContain("TimeoutError");
});

it("lets a fault answer for the service, or keep silent", async () => {
  calls.register(service("dynamodb", "{}"));
  const heal = calls.intercept((request, to) => to.error(request, "Busy", "try later", 400));
  expect(await outcome(getItem())).toBe("Busy: try later");
  heal();
  const healSilence = calls.intercept(() => "hang");
  expect(await outcome(getItem({ connectionTimeout: 1000 }))).toContain("TimeoutError");
  healSilence();
  const healNames = calls.intercept(() => "no-dns");
  expect(await outcome(getItem())).toBe(
    "Error: getaddrinfo ENOTFOUND dynamodb.us-west-2.amazonaws.com",
  );
  healNames();
  calls.intercept(() => ({ delayMilliseconds: 5000 }));
  expect(await outcome(getItem({ connectionTimeout: 1000 }), 5)).toBe("silence");
  expect(await outcome(getItem({ connectionTimeout: 1000 }), 6)).toMatchObject({
    $metadata: { httpStatusCode: 200 },
  });
});

it("lets the worst of several faults decide, and adds up what they delay", async () => {
  calls.register(service("dynamodb", "{}"));
  calls.intercept(() => ({ delayMilliseconds: 2000 }));
  calls.intercept(() => ({ delayMilliseconds: 3000 }));
  expect(await outcome(getItem({ connectionTimeout: 1000 }), 5)).toBe("silence");
  expect(await outcome(getItem({ connectionTimeout: 1000 }), 6)).toMatchObject({
    $metadata: { httpStatusCode: 200 },
  });
  calls.intercept(() => "no-dns");
  expect(await outcome(getItem())).toContain("ENOTFOUND");
  const heal = calls.intercept((request, to) => to.error(request, "Busy", "try later", 400));
  expect(await outcome(getItem())).toBe("Busy: try later");
  calls.intercept(() => "hang");
  expect(await outcome(getItem({ connectionTimeout: 1000 }))).toContain("TimeoutError");
  heal();
  expect(await outcome(getItem({ connectionTimeout: 1000 }))).toContain("TimeoutError");
});

it("tells who listens each answer, a fault's in the service's place too", async () => {
  calls.register(service("dynamodb", "{}"));
  const heard: [string, number][] = [];
  calls.onAnswer((request, { status }) => heard.push([request.service, status]));
  await outcome(getItem());
  calls.intercept((request, to) => to.error(request, "Broken", "try later", 500));
  await outcome(getItem());
  expect(heard).toEqual([
    ["dynamodb", 200],
    ["dynamodb", 500],
  ]);
});

it("asks with the resource's policy, and for whom a service calls", async () => {
  const resourcePolicy = { Version: "2012-10-17", Statement: [] };
  const demand = { action: "sqs:SendMessage", resource: "*", resourcePolicy };
  calls.register({ ...service("sqs", "{}"), demands: () => [demand] });
  const sourceArn = "arn:aws:events:us-east-1:111111111111:rule/r";
  const sent = calls.call({
    ...{ service: "sqs", region: "us-east-1", method: "POST", path: "/", query: {} },
    ...{ headers: {}, body: "{}", from, sourceArn },
    principal: { kind: "service", arn: "events.amazonaws.com" },
  });
  expect(await outcome(sent)).toMatchObject({ status: 200 });
  expect(asked).toEqual([
    {
      ...{ action: "sqs:SendMessage", resource: "*" },
      context: {
        "aws:RequestedRegion": "us-east-1",
        "aws:SourceArn": sourceArn,
        "aws:SourceAccount": "111111111111",
      },
    },
  ]);
  expect(policies).toEqual([resourcePolicy]);
});
