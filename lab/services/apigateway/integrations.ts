// What stands behind a method: a function that answers the client itself, or an AWS service that
// API Gateway calls with a role's credentials, with templates on the way there and back.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-integration-types.html

import { within } from "../../give-up.ts";
import type { LabIam } from "../../iam.ts";
import type { AwsResponse, HttpRequest, HttpResponse, Lab, Principal } from "../../kernel.ts";
import { mockAnswer } from "./mock.ts";
import type { IntegrationResponse, ProxyIntegration, Route, ServiceIntegration } from "./model.ts";
import { httpResponse, proxyEvent } from "./proxy-event.ts";
import {
  badGateway,
  internalError,
  networkError,
  Refused,
  timedOut,
  unsupportedMediaType,
} from "./refused.ts";
import { contentTypeOf } from "./validation.ts";
import type { TemplateContext, TemplateInput } from "./velocity.ts";

export type IntegrationLab = Pick<
  Lab,
  "account" | "clock" | "random" | "lambda" | "call" | "log"
> & { readonly iam: Pick<LabIam, "trusts"> };

export interface IntegrationCall {
  readonly route: Route;
  readonly request: HttpRequest;
  readonly caller: { readonly principal: Principal; readonly accessKeyId: string } | null;
  /** The method's ARN with its resource path: for the function's resource policy. */
  readonly sourceArn: string;
}

/** Also answers what API Gateway says where the integration could not be had. */
export async function integrate(lab: IntegrationLab, call: IntegrationCall): Promise<HttpResponse> {
  try {
    return await ask(lab, call);
  } catch (fault) {
    if (fault instanceof Refused) return fault.response;
    throw fault;
  }
}

async function ask(lab: IntegrationLab, call: IntegrationCall): Promise<HttpResponse> {
  const { integration } = call.route.method;
  switch (integration.kind) {
    case "proxy":
      return await askFunction(lab, call, integration);
    case "service":
      return await askService(lab, call, integration);
    case "mock": {
      const answer = mockAnswer(integration);
      if (answer === null) throw internalError();
      return answer;
    }
    default:
      return integration satisfies never;
  }
}

async function askFunction(
  lab: IntegrationLab,
  { route, request, caller, sourceArn }: IntegrationCall,
  { functionArn, timeoutMilliseconds }: ProxyIntegration,
): Promise<HttpResponse> {
  const requestId = lab.random.uuid("apigateway-requests");
  const at = Math.floor(lab.clock.now());
  const event = proxyEvent({ account: lab.account, route, request, requestId, at, caller });
  const by = { invokedBy: "apigateway.amazonaws.com", sourceArn };
  const invoked = lab.lambda.invoke(functionArn, JSON.stringify(event), by);
  const waited = await within(lab.clock, timeoutMilliseconds, invoked);
  if (waited.outcome === "gave-up") throw timedOut();
  // Not allowed, not there or throttled: API Gateway shows its caller none of that.
  if (waited.outcome === "refused") throw internalError();
  const { functionError, payload } = waited.value;
  const answer = functionError === null ? httpResponse(payload, requestId) : null;
  if (answer === null) throw badGateway();
  return answer;
}

async function askService(
  lab: IntegrationLab,
  { route, request }: IntegrationCall,
  integration: ServiceIntegration,
): Promise<HttpResponse> {
  const requestId = lab.random.uuid("apigateway-requests");
  const input: TemplateInput = {
    body: request.body,
    parameters: {
      path: route.pathParameters,
      querystring: request.query,
      header: request.headers,
    },
    context: contextOf(lab, route, request, requestId),
  };
  const body = rendered(lab, route, () => requestBody(integration, request, input));
  const answer = await callService(lab, integration, body);
  const status = String(answer.status);
  const chosen =
    integration.responses.find(({ pattern }) => pattern?.test(status) === true) ??
    integration.responses.find(({ pattern }) => pattern === null);
  // Nothing says what to do with such an answer.
  if (chosen === undefined) throw internalError();
  return rendered(lab, route, () => clientAnswer(chosen, answer, input, requestId));
}

function requestBody(
  { templates, passthrough }: ServiceIntegration,
  request: HttpRequest,
  input: TemplateInput,
): string {
  const template = templates.get(contentTypeOf(request));
  if (template !== undefined) return template(input);
  const passes =
    passthrough === "WHEN_NO_MATCH" ||
    (passthrough === "WHEN_NO_TEMPLATES" && templates.size === 0);
  if (!passes) throw unsupportedMediaType();
  return request.body;
}

async function callService(
  lab: IntegrationLab,
  { service, region, httpMethod, roleArn, headers, timeoutMilliseconds }: ServiceIntegration,
  body: string,
): Promise<AwsResponse> {
  // A role that API Gateway may not assume: "Execution failed due to configuration error".
  if (!(await lab.iam.trusts(roleArn, "apigateway.amazonaws.com"))) throw internalError();
  const asked = lab.call({
    service,
    region,
    method: httpMethod,
    path: "/",
    query: {},
    headers: Object.fromEntries(headers),
    body,
    principal: { kind: "role", arn: roleArn },
    from: { region },
  });
  const waited = await within(lab.clock, timeoutMilliseconds, asked);
  if (waited.outcome === "gave-up") throw timedOut();
  if (waited.outcome === "refused") throw networkError();
  return waited.value;
}

/** Overrides are what templates set last, and final. Content-Type is the template's own, unless a
 * parameter or an override says otherwise. */
function clientAnswer(
  { status, headers, template }: IntegrationResponse,
  answer: AwsResponse,
  input: TemplateInput,
  requestId: string,
): HttpResponse {
  const { context } = input;
  const body = template === null ? answer.body : template.render({ ...input, body: answer.body });
  const { status: override, header } = context.responseOverride;
  const overridden = Object.entries(header).map(([name, value]) => [
    name.toLowerCase(),
    String(value),
  ]);
  return {
    status: override === undefined ? status : Number(override),
    headers: {
      "content-type": template?.contentType ?? "application/json",
      "x-amzn-requestid": requestId,
      ...Object.fromEntries(headers),
      ...Object.fromEntries(overridden),
    },
    body,
  };
}

function contextOf(
  { account, clock }: IntegrationLab,
  { api, stage, resourcePath, resource }: Route,
  request: HttpRequest,
  requestId: string,
): TemplateContext {
  return {
    accountId: account,
    apiId: api.id,
    domainName: request.host,
    extendedRequestId: requestId,
    httpMethod: request.method,
    identity: { sourceIp: "192.0.2.1" },
    path: request.path,
    protocol: "HTTP/1.1",
    requestId,
    requestTimeEpoch: Math.floor(clock.now()),
    resourceId: resource.id,
    resourcePath,
    stage: stage.name,
    requestOverride: { path: {}, querystring: {}, header: {} },
    responseOverride: { header: {} },
  };
}

/** A template that does what the lab doesn't model fails the drill, by name. */
function rendered<T>({ log }: IntegrationLab, { api, resourcePath }: Route, run: () => T): T {
  try {
    return run();
  } catch (fault) {
    if (fault instanceof Refused) throw fault;
    const why = fault instanceof Error ? fault.message : String(fault);
    log.emit("lab-defect", api.region, { service: "apigateway", why: `${resourcePath}: ${why}` });
    throw internalError();
  }
}
