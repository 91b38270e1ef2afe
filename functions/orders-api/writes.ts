// The write of the sample: an order, under an id that both Regions compute alike, so that what is
// repeated, here or in the other Region, is the same order.
import type { Region } from "../../core/config/schema.ts";
import {
  idempotencyHeader,
  type NewOrder,
  newOrderSchema,
  type Order,
} from "../../core/contracts/orders.ts";
import { applicationKeys } from "../../core/contracts/records.ts";
import { applicationTableKey } from "../../core/tables.ts";
import {
  type ApiAnswer,
  type ApiRequest,
  bodyOf,
  headerOf,
  invalid,
  json,
  problem,
} from "../api/answers.ts";
import { gated, type Writes } from "../write-gate/gated.ts";
import type { OrderPorts } from "./api.ts";
import { contentOf, orderId } from "./identity.ts";

export async function postOrder(request: ApiRequest, ports: OrderPorts): Promise<ApiAnswer> {
  const parsed = newOrderSchema.safeParse(bodyOf(request));
  if (!parsed.success) return invalid(ports.region, parsed.error.issues);
  const key = headerOf(request, idempotencyHeader);
  if (key !== undefined && (key.length === 0 || key.length > 255)) {
    const detail = `${idempotencyHeader} must have 1 to 255 characters.`;
    return problem(ports.region, { title: "Bad request", status: 400, detail });
  }
  return gated(request, ports, (writes) => writeOrder(parsed.data, key, writes, ports));
}

async function writeOrder(
  wanted: NewOrder,
  key: string | undefined,
  writes: Writes,
  ports: OrderPorts,
): Promise<ApiAnswer> {
  const id = orderId(wanted, key);
  const createdAt = new Date(writes.at).toISOString();
  const item = { ...applicationKeys.order(id), id, ...wanted, createdAt };
  const created = await writes.put(applicationTableKey, item, "absent");
  const stored = created === null ? await ports.table.readOrder(id) : withoutKey(created);
  if (stored === null) throw new Error(`order ${id} is there and isn't`);
  if (contentOf(stored) !== contentOf(wanted)) return keyReused(ports.region);
  return json(ports.region, created === null ? 200 : 201, stored);
}

function withoutKey({ pk: _pk, sk: _sk, ...order }: Order & { pk: string; sk: string }): Order {
  return order;
}

function keyReused(region: Region): ApiAnswer {
  const detail = `This ${idempotencyHeader} was used for another order of this customer.`;
  return problem(region, { title: "Idempotency key reused", status: 422, detail });
}
