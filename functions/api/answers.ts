// What API Gateway's Lambda proxy hands in and takes back, and how this API says no. Every answer
// names its Region; every refusal is problem+json (RFC 9457).
import * as z from "zod";
import type { Region } from "../../core/config/schema.ts";
import { type Problem, regionHeader } from "../../core/contracts/orders.ts";

const texts = z
  .record(z.string(), z.string().optional())
  .nullish()
  .transform((read) => read ?? {});

/** The fields that are used, of a REST API's proxy event. */
export const apiRequestSchema = z.object({
  httpMethod: z.string(),
  /** As in the API's definition: "/orders/{id}". */
  resource: z.string(),
  headers: texts,
  queryStringParameters: texts,
  pathParameters: texts,
  body: z
    .string()
    .nullish()
    .transform((read) => read ?? null),
  isBase64Encoded: z.boolean().default(false),
  requestContext: z.object({ requestId: z.string() }),
});
export type ApiRequest = z.output<typeof apiRequestSchema>;

export interface ApiAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export function json(region: Region, statusCode: number, body: object): ApiAnswer {
  return answer(region, statusCode, body, { "Content-Type": "application/json" });
}

export function problem(
  region: Region,
  said: Omit<Problem, "type">,
  headers: Record<string, string> = {},
): ApiAnswer {
  return answer(
    region,
    said.status,
    { type: "about:blank", ...said },
    { "Content-Type": "application/problem+json", ...headers },
  );
}

/** What zod found wrong with a request, all of it. */
export function invalid(
  region: Region,
  issues: readonly { path: PropertyKey[]; message: string }[],
): ApiAnswer {
  const detail = issues
    .map(({ path, message }) => `${path.map(String).join(".") || "body"}: ${message}`)
    .join("; ");
  return problem(region, { title: "Bad request", status: 400, detail });
}

function answer(
  region: Region,
  statusCode: number,
  body: object,
  headers: Record<string, string>,
): ApiAnswer {
  return {
    statusCode,
    headers: { [regionHeader]: region, "Cache-Control": "no-store", ...headers },
    body: JSON.stringify(body),
  };
}

/** Header names are as the client wrote them. */
export function headerOf(request: ApiRequest, name: string): string | undefined {
  const wanted = name.toLowerCase();
  for (const [each, value] of Object.entries(request.headers)) {
    if (each.toLowerCase() === wanted) return value;
  }
  return undefined;
}

/** The body as parsed JSON; undefined when it is none. */
export function bodyOf(request: ApiRequest): unknown {
  if (request.body === null) return undefined;
  const text = request.isBase64Encoded
    ? Buffer.from(request.body, "base64").toString("utf8")
    : request.body;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
