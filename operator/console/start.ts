// Starts the console: listens on 127.0.0.1 first, so that its URL can be said at once, and builds
// the page meanwhile. Nothing is listened to on any other interface.
import type { Server } from "node:http";
import { serve } from "@hono/node-server";
import { createApp } from "./app.ts";
import type { PageFiles } from "./page-files.ts";
import { newSecrets, type Secrets } from "./secrets.ts";
import { type Connected, Watcher } from "./watcher.ts";

export interface ConsolePorts {
  /** Throws WrongCall while there is nothing to watch. */
  connect(): Connected;
  /** Builds it, if need be. */
  page(): Promise<PageFiles>;
  monotonic(): number;
  sleep(milliseconds: number): Promise<void>;
}

export interface RunningConsole {
  /** With the token that opens it. */
  readonly url: string;
  readonly secrets: Secrets;
  /** Rejects where the page could not be built. */
  readonly built: Promise<void>;
  close(): void;
}

const loopback = "127.0.0.1";

/** `port` 0: a free one. Rejects where it is taken. */
export async function startConsole(ports: ConsolePorts, port: number): Promise<RunningConsole> {
  const secrets = newSecrets();
  let page: PageFiles | null = null;
  let listening = port;
  const watcher = new Watcher(ports);
  const app = createApp({
    ...{ watcher, connect: ports.connect },
    door: { secrets, port: () => listening },
    page: () => page,
  });
  const server = await listen(app.fetch, port);
  const address = server.address();
  if (address !== null && typeof address === "object") listening = address.port;
  const built = ports.page().then((files) => {
    page = files;
  });
  return {
    url: `http://${loopback}:${listening}/?token=${secrets.token}`,
    ...{ secrets, built },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function listen(fetch: Parameters<typeof serve>[0]["fetch"], port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch, port, hostname: loopback }, () => resolve(server)) as Server;
    server.once("error", reject);
  });
}
