// Real HTTP servers on loopback: a free port, a body of bounded size, an answer only where the lab
// has one. A request that the lab never answers stays open until its caller gives up, as a packet
// that was lost would have it.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Server } from "node:net";

export const loopback = "127.0.0.1";
const bodyBytesMax = 8 * 1024 * 1024;

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly query: { readonly [key: string]: string };
  readonly headers: { readonly [key: string]: string };
  readonly body: string;
}

export interface Answered {
  readonly status: number;
  readonly headers: { readonly [key: string]: string };
  readonly body: string;
}

export interface Listening {
  readonly port: number;
  close(): void;
}

/** `serve` rejects: nothing was answered, and the connection breaks. */
export async function listenHttp(
  serve: (request: Received) => Promise<Answered>,
): Promise<Listening> {
  const server = createServer((request, response) => {
    exchange(request, response, serve).catch(() => response.destroy());
  });
  // Lost packets are the lab's, and so are timeouts.
  server.requestTimeout = 0;
  await listenAt(server, 0);
  return {
    port: portOf(server),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

export function listenAt(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, loopback, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

export function portOf(server: { address(): AddressInfo | string | null }): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port to listen at");
  return address.port;
}

const tooLarge: Answered = { status: 413, headers: {}, body: "The lab takes 8 MB at most." };

async function exchange(
  request: IncomingMessage,
  response: ServerResponse,
  serve: (request: Received) => Promise<Answered>,
): Promise<void> {
  const received = await receive(request);
  const { status, headers, body } = received === null ? tooLarge : await serve(received);
  if (response.destroyed) return;
  const { "content-length": _length, "transfer-encoding": _encoding, ...kept } = headers;
  response.writeHead(status, kept);
  response.end(body);
}

/** Null: too large. */
async function receive(request: IncomingMessage): Promise<Received | null> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request) {
    const piece = Buffer.from(part);
    bytes += piece.length;
    if (bytes > bodyBytesMax) return null;
    parts.push(piece);
  }
  const { method = "GET", url = "/", headers } = request;
  const [path = "/", search = ""] = url.split("?", 2);
  return {
    method,
    path,
    query: Object.fromEntries(new URLSearchParams(search)),
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, [value ?? ""].flat().join(",")]),
    ),
    body: Buffer.concat(parts).toString("utf8"),
  };
}
