// One HTTPS server on this machine, to which the browser takes every name: what it is asked goes
// into the lab under the name that was asked for, and comes back when the lab's time has passed. A
// request that the lab never answers stays open until the browser gives up.

import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import { selfSigned } from "./certificate.ts";
import type { LabClient } from "./lab-client.ts";

export class Doorway {
  readonly #lab: LabClient;
  readonly #server: Server;
  /** Requests that the lab has and the browser still waits for, with what each asks. */
  readonly #held = new Map<ServerResponse, string>();

  constructor(lab: LabClient) {
    this.#lab = lab;
    this.#server = createServer(selfSigned(), (request, response) => {
      void this.#pass(request, response);
    });
  }

  get held(): number {
    return this.#held.size;
  }

  /** A browser that gives up on a request leaves the question whether it may send it open, and
   * asks again where its connection breaks: so it is told something. */
  dropPreflights(path: string): void {
    for (const [response, asked] of this.#held) {
      if (asked === `OPTIONS ${path}`) response.writeHead(504).end();
    }
  }

  /** Resolves with the port. */
  async open(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("no port to listen at");
    return address.port;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { headers, method = "GET", url = "/" } = request;
    this.#held.set(response, `${method} ${url}`);
    response.once("close", () => this.#held.delete(response));
    const host = headers.host ?? "";
    const { pathname, searchParams } = new URL(url, `https://${host}`);
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const answer = await this.#lab.exchange({
      method,
      host,
      path: pathname,
      query: Object.fromEntries(searchParams),
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name, String(value)]),
      ),
      body: Buffer.concat(parts).toString("utf8"),
    });
    if (response.destroyed || response.headersSent) return;
    response.writeHead(answer.status, answer.headers);
    response.end(answer.body);
  }
}
