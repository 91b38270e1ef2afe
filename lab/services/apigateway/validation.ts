// Request validation: what a method's validator looks at, before its integration is asked. A body
// of a content type without a model passes unseen, as AWS documents it.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html
import { z } from "zod";
import type { HttpRequest, Json } from "../../kernel.ts";
import type { Validation } from "./model.ts";

/** What is wrong with a request, in API Gateway's words; null: nothing. */
export function invalidRequest(validation: Validation, request: HttpRequest): string | null {
  const missing = [
    ...validation.querystring.filter((name) => request.query[name] === undefined),
    ...validation.headers.filter((name) => headerOf(request, name) === undefined),
  ];
  if (missing.length > 0) return `Missing required request parameters: [${missing.join(", ")}]`;
  const model = validation.models.get(contentTypeOf(request)) ?? validation.models.get("$default");
  if (model === undefined) return null;
  const body = parsed(request.body);
  return body !== undefined && model(body) ? null : "Invalid request body";
}

/** Without parameters such as the charset; a request that names none sends JSON. */
export function contentTypeOf(request: HttpRequest): string {
  const [type = ""] = (headerOf(request, "content-type") ?? "").split(";");
  return type.trim().toLowerCase() || "application/json";
}

function headerOf(request: HttpRequest, name: string): string | undefined {
  const wanted = name.toLowerCase();
  return Object.entries(request.headers).find(([each]) => each.toLowerCase() === wanted)?.[1];
}

/** An empty body is an empty object to API Gateway. */
function parsed(body: string): Json | undefined {
  try {
    return z.json().parse(JSON.parse(body === "" ? "{}" : body));
  } catch {
    return undefined;
  }
}
