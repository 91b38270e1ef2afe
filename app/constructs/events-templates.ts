// What API Gateway puts on the bus and answers, in its template language (VTL): no code of ours
// runs between a client and the bus. PutEvents answers 200 also when it took nothing, so the answer
// is 202 only for exactly no failed entry and an event id; everything else says "repeat it".
import type { Config } from "../../core/config/schema.ts";
import { eventDetailTypes } from "../../core/contracts/events.ts";
import { customerEventSource, eventBusName } from "../../core/names.ts";

/** A bus that throttles is waited for a little; sooner is only noise. */
const retryAfterSeconds = 5;

/** The body becomes a string inside JSON. escapeJavaScript also escapes the apostrophe, which JSON
 * doesn't know: taken back, as API Gateway's template reference says. */
const bodyAsDetail = "$util.escapeJavaScript($input.json('$')).replaceAll(\"\\\\'\", \"'\")";

/** The answer names the id of the request, which an answer's template can't read any more: what a
 * request template overrides stays in the context. No path has such a parameter. */
const rememberId = "#set($context.requestOverride.path.id = $input.path('$.id'))";

export function customerRequest(config: Config): string {
  return [
    rememberId,
    `#set($detail = ${bodyAsDetail})`,
    putEvents(config, eventDetailTypes.customer, "$detail"),
  ].join("\n");
}

/** Id and vantage passed the model: nothing in them needs escaping. */
export function canaryRequest(config: Config): string {
  const detail =
    `{\\"id\\":\\"$input.path('$.id')\\",\\"vantage\\":\\"$input.path('$.vantage')\\",` +
    '\\"acceptedAt\\":$context.requestTimeEpoch}';
  return [rememberId, putEvents(config, eventDetailTypes.canary, detail)].join("\n");
}

function putEvents(config: Config, detailType: string, detail: string): string {
  const where = {
    EventBusName: eventBusName(config),
    Source: customerEventSource(config),
    DetailType: detailType,
  };
  return `{"Entries":[${JSON.stringify(where).slice(0, -1)},"Detail":"${detail}"}]}`;
}

export const customerAnswer = answer("");
export const canaryAnswer = answer(',"acceptedAt":$context.requestTimeEpoch');

/** Of PutEvents' 200. */
function answer(more: string): string {
  return [
    "#set($failed = $input.path('$.FailedEntryCount'))",
    "#set($eventId = $input.path('$.Entries[0].EventId'))",
    '#if("$!failed" == "0" && "$!eventId" != "")',
    `{"id":"$context.requestOverride.path.id","eventId":"$eventId"${more}}`,
    "#else",
    "#set($context.responseOverride.status = 503)",
    '#set($context.responseOverride.header.Content-Type = "application/problem+json")',
    unavailable(),
    "#end",
  ].join("\n");
}

/** Of anything else that EventBridge says. Its throttles are 400 as its refusals are; a refusal
 * would be the same the next time, and is passed on as one. */
export const failedAnswer = [
  "#set($type = $input.path('$.__type'))",
  '#set($kind = "$!type")',
  '#if($kind.indexOf("ValidationException") >= 0)',
  "#set($context.responseOverride.status = 400)",
  problem(400, "Bad request", "The bus refuses this event: it is too large, or too deep."),
  "#else",
  unavailable(),
  "#end",
].join("\n");

function unavailable(): string {
  return [
    `#set($context.responseOverride.header.Retry-After = "${retryAfterSeconds}")`,
    problem(503, "Unavailable", "The event was not accepted: repeat it under the same id."),
  ].join("\n");
}

function problem(status: number, title: string, detail: string): string {
  return JSON.stringify({ type: "about:blank", title, status, detail });
}
