import { describe, expect, it } from "vitest";
import type { HttpAnswer, HttpCall } from "../../../functions/adapters/http-client.ts";
import { askPublicName, walk } from "../../../functions/journey/journey.ts";
import { config, nine } from "../steady.ts";

const route = { config, vantage: "us-east-2", serving: "us-west-2" };

function item(difference: object = {}) {
  return {
    vantage: "us-east-2",
    serving: "us-west-2",
    writerRegion: "us-west-2",
    writerEpoch: 1,
    writtenAt: nine,
    version: "v-1",
    ...difference,
  };
}

function answer(body: object, difference: Partial<HttpAnswer> = {}): HttpAnswer {
  const headers = { "x-region": "us-west-2" };
  return { status: 200, headers, body: JSON.stringify(body), ...difference };
}

const health = answer({ status: "ok", region: "us-west-2" });
type Answers = Record<string, HttpAnswer | Error>;
const well: Answers = {
  "GET us-west-2.api.example.com /health": health,
  "POST us-west-2.api.example.com /orders/canary": answer(item()),
  "GET us-west-2.api.example.com /orders/canary": answer(item()),
  "GET public.us-west-2.api.example.com /health": health,
};

async function walked(answers: Answers) {
  const calls: HttpCall[] = [];
  const look = await walk(route, {
    http: async (call) => {
      calls.push(call);
      const known = answers[`${call.method} ${call.connectTo} ${call.path}`];
      if (known === undefined) throw new Error(`Not planned: ${call.method} ${call.path}`);
      if (known instanceof Error) throw known;
      return known;
    },
    sign: async (call, region) => ({ ...call, headers: { ...call.headers, signed: region } }),
    now: () => nine,
    sleep: async () => {
      throw new Error("Nothing waits in this journey.");
    },
  });
  return { look, calls };
}

const readBackOf = (body: object): Answers => ({
  ...well,
  "GET us-west-2.api.example.com /orders/canary": answer(body),
});

describe("the journey", () => {
  it("passes health, write, read-back and the public name at that Region", async () => {
    const { look, calls } = await walked(well);
    expect(look).toEqual({
      serving: "us-west-2",
      passed: true,
      startedAt: nine,
      milliseconds: 0,
      failedStep: null,
      detail: "",
    });
    expect(calls.map(({ host, headers }) => [host, headers.signed])).toEqual([
      ["us-west-2.api.example.com", undefined],
      ["us-west-2.api.example.com", "us-west-2"],
      ["us-west-2.api.example.com", "us-west-2"],
      ["api.example.com", undefined],
    ]);
    expect(calls[1]?.body).toBe('{"vantage":"us-east-2"}');
    expect(calls[2]?.query).toEqual({ vantage: "us-east-2" });
  });

  it("stops at the first step that fails, and says what it saw", async () => {
    const { look, calls } = await walked({
      ...well,
      "POST us-west-2.api.example.com /orders/canary": answer({}, { status: 500 }),
    });
    expect(look).toMatchObject({
      passed: false,
      failedStep: "write",
      detail: "POST /orders/canary at us-west-2.api.example.com answered 500",
    });
    expect(calls).toHaveLength(2);
  });

  it("fails on silence", async () => {
    const { look } = await walked({
      ...well,
      "GET us-west-2.api.example.com /health": new Error("no answer within 5 s"),
    });
    expect(look).toMatchObject({
      failedStep: "health",
      detail: "GET /health at us-west-2.api.example.com: no answer within 5 s",
    });
  });

  it("fails when another Region answers, or the body is another one", async () => {
    const elsewhere = await walked({
      ...well,
      "GET public.us-west-2.api.example.com /health": answer(
        { status: "ok", region: "us-east-1" },
        { headers: { "x-region": "us-east-1" } },
      ),
    });
    expect(elsewhere.look).toMatchObject({
      failedStep: "public-name",
      detail: "GET /health at public.us-west-2.api.example.com was answered by us-east-1",
    });
    const wrongBody = await walked({
      ...well,
      "GET us-west-2.api.example.com /health": { ...health, body: "<html>" },
    });
    expect(wrongBody.look.failedStep).toBe("health");
  });

  it("accepts a concurrent walk's newer item as read back, never the look before", async () => {
    const newer = item({ version: "v-2", writtenAt: nine - 900 });
    expect((await walked(readBackOf(newer))).look.passed).toBe(true);
    const older = item({ version: "v-0", writtenAt: nine - 1_000 });
    expect((await walked(readBackOf(older))).look).toMatchObject({
      failedStep: "read-back",
      detail: "read back an older item than the one written",
    });
  });
});

describe("asking the public name", () => {
  it("names the Region that answers, or nobody", async () => {
    expect(await askPublicName(config, async () => health)).toBe("us-west-2");
    expect(await askPublicName(config, async () => ({ ...health, status: 503 }))).toBe(null);
    const silent = async () => {
      throw new Error("no answer");
    };
    expect(await askPublicName(config, silent)).toBe(null);
  });
});
