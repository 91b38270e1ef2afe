// Hands a request on to the API of the Region that may write, by that Region's own name, signed
// with this function's credentials. Connections are kept between requests, as a new one costs two
// round trips between the Regions; not for long, since a container that was frozen meanwhile may
// find it closed, and couldn't tell whether what it sent was read.
import { Agent, type AgentOptions } from "node:https";
import type { Config, Region } from "../../core/config/schema.ts";
import { forwardedPath, ownName } from "../../core/names.ts";
import { packed, unpackedAnswer } from "../api/forwarded.ts";
import type { Forward, Forwarded } from "../write-gate/passage.ts";
import { exchange, type HttpAnswer, type HttpCall, NotConnected, signed } from "./http-client.ts";

/** Three round trips across a continent are half of it. */
const connectMilliseconds = 1_000;
/** API Gateway keeps idle connections for longer. */
const keptMilliseconds = 30_000;

/** `tick`: ms on a monotonic clock. `connecting`: what connections differ in from those that the
 * other Region's name leads to. */
export function forwardFrom(
  config: Config,
  tick: () => number,
  connecting: AgentOptions = {},
): Forward {
  const pool = keptConnections(tick, { ...connecting, keepAlive: true });
  return async (to, request, milliseconds) => {
    const host = ownName(config, to);
    const call: HttpCall = {
      connectTo: host,
      host,
      method: "POST",
      path: forwardedPath(config),
      headers: { "content-type": "application/json" },
      body: packed(request),
    };
    try {
      const connections = { agent: pool(), connectMilliseconds };
      return forwarded(to, await exchange(await signed(call, to), milliseconds, connections));
    } catch (error) {
      const why = `${host}: ${error instanceof Error ? error.message : String(error)}`;
      return { kind: error instanceof NotConnected ? "not-sent" : "unknown", why };
    }
  };
}

function keptConnections(tick: () => number, options: AgentOptions): () => Agent {
  let agent = new Agent(options);
  let lastUsed = tick();
  return () => {
    if (tick() - lastUsed > keptMilliseconds) {
      agent.destroy();
      agent = new Agent(options);
    }
    lastUsed = tick();
    return agent;
  };
}

function forwarded(to: Region, { status, body }: HttpAnswer): Forwarded {
  const answer = status === 200 ? unpackedAnswer(body) : null;
  if (answer !== null) return { kind: "answered", answer };
  // API Gateway's refusals come before the function: not signed, not allowed, too many.
  const isTurnedAway = status >= 400 && status < 500;
  return { kind: isTurnedAway ? "not-sent" : "unknown", why: `${to} answered ${status}` };
}
