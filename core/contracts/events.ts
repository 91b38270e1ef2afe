// The events workload: what POST /events accepts, what the bus carries, and the items that
// process-events makes of it. API Gateway checks bodies by a model written in app/, since no code
// of ours runs before the bus: a test holds the two against each other.
import * as z from "zod";
import { problemSchema } from "./orders.ts";
import { stampSchema } from "./records.ts";

/** The event's id is its key: chosen by the client, the same for a repetition. */
export const eventIdPattern = "^[A-Za-z0-9_-]{1,64}$";
export const eventIdSchema = z.string().regex(new RegExp(eventIdPattern));
export const eventTypeLengthMax = 128;
export const vantagePattern = "^[a-z]{2}(-[a-z]+)+-[0-9]$";

/** POST /events. */
export const newEventSchema = z.strictObject({
  id: eventIdSchema,
  type: z.string().min(1).max(eventTypeLengthMax),
  data: z.record(z.string(), z.unknown()),
});

/** POST /events/canary: `id` is new in each walk. */
export const newCanaryEventSchema = z.strictObject({
  id: eventIdSchema,
  vantage: z.string().regex(new RegExp(vantagePattern)),
});

/** 202 of both: it is on the bus, and will be processed in this Region. */
export const acceptedSchema = z.object({ id: z.string(), eventId: z.string() });

/** 202 of POST /events/canary; `acceptedAt`: ms since 1970 on API Gateway's clock in the serving
 * Region, as in the item. */
export const acceptedCanarySchema = acceptedSchema.extend({ acceptedAt: z.number() });

/** detail-type on the bus: constant, so that no customer's words select a rule. */
export const eventDetailTypes = { customer: "Event", canary: "Canary Event" } as const;

/** The part of EventBridge's envelope that is used, as it stands in the queue. */
const envelope = { id: z.string(), source: z.string() };

/** Body of a queue message. Anything else can't be processed, however often it is tried. */
export const queuedEventSchema = z.discriminatedUnion("detail-type", [
  z.object({
    ...envelope,
    "detail-type": z.literal(eventDetailTypes.customer),
    detail: newEventSchema,
  }),
  z.object({
    ...envelope,
    "detail-type": z.literal(eventDetailTypes.canary),
    detail: newCanaryEventSchema.extend({ acceptedAt: z.number() }),
  }),
]);

/** GET /events/{id}. Inserted once by its id; the stamp says which Region's insert stands. */
export const eventItemSchema = z.object({
  id: z.string(),
  type: z.string(),
  data: z.record(z.string(), z.unknown()),
  /** EventBridge's id of the delivery that was processed. */
  eventId: z.string(),
  ...stampSchema.shape,
});

/** The item: `data` is JSON text, since what clients may post is wider than DynamoDB's attribute
 * values (32 levels, 38 digits), and what was accepted must not turn out not to be storable. */
export const storedEventSchema = eventItemSchema.extend({
  data: z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(eventItemSchema.shape.data),
});

/** GET /events/canary?vantage=: one item a vantage point and Region, overwritten. */
export const canaryEventItemSchema = z.object({
  id: z.string(),
  vantage: z.string(),
  serving: z.string(),
  eventId: z.string(),
  acceptedAt: z.number(),
  ...stampSchema.shape,
});

export const eventProblemSchema = problemSchema.omit({ active: true });

export type NewEvent = z.infer<typeof newEventSchema>;
export type QueuedEvent = z.infer<typeof queuedEventSchema>;
export type EventItem = z.infer<typeof eventItemSchema>;
export type CanaryEventItem = z.infer<typeof canaryEventItemSchema>;
export type AcceptedCanary = z.infer<typeof acceptedCanarySchema>;
