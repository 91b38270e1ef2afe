// Methods of the templates: a Lambda proxy integration, or an AWS service integration with its
// validation, templates and answers. What API Gateway refuses when an API is deployed (an answer
// that no method response declares) is refused here too, and what isn't modelled by name.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/
// aws-resource-apigateway-method.html
import { z } from "zod";
import type { DeployedResource } from "../../kernel.ts";
import { mockedStatus } from "./mock.ts";
import type {
  Api,
  IntegrationResponse,
  MockIntegration,
  ProxyIntegration,
  ServiceIntegration,
  Validation,
} from "./model.ts";
import { readTemplate } from "./velocity.ts";

// https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html: 50 ms to 29 s
const timeout = z.coerce.number().min(50).max(29_000).default(29_000);
const texts = z.record(z.string(), z.string()).default({});

const proxySchema = z.object({
  Type: z.literal("AWS_PROXY"),
  Uri: z.string(),
  TimeoutInMillis: timeout,
});
const responseSchema = z.strictObject({
  StatusCode: z.coerce.number().int(),
  SelectionPattern: z.string().optional(),
  ResponseParameters: texts,
  ResponseTemplates: texts,
});
const serviceSchema = z.strictObject({
  Type: z.literal("AWS"),
  Uri: z.string(),
  IntegrationHttpMethod: z.string(),
  Credentials: z.string(),
  RequestParameters: texts,
  RequestTemplates: texts,
  PassthroughBehavior: z
    .enum(["WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER"])
    .default("WHEN_NO_MATCH"),
  IntegrationResponses: z.array(responseSchema).default([]),
  TimeoutInMillis: timeout,
});
type ServiceProperties = z.infer<typeof serviceSchema>;
const mockSchema = z.strictObject({
  Type: z.literal("MOCK"),
  RequestTemplates: z.strictObject({ "application/json": z.string() }),
  IntegrationResponses: z.array(responseSchema),
});

const methodSchema = z.object({
  RestApiId: z.string(),
  ResourceId: z.string(),
  HttpMethod: z.string(),
  AuthorizationType: z.enum(["NONE", "AWS_IAM"]),
  Integration: z.discriminatedUnion("Type", [proxySchema, serviceSchema, mockSchema]),
  RequestValidatorId: z.string().optional(),
  RequestModels: texts,
  RequestParameters: z.record(z.string(), z.boolean()).default({}),
  MethodResponses: z
    .array(
      z.object({
        StatusCode: z.coerce.number().int(),
        ResponseParameters: z.record(z.string(), z.boolean()).default({}),
      }),
    )
    .default([]),
});
type MethodProperties = z.infer<typeof methodSchema>;

export function addMethod({ properties }: DeployedResource, apiOf: (id: string) => Api): void {
  const given = methodSchema.parse(properties);
  const api = apiOf(given.RestApiId);
  const target = api.resources.get(given.ResourceId);
  if (target === undefined) throw new Error(`there is no API resource ${given.ResourceId}`);
  const { Integration: integration } = given;
  target.methods.set(given.HttpMethod, {
    authorization: given.AuthorizationType,
    validation: validationOf(given, api),
    integration: integrationOf(integration, given),
  });
}

function integrationOf(integration: MethodProperties["Integration"], method: MethodProperties) {
  switch (integration.Type) {
    case "AWS_PROXY":
      return proxy(integration);
    case "AWS":
      return service(integration, method);
    case "MOCK":
      return mock(integration, method);
    default:
      return integration satisfies never;
  }
}

function mock(given: z.infer<typeof mockSchema>, method: MethodProperties): MockIntegration {
  return {
    kind: "mock",
    status: mockedStatus(given.RequestTemplates["application/json"]),
    responses: given.IntegrationResponses.map((one) => response(one, method)),
  };
}

function proxy({ Uri, TimeoutInMillis }: z.infer<typeof proxySchema>): ProxyIntegration {
  const [, functionArn] = /\/functions\/(arn:.+)\/invocations$/.exec(Uri) ?? [];
  if (functionArn === undefined) throw new Error(`integrates ${Uri}`);
  return { kind: "proxy", functionArn, timeoutMilliseconds: TimeoutInMillis };
}

function service(given: ServiceProperties, method: MethodProperties): ServiceIntegration {
  const uri = /^arn:aws:apigateway:([^:]+):([^:]+):(?:action|path)\//.exec(given.Uri);
  const [, region, name] = uri ?? [];
  if (region === undefined || name === undefined) throw new Error(`integrates ${given.Uri}`);
  const templates = Object.entries(given.RequestTemplates);
  return {
    kind: "service",
    service: name,
    region,
    httpMethod: given.IntegrationHttpMethod,
    roleArn: given.Credentials,
    headers: Object.entries(given.RequestParameters).map(([to, value]) =>
      staticHeader(to, value, "integration.request.header."),
    ),
    templates: new Map(templates.map(([type, text]) => [type, readTemplate(text)])),
    passthrough: given.PassthroughBehavior,
    responses: given.IntegrationResponses.map((one) => response(one, method)),
    timeoutMilliseconds: given.TimeoutInMillis,
  };
}

function response(
  given: z.infer<typeof responseSchema>,
  { MethodResponses }: MethodProperties,
): IntegrationResponse {
  const { StatusCode: status, SelectionPattern, ResponseParameters, ResponseTemplates } = given;
  const declared = MethodResponses.find(({ StatusCode }) => StatusCode === status);
  if (declared === undefined) throw new Error(`no method response declares ${status}`);
  for (const name of Object.keys(ResponseParameters)) {
    if (declared.ResponseParameters[name] === undefined) {
      throw new Error(`the method response ${status} does not declare ${name}`);
    }
  }
  const [first, ...more] = Object.entries(ResponseTemplates);
  if (more.length > 0) throw new Error("one template a response is modelled");
  return {
    status,
    pattern: SelectionPattern ? new RegExp(`^(?:${SelectionPattern})$`) : null,
    headers: Object.entries(ResponseParameters).map(([to, value]) =>
      staticHeader(to, value, "method.response.header."),
    ),
    template:
      first === undefined ? null : { contentType: first[0], render: readTemplate(first[1]) },
  };
}

/** 'static values' alone: what a template can't do, no one here needs. */
function staticHeader(to: string, value: string, prefix: string): readonly [string, string] {
  const [, text] = /^'(.*)'$/.exec(value) ?? [];
  if (!to.startsWith(prefix) || text === undefined) {
    throw new Error(`the lab models no parameter ${to} = ${value}`);
  }
  return [to.slice(prefix.length).toLowerCase(), text];
}

/** Without a validator, or for what it doesn't look at, nothing is asked of a request. */
function validationOf(given: MethodProperties, api: Api): Validation {
  const { RequestValidatorId: id, RequestModels, RequestParameters } = given;
  const validator = id === undefined ? undefined : api.validators.get(id);
  if (id !== undefined && validator === undefined) throw new Error(`there is no validator ${id}`);
  const models = Object.entries(RequestModels).map(([type, name]) => {
    const model = api.models.get(name);
    if (model === undefined) throw new Error(`there is no model ${name}`);
    return [type, model] as const;
  });
  const required = (prefix: string) =>
    Object.entries(RequestParameters)
      .filter(([name, isRequired]) => isRequired && name.startsWith(prefix))
      .map(([name]) => name.slice(prefix.length));
  const parameters = validator?.parameters === true;
  return {
    models: new Map(validator?.body === true ? models : []),
    querystring: parameters ? required("method.request.querystring.") : [],
    headers: parameters ? required("method.request.header.") : [],
  };
}
