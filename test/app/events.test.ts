// What the events workload adds to the templates, and what its mapping templates make of requests
// and answers: rendered by the lab's engine, since no code of ours runs between client and bus.
import { Match, type Template } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  canaryAnswer,
  canaryRequest,
  customerAnswer,
  customerRequest,
  failedAnswer,
} from "../../app/constructs/events-templates.ts";
import {
  newCanaryEventSchema,
  newEventSchema,
  queuedEventSchema,
} from "../../core/contracts/events.ts";
import { readTemplate } from "../../lab/services/apigateway/velocity.ts";
import { config } from "../functions/steady.ts";
import { synthesize } from "./assembly.ts";

const { primary, secondary, witness } = synthesize({ workloads: ["events"] });
const both = synthesize({ workloads: ["api", "events"] });

const routesOf = (template: Template) => {
  const resources = template.findResources("AWS::ApiGateway::Resource");
  const pathOf = (id: string): string => {
    const found = z
      .object({ PathPart: z.string(), ParentId: z.object({ Ref: z.string().optional() }) })
      .optional()
      .parse(resources[id]?.Properties);
    if (found === undefined) return "";
    return `${pathOf(found.ParentId.Ref ?? "")}/${found.PathPart}`;
  };
  return Object.values(template.findResources("AWS::ApiGateway::Method"))
    .map(({ Properties: p }) => {
      const path = pathOf(z.string().parse(p.ResourceId.Ref));
      return `${p.HttpMethod} ${path} ${p.AuthorizationType} ${p.Integration.Type}`;
    })
    .sort();
};

describe("the workload events", () => {
  it("alone deploys no orders' routes, beside the API all of them", () => {
    const events = [
      "GET /events/canary AWS_IAM AWS_PROXY",
      "GET /events/{id} NONE AWS_PROXY",
      "GET /health NONE AWS_PROXY",
      "GET /orders/canary AWS_IAM AWS_PROXY",
      "POST /events NONE AWS",
      "POST /events/canary AWS_IAM AWS",
      "POST /orders/canary AWS_IAM AWS_PROXY",
    ];
    const orders = ["GET /orders NONE", "GET /orders/{id} NONE", "POST /orders NONE"];
    expect(routesOf(primary)).toEqual(events);
    const forwarded = "POST /switchback/orders/forwarded AWS_IAM AWS_PROXY";
    const all = [...events, forwarded, ...orders.map((route) => `${route} AWS_PROXY`)];
    expect(routesOf(both.primary)).toEqual(all.sort());
  });

  it("that isn't chosen leaves nothing behind", () => {
    const without = JSON.stringify(synthesize({ workloads: ["api"] }).primary.toJSON());
    expect(without).not.toMatch(/SQS::|EventBus"|PutEvents"]|\/events|process-events/);
  });

  it("satisfies cdk-nag and CloudFormation's schemas, with either choice", () => {
    for (const workloads of [["events"], ["api", "events"]]) {
      const checked = synthesize({ workloads }, { validate: true, account: "123456789012" });
      expect(checked.assembly.stacks.length).toBeGreaterThan(4);
    }
  });

  it("answers with the Region's name whatever happens", () => {
    for (const [template, region] of [
      [primary, "us-east-1"],
      [secondary, "us-west-2"],
    ] as const) {
      const named = { "method.response.header.X-Region": `'${region}'` };
      template.hasResourceProperties("AWS::ApiGateway::Method", {
        HttpMethod: "POST",
        AuthorizationType: "NONE",
        Integration: {
          Type: "AWS",
          PassthroughBehavior: "NEVER",
          IntegrationResponses: [
            { StatusCode: "202", SelectionPattern: "200", ResponseParameters: named },
            { StatusCode: "503", SelectionPattern: Match.absent(), ResponseParameters: named },
          ].map(Match.objectLike),
        },
      });
    }
  });

  it("lets API Gateway put on its Region's bus, and nothing else", () => {
    const [role] = Object.entries(primary.findResources("AWS::IAM::Role")).filter(([id]) =>
      id.startsWith("EventsRoutesRole"),
    );
    const { AssumeRolePolicyDocument, Policies } = role?.[1].Properties ?? {};
    expect(JSON.stringify(AssumeRolePolicyDocument)).toContain("apigateway.amazonaws.com");
    expect(Policies[0].PolicyDocument.Statement).toEqual([
      {
        Action: "events:PutEvents",
        Effect: "Allow",
        Resource: { "Fn::GetAtt": [expect.stringMatching(/^EventsBus/), "Arn"] },
      },
    ]);
  });

  it("queues encrypted, for a fortnight, and moves aside what fails five times", () => {
    primary.hasResourceProperties("AWS::SQS::Queue", {
      QueueName: "orders-events",
      SqsManagedSseEnabled: true,
      MessageRetentionPeriod: 1_209_600,
      VisibilityTimeout: 90,
      RedrivePolicy: { maxReceiveCount: 5 },
    });
    primary.hasResourceProperties("AWS::SQS::Queue", {
      QueueName: "orders-events-dead",
      SqsManagedSseEnabled: true,
      MessageRetentionPeriod: 1_209_600,
    });
    primary.hasResourceProperties("AWS::Lambda::EventSourceMapping", {
      BatchSize: 10,
      FunctionResponseTypes: ["ReportBatchItemFailures"],
      ScalingConfig: { MaximumConcurrency: 20 },
    });
    primary.hasResourceProperties("AWS::Lambda::Function", {
      FunctionName: "orders-process-events",
      Timeout: 15,
    });
    primary.hasResourceProperties("AWS::Events::Rule", {
      EventPattern: { source: ["orders.events"], "detail-type": ["Event", "Canary Event"] },
      Targets: [Match.objectLike({ DeadLetterConfig: Match.anyValue() })],
    });
  });

  it("takes messages from its own rule alone, and over TLS alone", () => {
    const policies = Object.values(primary.findResources("AWS::SQS::QueuePolicy"));
    expect(policies).toHaveLength(2);
    for (const { Properties } of policies) {
      const statements = JSON.stringify(Properties.PolicyDocument.Statement);
      expect(statements).toContain('"aws:SecureTransport":"false"');
      expect(statements).toMatch(/"aws:SourceArn":\{"Fn::GetAtt":\["EventsRule/);
    }
  });

  it("pages when the dead-letter queue isn't empty", () => {
    primary.hasResourceProperties("AWS::CloudWatch::Alarm", {
      AlarmName: "orders-events-dead",
      Namespace: "AWS/SQS",
      MetricName: "ApproximateNumberOfMessagesVisible",
      Dimensions: [
        {
          Name: "QueueName",
          Value: { "Fn::GetAtt": [Match.stringLikeRegexp("^EventsDead"), "QueueName"] },
        },
      ],
      Threshold: 1,
      TreatMissingData: "notBreaching",
    });
  });

  it("lets process-events write events and canaries' items, and the walkers post theirs", () => {
    const roles = Object.entries(primary.findResources("AWS::IAM::Role"));
    const [role] = roles.filter(([id]) => id.startsWith("FunctionsprocesseventsRole"));
    const statements = JSON.stringify(role?.[1].Properties.Policies);
    expect(statements).toContain('{"dynamodb:LeadingKeys":["event#*","canary#*#us-east-1"]}');
    expect(statements).not.toMatch(/UpdateItem|states:|route53|SendMessage/);
    const [api] = roles.filter(([id]) => id.startsWith("FunctionsordersapiRole"));
    expect(JSON.stringify(api?.[1].Properties.Policies)).not.toMatch(/by-customer|order#/);
    const look = Object.entries(witness.findResources("AWS::IAM::Role")).find(([id]) =>
      id.startsWith("FunctionslookRole"),
    );
    expect(JSON.stringify(look?.[1].Properties.Policies)).toContain("/prod/POST/events/canary");
  });

  it("checks bodies by models that say what the contract says", () => {
    const models = Object.values(primary.findResources("AWS::ApiGateway::Model"));
    const told = Object.fromEntries(
      models.map(({ Properties: p }) => [p.Name, { ...p.Schema, $schema: undefined }]),
    );
    const contract = (schema: z.ZodType) => z.toJSONSchema(schema, { io: "input" });
    const {
      propertyNames: _names,
      additionalProperties: _any,
      ...data
    } = z.looseObject({}).parse(contract(newEventSchema.shape.data));
    expect(data).toMatchObject({ type: "object" });
    expect(told.NewEvent).toMatchObject({
      ...{ type: "object", required: ["id", "type", "data"], additionalProperties: false },
      properties: {
        id: { type: "string", pattern: "^[A-Za-z0-9_-]{1,64}$" },
        type: { type: "string", minLength: 1, maxLength: 128 },
        data: { type: "object" },
      },
    });
    expect(contract(newEventSchema)).toMatchObject({
      required: told.NewEvent?.required,
      properties: told.NewEvent?.properties,
    });
    expect(contract(newCanaryEventSchema)).toMatchObject({
      required: told.NewCanaryEvent?.required,
      properties: told.NewCanaryEvent?.properties,
    });
  });
});

interface Rendered {
  readonly text: string;
  readonly status: unknown;
  readonly headers: unknown;
}

function render(template: string, body: string, id: string | null = null): Rendered {
  const responseOverride: { status?: unknown; header: object } = { header: {} };
  const context = {
    requestTimeEpoch: 1_768_467_600_000,
    requestOverride: { path: id === null ? {} : { id }, querystring: {}, header: {} },
    responseOverride,
  };
  const parameters = { path: {}, querystring: {}, header: {} };
  const text = readTemplate(template)({ body, parameters, context });
  return { text, status: responseOverride.status, headers: responseOverride.header };
}

const entry = z.object({
  Entries: z.tuple([
    z.strictObject({
      EventBusName: z.literal("orders-events"),
      Source: z.literal("orders.events"),
      DetailType: z.string(),
      Detail: z.string(),
    }),
  ]),
});

/** The event as process-events finds it in the queue. */
function queued(template: string, body: object) {
  const [put] = entry.parse(JSON.parse(render(template, JSON.stringify(body)).text)).Entries;
  const { DetailType, Source, Detail } = put;
  const envelope = { id: "e-1", source: Source, "detail-type": DetailType };
  return queuedEventSchema.parse({ ...envelope, detail: JSON.parse(Detail) });
}

describe("the request's template", () => {
  it.each([
    "plain",
    "it's \"quoted\" and 'apostrophed'",
    "back\\slash, \\' and \\\\' and \\\\\\",
    "tab\tnewline\nreturn\rnull\u0000",
    "ümläut 漢字 🚂 \u2028",
    '{"nested":"{\\"json\\":true}"}',
    "$input.body #set($x = 1) $!detail ${detail} ## */",
    "</script>",
  ])("brings %j to the bus as it is", (text) => {
    const body = { id: "a-1", type: text.slice(0, 128), data: { text, [text]: [null, 1.5, true] } };
    expect(queued(customerRequest(config), body)).toMatchObject({
      "detail-type": "Event",
      detail: body,
    });
  });

  it("gives a canary's event the time at which API Gateway took it", () => {
    const body = { id: "us-east-2-1", vantage: "us-east-2" };
    expect(queued(canaryRequest(config), body)).toMatchObject({
      "detail-type": "Canary Event",
      detail: { ...body, acceptedAt: 1_768_467_600_000 },
    });
  });
});

describe("the answer's template", () => {
  const taken = '{"FailedEntryCount":0,"Entries":[{"EventId":"e-1"}]}';

  it("is an id and an event id, when no entry failed", () => {
    const { text, status } = render(customerAnswer, taken, "a-1");
    expect([status, JSON.parse(text)]).toEqual([undefined, { id: "a-1", eventId: "e-1" }]);
    expect(JSON.parse(render(canaryAnswer, taken, "a-1").text)).toEqual({
      id: "a-1",
      eventId: "e-1",
      acceptedAt: 1_768_467_600_000,
    });
  });

  it.each([
    '{"FailedEntryCount":1,"Entries":[{"ErrorCode":"ThrottlingException"}]}',
    '{"FailedEntryCount":1,"Entries":[{"EventId":"e-1"}]}',
    '{"Entries":[{"EventId":"e-1"}]}',
    '{"FailedEntryCount":0,"Entries":[{}]}',
    '{"FailedEntryCount":0,"Entries":[]}',
    '{"FailedEntryCount":null,"Entries":[{"EventId":"e-1"}]}',
    "{}",
    "",
  ])("is a 503 to be repeated for %s", (body) => {
    for (const template of [customerAnswer, canaryAnswer]) {
      const { text, status, headers } = render(template, body, "a-1");
      expect(status).toBe(503);
      expect(headers).toEqual({ "Content-Type": "application/problem+json", "Retry-After": "5" });
      expect(JSON.parse(text)).toEqual({
        type: "about:blank",
        title: "Unavailable",
        status: 503,
        detail: "The event was not accepted: repeat it under the same id.",
      });
    }
  });

  it("of a bus that fails or throttles stays 503, of one that refuses the event becomes 400", () => {
    for (const fault of ["ThrottlingException", "InternalException", "AccessDeniedException"]) {
      const { text, status, headers } = render(failedAnswer, JSON.stringify({ __type: fault }));
      expect([status, headers]).toEqual([undefined, { "Retry-After": "5" }]);
      expect(JSON.parse(text)).toMatchObject({ status: 503 });
    }
    const large = '{"__type":"ValidationException","message":"Total size of the entries …"}';
    const { text, status, headers } = render(failedAnswer, large);
    expect([status, headers]).toEqual([400, {}]);
    expect(JSON.parse(text)).toMatchObject({ status: 400 });
  });
});
