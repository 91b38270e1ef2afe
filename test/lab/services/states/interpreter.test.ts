// Tables of cases from AWS's documentation, and from its recorded event orders where the
// documentation is silent: Retry, Catch, Parallel, task tokens, heartbeats, timeouts, limits.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { parseDefinition } from "../../../../lab/services/states/definition.ts";
import type { HistoryEvent } from "../../../../lab/services/states/history.ts";
import { type Ending, startExecution } from "../../../../lab/services/states/interpreter.ts";
import {
  createVirtualWorld,
  type FunctionAnswer,
  type FunctionCode,
} from "../../../../lab/services/states/virtual-world.ts";

const answer = z.strictObject({
  afterMilliseconds: z.number().optional(),
  payload: z.json().optional(),
  error: z.strictObject({ errorType: z.string(), errorMessage: z.string() }).optional(),
  silent: z.literal(true).optional(),
  /** A payload of that many bytes. */
  bytes: z.int().optional(),
});
const caseSchema = z.strictObject({
  title: z.string(),
  source: z.string(),
  definition: z.json(),
  input: z.json().default({}),
  /** By function name: the answer to each call in turn; one call more is a fault of the case. */
  functions: z.record(z.string(), z.array(answer)).default({}),
  /** What is sent for the oldest open token, and when. */
  sent: z
    .array(
      z.strictObject({
        atSeconds: z.number(),
        success: z.json().optional(),
        failure: z.strictObject({ error: z.string(), cause: z.string() }).optional(),
        heartbeat: z.literal(true).optional(),
      }),
    )
    .default([]),
  stop: z.strictObject({ atSeconds: z.number(), error: z.string(), cause: z.string() }).optional(),
  /** When it is redriven, having ended before. */
  redrivenAtSeconds: z.array(z.number()).default([]),
  expect: z.strictObject({
    ending: z.json(),
    seconds: z.number(),
    /** Type, state or index, and the event that it follows. */
    history: z.array(z.string()).optional(),
    /** Payload of every call, in order. */
    calls: z.array(z.json()).optional(),
  }),
});
type Case = z.infer<typeof caseSchema>;

const startsAt = Date.parse("2026-01-15T09:00:00Z");

function planned(functions: Case["functions"], calls: unknown[]): { [name: string]: FunctionCode } {
  const code = (name: string, answers: Case["functions"][string]): FunctionCode => {
    return (payload, call) => {
      calls.push(payload);
      const given = answers[call - 1];
      if (!given) throw new Error(`call ${call} of ${name} was not planned`);
      const { bytes, ...rest } = given;
      const filled = bytes === undefined ? {} : { payload: "x".repeat(bytes) };
      return { ...rest, ...filled } as FunctionAnswer;
    };
  };
  return Object.fromEntries(
    Object.entries(functions).map(([name, answers]) => [name, code(name, answers)]),
  );
}

async function run(given: Case) {
  const calls: unknown[] = [];
  const world = createVirtualWorld(planned(given.functions, calls), startsAt);
  let execution = startExecution(
    parseDefinition(JSON.stringify(given.definition)),
    {
      executionArn: "arn:aws:states:us-east-1:123456789012:execution:machine:run",
      name: "run",
      stateMachineArn: "arn:aws:states:us-east-1:123456789012:stateMachine:machine",
      stateMachineName: "machine",
      roleArn: "arn:aws:iam::123456789012:role/machine",
      startTime: new Date(startsAt).toISOString(),
      input: given.input,
    },
    world,
  );
  for (const sent of given.sent) {
    world.after(sent.atSeconds * 1000, () => {
      const task = [...world.pending.values()][0];
      if (sent.success !== undefined) task?.succeed(sent.success);
      if (sent.failure) task?.fail(sent.failure.error, sent.failure.cause);
      if (sent.heartbeat) task?.heartbeat();
    });
  }
  const { stop } = given;
  if (stop) world.after(stop.atSeconds * 1000, () => execution.stop(stop.error, stop.cause));
  const settled: { ending?: Ending; fault?: unknown } = {};
  const attend = () => {
    execution.done.then(
      (ending) => {
        settled.ending = ending;
      },
      (fault) => {
        settled.fault = fault;
      },
    );
  };
  attend();
  let redrivesLeft = given.redrivenAtSeconds.length;
  for (const atSeconds of given.redrivenAtSeconds) {
    world.after(atSeconds * 1000, () => {
      redrivesLeft -= 1;
      delete settled.ending;
      execution = execution.redrive();
      attend();
    });
  }
  await world.runUntil(() => ("ending" in settled && redrivesLeft === 0) || "fault" in settled);
  if ("fault" in settled) throw settled.fault;
  const seconds = (world.now() - startsAt) / 1000;
  return { ending: settled.ending, seconds, history: execution.history, calls };
}

function line({ id, previousEventId, type, details }: HistoryEvent): string {
  const [detail] = Object.values(details);
  const named = z.looseObject({ name: z.string().optional(), index: z.number().optional() });
  const { name, index } = named.safeParse(detail).data ?? {};
  const what = [type, name, index].filter((part) => part !== undefined).join(" ");
  return `${id} ${what} < ${previousEventId}`;
}

const folder = join(import.meta.dirname, "tables");
for (const file of readdirSync(folder)) {
  const cases = z.array(caseSchema).parse(JSON.parse(readFileSync(join(folder, file), "utf8")));
  describe(file.replace(".json", ""), () => {
    for (const given of cases) {
      test(`${given.title} (${given.source})`, async () => {
        const { ending, seconds, history, calls } = await run(given);
        const { expect: expected } = given;
        expect({ ending, seconds }).toEqual({ ending: expected.ending, seconds: expected.seconds });
        if (expected.history) expect(history.map(line)).toEqual(expected.history);
        if (expected.calls) expect(calls).toEqual(expected.calls);
      });
    }
  });
}
