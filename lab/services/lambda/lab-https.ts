// node:https as functions use it: request() through the Region's resolver and the lab's web. An
// agent keeps connections, and then a new one costs its handshakes; without one a request is a
// single round trip. Certificates are not modelled, so `servername` is not looked at.
import { EventEmitter } from "node:events";
import { Readable } from "node:stream";
import { z } from "zod";
import type { Region } from "../../../core/config/schema.ts";
import type { HttpRequest, HttpResponse, Lab } from "../../kernel.ts";
import type { Gate } from "./gate.ts";
import { KeptConnections } from "./kept-connections.ts";

export interface HttpsPorts {
  readonly lab: Pick<Lab, "clock" | "web" | "resolverIn">;
  readonly region: Region;
  readonly gate: Gate;
}

const optionsSchema = z.object({
  host: z.string().optional(),
  hostname: z.string().optional(),
  port: z.union([z.number(), z.string(), z.null()]).optional(),
  method: z.string().default("GET"),
  path: z.string().default("/"),
  timeout: z.number().optional(),
  headers: z
    .record(z.string(), z.union([z.string(), z.number(), z.array(z.string()), z.undefined()]))
    .default({}),
  signal: z.instanceof(AbortSignal).optional(),
  agent: z.union([z.literal(false), z.instanceof(KeptConnections)]).optional(),
});
type Options = z.infer<typeof optionsSchema>;

export function labHttps(ports: HttpsPorts) {
  const request = (...args: unknown[]): ClientRequest => {
    const listener = args.find((argument) => typeof argument === "function");
    const sent = new ClientRequest(ports, optionsOf(args));
    if (listener !== undefined) sent.once("response", (answer: Readable) => listener(answer));
    return sent;
  };
  const get = (...args: unknown[]) => request(...args).end();
  return { request, get, Agent: KeptConnections };
}

/** request(url[, options]) or request(options). */
function optionsOf(args: readonly unknown[]): Options {
  const [first, second] = args;
  const url = typeof first === "string" ? new URL(first) : first instanceof URL ? first : null;
  if (url === null) return optionsSchema.parse(first);
  const more = typeof second === "object" && second !== null ? second : {};
  const { hostname, pathname, search } = url;
  return optionsSchema.parse({ hostname, path: pathname + search, ...more });
}

function fault(message: string, code: string): Error {
  return Object.assign(new Error(message), { code });
}

class ClientRequest extends EventEmitter {
  readonly #ports: HttpsPorts;
  readonly #options: Options;
  readonly #headers: { [name: string]: string } = {};
  #body = "";
  #isOver = false;
  #cancelTimeout: (() => void) | null = null;

  constructor(ports: HttpsPorts, options: Options) {
    super();
    this.#ports = ports;
    this.#options = options;
    for (const [name, value] of Object.entries(options.headers)) {
      if (value !== undefined) this.setHeader(name, value);
    }
    if (options.timeout !== undefined) this.setTimeout(options.timeout);
    const abort = () => this.destroy(Object.assign(new Error("aborted"), { name: "AbortError" }));
    options.signal?.addEventListener("abort", abort, { once: true });
  }

  setHeader(name: string, value: string | number | readonly string[]): this {
    this.#headers[name.toLowerCase()] = Array.isArray(value) ? value.join(", ") : String(value);
    return this;
  }

  write(part: string | Uint8Array): boolean {
    this.#body += typeof part === "string" ? part : Buffer.from(part).toString("utf8");
    return true;
  }

  end(part?: string | Uint8Array): this {
    if (part !== undefined) this.write(part);
    this.#ports.gate.hold(this.#exchange()).then(
      (answer) => this.#finish(() => this.emit("response", incoming(answer))),
      (error) => this.#finish(() => this.emit("error", error)),
    );
    return this;
  }

  setTimeout(milliseconds: number, listener?: () => void): this {
    if (listener !== undefined) this.once("timeout", listener);
    this.#cancelTimeout?.();
    this.#cancelTimeout = this.#ports.lab.clock.after(milliseconds, () =>
      this.#ports.gate.deliver(() => {
        if (!this.#isOver) this.emit("timeout");
      }),
    );
    return this;
  }

  /** Without an error, node reports a connection that hung up. */
  destroy(error?: Error): this {
    const reported = error ?? fault("socket hang up", "ECONNRESET");
    this.#finish(() => process.nextTick(() => this.emit("error", reported)));
    return this;
  }

  setNoDelay(): void {}
  setSocketKeepAlive(): void {}

  #finish(report: () => void): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancelTimeout?.();
    report();
    process.nextTick(() => this.emit("close"));
  }

  async #exchange(): Promise<HttpResponse> {
    const { lab, region } = this.#ports;
    const host = this.#options.hostname ?? this.#options.host ?? "localhost";
    const agent = this.#options.agent || null;
    const kept = agent?.take(host) ?? null;
    const address = kept ?? (await this.#addressOf(host));
    if (agent !== null) await this.#connected(address, kept !== null);
    const answer = await lab.web.exchange({ region }, address, this.#request(host));
    agent?.keep(host, address);
    return answer;
  }

  async #addressOf(host: string): Promise<string> {
    const { lab, region } = this.#ports;
    const { status, values } = await lab.resolverIn(region).resolve(host, "A");
    const [address] = values;
    if (address !== undefined) return address;
    const code = status === "SERVFAIL" ? "EAI_AGAIN" : "ENOTFOUND";
    throw fault(`getaddrinfo ${code} ${host}`, code);
  }

  /** As node tells it: the request's socket, and when that has its connection. */
  async #connected(address: string, isKept: boolean): Promise<void> {
    const { lab, region, gate } = this.#ports;
    const socket = Object.assign(new EventEmitter(), { connecting: !isKept });
    gate.deliver(() => this.emit("socket", socket));
    if (isKept) return;
    await lab.web.connect({ region }, address);
    // Given up meanwhile: nothing is sent any more.
    if (this.#isOver) return await new Promise(() => {});
    gate.deliver(() => socket.emit("secureConnect"));
  }

  #request(host: string): HttpRequest {
    const url = new URL(this.#options.path, `https://${host}`);
    return {
      method: this.#options.method,
      host: this.#headers.host ?? host,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: this.#headers,
      body: this.#body,
    };
  }
}

function incoming(answer: HttpResponse): Readable {
  const headers: { [name: string]: string } = {};
  for (const [name, value] of Object.entries(answer.headers)) headers[name.toLowerCase()] = value;
  const body = Readable.from(answer.body === "" ? [] : [Buffer.from(answer.body, "utf8")], {
    objectMode: false,
  });
  return Object.assign(body, { statusCode: answer.status, headers });
}
