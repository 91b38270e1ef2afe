// What a client asks, and how it judges the answer: orders, and events where the application has
// that workload. Events carry what breaks careless templates (quotes, apostrophes, other scripts),
// so that each drill proves that they arrive as they were sent.
import { z } from "zod";
import type { Config } from "../../core/config/schema.ts";
import { acceptedSchema, eventItemSchema, type NewEvent } from "../../core/contracts/events.ts";
import { idempotencyHeader, type NewOrder, orderSchema } from "../../core/contracts/orders.ts";
import type { Clock, HttpRequest, HttpResponse, Random } from "../kernel.ts";
import type { AcknowledgedWrite, Outcome, RequestKind } from "./history.ts";
import { judgeOwnRead, nextOwnRequest, type OwnRequests, ownRead } from "./own-requests.ts";

export type Workload = Config["workloads"][number];

/** What of an acknowledged write its answer and its request tell. */
export type Acknowledged = Pick<AcknowledgedWrite, "id" | "kind" | "epoch" | "event" | "version">;

export interface Judged {
  readonly outcome: Outcome;
  readonly acknowledged?: Acknowledged;
}

export interface Asked {
  readonly kind: RequestKind;
  readonly request: HttpRequest;
  judge(response: HttpResponse): Judged;
}

export interface Asker {
  readonly clock: Pick<Clock, "now">;
  readonly random: Random;
  /** Of the client's own chances. */
  readonly stream: string;
  readonly host: string;
  readonly customer: string;
  readonly workloads: readonly Workload[];
  /** Instead of orders and events, of a team's own API. */
  readonly requests?: OwnRequests | undefined;
  /** 0 to 1: how many requests are writes. */
  readonly writeShare: number;
}

/** Of the reads, how many ask for all orders of the customer. */
const listShare = 0.2;
/** An event's effect is promised soon, not at once: clients ask for it after so long. */
const effectMilliseconds = 10_000;

/** What a client looks at: the whole of an order would be parsed 50 times a list. */
const seenSchema = orderSchema
  .pick({ id: true, writerEpoch: true, version: true })
  .partial({ version: true });
const listSchema = z.object({ orders: z.array(seenSchema) });
const seenEventSchema = eventItemSchema.pick({ id: true });

/** `count`: how many requests the client has made; `known`: writes acknowledged to it. */
export function nextRequest(
  asker: Asker,
  known: readonly AcknowledgedWrite[],
  count: number,
): Asked {
  const { random, stream, workloads, writeShare, clock, requests } = asker;
  if (requests !== undefined) return nextOwnRequest(asker, requests, known, count);
  const write = () => (isEvent(asker) ? writeEvent(asker, count) : writeOrder(asker, count));
  if (random.next(stream) < writeShare) return write();
  const list = workloads.includes("api") && random.next(stream) < listShare;
  const old = clock.now() - effectMilliseconds;
  const readable = workloads.includes("events")
    ? known.filter(({ kind, at }) => kind === "order" || at < old)
    : known;
  const one = readable[Math.floor(random.next(stream) * readable.length)];
  if (one !== undefined && !list) return read(asker, one);
  return workloads.includes("api") ? listOrders(asker) : write();
}

/** With both workloads, half of the writes. */
function isEvent({ random, stream, workloads }: Asker): boolean {
  if (!workloads.includes("events")) return false;
  return !workloads.includes("api") || random.next(stream) < 0.5;
}

function writeOrder(asker: Asker, count: number): Asked {
  const headers = { [idempotencyHeader]: asker.random.uuid(asker.stream) };
  const items = [{ sku: `sku-${(count % 7) + 1}`, quantity: (count % 3) + 1 }];
  const order: NewOrder = { customer: asker.customer, items };
  return { kind: "write", request: post(asker, "/orders", order, headers), judge: judgeOrder };
}

function writeEvent(asker: Asker, count: number): Asked {
  const event: NewEvent = {
    id: asker.random.uuid(asker.stream),
    type: "order.noted",
    data: { customer: asker.customer, count, note: `it's "noted" \\ / \t ü 日本 $input #if` },
  };
  const judge = (response: HttpResponse) => judgeEvent(response, event);
  return { kind: "write", request: post(asker, "/events", event, {}), judge };
}

function read(asker: Asker, write: AcknowledgedWrite): Asked {
  return { kind: "read", ...readOf(asker.host, write, undefined) };
}

/** Asks for the effect of a write, and judges the answer: also the question at a drill's end. */
export function readOf(
  host: string,
  write: AcknowledgedWrite,
  requests: OwnRequests | undefined,
): Pick<Asked, "request" | "judge"> {
  if (requests !== undefined) {
    const judge = (response: HttpResponse) => judgeOwnRead(response, write, requests);
    return { request: ownRead(host, requests, write.id), judge };
  }
  return { request: readRequest(host, write), judge: (response) => judgeRead(response, write) };
}

function listOrders({ host, customer }: Asker): Asked {
  return { kind: "list", request: get(host, "/orders", { customer }), judge: judgeList };
}

function readRequest(host: string, { id, kind }: Pick<AcknowledgedWrite, "id" | "kind">) {
  return get(host, kind === "event" ? `/events/${id}` : `/orders/${id}`, {});
}

function get(host: string, path: string, query: { [key: string]: string }): HttpRequest {
  return { method: "GET", host, path, query, headers: {}, body: "" };
}

function post({ host }: Asker, path: string, body: object, more: { [name: string]: string }) {
  const headers = { "content-type": "application/json", ...more };
  return { ...get(host, path, {}), method: "POST", headers, body: JSON.stringify(body) };
}

function judgeOrder(response: HttpResponse): Judged {
  if (response.status !== 200 && response.status !== 201) return { outcome: "failed" };
  const order = seenSchema.safeParse(jsonIn(response)).data;
  if (order === undefined) return { outcome: "failed" };
  const { id, writerEpoch: epoch, version } = order;
  const known = version === undefined ? {} : { version };
  return { outcome: "ok", acknowledged: { id, kind: "order", epoch, ...known } };
}

/** On the bus: nobody has processed it yet, so no epoch is known. */
function judgeEvent(response: HttpResponse, event: NewEvent): Judged {
  const accepted = acceptedSchema.safeParse(jsonIn(response)).data;
  if (response.status !== 202 || accepted?.id !== event.id) return { outcome: "failed" };
  return { outcome: "ok", acknowledged: { id: event.id, kind: "event", epoch: null, event } };
}

function judgeRead(
  response: HttpResponse,
  { id, kind }: Pick<AcknowledgedWrite, "id" | "kind">,
): Judged {
  if (response.status === 404) return { outcome: "missing" };
  const schema = kind === "event" ? seenEventSchema : seenSchema;
  const found = schema.safeParse(jsonIn(response));
  const right = response.status === 200 && found.success && found.data.id === id;
  return { outcome: right ? "ok" : "failed" };
}

function judgeList(response: HttpResponse): Judged {
  const right = response.status === 200 && listSchema.safeParse(jsonIn(response)).success;
  return { outcome: right ? "ok" : "failed" };
}

function jsonIn(response: HttpResponse): unknown {
  try {
    return JSON.parse(response.body);
  } catch {
    return null;
  }
}
