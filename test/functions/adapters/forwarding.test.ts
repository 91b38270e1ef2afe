// What a client is told of a write that another Region was to make, when the connection there breaks:
// over real TLS, with a server that stands for the other Region's API on this machine.
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import { createServer as createTcpServer, type Server } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { forwardFrom } from "../../../functions/adapters/forwarding.ts";
import { apiRequestSchema, json } from "../../../functions/api/answers.ts";
import { packedAnswer, unpacked } from "../../../functions/api/forwarded.ts";
import { gated, type WritePorts } from "../../../functions/write-gate/gated.ts";
import { selfSigned } from "../../browser/certificate.ts";
import { config, nine } from "../steady.ts";

const request = apiRequestSchema.parse({
  httpMethod: "POST",
  resource: "/orders",
  headers: { "Idempotency-Key": "k-1" },
  body: '{"customer":"c-1"}',
  requestContext: { requestId: "r-1" },
});

/** How a request ends that was read. */
type Fate = (request: IncomingMessage, response: ServerResponse) => void;

const writes: Fate = (_request, response) => {
  const { body, headers } = packedAnswer("us-west-2", json("us-west-2", 201, { id: "o-1" }));
  response.writeHead(200, headers).end(body);
};
const dies: Fate = (incoming) => void incoming.socket.destroy();
const diesHalfWay: Fate = (incoming, response) => {
  const { body } = packedAnswer("us-west-2", json("us-west-2", 201, { id: "o-1" }));
  response.writeHead(200, { "content-length": body.length });
  response.write(body.slice(0, 10), () => incoming.socket.destroy());
};
const turnsAway: Fate = (_request, response) =>
  void response.writeHead(403).end('{"message":"Forbidden"}');

let servers: Server[] = [];
/** The bodies that the other Region's API has read to their end. */
let received: string[] = [];
let measured: object[] = [];

beforeEach(() => {
  servers = [];
  received = [];
  measured = [];
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
});
afterEach(() => {
  vi.unstubAllEnvs();
  for (const server of servers) server.close();
});

async function portOf(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("It has no port.");
  return address.port;
}

/** The other Region's API: reads the whole of each request, and then meets it with its fate. */
function apiThat(...fates: Fate[]): Promise<number> {
  const server = createServer(
    { ...selfSigned(), keepAliveTimeout: 60_000 },
    (incoming, response) =>
      void text(incoming).then((body) => {
        received.push(body);
        const fate = fates.shift();
        if (fate === undefined) throw new Error("Not planned: one more request");
        fate(incoming, response);
      }),
  );
  return portOf(server);
}

/** A Region whose gate is shut, since us-west-2 writes; that one is on `port`. */
function portsTo(port: number, rejectUnauthorized = false): WritePorts {
  const unplanned = (what: string) => () => Promise.reject(new Error(`Not planned: ${what}`));
  const connecting = { host: "127.0.0.1", port, rejectUnauthorized };
  return {
    config,
    region: "us-east-1",
    journals: true,
    gate: {
      check: async () => ({
        open: false,
        why: "Shut.",
        active: "us-west-2",
        writer: "us-west-2",
        isSwitching: false,
      }),
    },
    forward: forwardFrom(config, () => performance.now(), connecting),
    items: { put: unplanned("a put"), update: unplanned("an update") },
    putJournal: unplanned("a journal entry"),
    mayHold: unplanned("a write that is held"),
    measure: (measures) => void measured.push(measures),
    sleep: unplanned("a wait"),
    wake: async () => undefined,
    tick: () => performance.now(),
    now: () => nine,
    say: () => undefined,
  };
}

const ask = (ports: WritePorts) =>
  gated(request, ports, () => Promise.reject(new Error("Not planned: a write here")));

/** Status and detail of a problem. */
async function told(ports: WritePorts): Promise<{ status: number; detail: string }> {
  const { statusCode, headers, body } = await ask(ports);
  expect(headers["Retry-After"]).toBe("5");
  const { detail } = JSON.parse(body);
  return { status: statusCode, detail };
}

const perhaps = (why: string) => ({
  status: 503,
  detail:
    `us-west-2 was asked to write and did not say that it has (${why}): it may have been ` +
    "written. Repeat it as it was.",
});

describe("A forwarded write", () => {
  test("arrives whole, and its answer goes back as it is", async () => {
    const answer = await ask(portsTo(await apiThat(writes)));
    expect(answer).toMatchObject({ statusCode: 201, body: '{"id":"o-1"}' });
    const carrier = { ...request, body: received[0] ?? "" };
    expect(received).toHaveLength(1);
    expect(unpacked(carrier)).toEqual(request);
  });

  test("that was read before the connection died may be there, and is not sent again", async () => {
    const ports = portsTo(await apiThat(dies));
    expect(await told(ports)).toEqual(perhaps("us-west-2.api.example.com: socket hang up"));
    expect(received).toHaveLength(1);
  });

  test("whose kept connection dies may be there, and is not sent again", async () => {
    const ports = portsTo(await apiThat(writes, dies));
    expect(await ask(ports)).toMatchObject({ statusCode: 201 });
    expect(await told(ports)).toEqual(perhaps("us-west-2.api.example.com: socket hang up"));
    expect(received).toHaveLength(2);
  });

  test("whose answer breaks off may be there, whatever its beginning said", async () => {
    const ports = portsTo(await apiThat(diesHalfWay));
    expect(await told(ports)).toEqual(perhaps("us-west-2.api.example.com: aborted"));
    expect(received).toHaveLength(1);
  });

  test("that was turned away before the application is certainly absent", async () => {
    const ports = portsTo(await apiThat(turnsAway));
    expect(await told(ports)).toEqual({
      status: 503,
      detail: "Shut. It could not be asked: us-west-2 answered 403. Not written.",
    });
  });

  test("is certainly absent where the connection is refused, and may be tried again", async () => {
    const port = await apiThat(writes);
    servers[0]?.close();
    const { status, detail } = await told(portsTo(port));
    expect(status).toBe(503);
    expect(detail).toMatch(/^Shut\. It could not be asked: .* ECONNREFUSED .*\. Not written\.$/);
    expect(received).toEqual([]);
  });

  test("is certainly absent where the connection dies before it is a secure one", async () => {
    const port = await portOf(createTcpServer((socket) => socket.destroy()));
    const { status, detail } = await told(portsTo(port));
    expect(status).toBe(503);
    expect(detail).toMatch(/^Shut\. It could not be asked: .*\. Not written\.$/);
  });

  test("is not sent to a server whose certificate is none of the other Region's", async () => {
    const { detail } = await told(portsTo(await apiThat(writes), true));
    // From 24 on, Node says in between what one could do about it.
    const [said] = detail.split("; if the root CA");
    expect(said?.replace(/\. Not written\.$/, "")).toBe(
      "Shut. It could not be asked: us-west-2.api.example.com: self-signed certificate",
    );
    expect(detail).toMatch(/\. Not written\.$/);
    expect(received).toEqual([]);
  });
});
