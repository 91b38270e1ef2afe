// The routes of the sample, the orders API.
import type { ApplicationTable } from "../adapters/application-table.ts";
import { type ApiAnswer, type ApiRequest, json, problem } from "../api/answers.ts";
import { notFound, type Routes, type ServePorts } from "../api/serve.ts";
import { postOrder } from "./writes.ts";

export interface OrderPorts extends ServePorts {
  readonly table: Pick<ApplicationTable, "readOrder" | "ordersOf">;
}

const listLimit = 50;

export const orderRoutes: Routes<OrderPorts> = {
  "POST /orders": postOrder,
  "GET /orders": listOrders,
  "GET /orders/{id}": getOrder,
};

async function getOrder(request: ApiRequest, ports: OrderPorts): Promise<ApiAnswer> {
  const order = await ports.table.readOrder(request.pathParameters.id ?? "");
  return order === null
    ? notFound(ports, "There is no such order.")
    : json(ports.region, 200, order);
}

async function listOrders(request: ApiRequest, ports: OrderPorts): Promise<ApiAnswer> {
  const { customer } = request.queryStringParameters;
  if (customer === undefined || customer === "") {
    const detail = "The query parameter customer is needed.";
    return problem(ports.region, { title: "Bad request", status: 400, detail });
  }
  return json(ports.region, 200, { orders: await ports.table.ordersOf(customer, listLimit) });
}
