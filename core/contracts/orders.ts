// What the API accepts and answers: for the API itself, for the journey that proves it, and for
// clients. Bodies are JSON. Every answer names its Region in the header X-Region.
import * as z from "zod";
import { stampSchema } from "./records.ts";

/** POST /orders. With the header Idempotency-Key the order's id derives from customer and key;
 * without it from the content, so that repeating a request never orders twice. */
export const newOrderSchema = z.strictObject({
  customer: z.string().min(1).max(64),
  items: z
    .array(
      z.strictObject({
        sku: z.string().min(1).max(64),
        quantity: z.int().min(1).max(1_000),
      }),
    )
    .min(1)
    .max(50),
  note: z.string().max(200).optional(),
});

/** POST /orders (201 new, 200 repeated) and GET /orders/{id}. `createdAt` is ISO 8601, since the
 * index by customer sorts by it; the stamp says who wrote it. */
export const orderSchema = z.object({
  id: z.string(),
  customer: z.string(),
  items: newOrderSchema.shape.items,
  note: z.string().optional(),
  createdAt: z.string(),
  ...stampSchema.shape,
});

/** POST /orders/canary (201) and GET /orders/canary?vantage=: one item a vantage point and
 * Region. */
export const newCanarySchema = z.strictObject({
  vantage: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/),
});
export const canaryItemSchema = z.object({
  vantage: z.string(),
  serving: z.string(),
  ...stampSchema.shape,
});

/** GET /health. Shallow on purpose: says that the API answers, not that a write would work. */
export const healthAnswerSchema = z.object({ status: z.string(), region: z.string() });

/** RFC 9457, content type application/problem+json. `active`: where writes are accepted. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  active: z.string().nullable().optional(),
});

export const regionHeader = "X-Region";
export const activeRegionHeader = "X-Active-Region";
export const idempotencyHeader = "Idempotency-Key";

export type NewOrder = z.infer<typeof newOrderSchema>;
export type Order = z.infer<typeof orderSchema>;
export type CanaryItem = z.infer<typeof canaryItemSchema>;
export type Problem = z.infer<typeof problemSchema>;
