// A World without the lab: its own virtual clock and Lambda functions given as code. For the
// conformance cases and the tables of tests, which need an interpreter and nothing around it.
import { EventQueue } from "../../event-queue.ts";
import type { Json } from "../../kernel.ts";
import { StateFailure } from "./failure.ts";
import type { PendingTask, World } from "./run.ts";
import { invokeResult } from "./task.ts";

/** What a function does with a payload: an answer after so many ms, or an error of its own. */
export interface FunctionAnswer {
  readonly afterMilliseconds?: number;
  readonly payload?: Json;
  readonly error?: { readonly errorType: string; readonly errorMessage: string };
  /** Never answers. */
  readonly silent?: boolean;
}
export type FunctionCode = (payload: Json, call: number) => FunctionAnswer;

export interface VirtualWorld extends World {
  readonly pending: ReadonlyMap<string, PendingTask>;
  /** Runs event by event until nothing is planned or `finished` says so. */
  runUntil(finished: () => boolean): Promise<void>;
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

export function createVirtualWorld(
  functions: { readonly [nameOrArn: string]: FunctionCode },
  startsAt: number,
): VirtualWorld {
  const queue = new EventQueue();
  const pending = new Map<string, PendingTask>();
  let now = startsAt;
  let count = 0;
  const after = (milliseconds: number, run: () => void) => {
    const event = queue.plan(now + milliseconds, run);
    return () => {
      event.run = null;
    };
  };
  const calls = new Map<string, number>();
  return {
    region: "us-east-1",
    pending,
    now: () => now,
    random: () => 0.5,
    uuid: () => `00000000-0000-4000-8000-${String(++count).padStart(12, "0")}`,
    after,
    transitionMilliseconds: () => 0,
    newToken: () => `token-${++count}`,
    expect: (token, task) => pending.set(token, task),
    forget: (token) => pending.delete(token),
    invokeLambda: (parameters) => {
      const { name, payload } = callOf(parameters);
      const code = functions[name];
      if (!code) throw new Error(`no function ${name} was planned`);
      const call = (calls.get(name) ?? 0) + 1;
      calls.set(name, call);
      return answerOf(code(payload, call), after);
    },
    runUntil: async (finished) => {
      for (;;) {
        await turn();
        if (finished()) return;
        const event = queue.take();
        if (!event) return;
        now = event.at;
        event.run?.();
      }
    },
  };
}

function callOf(parameters: Json): { name: string; payload: Json } {
  if (parameters === null || typeof parameters !== "object" || Array.isArray(parameters)) {
    throw new Error("lambda:invoke takes an object");
  }
  return { name: String(parameters.FunctionName), payload: parameters.Payload ?? {} };
}

function answerOf(answer: FunctionAnswer, after: World["after"]): Promise<Json> {
  return new Promise((resolve, reject) => {
    if (answer.silent) return;
    after(answer.afterMilliseconds ?? 0, () => {
      if (answer.error) {
        const { errorType } = answer.error;
        reject(new StateFailure(errorType, JSON.stringify(answer.error)));
        return;
      }
      resolve(invokeResult(answer.payload ?? null, "00000000-0000-4000-8000-000000000000"));
    });
  });
}
