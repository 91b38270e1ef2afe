// The journey: what a customer needs of a serving Region, as four steps. Looks, canaries and the
// watch walk the same one. Every answer must come from the Region that was asked, so that a record
// or a mapping that leads elsewhere shows; a step is an HTTPS exchange, never an AWS API call.
import type { z } from "zod";
import type { Config, Region } from "../../core/config/schema.ts";
import type { Look } from "../../core/contracts/evidence.ts";
import {
  type CanaryItem,
  canaryItemSchema,
  healthAnswerSchema,
} from "../../core/contracts/orders.ts";
import { ownName, publicTargetName } from "../../core/names.ts";
import type { HttpAnswer, HttpCall } from "../adapters/http-client.ts";

export type Http = (call: HttpCall, timeoutMilliseconds: number) => Promise<HttpAnswer>;

export interface JourneyPorts {
  readonly http: Http;
  readonly sign: (call: HttpCall, region: Region) => Promise<HttpCall>;
  /** ms since 1970. */
  readonly now: () => number;
}

export interface Route {
  readonly config: Config;
  /** From where. */
  readonly vantage: Region;
  /** Which Region is proven. */
  readonly serving: Region;
}

export interface JourneyStep {
  readonly name: "health" | "write" | "read-back" | "public-name";
  /** Throws StepFailed. */
  readonly run: () => Promise<void>;
}

/** What a step saw instead of what it needs, in words. */
export class StepFailed extends Error {
  override readonly name = "StepFailed";
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
    path: "/orders/canary",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ vantage }),
  };
}

function readBackCall({ config, serving, vantage }: Route): HttpCall {
  const host = ownName(config, serving);
  const query = { vantage };
  return { connectTo: host, host, method: "GET", path: "/orders/canary", query, headers: {} };
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

async function ask(route: Route, ports: JourneyPorts, call: HttpCall): Promise<HttpAnswer> {
  const answer = await ports
    .http(call, route.config.detection.stepTimeoutSeconds * 1_000)
    .catch((error: unknown) => {
      throw new StepFailed(`${wordsOf(call)}: ${error instanceof Error ? error.message : error}`);
    });
  if (answer.status < 200 || answer.status > 299) {
    throw new StepFailed(`${wordsOf(call)} answered ${answer.status}`);
  }
  const region = answer.headers["x-region"];
  if (region !== route.serving) {
    throw new StepFailed(`${wordsOf(call)} was answered by ${region ?? "nobody known"}`);
  }
  if (call.path === "/health") checkHealth(route, call, answer);
  return answer;
}

function checkHealth(route: Route, call: HttpCall, answer: HttpAnswer): void {
  const health = readAnswer(healthAnswerSchema, call, answer);
  if (health.region !== route.serving) {
    throw new StepFailed(`${wordsOf(call)} speaks for ${health.region}`);
  }
}

function checkReadBack(written: CanaryItem | null, read: CanaryItem): void {
  const same = written?.version === read.version;
  const later = written !== null && read.writtenAt > written.writtenAt - clockToleranceMilliseconds;
  if (!same && !later) throw new StepFailed("read back an older item than the one written");
}

function readAnswer<S extends z.ZodType>(schema: S, call: HttpCall, answer: HttpAnswer) {
  const parsed = schema.safeParse(jsonOf(answer.body));
  if (parsed.success) return parsed.data;
  throw new StepFailed(`${wordsOf(call)} answered another body than expected`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const wordsOf = (call: HttpCall) => `${call.method} ${call.path} at ${call.connectTo}`;
