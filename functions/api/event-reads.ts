// The reads of the events workload. Posting an event involves no function; what process-events made
// of it is read here, from this Region's replica: 404 until it has been processed, or has arrived.
import type { Region } from "../../core/config/schema.ts";
import type { EventItems } from "../adapters/event-items.ts";
import { type ApiAnswer, type ApiRequest, json, problem } from "./answers.ts";

export interface EventReadPorts {
  readonly region: Region;
  readonly events: Pick<EventItems, "read" | "readCanary">;
}

type Route = (request: ApiRequest, ports: EventReadPorts) => Promise<ApiAnswer>;

export const eventReads: Readonly<Record<string, Route>> = {
  "GET /events/{id}": getEvent,
  "GET /events/canary": getCanaryEvent,
};

async function getEvent(request: ApiRequest, ports: EventReadPorts): Promise<ApiAnswer> {
  const item = await ports.events.read(request.pathParameters.id ?? "");
  return found(item, ports, "There is no such event yet.");
}

async function getCanaryEvent(request: ApiRequest, ports: EventReadPorts): Promise<ApiAnswer> {
  const { vantage } = request.queryStringParameters;
  const item = await ports.events.readCanary(vantage ?? "", ports.region);
  return found(item, ports, "No event of this vantage point has been processed yet.");
}

function found(item: object | null, { region }: EventReadPorts, missing: string): ApiAnswer {
  return item === null
    ? problem(region, { title: "Not found", status: 404, detail: missing })
    : json(region, 200, item);
}
