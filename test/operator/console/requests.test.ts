// What the console answers to what it is asked: refusals in words, as JSON, and nothing half done.
import { expect, test } from "vitest";
import { z } from "zod";
import { type Desk, Refused } from "../../../operator/desk.ts";
import { consoleOf, cookie, own } from "./sitting.ts";

/** Nothing of it is asked. */
const nobody: Desk = {
  get config(): never {
    throw new Error("not planned");
  },
  get clients(): never {
    throw new Error("not planned");
  },
  target: { kind: "aws", words: "AWS" },
  get screen(): never {
    throw new Error("not planned");
  },
  now: () => 0,
  sleep: async () => {},
  newId: () => "1",
};

/** Whoever gets as far as the deployment was let through. */
const { ask } = consoleOf(() => {
  throw new Refused("reached");
});
const post = async (
  path: string,
  body: unknown,
): Promise<[number, { error?: string | undefined }]> => {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const answer = await ask(path, { method: "POST", headers: own, body: text });
  return [answer.status, z.object({ error: z.string().optional() }).parse(await answer.json())];
};

test("a request that is wrong is told all that is, by path, and goes no further", async () => {
  const body = { direction: "sideways", mode: "automatic", dryRun: "yes", speed: 3 };
  const [status, { error }] = await post("/api/switch", body);
  expect(status).toBe(400);
  for (const part of ["$.direction", "$.mode", "$.dryRun", '"speed"'])
    expect(error).toContain(part);
  expect(await post("/api/switch", "{")).toEqual([400, { error: "The body is not JSON." }]);
});

test("an approval needs the whole hash that was shown", async () => {
  const answer = { id: "1", approved: true, hash: "0123456789" };
  expect(await post("/api/answer", answer)).toEqual([
    400,
    { error: "$.hash: must be the hash that was shown" },
  ]);
  const whole = { ...answer, hash: "0".repeat(64) };
  expect(await post("/api/answer", whole)).toEqual([409, { error: "reached" }]);
});

test("a body is bounded, and so is every text in it", async () => {
  const [status] = await post("/api/automation", { command: "pause", reason: "x".repeat(20_000) });
  expect(status).toBe(413);
  const [refused] = await post("/api/automation", { command: "pause", reason: "x".repeat(501) });
  expect(refused).toBe(400);
});

test("only what can be an execution's name is asked for", async () => {
  for (const name of ["a%20b", "a%2Fb", "%3Cscript%3E", "a".repeat(301)]) {
    const answer = await ask(`/api/runs/${name}`, { headers: cookie });
    expect([name, answer.status]).toEqual([name, 400]);
  }
  const answer = await ask("/api/runs/orders-1", { headers: cookie });
  expect([answer.status, await answer.json()]).toEqual([409, { error: "reached" }]);
});

test("what is not there is said in words", async () => {
  const answer = await ask("/api/nothing", { headers: cookie });
  expect([answer.status, await answer.json()]).toEqual([404, { error: "No /api/nothing here." }]);
});

test("the lab's controls are the lab's: on AWS there are none", async () => {
  const { ask: onAws } = consoleOf(() => {
    return { desk: nobody, control: null };
  });
  const answer = await onAws("/api/lab/heal", {
    ...{ method: "POST", headers: own, body: JSON.stringify({ id: "all" }) },
  });
  expect([answer.status, await answer.json()]).toEqual([
    409,
    { error: "There is no lab here: this is AWS." },
  ]);
});
