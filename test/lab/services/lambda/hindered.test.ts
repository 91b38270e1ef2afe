// Lambda as other services call it while a fault stands.
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Hindrance } from "../../../../lab/kernel.ts";
import { hinderedLambda } from "../../../../lab/services/lambda/hindered.ts";
import { deployFunction, outcome, type SmallLab, smallLab } from "../../small-lab.ts";

let lab: SmallLab;
beforeEach(() => {
  lab = smallLab();
});
afterEach(() => lab.close());

async function invoked(mode: Hindrance["mode"], seconds: number): Promise<unknown> {
  const arn = await deployFunction(lab, "echo", "exports.handler = async () => 1;");
  lab.hindrances.add("us-east-1", "lambda", { mode, share: 1, seconds: 4 });
  const answer = hinderedLambda(lab.lambda, lab.lab).invoke(arn, "{}");
  return outcome(lab, answer, seconds);
}

test("errors and throttling are those of the Invoke API", async () => {
  expect(await invoked("error", 1)).toBe("LambdaRefused: Service encountered an internal error.");
});

test("a throttled call is refused", async () => {
  expect(await invoked("throttle", 1)).toBe("LambdaRefused: Rate Exceeded.");
});

test("a name that does not resolve fails at once", async () => {
  expect(await invoked("no-dns", 1)).toBe("LambdaRefused: Unknown host");
});

test("a call that nobody answers is given up after a minute", async () => {
  expect(await invoked("unreachable", 59)).toBe("silence");
  const arn = "arn:aws:lambda:us-east-1:111111111111:function:echo";
  const answer = hinderedLambda(lab.lambda, lab.lab).invoke(arn, "{}");
  expect(await outcome(lab, answer, 61)).toBe("LambdaRefused: Unable to execute HTTP request");
});

test("a slow call is answered late", async () => {
  expect(await invoked("slow", 4)).toBe("silence");
  await lab.clock.runUntil(lab.clock.now() + 1000);
  expect(lab.metrics).toContainEqual([
    "us-east-1",
    "AWS/Lambda",
    "Invocations",
    { FunctionName: "echo" },
    1,
  ]);
});
