// Answers a request by the application's routes, and by the three that every application has:
// health, and the canaries' write and read. Reads are answered by either Region from its own
// replica, also while nobody may write.

import type { Config, Region } from "../../core/config/schema.ts";
import { type CanaryItem, newCanarySchema } from "../../core/contracts/orders.ts";
import { applicationKeys } from "../../core/contracts/records.ts";
import { forwardedPath } from "../../core/names.ts";
import { applicationTableKey, KeyRefused } from "../../core/tables.ts";
import { proven, type WritePorts } from "../write-gate/gated.ts";
import { type ApiAnswer, type ApiRequest, bodyOf, invalid, json, problem } from "./answers.ts";
import { type EventReadPorts, eventReads } from "./event-reads.ts";
import { packedAnswer, unpacked } from "./forwarded.ts";

export interface ServePorts extends WritePorts, EventReadPorts {
  readonly readCanary: (vantage: Region, serving: Region) => Promise<CanaryItem | null>;
  readonly healthStatus: number;
}

export type Route<P> = (request: ApiRequest, ports: P) => Promise<ApiAnswer>;
/** Method and path as API Gateway has them: "PUT /carts/{userId}". */
export type Routes<P> = Readonly<Record<string, Route<P>>>;

/** Always answers: what fails is a 503 problem, so that X-Region is on it. */
export async function serve<P extends ServePorts>(
  request: ApiRequest,
  routes: Routes<P>,
  ports: P,
): Promise<ApiAnswer> {
  const name = `${request.httpMethod} ${request.resource}`;
  if (name === `POST ${forwardedPath(ports.config)}`) return forForwarded(request, routes, ports);
  const route = ownRoutes(ports.config)[name] ?? routes[name];
  if (route === undefined) return notFound(ports, "There is no such path.");
  try {
    return await route(request, ports);
  } catch (error) {
    if (error instanceof KeyRefused) {
      const { message: detail } = error;
      return problem(ports.region, { title: "Bad request", status: 400, detail });
    }
    const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    ports.say(`${name} failed: ${why}`);
    const detail = "The request could not be answered now: repeat it.";
    return problem(
      ports.region,
      { title: "Unavailable", status: 503, detail },
      { "Retry-After": "1" },
    );
  }
}

/** What another Region's function sent on: one of the application's own routes, under this Region's
 * gate. API Gateway lets nobody else in here. */
async function forForwarded<P extends ServePorts>(
  request: ApiRequest,
  routes: Routes<P>,
  ports: P,
): Promise<ApiAnswer> {
  const sent = unpacked(request);
  const isOwn = sent !== null && routes[`${sent.httpMethod} ${sent.resource}`] !== undefined;
  if (!isOwn) return notFound(ports, "There is nothing that could be forwarded.");
  return packedAnswer(ports.region, await serve(sent, routes, { ...ports, forward: null }));
}

export function notFound(ports: Pick<ServePorts, "region">, detail: string): ApiAnswer {
  return problem(ports.region, { title: "Not found", status: 404, detail });
}

const ownRoutes = ({ canaryPath, workloads }: Config): Routes<ServePorts> => ({
  ...(workloads.includes("events") ? eventReads : {}),
  "GET /health": getHealth,
  [`POST ${canaryPath}`]: postCanary,
  [`GET ${canaryPath}`]: getCanary,
});

/** Shallow: endpoint checks decide about a Region's records, and must not flap with a table. */
async function getHealth(_request: ApiRequest, ports: ServePorts): Promise<ApiAnswer> {
  const status = ports.healthStatus < 400 ? "ok" : "out of service";
  return json(ports.region, ports.healthStatus, { status, region: ports.region });
}

async function postCanary(request: ApiRequest, ports: ServePorts): Promise<ApiAnswer> {
  const parsed = newCanarySchema.safeParse(bodyOf(request));
  if (!parsed.success) return invalid(ports.region, parsed.error.issues);
  const { vantage } = parsed.data;
  return proven(request, ports, async (writes) => {
    const key = applicationKeys.canary(vantage, ports.region);
    const item = { ...key, vantage, serving: ports.region };
    const stored = await writes.put(applicationTableKey, item);
    if (stored === null) throw new Error("a write without a condition was refused");
    const { pk: _pk, sk: _sk, ...answered } = stored;
    return json(ports.region, 201, answered);
  });
}

async function getCanary(request: ApiRequest, ports: ServePorts): Promise<ApiAnswer> {
  const parsed = newCanarySchema.safeParse(request.queryStringParameters);
  if (!parsed.success) {
    const detail = "The query parameter vantage must be a Region code.";
    return problem(ports.region, { title: "Bad request", status: 400, detail });
  }
  const item = await ports.readCanary(parsed.data.vantage, ports.region);
  return item === null
    ? notFound(ports, "This vantage point has written nothing yet.")
    : json(ports.region, 200, item);
}
