// The routes of the orders API. Reads are answered by either Region from its own replica, also
// while nobody may write.
import { newCanarySchema } from "../../core/contracts/orders.ts";
import type { ApplicationTable } from "../adapters/application-table.ts";
import { type ApiAnswer, type ApiRequest, json, problem } from "./answers.ts";
import { postCanary, postOrder, type WritePorts } from "./writes.ts";

export interface ApiPorts extends WritePorts {
  readonly table: Pick<
    ApplicationTable,
    "putOrder" | "readOrder" | "ordersOf" | "putCanary" | "readCanary" | "putJournal"
  >;
  readonly healthStatus: number;
}

const listLimit = 50;
type Route = (request: ApiRequest, ports: ApiPorts) => Promise<ApiAnswer>;

const routes: Record<string, Route> = {
  "GET /health": getHealth,
  "POST /orders": postOrder,
  "GET /orders": listOrders,
  "GET /orders/{id}": getOrder,
  "POST /orders/canary": postCanary,
  "GET /orders/canary": getCanary,
};

/** Always answers: what fails is a 503 problem, so that X-Region is on it. */
export async function serve(request: ApiRequest, ports: ApiPorts): Promise<ApiAnswer> {
  const route = routes[`${request.httpMethod} ${request.resource}`];
  if (route === undefined) return notFound(ports, "There is no such path.");
  try {
    return await route(request, ports);
  } catch (error) {
    const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    ports.say(`${request.httpMethod} ${request.resource} failed: ${why}`);
    const detail = "The request could not be answered now: repeat it.";
    return problem(
      ports.region,
      { title: "Unavailable", status: 503, detail },
      { "Retry-After": "1" },
    );
  }
}

/** Shallow: endpoint checks decide about a Region's records, and must not flap with a table. */
async function getHealth(_request: ApiRequest, ports: ApiPorts): Promise<ApiAnswer> {
  const status = ports.healthStatus < 400 ? "ok" : "out of service";
  return json(ports.region, ports.healthStatus, { status, region: ports.region });
}

async function getOrder(request: ApiRequest, ports: ApiPorts): Promise<ApiAnswer> {
  const order = await ports.table.readOrder(request.pathParameters.id ?? "");
  return order === null
    ? notFound(ports, "There is no such order.")
    : json(ports.region, 200, order);
}

async function listOrders(request: ApiRequest, ports: ApiPorts): Promise<ApiAnswer> {
  const { customer } = request.queryStringParameters;
  if (customer === undefined || customer === "") {
    const detail = "The query parameter customer is needed.";
    return problem(ports.region, { title: "Bad request", status: 400, detail });
  }
  return json(ports.region, 200, { orders: await ports.table.ordersOf(customer, listLimit) });
}

async function getCanary(request: ApiRequest, ports: ApiPorts): Promise<ApiAnswer> {
  const parsed = newCanarySchema.safeParse(request.queryStringParameters);
  if (!parsed.success) {
    const detail = "The query parameter vantage must be a Region code.";
    return problem(ports.region, { title: "Bad request", status: 400, detail });
  }
  const item = await ports.table.readCanary(parsed.data.vantage, ports.region);
  return item === null
    ? notFound(ports, "This vantage point has written nothing yet.")
    : json(ports.region, 200, item);
}

function notFound(ports: ApiPorts, detail: string): ApiAnswer {
  return problem(ports.region, { title: "Not found", status: 404, detail });
}
