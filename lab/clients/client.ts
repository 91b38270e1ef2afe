// One virtual customer: a place on the internet with a resolver of its own, who orders and looks
// at own orders. A request is never repeated: the next request is its own, and what failed counts.
// Connections are not kept, so each request goes where DNS says (as far as the resolver knows).
import { z } from "zod";
import {
  idempotencyHeader,
  type NewOrder,
  orderSchema,
  regionHeader,
} from "../../core/contracts/orders.ts";
import { within } from "../give-up.ts";
import type { HttpRequest, HttpResponse, Lab, Place, Resolver } from "../kernel.ts";
import type { AcknowledgedWrite, Outcome, RequestKind, RequestRecord } from "./history.ts";

/** A client gives up on a request after this long. */
export const patienceMilliseconds = 10_000;
/** Of the reads, how many ask for all orders of the customer. */
const listShare = 0.2;

export type ClientParts = Pick<Lab, "clock" | "random" | "log" | "web">;

export interface ClientSettings {
  readonly number: number;
  readonly place: Place;
  readonly resolver: Resolver;
  readonly publicName: string;
  /** 0 to 1: how many requests are writes. */
  readonly writeShare: number;
}

/** What a client looks at: the whole of an order would be parsed 50 times a list. */
const seenSchema = orderSchema.pick({ id: true, writerEpoch: true });
const listSchema = z.object({ orders: z.array(seenSchema) });

interface Judged {
  readonly outcome: Outcome;
  readonly acknowledged?: z.infer<typeof seenSchema>;
}

interface Asked {
  readonly kind: RequestKind;
  readonly request: HttpRequest;
  judge(response: HttpResponse): Judged;
}

export class Client {
  readonly requests: RequestRecord[] = [];
  readonly acknowledged: AcknowledgedWrite[] = [];
  readonly #parts: ClientParts;
  readonly #settings: ClientSettings;
  readonly #stream: string;

  constructor(parts: ClientParts, settings: ClientSettings) {
    this.#parts = parts;
    this.#settings = settings;
    this.#stream = `client-${settings.number}`;
  }

  /** One request from beginning to end, remembered and logged. */
  async request(): Promise<void> {
    const { clock } = this.#parts;
    const asked = this.#next();
    const at = clock.now();
    const waited = await within(clock, patienceMilliseconds, this.#exchange(asked.request));
    const response = waited.outcome === "answered" ? waited.value : null;
    const judged: Judged = response === null ? { outcome: "failed" } : asked.judge(response);
    this.#remember(asked.kind, at, judged, response);
  }

  /** Resolves the name and asks there. Rejects when the name has no address. */
  async #exchange(request: HttpRequest): Promise<HttpResponse> {
    const { random, web } = this.#parts;
    const { values } = await this.#settings.resolver.resolve(request.host, "A");
    const address = values[Math.floor(random.next(this.#stream) * values.length)];
    if (address === undefined) throw new Error(`${request.host} has no address`);
    return web.exchange(this.#settings.place, address, request);
  }

  #next(): Asked {
    const { random } = this.#parts;
    if (random.next(this.#stream) < this.#settings.writeShare) return this.#write();
    const list = random.next(this.#stream) < listShare;
    const known = this.acknowledged;
    const order = known[Math.floor(random.next(this.#stream) * known.length)];
    return list || order === undefined ? this.#list() : this.#read(order.id);
  }

  #write(): Asked {
    const { random } = this.#parts;
    const key = random.uuid(this.#stream);
    const headers = { "content-type": "application/json", [idempotencyHeader]: key };
    const body = JSON.stringify(orderOf(this.#customer(), this.requests.length));
    const request = { ...this.#get("/orders", {}), method: "POST", headers, body };
    return { kind: "write", request, judge: judgeWrite };
  }

  #read(id: string): Asked {
    const request = this.#get(`/orders/${id}`, {});
    return { kind: "read", request, judge: (response) => judgeRead(response, id) };
  }

  #list(): Asked {
    const request = this.#get("/orders", { customer: this.#customer() });
    return { kind: "list", request, judge: judgeList };
  }

  #get(path: string, query: { [key: string]: string }): HttpRequest {
    const host = this.#settings.publicName;
    return { method: "GET", host, path, query, headers: {}, body: "" };
  }

  #customer(): string {
    return `customer-${this.#settings.number}`;
  }

  #remember(kind: RequestKind, at: number, judged: Judged, response: HttpResponse | null): void {
    const endedAt = this.#parts.clock.now();
    const client = this.#settings.number;
    const region = response === null ? null : regionIn(response);
    const { outcome, acknowledged } = judged;
    this.requests.push({ at, endedAt, outcome, region, kind });
    if (acknowledged !== undefined) {
      const epoch = acknowledged.writerEpoch;
      this.acknowledged.push({ id: acknowledged.id, client, at: endedAt, region, epoch });
    }
    this.#parts.log.emit("request", null, {
      client,
      kind,
      ok: outcome === "ok",
      status: response?.status ?? null,
      region,
      ms: Math.round(endedAt - at),
    });
  }
}

function orderOf(customer: string, count: number): NewOrder {
  return { customer, items: [{ sku: `sku-${(count % 7) + 1}`, quantity: (count % 3) + 1 }] };
}

function judgeWrite(response: HttpResponse): Judged {
  if (response.status !== 200 && response.status !== 201) return { outcome: "failed" };
  const order = seenSchema.safeParse(jsonIn(response));
  return order.success ? { outcome: "ok", acknowledged: order.data } : { outcome: "failed" };
}

/** Also the question at the end of a drill: is this order there? */
export function judgeRead(response: HttpResponse, id: string): Judged {
  if (response.status === 404) return { outcome: "missing" };
  const order = seenSchema.safeParse(jsonIn(response));
  const right = response.status === 200 && order.success && order.data.id === id;
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

function regionIn(response: HttpResponse): string | null {
  const wanted = regionHeader.toLowerCase();
  const header = Object.entries(response.headers).find(([name]) => name.toLowerCase() === wanted);
  return header?.[1] ?? null;
}
