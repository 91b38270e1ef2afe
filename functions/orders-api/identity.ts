// Ids of orders. An order's id is derived, never drawn: DynamoDB's conditions are local to a
// replica, so two Regions agree on "the same order" only by computing the same key.
import { createHash } from "node:crypto";
import type { NewOrder } from "../../core/contracts/orders.ts";

/** 128 bits as hex, from customer and key; without a key from the content. */
export function orderId(order: NewOrder, idempotencyKey: string | undefined): string {
  const from =
    idempotencyKey === undefined
      ? ["content", order.customer, contentOf(order)]
      : ["key", order.customer, idempotencyKey];
  return createHash("sha256").update(JSON.stringify(from)).digest("hex").slice(0, 32);
}

/** Equal for requests that order the same. */
export function contentOf(order: NewOrder): string {
  const items = order.items.map(({ sku, quantity }) => [sku, quantity]);
  return JSON.stringify([order.customer, items, order.note ?? null]);
}
