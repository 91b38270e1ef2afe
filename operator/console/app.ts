// The console's server as one function from requests to answers: guard first, then the state as a
// stream, actions, records, and the page's files. Nothing is served to who has not come in, not
// even an icon.
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { streamSSE } from "hono/streaming";
import { addActions, addLab, addRecords } from "./actions.ts";
import { paths, requests } from "./contract.ts";
import { checked, toldFault } from "./errors.ts";
import { type Door, guard, safeHeaders } from "./guard.ts";
import type { PageFiles } from "./page-files.ts";
import type { Connected, Watcher } from "./watcher.ts";

export interface AppPorts {
  readonly door: Door;
  readonly watcher: Watcher;
  connect(): Connected;
  /** null: it is being built. */
  page(): PageFiles | null;
}

const bodyBytesMax = 16_384;
/** Tabs of one operator; each costs reads. */
const streamsMax = 16;
/** Sooner than anything between would give the connection up. */
const aliveMilliseconds = 15_000;

export function createApp(ports: AppPorts): Hono {
  const app = new Hono();
  app.use(safeHeaders);
  app.use(guard(ports.door));
  app.use(
    bodyLimit({
      maxSize: bodyBytesMax,
      onError: (context) => context.json({ error: "The console takes 16 KB at most." }, 413),
    }),
  );
  app.onError((error, context) => {
    const { status, error: words } = toldFault(error);
    return context.json({ error: words }, status);
  });
  app.get(paths.session, (context) => context.json({ csrf: ports.door.secrets.csrf }));
  addStream(app, ports.watcher);
  addActions(app, ports.connect);
  addRecords(app, ports.connect);
  addLab(app, ports.connect);
  app.all("/api/*", (context) => context.json({ error: `No ${context.req.path} here.` }, 404));
  addPage(app, ports);
  return app;
}

function addStream(app: Hono, watcher: Watcher): void {
  app.get(paths.events, (context) => {
    const { run = null } = checked(requests.events, context.req.query());
    if (watcher.listeners >= streamsMax) {
      return context.json({ error: `${streamsMax} pages are open already: close some.` }, 503);
    }
    return streamSSE(context, async (stream) => {
      const send = (event: string, value: unknown) =>
        void stream.writeSSE({ event, data: JSON.stringify(value) });
      const stop = watcher.listen({
        run,
        state: (state) => send("state", state),
        told: (event) => send("run", event),
      });
      stream.onAbort(stop);
      while (!stream.aborted && !stream.closed) {
        await stream.sleep(aliveMilliseconds);
        send("alive", {});
      }
      stop();
    });
  });
}

/** Reloads itself until the page is there. No style: the policy allows none inline. */
const building = `<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="color-scheme" content="light dark"><meta http-equiv="refresh" content="1">
<title>Switchback</title></head><body><p>The console's page is being built; this takes some
seconds once after each change of its sources.</p></body></html>`;

function addPage(app: Hono, { page }: AppPorts): void {
  app.get("*", (context) => {
    const files = page();
    const isPage = context.req.path === "/";
    if (files === null) {
      return isPage ? context.html(building) : context.text("It is being built.\n", 404);
    }
    const file = files.get(isPage ? "/index.html" : context.req.path);
    if (file === undefined) return context.text("There is no such file.\n", 404);
    const cached = isPage ? "no-store" : "private, max-age=86400, immutable";
    return context.body(file.bytes, 200, { "content-type": file.type, "cache-control": cached });
  });
}
