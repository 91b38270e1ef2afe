import { expect, it } from "vitest";
import type { HttpCall } from "../../../functions/adapters/http-client.ts";
import { look } from "../../../functions/look/look.ts";
import { config, nine } from "../steady.ts";

it("Looks start at their own times, though each takes longer than the space between.", async () => {
  let milliseconds = 0;
  const waiting: (() => void)[] = [];
  const started: string[] = [];
  const http = (call: HttpCall) =>
    new Promise<never>((_, reject) => {
      started.push(`${milliseconds} ${call.connectTo}`);
      waiting.push(() => reject(new Error("no answer within 5 s")));
    });
  const ports = {
    http,
    sign: async (call: HttpCall) => call,
    now: () => nine + milliseconds,
    sleep: async (wait: number) => {
      milliseconds += wait;
    },
  };
  const asked = look({ looks: 3, spacingSeconds: 3 }, { config, vantage: "us-east-2" }, ports);
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  expect(started).toEqual([
    "0 us-east-1.api.example.com",
    "0 us-west-2.api.example.com",
    "3000 us-east-1.api.example.com",
    "3000 us-west-2.api.example.com",
    "6000 us-east-1.api.example.com",
    "6000 us-west-2.api.example.com",
  ]);
  for (const fail of waiting) fail();
  const answer = await asked;
  expect(answer).toMatchObject({ vantage: "us-east-2", at: nine + 6_000, publicName: null });
  expect(
    answer.looks.map(({ serving, passed, startedAt }) => [serving, passed, startedAt]),
  ).toEqual([
    ["us-east-1", false, nine],
    ["us-west-2", false, nine],
    ["us-east-1", false, nine + 3_000],
    ["us-west-2", false, nine + 3_000],
    ["us-east-1", false, nine + 6_000],
    ["us-west-2", false, nine + 6_000],
  ]);
});

it("A look at the public name answers the Region and walks nothing.", async () => {
  const calls: string[] = [];
  const answer = await look(
    { looks: 1, spacingSeconds: 0, publicName: true },
    { config, vantage: "us-east-2" },
    {
      http: async (call) => {
        calls.push(`${call.method} ${call.connectTo} ${call.path}`);
        return { status: 200, headers: { "x-region": "us-west-2" }, body: "{}" };
      },
      sign: async (call) => call,
      now: () => nine,
      sleep: async () => undefined,
    },
  );
  expect(answer).toEqual({ vantage: "us-east-2", at: nine, looks: [], publicName: "us-west-2" });
  expect(calls).toEqual(["GET api.example.com /health"]);
});
