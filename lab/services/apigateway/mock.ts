// A mock integration: API Gateway answers by itself, as CDK deploys it for browsers' preflights.
// The request template only says a status; which of the answers it chooses is all there is to do.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-mock-integration.html
import type { HttpResponse } from "../../kernel.ts";
import type { MockIntegration } from "./model.ts";

/** Null: no answer is there for that status. */
export function mockAnswer({ status, responses }: MockIntegration): HttpResponse | null {
  const chosen =
    responses.find(({ pattern }) => pattern?.test(String(status)) === true) ??
    responses.find(({ pattern }) => pattern === null);
  if (chosen === undefined) return null;
  return { status: chosen.status, headers: Object.fromEntries(chosen.headers), body: "" };
}

/** "{ statusCode: 200 }", quoted or not, and nothing else. */
export function mockedStatus(template: string): number {
  const [, status] = /^\s*\{\s*"?statusCode"?\s*:\s*(\d{3})\s*\}\s*$/.exec(template) ?? [];
  if (status === undefined) throw new Error(`a mock with the template ${template} is not modelled`);
  return Number(status);
}
