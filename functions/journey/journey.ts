// The journey: what a customer needs of a serving Region, as four steps, and two more where events
// are served. Looks, canaries and the watch walk the same one.
import type { Config, Region } from "../../core/config/schema.ts";
import type { Look } from "../../core/contracts/evidence.ts";
import { type CanaryItem, canaryItemSchema } from "../../core/contracts/orders.ts";
import { ownName, publicTargetName } from "../../core/names.ts";
import type { HttpCall } from "../adapters/http-client.ts";
import { ask, type Http, type JourneyPorts, type Route, readAnswer, StepFailed } from "./asking.ts";
import { eventSteps } from "./event-steps.ts";

export interface JourneyStep {
  readonly name: "health" | "write" | "read-back" | "event" | "event-effect" | "public-name";
  /** Throws StepFailed. */
  readonly run: () => Promise<void>;
}

/** Walkers of one vantage point share the item, and the clocks of one Region's functions differ by
 * milliseconds: a concurrent walk may have overwritten it. Looks are 3 s apart, so that a second
 * still tells this walk's write from the look before. */
const clockToleranceMilliseconds = 1_000;

export function journeySteps(route: Route, ports: JourneyPorts): JourneyStep[] {
  let written: CanaryItem | null = null;
  return [
    { name: "health", run: async () => void (await ask(route, ports, healthCall(route))) },
    {
      name: "write",
      run: async () => {
        const call = await ports.sign(writeCall(route), route.serving);
        written = readAnswer(canaryItemSchema, call, await ask(route, ports, call));
      },
    },
    {
      name: "read-back",
      run: async () => {
        const call = await ports.sign(readBackCall(route), route.serving);
        checkReadBack(written, readAnswer(canaryItemSchema, call, await ask(route, ports, call)));
      },
    },
    ...(route.config.workloads.includes("events") ? eventSteps(route, ports) : []),
    { name: "public-name", run: async () => void (await ask(route, ports, publicCall(route))) },
  ];
}

/** Stops at the first step that fails. */
export async function walk(route: Route, ports: JourneyPorts): Promise<Look> {
  const startedAt = ports.now();
  const look = (failedStep: string | null, detail: string): Look => ({
    serving: route.serving,
    passed: failedStep === null,
    startedAt,
    milliseconds: ports.now() - startedAt,
    failedStep,
    detail,
  });
  for (const step of journeySteps(route, ports)) {
    try {
      await step.run();
    } catch (error) {
      return look(step.name, error instanceof Error ? error.message : String(error));
    }
  }
  return look(null, "");
}

/** Region that the public name answers now, null when nobody does. */
export async function askPublicName(config: Config, http: Http): Promise<Region | null> {
  const host = config.domain.name;
  const call: HttpCall = { connectTo: host, host, method: "GET", path: "/health", headers: {} };
  try {
    const answer = await http(call, config.detection.stepTimeoutSeconds * 1_000);
    return answer.status === 200 ? (answer.headers["x-region"] ?? null) : null;
  } catch {
    return null;
  }
}

function healthCall({ config, serving }: Route): HttpCall {
  const host = ownName(config, serving);
  return { connectTo: host, host, method: "GET", path: "/health", headers: {} };
}

function writeCall({ config, serving, vantage }: Route): HttpCall {
  const host = ownName(config, serving);
  return {
    connectTo: host,
    host,
    method: "POST",
    path: config.canaryPath,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ vantage }),
  };
}

function readBackCall({ config, serving, vantage }: Route): HttpCall {
  const host = ownName(config, serving);
  const query = { vantage };
  return { connectTo: host, host, method: "GET", path: config.canaryPath, query, headers: {} };
}

/** The public name at this Region's regional domain: a deleted mapping or certificate shows. */
function publicCall({ config, serving }: Route): HttpCall {
  return {
    connectTo: publicTargetName(config, serving),
    host: config.domain.name,
    method: "GET",
    path: "/health",
    headers: {},
  };
}

function checkReadBack(written: CanaryItem | null, read: CanaryItem): void {
  const same = written?.version === read.version;
  const later = written !== null && read.writtenAt > written.writtenAt - clockToleranceMilliseconds;
  if (!same && !later) throw new StepFailed("read back an older item than the one written");
}
