// One HTTPS exchange on node:https, and SigV4 for the API's IAM-authorised paths. Not fetch, since
// fetch can't set Host, which is how a look asks one Region for the public name. A connection is
// kept only where the caller brings a pool: a look must notice that a Region stopped accepting new
// ones.
import { createHash, createHmac } from "node:crypto";
import { type Agent, request } from "node:https";
import type { Socket } from "node:net";
import { SignatureV4 } from "@smithy/signature-v4";
import type { Region } from "../../core/config/schema.ts";
import { credentials } from "../env.ts";

export interface HttpCall {
  /** Name that is resolved and connected to. */
  readonly connectTo: string;
  /** Host header and TLS server name. */
  readonly host: string;
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Connections that are kept, and how long a new one may take: TCP and TLS together. */
export interface Pool {
  readonly agent: Agent;
  readonly connectMilliseconds: number;
}

/** No connection came about: nothing of the request has left this function. */
export class NotConnected extends Error {
  override readonly name = "NotConnected";
}

/** Rejects when there is no complete answer in time; with a pool, as NotConnected while nothing has
 * been sent. */
export function exchange(
  call: HttpCall,
  timeoutMilliseconds: number,
  pool?: Pool,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const connecting = new Connecting(pool?.connectMilliseconds ?? timeoutMilliseconds);
    const sent = request(
      {
        host: call.connectTo,
        servername: call.host,
        port: 443,
        method: call.method,
        path: pathOf(call),
        headers: { ...call.headers, host: call.host, ...lengthOf(call.body) },
        agent: pool?.agent ?? false,
      },
      (answer) => {
        let body = "";
        answer.setEncoding("utf8");
        answer.on("data", (part: string) => {
          body += part;
        });
        answer.on("error", fail);
        answer.on("end", () => {
          clearTimeout(timer);
          resolve({ status: answer.statusCode ?? 0, headers: flat(answer.headers), body });
        });
      },
    );
    const timer = setTimeout(() => {
      const late = new Error(`no answer within ${timeoutMilliseconds / 1_000} s`);
      sent.destroy(late);
      fail(late);
    }, timeoutMilliseconds);
    function fail(error: Error) {
      clearTimeout(timer);
      connecting.over();
      const unsent = pool !== undefined && !connecting.isDone;
      reject(unsent ? new NotConnected(error.message, { cause: error }) : error);
    }
    sent.on("error", fail);
    if (pool !== undefined) sent.on("socket", (socket) => connecting.watch(socket, sent));
    sent.end(call.body);
  });
}

/** The beginning of an exchange: until there is a connection, or it is given up. */
class Connecting {
  isDone = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly milliseconds: number) {}

  /** `socket`: of a pool, connected already, or about to be. */
  watch(socket: Socket, sent: { destroy(error: Error): unknown }): void {
    if (!socket.connecting) {
      this.isDone = true;
      return;
    }
    const seconds = this.milliseconds / 1_000;
    const late = new Error(`no connection within ${seconds} s`);
    this.timer = setTimeout(() => sent.destroy(late), this.milliseconds);
    socket.once("secureConnect", () => {
      this.isDone = true;
      this.over();
    });
  }

  over(): void {
    clearTimeout(this.timer);
  }
}

function pathOf(call: HttpCall): string {
  const query = new URLSearchParams(call.query ?? {}).toString();
  return query === "" ? call.path : `${call.path}?${query}`;
}

function lengthOf(body: string | undefined): Record<string, string> {
  return body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
}

function flat(headers: NodeJS.Dict<string | string[]>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      Array.isArray(value) ? value.join(", ") : (value ?? ""),
    ]),
  );
}

/** The call with the headers that API Gateway's IAM authorisation asks for. The credentials are
 * the function's own, as the runtime puts them into the environment. */
export async function signed(call: HttpCall, region: Region): Promise<HttpCall> {
  const signer = new SignatureV4({
    service: "execute-api",
    region,
    credentials: credentials(),
    sha256: Sha256,
  });
  const request = await signer.sign({
    method: call.method,
    protocol: "https:",
    hostname: call.host,
    path: call.path,
    query: { ...call.query },
    headers: { ...call.headers, host: call.host },
    ...(call.body === undefined ? {} : { body: call.body }),
  });
  return { ...call, headers: request.headers };
}

type Bytes = string | ArrayBuffer | ArrayBufferView;

/** The hash that the signer asks for, on node:crypto: HMAC where it is given a key. */
class Sha256 {
  private readonly hash;

  constructor(secret?: Bytes) {
    this.hash = secret === undefined ? createHash("sha256") : createHmac("sha256", bytes(secret));
  }

  update(data: Bytes): void {
    this.hash.update(bytes(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.hash.digest();
  }

  /** Part of the signer's interface; it makes a new hash each time instead. */
  reset(): void {}
}

function bytes(data: Bytes): Buffer {
  if (typeof data === "string") return Buffer.from(data, "utf8");
  if (data instanceof ArrayBuffer) return Buffer.from(data);
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}
