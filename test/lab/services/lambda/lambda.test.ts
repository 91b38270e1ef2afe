import { afterEach, beforeEach, expect, it } from "vitest";
import { z } from "zod";
import {
  account,
  allow,
  deployFunction,
  outcome,
  resource,
  roleArn,
  type SmallLab,
  smallLab,
  zero,
} from "../../small-lab.ts";

let lab: SmallLab;
beforeEach(() => {
  lab = smallLab();
});
afterEach(() => lab.close());

const payloadOf = (answer: unknown): unknown =>
  typeof answer === "object" && answer !== null && "payload" in answer
    ? JSON.parse(String(answer.payload))
    : answer;
const run = async (arn: string, event: unknown = {}, seconds = 30) =>
  payloadOf(await outcome(lab, lab.lambda.invoke(arn, JSON.stringify(event)), seconds));

it("runs a bundle's handler with its event, its context and its environment", async () => {
  const arn = await deployFunction(
    lab,
    "echo",
    `exports.handler = async (event, context) => ({
      event, name: context.functionName, region: process.env.AWS_REGION, own: process.env.OWN,
      remaining: context.getRemainingTimeInMillis(), key: process.env.AWS_ACCESS_KEY_ID.slice(0, 4),
    });`,
    { Timeout: 7, Environment: { Variables: { OWN: "yes" } } },
  );
  expect(await run(arn, { a: 1 })).toEqual({
    event: { a: 1 },
    name: "echo",
    region: "us-east-1",
    own: "yes",
    remaining: 7000,
    key: "ASIA",
  });
});

it("keeps a container for the next request, and starts another while it is busy", async () => {
  const arn = await deployFunction(
    lab,
    "count",
    `let count = 0; const at = Date.now();
     exports.handler = async () => {
       await new Promise((done) => setTimeout(done, 1000)); count += 1; return [count, at];
     };`,
    { Timeout: 5 },
  );
  const first = lab.lambda.invoke(arn, "{}");
  const second = lab.lambda.invoke(arn, "{}");
  const [one, two] = [await outcome(lab, first), await outcome(lab, second)];
  expect(payloadOf(one)).toMatchObject([1, expect.any(Number)]);
  expect(payloadOf(two)).toMatchObject([1, expect.any(Number)]);
  expect(await run(arn)).toMatchObject([2, expect.any(Number)]);
  await lab.clock.runUntil(lab.clock.now() + 11 * 60_000);
  expect(await run(arn)).toMatchObject([1, expect.any(Number)]);
});

it("starts cold in 150 to 400 ms and answers warm in a few", async () => {
  const arn = await deployFunction(lab, "now", "exports.handler = async () => Date.now();");
  const cold = Number(await run(arn)) - zero;
  expect(cold).toBeGreaterThan(150);
  expect(cold).toBeLessThan(404);
  const asked = lab.clock.now();
  expect(Number(await run(arn)) - asked).toBeLessThanOrEqual(4);
});

it("reports what a handler throws as Lambda does, without this machine's paths", async () => {
  const arn = await deployFunction(
    lab,
    "broken",
    `class TransientFault extends Error { name = "TransientFault"; }
     exports.handler = async () => { throw new TransientFault("try again"); };`,
  );
  const answer = await outcome(lab, lab.lambda.invoke(arn, "{}"));
  expect(answer).toMatchObject({ functionError: "Unhandled" });
  expect(payloadOf(answer)).toEqual({
    errorType: "TransientFault",
    errorMessage: "try again",
    trace: ["TransientFault: try again", expect.stringContaining("/var/task/index.js")],
  });
  expect(lab.log.events.at(-1)).toMatchObject({
    kind: "function-error",
    region: "us-east-1",
    detail: { function: "broken", errorType: "TransientFault", errorMessage: "try again" },
  });
  expect(lab.metrics).toEqual([
    ["us-east-1", "AWS/Lambda", "Invocations", { FunctionName: "broken" }, 1],
    ["us-east-1", "AWS/Lambda", "Duration", { FunctionName: "broken" }, 0],
    ["us-east-1", "AWS/Lambda", "Errors", { FunctionName: "broken" }, 1],
  ]);
});

it("ends a container that runs into its timeout", async () => {
  const arn = await deployFunction(
    lab,
    "slow",
    `let runs = 0;
     exports.handler = async () => {
       runs += 1;
       if (runs === 1) await new Promise((done) => setTimeout(done, 2000));
       return runs;
     };`,
    { Timeout: 1 },
  );
  expect(await run(arn)).toMatchObject({
    errorType: "Sandbox.Timedout",
    errorMessage: expect.stringContaining("Task timed out after 1.00 seconds"),
  });
  expect(await run(arn)).toMatchObject({ errorType: "Sandbox.Timedout" });
});

it("freezes between invocations: timers that come due wait for the next one", async () => {
  const arn = await deployFunction(
    lab,
    "frozen",
    `const fired = [];
     exports.handler = async () => {
       const seen = [...fired];
       setTimeout(() => fired.push(Date.now()), 500);
       return seen;
     };`,
  );
  expect(await run(arn)).toEqual([]);
  await lab.clock.runUntil(zero + 60_000);
  const thawed: unknown = await run(arn);
  expect(thawed).toEqual([expect.any(Number)]);
  expect(Array.isArray(thawed) && thawed[0]).toBeGreaterThan(zero + 60_000);
});

it("never answers from a Region that dies, and starts afresh when it is back", async () => {
  const arn = await deployFunction(
    lab,
    "alive",
    `let runs = 0; exports.handler = async () => {
       runs += 1; await new Promise((done) => setTimeout(done, 2000));
       console.log("after"); return runs;
     };`,
    { Timeout: 10 },
  );
  const dying = lab.lambda.invoke(arn, "{}");
  lab.clock.after(1000, () => lab.network.setDown("us-east-1", true));
  expect(await outcome(lab, dying)).toBe("silence");
  expect(await run(arn)).toBe("silence");
  expect(lab.lambda.linesOf(arn)).toEqual([]);
  lab.network.setDown("us-east-1", false);
  expect(await run(arn)).toBe(1);
  expect(lab.lambda.linesOf(arn)).toEqual(["after"]);
});

it("draws ids and chance from the seed", async () => {
  const source = `const { randomUUID, createHash } = require("node:crypto"), { random } = Math;
    exports.handler = async () => [randomUUID(), crypto.randomUUID(), random(),
      createHash("sha256").update("x").digest("hex").slice(0, 4)];`;
  const first = await run(await deployFunction(lab, "ids", source));
  lab.close();
  lab = smallLab();
  const again = await run(await deployFunction(lab, "ids", source));
  lab.close();
  lab = smallLab(2);
  const other = await run(await deployFunction(lab, "ids", source));
  expect(again).toEqual(first);
  expect(other).not.toEqual(first);
});

it("runs monotonic clocks and AbortSignal.timeout on virtual time", async () => {
  const arn = await deployFunction(
    lab,
    "clocks",
    `exports.handler = async () => {
       const [from, start] = [performance.now(), process.hrtime.bigint()];
       const signal = AbortSignal.timeout(1500);
       await new Promise((done) => signal.addEventListener("abort", done));
       return [performance.now() - from, Number(process.hrtime.bigint() - start) / 1e6,
         signal instanceof AbortSignal, signal.reason.name];
     };`,
  );
  expect(await run(arn)).toEqual([1500, 1500, true, "TimeoutError"]);
});

it("refuses modules and calls that would leave the lab, by name", async () => {
  const fs = await deployFunction(lab, "fs", `require("node:fs"); exports.handler = () => 1;`);
  expect(await run(fs)).toMatchObject({
    errorMessage: "The lab does not model the module node:fs for functions.",
  });
  const fetching = await deployFunction(lab, "fetch", "exports.handler = () => fetch('x');");
  expect(await run(fetching)).toMatchObject({
    errorMessage: "The lab does not model fetch for functions.",
  });
});

it("answers the Invoke API over the network, for roles that may call it", async () => {
  const look = await deployFunction(
    lab,
    "look",
    "exports.handler = async (e) => e.a;",
    {},
    "us-west-2",
  );
  const ask = await deployFunction(
    lab,
    "ask",
    `const { LambdaClient, InvokeCommand } = require("@aws-sdk/client-lambda");
     const client = new LambdaClient({ region: "us-west-2", maxAttempts: 1 });
     exports.handler = async () => {
       const answer = await client.send(
         new InvokeCommand({ FunctionName: "look", Payload: JSON.stringify({ a: 7 }) }));
       return [answer.StatusCode, Buffer.from(answer.Payload).toString()];
     };`,
  );
  expect(await run(ask)).toMatchObject({ errorType: "AccessDeniedException" });
  lab.iam.addPolicy(roleArn, allow("lambda:InvokeFunction", look));
  expect(await run(ask)).toEqual([200, "7"]);
});

it("lets AWS services invoke only what a permission opens to them", async () => {
  const arn = await deployFunction(lab, "on-signal", "exports.handler = async () => 1;");
  const type = "AWS::Lambda::Permission";
  const rule = `arn:aws:events:us-east-1:${account}:rule/signals`;
  await lab.lambda.models[type]?.(
    resource(type, "Permission", {
      FunctionName: arn,
      Action: "lambda:InvokeFunction",
      Principal: "events.amazonaws.com",
      SourceArn: rule,
    }),
  );
  const by = async (invokedBy: string, sourceArn?: string) =>
    await outcome(
      lab,
      lab.lambda.invoke(arn, "{}", { invokedBy, ...(sourceArn ? { sourceArn } : {}) }),
    );
  expect(await by("events.amazonaws.com", rule)).toMatchObject({ payload: "1" });
  expect(await by("events.amazonaws.com")).toMatchObject({ payload: "1" });
  expect(await by("events.amazonaws.com", `${rule}-other`)).toContain("is not authorized");
  expect(await by("scheduler.amazonaws.com")).toContain("is not authorized");
});

it("fails the deployment of a function whose role Lambda may not assume", async () => {
  lab.iam.addRole(`${roleArn}-states`, [], allow("sts:AssumeRole"));
  await expect(
    deployFunction(lab, "orphan", "exports.handler = 1;", { Role: `${roleArn}-states` }),
  ).rejects.toThrow("Lambda may not assume");
});

it("gives containers with new variables after they were set", async () => {
  const arn = await deployFunction(lab, "env", "exports.handler = async () => process.env.X;");
  expect(await run(arn)).toBe(null);
  lab.lambda.setVariables(arn, { X: "set" });
  expect(await run(arn)).toBe("set");
});

it("gives a container that was busy while variables were set no further request", async () => {
  const arn = await deployFunction(
    lab,
    "busy",
    `exports.handler = async () => {
       await new Promise((done) => setTimeout(done, 2000)); return process.env.OWN ?? "none";
     };`,
    { Timeout: 5 },
  );
  const busy = lab.lambda.invoke(arn, "{}");
  await lab.clock.runUntil(lab.clock.now() + 1000);
  lab.lambda.setVariables(arn, { OWN: "set" });
  expect(payloadOf(await outcome(lab, busy))).toBe("none");
  expect(await run(arn)).toBe("set");
});

it("hangs a function: what runs stops, what is asked times out", async () => {
  const source = `exports.handler = async () => {
    await new Promise((done) => setTimeout(done, 1000)); console.log("done"); return 1;
  };`;
  const arn = await deployFunction(lab, "look", source, { Timeout: 5 });
  const running = lab.lambda.invoke(arn, "{}");
  lab.clock.after(700, () => lab.lambda.hang("us-east-1", "look", true));
  expect(payloadOf(await outcome(lab, running))).toMatchObject({ errorType: "Sandbox.Timedout" });
  expect(await run(arn)).toMatchObject({ errorType: "Sandbox.Timedout" });
  expect(lab.lambda.linesOf(arn)).toEqual([]);
  lab.lambda.hang("us-east-1", "look", false);
  expect(await run(arn)).toBe(1);
});

it("dies in the invocation that is planned, after its effects, and answers as a killed one", async () => {
  const arn = await deployFunction(
    lab,
    "writer",
    `let count = 0; const at = Date.now();
     exports.handler = async () => { count += 1; console.log("done " + count); return count; };`,
  );
  expect(await run(arn)).toBe(1);
  lab.lambda.crash(arn, 2);
  expect(await run(arn)).toBe(2);
  expect(await run(arn)).toMatchObject({
    errorType: "Runtime.ExitError",
    errorMessage: expect.stringMatching(/ Error: Runtime exited with error: signal: killed$/),
  });
  expect(lab.lambda.linesOf(arn)).toEqual(["done 1", "done 2", "done 3"]);
  expect(await run(arn)).toBe(1);
});

it("reads the date of its Region, and no other clock is off with it", async () => {
  const source = `exports.handler = async () => {
    const before = performance.now();
    await new Promise((done) => setTimeout(done, 1000));
    return {
      date: Date.now(), made: new Date().getTime(), said: Date.parse(Date()),
      given: new Date(5).getTime(), isDate: new Date() instanceof Date,
      took: performance.now() - before,
    };
  };`;
  const [here, there] = [
    await deployFunction(lab, "east", source),
    await deployFunction(lab, "west", source, {}, "us-west-2"),
  ];
  const heal = lab.clocks.skew("us-west-2", -90_000);
  const answer = async (arn: string) => {
    const asked = lab.clock.now();
    const { date, made, said, ...rest } = z
      .looseObject({ date: z.number(), made: z.number(), said: z.number() })
      .parse(await run(arn));
    expect(made).toBe(date);
    expect(Math.abs(said - date)).toBeLessThan(1000);
    return { off: Math.round((date - asked - 1000) / 10_000) * 10, ...rest };
  };
  const same = { given: 5, isDate: true, took: 1000 };
  expect(await answer(here)).toEqual({ off: 0, ...same });
  expect(await answer(there)).toEqual({ off: -90, ...same });
  heal();
  expect(await answer(there)).toEqual({ off: 0, ...same });
});
