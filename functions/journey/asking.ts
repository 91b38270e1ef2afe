// One exchange of a journey: asks the Region that is walked, and takes only its own answer, so that
// a record or a mapping that leads elsewhere shows. An HTTPS exchange, never an AWS API call.
import type { z } from "zod";
import type { Config, Region } from "../../core/config/schema.ts";
import { healthAnswerSchema } from "../../core/contracts/orders.ts";
import type { HttpAnswer, HttpCall } from "../adapters/http-client.ts";

export type Http = (call: HttpCall, timeoutMilliseconds: number) => Promise<HttpAnswer>;

export interface JourneyPorts {
  readonly http: Http;
  readonly sign: (call: HttpCall, region: Region) => Promise<HttpCall>;
  /** ms since 1970. */
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

export interface Route {
  readonly config: Config;
  /** From where. */
  readonly vantage: Region;
  /** Which Region is proven. */
  readonly serving: Region;
}

/** What a step saw instead of what it needs, in words. */
export class StepFailed extends Error {
  override readonly name = "StepFailed";
}

/** ms that a step may take. */
export const stepMilliseconds = ({ config }: Route) => config.detection.stepTimeoutSeconds * 1_000;

export async function ask(route: Route, ports: JourneyPorts, call: HttpCall): Promise<HttpAnswer> {
  const answer = await send(ports, call, stepMilliseconds(route));
  check(route, call, answer);
  return answer;
}

/** null: that Region says that there is no such thing. */
export async function findOut(
  route: Route,
  ports: JourneyPorts,
  call: HttpCall,
  timeoutMilliseconds: number,
): Promise<HttpAnswer | null> {
  const answer = await send(ports, call, timeoutMilliseconds);
  if (answer.status === 404 && answer.headers["x-region"] === route.serving) return null;
  check(route, call, answer);
  return answer;
}

function send(ports: JourneyPorts, call: HttpCall, milliseconds: number): Promise<HttpAnswer> {
  return ports.http(call, milliseconds).catch((error: unknown) => {
    throw new StepFailed(`${wordsOf(call)}: ${error instanceof Error ? error.message : error}`);
  });
}

function check(route: Route, call: HttpCall, answer: HttpAnswer): void {
  if (answer.status < 200 || answer.status > 299) {
    throw new StepFailed(`${wordsOf(call)} answered ${answer.status}`);
  }
  const region = answer.headers["x-region"];
  if (region !== route.serving) {
    throw new StepFailed(`${wordsOf(call)} was answered by ${region ?? "nobody known"}`);
  }
  if (call.path === "/health") checkHealth(route, call, answer);
}

function checkHealth(route: Route, call: HttpCall, answer: HttpAnswer): void {
  const health = readAnswer(healthAnswerSchema, call, answer);
  if (health.region !== route.serving) {
    throw new StepFailed(`${wordsOf(call)} speaks for ${health.region}`);
  }
}

export function readAnswer<S extends z.ZodType>(schema: S, call: HttpCall, answer: HttpAnswer) {
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
