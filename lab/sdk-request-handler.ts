// The AWS SDK's way into the lab: a requestHandler that turns the SDK's HTTP request into a call
// over the lab's network. Timeouts follow @smithy/node-http-handler: connectionTimeout and
// socketTimeout fail the attempt, requestTimeout only with throwOnRequestTimeout.
import { z } from "zod";
import type { Region } from "../core/config/schema.ts";
import { credentialScope } from "./access-keys.ts";
import type { AwsCalls } from "./aws-calls.ts";
import type { AwsResponse, Clock, Place, Principal } from "./kernel.ts";

/** What the SDK hands over; smithy's HttpRequest. */
export interface SdkRequest {
  readonly method: string;
  readonly hostname: string;
  readonly path: string;
  readonly query?: { readonly [key: string]: string | string[] | null };
  readonly headers: { readonly [key: string]: string };
  readonly body?: unknown;
}
export interface SdkResponse {
  readonly response: {
    statusCode: number;
    headers: { [key: string]: string };
    body: Uint8Array;
  };
}
interface Abort {
  readonly aborted: boolean;
  addEventListener?(type: "abort", listener: () => void, options: { once: true }): void;
  removeEventListener?(type: "abort", listener: () => void): void;
}

const timeoutsSchema = z.object({
  connectionTimeout: z.number().optional(),
  requestTimeout: z.number().optional(),
  socketTimeout: z.number().optional(),
  throwOnRequestTimeout: z.boolean().optional(),
});
export type SdkTimeouts = z.infer<typeof timeoutsSchema>;

/** Of a client's `requestHandler` setting, where it is a plain object. */
export function timeoutsOf(setting: unknown): SdkTimeouts {
  return timeoutsSchema.safeParse(setting).data ?? {};
}

export interface SdkCaller {
  readonly clock: Pick<Clock, "after">;
  readonly calls: Pick<AwsCalls, "call">;
  readonly principal: Principal;
  readonly from: Place;
  readonly timeouts?: SdkTimeouts;
}

export function sdkRequestHandler(caller: SdkCaller) {
  return {
    metadata: { handlerProtocol: "http/1.1" },
    handle: (request: SdkRequest, options: { abortSignal?: Abort } = {}) =>
      new Promise<SdkResponse>((resolve, reject) => {
        const attempt = new Attempt(caller, options.abortSignal, reject);
        if (attempt.isOver) return;
        caller.calls
          .call(awsRequest(request, caller), () => attempt.connected())
          .then(
            (answer) => attempt.finish(() => resolve(sdkResponse(answer))),
            (fault) => attempt.finish(() => reject(fault)),
          );
      }),
    destroy() {},
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
  };
}

/** One attempt's clocks and abort signal; whichever comes first ends it. */
class Attempt {
  isOver = false;
  readonly #cancels: (() => void)[] = [];
  #cancelConnect: (() => void) | null = null;

  constructor(caller: SdkCaller, signal: Abort | undefined, reject: (fault: Error) => void) {
    const fail = (name: string, message: string) =>
      this.finish(() => reject(Object.assign(new Error(message), { name })));
    const abort = () => fail("AbortError", "Request aborted");
    if (signal?.aborted) {
      abort();
      return;
    }
    signal?.addEventListener?.("abort", abort, { once: true });
    this.#cancels.push(() => signal?.removeEventListener?.("abort", abort));
    const { connectionTimeout, requestTimeout, socketTimeout, throwOnRequestTimeout } =
      caller.timeouts ?? {};
    const limit = (what: string, milliseconds: number | undefined) => {
      if (!milliseconds) return () => {};
      const message = `${what} within the configured timeout of ${milliseconds} ms`;
      return caller.clock.after(milliseconds, () => fail("TimeoutError", message));
    };
    this.#cancelConnect = limit("no connection was established", connectionTimeout);
    this.#cancels.push(limit("the socket was idle, no answer", socketTimeout));
    if (throwOnRequestTimeout) this.#cancels.push(limit("no answer", requestTimeout));
  }

  connected(): void {
    this.#cancelConnect?.();
  }

  finish(settle: () => void): void {
    if (this.isOver) return;
    this.isOver = true;
    this.connected();
    for (const cancel of this.#cancels) cancel();
    settle();
  }
}

function awsRequest(request: SdkRequest, { principal, from }: SdkCaller) {
  // S3 tells its bucket by the host, which the SDK's clients in containers don't repeat.
  const headers = lowerCase({ host: request.hostname, ...request.headers });
  const scope = credentialScope(headers.authorization);
  if (scope === null) throw new Error(`a request to ${request.hostname} is not signed`);
  const region: Region = scope.region;
  return {
    service: scope.service,
    region,
    method: request.method,
    path: request.path,
    query: flatQuery(request.query ?? {}),
    headers,
    body: textOf(request.body),
    principal,
    from,
  };
}

function lowerCase(headers: SdkRequest["headers"]): { [key: string]: string } {
  const lower: { [key: string]: string } = {};
  for (const [name, value] of Object.entries(headers)) lower[name.toLowerCase()] = value;
  return lower;
}

function flatQuery(query: NonNullable<SdkRequest["query"]>): { [key: string]: string } {
  const flat: { [key: string]: string } = {};
  for (const [name, value] of Object.entries(query)) {
    flat[name] = Array.isArray(value) ? value.join(",") : (value ?? "");
  }
  return flat;
}

const utf8 = new TextDecoder();

function textOf(body: unknown): string {
  if (body === undefined || body === null) return "";
  if (typeof body === "string") return body;
  // Not Buffer.from: the SDK's bytes pretend to be text too, and warn when they are taken for it.
  if (body instanceof Uint8Array) return utf8.decode(body);
  throw new Error("the lab takes request bodies as text or bytes, not as streams");
}

function sdkResponse(answer: AwsResponse): SdkResponse {
  return {
    response: {
      statusCode: answer.status,
      headers: lowerCase(answer.headers),
      body: Buffer.from(answer.body, "utf8"),
    },
  };
}
