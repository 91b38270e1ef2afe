// The AWS Health API: DescribeEvents over the events that AWS has published, each under its ARN as
// last updated. The account has a support plan, unless the fault health-api takes it away.
// Source: AWS Health API Reference, DescribeEvents; User Guide, "Accessing the AWS Health API".
import { z } from "zod";
import { instant } from "../../../core/health.ts";
import type { AwsService, Json, ResourceModels } from "../../kernel.ts";
import { jsonService, operation } from "../json-service.ts";

/** The name that leads to the endpoint in use, and that endpoint. AWS may move it to another Region
 * when this one is in trouble; in the lab it stays, the worse case. */
export const globalHealthName = "global.health.amazonaws.com";
export const activeHealthName = "health.us-east-1.amazonaws.com";

const times = z.array(z.strictObject({ from: z.number().optional(), to: z.number().optional() }));
const words = z.array(z.string());
const requestSchema = z.strictObject({
  maxResults: z.int().min(10).max(100).default(10),
  nextToken: z.string().optional(),
  filter: z
    .strictObject({
      regions: words.optional(),
      services: words.optional(),
      eventTypeCategories: words.optional(),
      eventStatusCodes: words.optional(),
      lastUpdatedTimes: times.optional(),
    })
    .prefault({}),
});
type Filter = z.infer<typeof requestSchema>["filter"];

const publishedSchema = z.looseObject({
  detail: z.looseObject({
    eventArn: z.string(),
    service: z.string().default(""),
    eventTypeCode: z.string().default(""),
    eventTypeCategory: z.string().default(""),
    eventScopeCode: z.string().default("PUBLIC"),
    eventRegion: z.string().default(""),
    statusCode: z.string().default("open"),
    startTime: z.string().optional(),
    endTime: z.string().optional(),
    lastUpdatedTime: z.string().optional(),
  }),
});
type Known = z.infer<typeof publishedSchema>["detail"];

export interface Health {
  readonly service: AwsService;
  readonly models: ResourceModels;
  /** AWS has published that event, in EventBridge's shape: the API knows it from now on. */
  published(event: { [key: string]: Json }): void;
}

export function createHealth(): Health {
  const known = new Map<string, Known>();
  return {
    models: {},
    published(event) {
      const detail = publishedSchema.safeParse(event).data?.detail;
      if (detail === undefined) return;
      const before = known.get(detail.eventArn);
      if (before === undefined || updatedAt(before) <= updatedAt(detail)) {
        known.set(detail.eventArn, detail);
      }
    },
    service: jsonService({
      name: "health",
      version: "1.1",
      operations: {
        DescribeEvents: operation(
          requestSchema,
          // It knows no resources (service authorization reference).
          () => [{ action: "health:DescribeEvents", resource: "*" }],
          ({ filter, maxResults, nextToken }) => {
            const events = [...known.values()].filter((event) => fits(event, filter));
            events.sort((a, b) => updatedAt(b) - updatedAt(a));
            const from = Number(nextToken ?? 0);
            const rest = events.length > from + maxResults;
            return {
              events: events.slice(from, from + maxResults).map(inAnswer),
              ...(rest ? { nextToken: String(from + maxResults) } : {}),
            };
          },
        ),
      },
    }),
  };
}

const updatedAt = (event: Known): number =>
  (instant(event.lastUpdatedTime) ?? instant(event.startTime) ?? 0) / 1000;

function fits(event: Known, filter: Filter): boolean {
  const named = (wanted: readonly string[] | undefined, value: string) =>
    wanted === undefined || wanted.includes(value);
  const at = updatedAt(event);
  return (
    named(filter.regions, event.eventRegion) &&
    named(filter.services, event.service) &&
    named(filter.eventTypeCategories, event.eventTypeCategory) &&
    named(filter.eventStatusCodes, event.statusCode) &&
    (filter.lastUpdatedTimes ?? [{}]).some(
      ({ from = 0, to = Number.POSITIVE_INFINITY }) => at >= from && at <= to,
    )
  );
}

/** Times in the JSON protocol are seconds since 1970. */
function inAnswer(event: Known): object {
  const time = (name: "startTime" | "endTime" | "lastUpdatedTime") => {
    const at = instant(event[name]);
    return at === null ? {} : { [name]: at / 1000 };
  };
  return {
    arn: event.eventArn,
    service: event.service,
    eventTypeCode: event.eventTypeCode,
    eventTypeCategory: event.eventTypeCategory,
    eventScopeCode: event.eventScopeCode,
    region: event.eventRegion,
    statusCode: event.statusCode,
    ...time("startTime"),
    ...time("endTime"),
    ...time("lastUpdatedTime"),
  };
}
