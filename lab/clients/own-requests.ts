// What clients ask of a team's own API, as the scenario says: a write under a new id each time,
// and a read of one that was acknowledged. A write counts as acknowledged by the stamp that the
// write gate put on the item, so its handler must answer the item as it was stored.
import { z } from "zod";
import { stampSchema } from "../../core/contracts/records.ts";
import type { HttpRequest, HttpResponse, Json } from "../kernel.ts";
import type { Acknowledged, Asked, Asker, Judged } from "./asked.ts";
import type { AcknowledgedWrite } from "./history.ts";

const path = z
  .string()
  .regex(/^\/[^?#\s]*\{id\}[^?#\s]*$/, "must be a path with {id} in it, like /carts/{id}");

export const ownRequestsSchema = z.strictObject({
  write: z.strictObject({
    method: z.enum(["POST", "PUT", "PATCH"]),
    path,
    /** JSON; {id}, {customer} and {count} in its texts are filled in. */
    body: z.json(),
  }),
  read: z.strictObject({ path }),
  /** So many ids a client, which it writes again and again; absent: a new one for each write. */
  ids: z.int().min(1).max(1000).optional(),
});
export type OwnRequests = z.infer<typeof ownRequestsSchema>;

const stamp = stampSchema.pick({ writerEpoch: true, version: true });

export function nextOwnRequest(
  asker: Asker,
  own: OwnRequests,
  known: readonly AcknowledgedWrite[],
  count: number,
): Asked {
  const { random, stream, writeShare } = asker;
  const one = known[Math.floor(random.next(stream) * known.length)];
  if (one !== undefined && random.next(stream) >= writeShare) {
    const judge = (response: HttpResponse) => judgeOwnRead(response, one, own);
    return { kind: "read", request: ownRead(asker.host, own, one.id), judge };
  }
  const id = idOf(asker, own);
  const values = { id, customer: asker.customer, count: String(count) };
  const { method, body } = own.write;
  const request: HttpRequest = {
    ...{ method, host: asker.host, path: filled(own.write.path, values), query: {} },
    headers: { "content-type": "application/json" },
    body: JSON.stringify(filledJson(body, values)),
  };
  return { kind: "write", request, judge: (response) => judgeOwnWrite(response, id) };
}

function idOf({ random, stream, customer }: Asker, { ids }: OwnRequests): string {
  if (ids === undefined) return random.uuid(stream);
  return `${customer}-${Math.floor(random.next(stream) * ids) + 1}`;
}

export function ownRead(host: string, { read }: OwnRequests, id: string): HttpRequest {
  return { method: "GET", host, path: filled(read.path, { id }), query: {}, headers: {}, body: "" };
}

type Values = { readonly [name: string]: string };

const filled = (text: string, values: Values) =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);

function filledJson(value: Json, values: Values): Json {
  if (typeof value === "string") return filled(value, values);
  if (Array.isArray(value)) return value.map((each) => filledJson(each, values));
  if (value === null || typeof value !== "object") return value;
  const members = Object.entries(value).map(([key, each]) => [key, filledJson(each, values)]);
  return Object.fromEntries(members);
}

function judgeOwnWrite(response: HttpResponse, id: string): Judged {
  if (response.status !== 200 && response.status !== 201) return { outcome: "failed" };
  const stored = stampIn(response);
  if (stored === null) return { outcome: "failed" };
  const { writerEpoch: epoch, version } = stored;
  const acknowledged: Acknowledged = { id, kind: "item", epoch, version };
  return { outcome: "ok", acknowledged };
}

/** Where ids are written again a later version is as good; an older one says that this one is not
 * there, which is no outage. */
export function judgeOwnRead(
  response: HttpResponse,
  { version = "" }: { version?: string },
  { ids }: Pick<OwnRequests, "ids">,
): Judged {
  if (response.status === 404) return { outcome: "missing" };
  const found = response.status === 200 ? stampIn(response)?.version : undefined;
  if (found === undefined) return { outcome: "failed" };
  if (ids === undefined) return { outcome: found === version ? "ok" : "failed" };
  return { outcome: found >= version ? "ok" : "missing" };
}

function stampIn({ body }: HttpResponse): z.infer<typeof stamp> | null {
  try {
    return stamp.safeParse(JSON.parse(body)).data ?? null;
  } catch {
    return null;
  }
}
