// A console of its own for each test: nothing to watch, a page of two files, secrets that are known.
import { createApp } from "../../../operator/console/app.ts";
import { csrfHeader } from "../../../operator/console/contract.ts";
import type { PageFiles } from "../../../operator/console/page-files.ts";
import { type Connected, Watcher } from "../../../operator/console/watcher.ts";
import { WrongCall } from "../../../operator/desk.ts";

export const secrets = { token: "T".repeat(43), session: "S".repeat(43), csrf: "C".repeat(43) };
export const port = 4711;
export const origin = `http://127.0.0.1:${port}`;
const bytes = (text: string) => new Uint8Array(Buffer.from(text));
export const page: PageFiles = new Map([
  ["/index.html", { type: "text/html; charset=utf-8", bytes: bytes("<p>page</p>") }],
  ["/assets/index-1.js", { type: "text/javascript; charset=utf-8", bytes: bytes("script") }],
]);

export const nothingToWatch = (): Connected => {
  throw new WrongCall("No live lab is running.");
};

export function consoleOf(
  connect: () => Connected = nothingToWatch,
  files: PageFiles | null = page,
) {
  const watcher = new Watcher({ connect, monotonic: () => 0, sleep: () => new Promise(() => {}) });
  const door = { secrets, port: () => port };
  const app = createApp({ door, watcher, connect, page: () => files });
  const ask = (path: string, what: RequestInit & { headers?: Record<string, string> } = {}) =>
    app.request(`${origin}${path}`, {
      ...what,
      headers: { host: `127.0.0.1:${port}`, ...what.headers },
    });
  return { app, ask };
}

export const cookie = { cookie: `switchback-console-${port}=${secrets.session}` };
/** All that a change by the page itself comes with. */
export const own = {
  ...cookie,
  origin,
  "content-type": "application/json",
  [csrfHeader]: secrets.csrf,
};
