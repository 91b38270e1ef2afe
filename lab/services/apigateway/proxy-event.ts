// A Lambda proxy integration's event and answer, format 1.0.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
import { z } from "zod";
import type { HttpRequest, HttpResponse, Json, Principal } from "../../kernel.ts";
import type { Route } from "./model.ts";

export interface ProxyCall {
  readonly account: string;
  readonly route: Route;
  readonly request: HttpRequest;
  readonly requestId: string;
  /** ms since 1970. */
  readonly at: number;
  /** Null: nobody signed the request. */
  readonly caller: { readonly principal: Principal; readonly accessKeyId: string } | null;
}

export function proxyEvent({ account, route, request, requestId, at, caller }: ProxyCall): Json {
  const time = new Date(at);
  return {
    resource: route.resourcePath,
    path: request.path,
    httpMethod: request.method,
    headers: { ...request.headers, Host: request.host },
    multiValueHeaders: lists({ ...request.headers, Host: request.host }),
    queryStringParameters: orNull({ ...request.query }),
    multiValueQueryStringParameters: orNull(lists(request.query)),
    pathParameters: orNull({ ...route.pathParameters }),
    stageVariables: null,
    requestContext: {
      accountId: account,
      apiId: route.api.id,
      domainName: request.host,
      domainPrefix: request.host.split(".")[0] ?? "",
      extendedRequestId: requestId,
      httpMethod: request.method,
      identity: {
        accessKey: caller?.accessKeyId ?? null,
        accountId: caller === null ? null : account,
        userArn: caller?.principal.arn ?? null,
        sourceIp: "192.0.2.1",
        userAgent: request.headers["user-agent"] ?? null,
      },
      path: request.path,
      protocol: "HTTP/1.1",
      requestId,
      requestTime: time.toUTCString(),
      requestTimeEpoch: time.getTime(),
      resourceId: route.resource.id,
      resourcePath: route.resourcePath,
      stage: route.stage.name,
    },
    body: request.body === "" ? null : request.body,
    isBase64Encoded: false,
  };
}

function lists(values: { readonly [name: string]: string }): { [name: string]: Json } {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, [value]]));
}

function orNull<T extends object>(members: T): T | null {
  return Object.keys(members).length === 0 ? null : members;
}

const headerValue = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const answerSchema = z.object({
  statusCode: z.coerce.number().int(),
  headers: z.record(z.string(), headerValue).nullish(),
  multiValueHeaders: z.record(z.string(), z.array(headerValue)).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.literal(false).nullish(),
});

/** Null: the function's answer has not the shape that API Gateway asks for ("Malformed Lambda
 * proxy response"). */
export function httpResponse(payload: string, requestId: string): HttpResponse | null {
  const parsed = answerSchema.safeParse(JSON.parse(payload));
  if (!parsed.success) return null;
  const { statusCode, headers, multiValueHeaders, body } = parsed.data;
  const joined = Object.entries(multiValueHeaders ?? {}).map(([name, values]) => [
    name,
    values.join(", "),
  ]);
  return {
    status: statusCode,
    headers: {
      "content-type": "application/json",
      "x-amzn-requestid": requestId,
      ...lowerCase(headers ?? {}),
      ...lowerCase(Object.fromEntries(joined)),
    },
    body: body ?? "",
  };
}

function lowerCase(headers: { readonly [name: string]: string }): { [name: string]: string } {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}
