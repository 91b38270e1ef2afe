// The steps of the events workload: post an event, then see what was made of it. The second one
// waits for the whole way, bus, queue and function, and fails when that takes longer than a step
// may: a Region that only accepts events doesn't serve them.
import type { Region } from "../../core/config/schema.ts";
import {
  type AcceptedCanary,
  acceptedCanarySchema,
  type CanaryEventItem,
  canaryEventItemSchema,
} from "../../core/contracts/events.ts";
import { ownName } from "../../core/names.ts";
import type { HttpCall } from "../adapters/http-client.ts";
import {
  ask,
  findOut,
  type JourneyPorts,
  type Route,
  readAnswer,
  StepFailed,
  stepMilliseconds,
} from "./asking.ts";

const path = "/events/canary";
const pollMilliseconds = 500;
/** Walkers of one vantage point share the item, which a later walk's event may have overwritten
 * before this one looked: later than this one is an effect, too. The times are one Region's API
 * Gateway's; looks are 3 s apart, so that a second still tells them from each other. */
const clockToleranceMilliseconds = 1_000;

interface Posted extends AcceptedCanary {
  readonly walkId: string;
}

export function eventSteps(route: Route, ports: JourneyPorts) {
  let posted: Posted | null = null;
  return [
    {
      name: "event" as const,
      run: async () => {
        const walkId = `${route.vantage}-${ports.now()}`;
        const call = await ports.sign(postCall(route, walkId), route.serving);
        const answer = readAnswer(acceptedCanarySchema, call, await ask(route, ports, call));
        posted = { ...answer, walkId };
      },
    },
    { name: "event-effect" as const, run: () => effectOf(posted, route, ports) },
  ];
}

async function effectOf(posted: Posted | null, route: Route, ports: JourneyPorts): Promise<void> {
  const until = ports.now() + stepMilliseconds(route);
  const pollsMax = Math.ceil(stepMilliseconds(route) / pollMilliseconds);
  for (let poll = 0; poll < pollsMax; poll += 1) {
    await ports.sleep(Math.min(pollMilliseconds, until - ports.now()));
    const left = until - ports.now();
    if (left <= 0) break;
    const call = await ports.sign(readCall(route), route.serving);
    const answer = await findOut(route, ports, call, left);
    if (answer === null) continue;
    if (shows(readAnswer(canaryEventItemSchema, call, answer), posted)) return;
  }
  const { stepTimeoutSeconds } = route.config.detection;
  const where = `in ${route.serving}`;
  throw new StepFailed(`no effect of an event accepted ${where} within ${stepTimeoutSeconds} s`);
}

function shows(item: CanaryEventItem, posted: Posted | null): boolean {
  if (posted === null) return false;
  if (item.id === posted.walkId) return true;
  return item.acceptedAt > posted.acceptedAt - clockToleranceMilliseconds;
}

function postCall({ config, serving, vantage }: Route, id: string): HttpCall {
  return {
    ...at(ownName(config, serving)),
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ id, vantage }),
  };
}

function readCall({ config, serving, vantage }: Route): HttpCall {
  return { ...at(ownName(config, serving)), method: "GET", query: { vantage }, headers: {} };
}

const at = (host: Region) => ({ connectTo: host, host, path });
