import { afterEach, beforeEach, expect, it } from "vitest";
import { z } from "zod";
import { deployFunction, outcome, type SmallLab, smallLab } from "../../small-lab.ts";

let lab: SmallLab;
const name = "us-west-2.api.example.com";
const address = "198.18.0.1";
beforeEach(() => {
  lab = smallLab();
  lab.records.set(`${name} A`, { status: "NOERROR", values: [address], ttlSeconds: 60 });
});
afterEach(() => lab.close());

async function run(source: string, event: object = {}, seconds = 30): Promise<unknown> {
  const arn = await deployFunction(lab, "shims", source, { Timeout: 60 });
  const answer = await outcome(lab, lab.lambda.invoke(arn, JSON.stringify(event)), seconds);
  return typeof answer === "object" && answer !== null && "payload" in answer
    ? JSON.parse(String(answer.payload))
    : answer;
}

const exchange = `const { request } = require("node:https");
  const exchange = (options, body) => new Promise((resolve, reject) => {
    const sent = request(options, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (part) => { text += part; });
      answer.on("end", () => resolve([answer.statusCode, answer.headers["x-region"], text]));
    });
    sent.on("error", (fault) => reject(new Error(fault.code + " " + fault.message)));
    if (options.giveUpAfter) setTimeout(() => sent.destroy(), options.giveUpAfter);
    sent.end(body);
  });
  exports.handler = (options) => exchange(options, options.body);`;

it("sends HTTPS requests to who listens at the resolved address, with their own Host", async () => {
  const seen: unknown[] = [];
  lab.web.listen(address, "us-west-2", async (request) => {
    seen.push(request);
    return { status: 201, headers: { "X-Region": "us-west-2" }, body: "created" };
  });
  const options = {
    ...{ host: name, servername: "api.example.com", port: 443, agent: false, method: "POST" },
    path: "/orders?customer=7",
    headers: { host: "api.example.com", "X-Number": 5 },
    body: "{}",
  };
  expect(await run(exchange, options)).toEqual([201, "us-west-2", "created"]);
  expect(seen).toEqual([
    {
      method: "POST",
      host: "api.example.com",
      path: "/orders",
      query: { customer: "7" },
      headers: { host: "api.example.com", "x-number": "5" },
      body: "{}",
    },
  ]);
});

it("says how a request failed: no name, nobody listening, hung up", async () => {
  expect(await run(exchange, { host: "nowhere.example.com" })).toMatchObject({
    errorMessage: "ENOTFOUND getaddrinfo ENOTFOUND nowhere.example.com",
  });
  expect(await run(exchange, { host: name })).toMatchObject({
    errorMessage: `ECONNREFUSED connect ECONNREFUSED ${address}:443`,
  });
  lab.web.listen(address, "us-west-2", () => new Promise(() => {}));
  expect(await run(exchange, { host: name, giveUpAfter: 5000 })).toMatchObject({
    errorMessage: "ECONNRESET socket hang up",
  });
});

it("keeps an agent's connection: only the first request of it pays for handshakes", async () => {
  lab.web.listen(address, "us-west-2", async () => ({ status: 200, headers: {}, body: "" }));
  const source = `const https = require("https");
    const agent = new https.Agent({ keepAlive: true });
    const once = () => new Promise((resolve, reject) => {
      const started = performance.now();
      const sockets = [];
      const sent = https.request({ host: "${name}", agent, method: "POST" }, (answer) => {
        answer.on("data", () => {});
        answer.on("end", () => resolve({ sockets, took: performance.now() - started }));
      });
      sent.on("socket", (socket) => {
        sockets.push(socket.connecting ? "new" : "kept");
        socket.once("secureConnect", () => sockets.push("connected"));
      });
      sent.on("error", reject);
      sent.end("{}");
    });
    exports.handler = async () => [await once(), await once()];`;
  const seen = z
    .array(z.object({ sockets: z.array(z.string()), took: z.number() }))
    .parse(await run(source));
  expect(seen.map(({ sockets }) => sockets)).toEqual([["new", "connected"], ["kept"]]);
  const [first, second] = seen.map(({ took }) => took);
  // Three round trips, and one.
  expect((first ?? 0) / (second ?? 0)).toBeGreaterThan(2);
});

it("gives up on an abort signal, and tells when a request's timeout has passed", async () => {
  lab.web.listen(address, "us-west-2", () => new Promise(() => {}));
  const source = `const https = require("https");
    exports.handler = (options) => new Promise((resolve) => {
      const started = Date.now();
      const seen = [];
      const signal = AbortSignal.timeout(3000);
      const sent = https.get({ ...options, timeout: 1000, signal });
      sent.on("timeout", () => seen.push("timeout " + (Date.now() - started)));
      sent.on("error", (fault) => resolve([...seen, fault.name + " " + (Date.now() - started)]));
    });`;
  expect(await run(source, { host: name })).toEqual(["timeout 1000", "AbortError 3000"]);
});

const ask = `const dns = require("node:dns"), promises = require("node:dns/promises");
  exports.handler = async ({ server, name, kind }) => {
    const resolver = new promises.Resolver({ timeout: 1000, tries: 1 });
    if (server) resolver.setServers([server]);
    const failed = (fault) => fault.code;
    return {
      servers: resolver.getServers(),
      promised: await resolver[kind](name).catch(failed),
      called: await new Promise((done) =>
        dns[kind](name, (fault, records) => done(fault ? fault.code : records))),
    };
  };`;

it("asks the Region's resolver, or the zone's own servers once they are set", async () => {
  const marker = "_region.us-east-1.api.example.com";
  lab.records.set(`${marker} TXT`, { status: "NOERROR", values: ["us-east-1"], ttlSeconds: 10 });
  const event = { server: "203.0.113.53", name: marker, kind: "resolveTxt" };
  expect(await run(ask, event)).toEqual({
    servers: ["203.0.113.53"],
    promised: [["us-east-1"]],
    called: [["us-east-1"]],
  });
  expect(await run(ask, { name, kind: "resolve4" })).toMatchObject({ promised: [address] });
});

it("says in c-ares' words that a name or a record is not there", async () => {
  const gone = { server: "203.0.113.53", name: "gone.example.com", kind: "resolve4" };
  expect(await run(ask, gone)).toMatchObject({ promised: "ENOTFOUND", called: "ENOTFOUND" });
  lab.records.set(`${name} A`, { status: "NOERROR", values: [], ttlSeconds: 60 });
  expect(await run(ask, { name, kind: "resolve4" })).toMatchObject({ promised: "ENODATA" });
});

it("hears the zone's servers through another Region's outage, and strangers never", async () => {
  const source = `const { Resolver } = require("node:dns/promises");
    exports.handler = async ({ server }) => {
      const resolver = new Resolver();
      resolver.setServers([server]);
      const asked = resolver.resolve4("${name}").then(() => "answered");
      return await Promise.race([asked, new Promise((done) => setTimeout(done, 9000, "silence"))]);
    };`;
  expect(await run(source, { server: "192.0.2.9" })).toBe("silence");
  lab.network.setDown("us-west-2", true);
  expect(await run(source, { server: "203.0.113.53" })).toBe("answered");
});
