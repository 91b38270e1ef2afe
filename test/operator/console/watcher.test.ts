// One reader for all pages: what they are told while there is nothing to read, and after.
import { expect, test } from "vitest";
import { createClients } from "../../../operator/aws/clients.ts";
import type { ConsoleState } from "../../../operator/console/contract.ts";
import { type Connected, Watcher } from "../../../operator/console/watcher.ts";
import { type Desk, WrongCall } from "../../../operator/desk.ts";
import { config } from "../../core/world.ts";
import { paint } from "../desk.ts";

/** No packet ever comes back. */
const silent: Desk = {
  config,
  target: { kind: "aws", words: "AWS" },
  clients: createClients({
    credentials: { accessKeyId: "AKIA", secretAccessKey: "secret" },
    requestHandler: {
      metadata: { handlerProtocol: "http/1.1" },
      handle: async () => {
        throw Object.assign(new Error("no packet came back"), { name: "TimeoutError" });
      },
    },
  }),
  screen: { paint, isInteractive: false, out() {}, note() {}, confirm: async () => false },
  now: () => 0,
  sleep: async () => {},
  newId: () => "1",
};

/** Ends after so many rounds, by taking the listener away. */
async function heard(connect: () => Connected, rounds: number): Promise<ConsoleState[]> {
  const states: ConsoleState[] = [];
  let sleeps = 0;
  await new Promise<void>((resolve) => {
    const watcher = new Watcher({
      connect,
      monotonic: () => 0,
      async sleep() {
        sleeps += 1;
        if (sleeps < rounds) return;
        stop();
        resolve();
      },
    });
    const stop = watcher.listen({ run: null, state: (state) => states.push(state), told() {} });
  });
  expect(sleeps).toBe(rounds);
  return states;
}

test("while a lab starts, pages are told so, and nothing is known", async () => {
  const [first, second] = await heard(() => {
    throw new WrongCall("No live lab is running.");
  }, 2);
  expect(first).toMatchObject({ status: null, deployment: null, lab: null, ageSeconds: null });
  expect(first?.silent).toContain("starting");
  expect(second).toEqual(first);
});

test("where no Region answers, that is said, with the deployment that was asked", async () => {
  const [state] = await heard(() => ({ desk: silent, control: null }), 1);
  expect(state?.silent).toContain("No Region answered");
  expect(state?.deployment).toMatchObject({ kind: "aws", primary: "us-east-1" });
  expect(state?.status).toBeNull();
  expect(JSON.stringify(state)).not.toContain("secret");
});
