// Who gets into the console, and what its answers carry: one test for each way in.
import { request } from "node:http";
import { networkInterfaces } from "node:os";
import { afterEach, describe, expect, test } from "vitest";
import { type RunningConsole, startConsole } from "../../../operator/console/start.ts";
import { consoleOf, cookie, nothingToWatch, own, page, port, secrets } from "./sitting.ts";

const { ask } = consoleOf();
const pause = { method: "POST", body: JSON.stringify({ command: "pause" }) };
const said = async (answer: Response | Promise<Response>) => {
  const { status } = await answer;
  return [status, await (await answer).text()];
};

describe("the console's token", () => {
  test("in the URL becomes a cookie that scripts can't read, and leaves the URL", async () => {
    const answer = await ask(`/?token=${secrets.token}`);
    expect(answer.status).toBe(303);
    expect(answer.headers.get("location")).toBe("/");
    expect(answer.headers.get("set-cookie")).toBe(
      `switchback-console-${port}=${secrets.session}; Path=/; HttpOnly; SameSite=Strict`,
    );
  });

  test("lets nobody in who has a wrong one, or none", async () => {
    const wrong = await ask(`/?token=${"t".repeat(43)}`);
    expect([wrong.status, wrong.headers.get("set-cookie")]).toEqual([401, null]);
    expect((await ask("/?token=")).status).toBe(401);
    for (const path of ["/", "/assets/index-1.js", "/api/session", "/api/events", "/api/history"]) {
      expect([path, (await ask(path)).status]).toEqual([path, 401]);
    }
    const stale = { cookie: `switchback-console-${port}=${"s".repeat(43)}` };
    expect((await ask("/", { headers: stale })).status).toBe(401);
  });

  test("is no cookie, and the cookie is no token", async () => {
    const asCookie = { cookie: `switchback-console-${port}=${secrets.token}` };
    expect((await ask("/", { headers: asCookie })).status).toBe(401);
    expect((await ask(`/?token=${secrets.session}`)).status).toBe(401);
  });
});

describe("the console answers its own address alone:", () => {
  test("a name that was made to resolve to this machine is refused", async () => {
    for (const host of ["evil.example", `evil.example:${port}`, "127.0.0.1:80", ""]) {
      expect((await ask("/", { headers: { ...cookie, host } })).status).toBe(421);
      const withToken = await ask(`/?token=${secrets.token}`, { headers: { host } });
      expect([withToken.status, withToken.headers.get("set-cookie")]).toEqual([421, null]);
    }
    const local = { ...cookie, host: `localhost:${port}` };
    expect((await ask("/", { headers: local })).status).toBe(200);
  });

  test("a change from another origin is refused, and so is one that names none", async () => {
    for (const other of ["https://evil.example", "null", "http://127.0.0.1:1"]) {
      const headers = { ...own, origin: other };
      expect(await said(ask("/api/automation", { ...pause, headers }))).toEqual([
        403,
        '{"error":"The console answers its own page alone."}',
      ]);
    }
    const { origin: _none, ...without } = own;
    expect((await ask("/api/automation", { ...pause, headers: without })).status).toBe(403);
  });

  test("what the browser says comes from another site is not even read", async () => {
    for (const site of ["cross-site", "same-site"]) {
      const headers = { ...cookie, "sec-fetch-site": site };
      expect((await ask("/api/session", { headers })).status).toBe(403);
    }
    const headers = { ...cookie, "sec-fetch-site": "same-origin" };
    expect((await ask("/api/session", { headers })).status).toBe(200);
  });

  test("a change needs the token that only the page can read", async () => {
    const { "x-csrf-token": _none, ...without } = own;
    for (const headers of [without, { ...own, "x-csrf-token": "c".repeat(43) }]) {
      expect(await said(ask("/api/automation", { ...pause, headers }))).toEqual([
        403,
        '{"error":"The page\'s token is missing or old: load the page again."}',
      ]);
    }
    // Let in, and told that there is nothing to pause.
    expect(await said(ask("/api/automation", { ...pause, headers: own }))).toEqual([
      400,
      '{"error":"No live lab is running."}',
    ]);
    expect(await said(ask("/api/session", { headers: cookie }))).toEqual([
      200,
      `{"csrf":"${secrets.csrf}"}`,
    ]);
  });
});

test("every answer carries what keeps a browser safe, refusals too", async () => {
  const answers = [
    ask("/", { headers: cookie }),
    ask("/"),
    ask("/api/nothing", { headers: cookie }),
  ];
  for (const answer of await Promise.all(answers)) {
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "content-security-policy":
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
        "font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; " +
        "frame-ancestors 'none'",
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "referrer-policy": "no-referrer",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin",
      "cache-control": "no-store",
    });
  }
});

test("a path never leaves the page's folder", async () => {
  for (const path of ["/../package.json", "/%2e%2e/package.json", "/assets/..%2f..%2fmain.ts"]) {
    expect((await ask(path, { headers: cookie })).status).toBe(404);
  }
  const script = await ask("/assets/index-1.js", { headers: cookie });
  expect([script.status, await script.text()]).toEqual([200, "script"]);
});

test("while the page is built there is a page that says so, and loads itself again", async () => {
  const { ask: early } = consoleOf(nothingToWatch, null);
  const [status, text] = await said(early("/", { headers: cookie }));
  expect(status).toBe(200);
  expect(text).toContain('<meta http-equiv="refresh" content="1">');
  expect(text).toContain("is being built");
});

describe("a console that listens", () => {
  let running: RunningConsole | undefined;
  afterEach(() => running?.close());

  const statusAt = (address: string, listening: number) =>
    new Promise<number | string>((resolve) => {
      const asked = request({ host: address, port: listening, path: "/", timeout: 2_000 });
      asked.on("response", (answer) => resolve(answer.resume().statusCode ?? 0));
      asked.on("error", (error) => resolve("code" in error ? String(error.code) : error.message));
      asked.on("timeout", () => asked.destroy(new Error("silent")));
      asked.end();
    });

  test("does so on 127.0.0.1 and on no other interface; its URL lets in", async () => {
    running = await startConsole(
      {
        connect: nothingToWatch,
        page: async () => page,
        monotonic: () => 0,
        sleep: () => new Promise(() => {}),
      },
      0,
    );
    const url = new URL(running.url);
    expect(url.hostname).toBe("127.0.0.1");
    expect(url.searchParams.get("token")).toHaveLength(43);
    expect(await statusAt("127.0.0.1", Number(url.port))).toBe(401);
    const others = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
    for (const { address, internal, family } of others) {
      if (internal && family === "IPv4") continue;
      if (address.startsWith("fe80")) continue;
      expect(await statusAt(address, Number(url.port))).toBe("ECONNREFUSED");
    }
    const entered = await fetch(running.url, { redirect: "manual" });
    expect([entered.status, entered.headers.get("location")]).toEqual([303, "/"]);
  });
});
