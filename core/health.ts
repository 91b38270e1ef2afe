// AWS Health events: from EventBridge's shape to the issue that is stored, and whether it counts
// as a vote. AWS's own samples lack fields, carry wrong weekdays, and say "open" beside an end:
// what is missing is tolerated, and whatever says that the issue is over is believed.
// Source: AWS Health User Guide, "EventBridge event schema".
import * as z from "zod";
import type { Config } from "./config/schema.ts";
import type { HealthIssue } from "./contracts/evidence.ts";
import { servingRegions } from "./names.ts";

/** An issue that nobody updated for so long no longer counts. */
export const healthMaximumAgeSeconds = 24 * 3600;

// Text that is missing or of another type is absent, never a reason to drop the event.
const text = z.string().optional().catch(undefined);
const eventSchema = z.object({
  source: z.literal("aws.health"),
  "detail-type": text,
  time: text,
  detail: z.object({
    eventArn: z.string().min(1),
    service: text,
    eventTypeCode: text,
    eventTypeCategory: text,
    startTime: text,
    endTime: text,
    lastUpdatedTime: text,
    statusCode: text,
    eventRegion: text,
    eventDescription: z
      .array(z.object({ language: text, latestDescription: text }))
      .optional()
      .catch(undefined),
  }),
});
type HealthEvent = z.infer<typeof eventSchema>;
type Detail = HealthEvent["detail"];

/** The issue as it is to be stored; null when it is no AWS Health event. Each page of a paginated
 * event gives the same issue under the same ARN: store by ARN, the newest `updatedAt` wins.
 * `now`: ms since 1970, used for age, and as `updatedAt` where the event has no time at all. */
export function parseHealthEvent(event: unknown, config: Config, now: number): HealthIssue | null {
  const parsed = eventSchema.safeParse(event);
  if (!parsed.success) return null;
  const { detail, time } = parsed.data;
  const issue = {
    eventArn: detail.eventArn,
    region: detail.eventRegion ?? "",
    service: detail.service?.toUpperCase() ?? "",
    eventTypeCode: detail.eventTypeCode ?? "",
    startedAt: instant(detail.startTime),
    updatedAt: instant(detail.lastUpdatedTime) ?? instant(time) ?? instant(detail.startTime) ?? now,
  };
  const against = reasonNotToCount(detail, config);
  const counting = { ...issue, counts: true, why: countsBecause(issue) };
  if (against !== null) return { ...issue, counts: false, why: against };
  return evaluatedAt(counting, now);
}

/** An event as the AWS Health API's DescribeEvents tells it; times are ms since 1970. */
export interface ApiEvent {
  readonly arn?: string | undefined;
  readonly service?: string | undefined;
  readonly eventTypeCode?: string | undefined;
  readonly eventTypeCategory?: string | undefined;
  readonly region?: string | undefined;
  readonly statusCode?: string | undefined;
  readonly startTime?: number | undefined;
  readonly endTime?: number | undefined;
  readonly lastUpdatedTime?: number | undefined;
}

/** The same issue as its event would have given, by the same rules; null: it names nothing. */
export function issueFromApi(event: ApiEvent, config: Config, now: number): HealthIssue | null {
  const iso = (at: number | undefined) =>
    at === undefined ? undefined : new Date(at).toISOString();
  const { arn, service, eventTypeCode, eventTypeCategory, statusCode, region } = event;
  const detail = {
    ...{ eventArn: arn, service, eventTypeCode, eventTypeCategory, statusCode },
    eventRegion: region,
    startTime: iso(event.startTime),
    endTime: iso(event.endTime),
    lastUpdatedTime: iso(event.lastUpdatedTime),
  };
  return parseHealthEvent({ source: "aws.health", detail }, config, now);
}

/** What the API knows is added: an event that was lost on its way, an update that is late. What was
 * stored stays, unless the API knows something newer of the very same event. */
export function withApiIssues(
  stored: readonly HealthIssue[],
  api: readonly HealthIssue[],
): HealthIssue[] {
  const newest = new Map(stored.map((issue) => [issue.eventArn, issue]));
  for (const issue of api) {
    const known = newest.get(issue.eventArn);
    if (known === undefined || known.updatedAt < issue.updatedAt) newest.set(issue.eventArn, issue);
  }
  return [...newest.values()];
}

/** A stored issue still counts at `now`. */
export function healthCounts(issue: HealthIssue, now: number): boolean {
  return evaluatedAt(issue, now).counts;
}

/** A stored issue as it stands at `now`: age can only take a vote away. */
export function evaluatedAt(issue: HealthIssue, now: number): HealthIssue {
  if (!issue.counts || now - issue.updatedAt <= healthMaximumAgeSeconds * 1000) return issue;
  return { ...issue, counts: false, why: "It has not been updated for 24 hours." };
}

function countsBecause(issue: { region: string; service: string }): string {
  return `AWS reports an open issue of ${issue.service}, a service in use, in ${issue.region}.`;
}

function reasonNotToCount(detail: Detail, config: Config): string | null {
  const service = detail.service?.toUpperCase();
  const region = detail.eventRegion;
  if (detail.eventTypeCategory !== "issue")
    return `It is no issue (${detail.eventTypeCategory ?? "category missing"}).`;
  if (region === undefined) return "It names no Region.";
  if (!servingRegions(config).includes(region)) return `${region} is no serving Region.`;
  const inUse = config.detection.healthServices.some((name) => name.toUpperCase() === service);
  if (!inUse) return `${service ?? "The service"} is not a service in use.`;
  if (detail.endTime !== undefined) return "It has an end time.";
  if (detail.statusCode !== "open") return `Its status is ${detail.statusCode ?? "missing"}.`;
  if (saysResolved(detail)) return "Its text says that it is resolved.";
  return null;
}

// Two forms are in use: a severity line, and "[RESOLVED]" as the headline. A severity line decides
// alone, because an update of an open issue may mention a part that is resolved.
function saysResolved(detail: Detail): boolean {
  const descriptions = detail.eventDescription ?? [];
  const english = descriptions.filter((d) => d.language?.startsWith("en") ?? false);
  const chosen = english.length > 0 ? english : descriptions;
  return chosen.some(({ latestDescription }) => resolvedText(latestDescription ?? ""));
}

function resolvedText(description: string): boolean {
  const severity = /current severity level:\s*([^\n]*)/i.exec(description)?.[1];
  if (severity !== undefined) return /operating normally|resolved/i.test(severity);
  if (/^\s*\[?resolved\]?\b/i.test(description)) return true;
  return /\b(?:is|been) (?:fully )?resolved and [\w ]{0,40}operating normally/i.test(description);
}

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const rfc1123 =
  /^(?:[a-z]{3},?\s+)?(\d{1,2})\s+([a-z]{3})\s+(\d{4})\s+(\d{2}):(\d{2}):(\d{2})\s+GMT$/i;

/** ms since 1970 of an RFC 1123 date (inside `detail`) or an ISO one (envelope); null when it is
 * neither. The weekday is not read: AWS's own samples get it wrong. */
export function instant(value: string | undefined): number | null {
  if (value === undefined) return null;
  const match = rfc1123.exec(value.trim());
  if (match === null) return isoInstant(value);
  const [, day, month, year, hour, minute, second] = match;
  const monthIndex = months.indexOf(month?.toLowerCase() ?? "");
  if (monthIndex < 0) return null;
  const parts = [year, day, hour, minute, second].map(Number);
  const [y = 0, d = 0, h = 0, m = 0, s = 0] = parts;
  return Date.UTC(y, monthIndex, d, h, m, s);
}

function isoInstant(value: string): number | null {
  if (!/^\d{4}-\d{2}-\d{2}T/.test(value)) return null;
  const milliseconds = Date.parse(value);
  return Number.isNaN(milliseconds) ? null : milliseconds;
}
