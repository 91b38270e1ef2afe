// A request on its way from a Region that may not write to the one that may: the whole of it, and
// the whole answer, as bodies of one signed exchange. So what API Gateway says by itself can't be
// taken for the application's word, and a team's headers arrive as they were.
import * as z from "zod";
import type { Region } from "../../core/config/schema.ts";
import { type ApiAnswer, type ApiRequest, apiRequestSchema, bodyOf } from "./answers.ts";

const requestSchema = apiRequestSchema.omit({ requestContext: true });
const answerSchema = z.object({
  statusCode: z.int().min(100).max(599),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
});

export function packed(request: ApiRequest): string {
  const { requestContext: _, ...sent } = request;
  return JSON.stringify(sent);
}

/** The request inside, under the id of the one that brought it; null: there is none. */
export function unpacked(request: ApiRequest): ApiRequest | null {
  const sent = requestSchema.safeParse(bodyOf(request)).data;
  return sent === undefined ? null : { ...sent, requestContext: request.requestContext };
}

export function packedAnswer(region: Region, answer: ApiAnswer): ApiAnswer {
  const headers = { "Content-Type": "application/json", "X-Region": region };
  return { statusCode: 200, headers, body: JSON.stringify(answer) };
}

/** Null: not the application's answer. */
export function unpackedAnswer(body: string): ApiAnswer | null {
  try {
    return answerSchema.safeParse(JSON.parse(body)).data ?? null;
  } catch {
    return null;
  }
}
