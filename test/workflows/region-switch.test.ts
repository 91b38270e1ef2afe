// What must hold of the machine as a whole, whichever way a run takes.

import validateAsl from "asl-validator";
import { Match } from "aws-cdk-lib/assertions";
import jsonata from "jsonata";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import * as errors from "../../core/errors.ts";
import { statesOfStep } from "../../operator/console/run-shown.ts";
import { definitionText, template } from "./machine.ts";

const synthesized = template();
const text = definitionText(synthesized);

const retrier = z.object({ ErrorEquals: z.array(z.string()), MaxAttempts: z.number().optional() });
const variables = z.record(z.string(), z.unknown()).optional();
const catcher = z.object({
  ErrorEquals: z.array(z.string()),
  Next: z.string(),
  Assign: variables,
});
interface State {
  Type: string;
  Next?: string | undefined;
  Default?: string | undefined;
  TimeoutSeconds?: number | undefined;
  Assign?: Record<string, unknown> | undefined;
  Choices?: { Next: string; Assign?: Record<string, unknown> | undefined }[] | undefined;
  Retry?: z.infer<typeof retrier>[] | undefined;
  Catch?: z.infer<typeof catcher>[] | undefined;
  Branches?: Branch[] | undefined;
}
interface Branch {
  StartAt: string;
  States: Record<string, State>;
}
const stateSchema: z.ZodType<State> = z.lazy(() =>
  z.looseObject({
    Type: z.string(),
    Next: z.string().optional(),
    Default: z.string().optional(),
    TimeoutSeconds: z.number().optional(),
    Assign: variables,
    Choices: z.array(z.looseObject({ Next: z.string(), Assign: variables })).optional(),
    Retry: z.array(retrier).optional(),
    Catch: z.array(catcher).optional(),
    Branches: z.array(branchSchema).optional(),
  }),
);
const branchSchema = z.looseObject({
  StartAt: z.string(),
  States: z.record(z.string(), stateSchema),
});
const machine = branchSchema.parse(JSON.parse(text));

function statesOf(branch: Branch): [string, State][] {
  return Object.entries(branch.States).flatMap(([name, state]) => [
    [name, state] satisfies [string, State],
    ...(state.Branches ?? []).flatMap(statesOf),
  ]);
}
const states = statesOf(machine);
const tasks = states.filter(([, state]) => state.Type === "Task");

function strings(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(strings);
}

describe("region-switch", () => {
  test("is valid Amazon States Language, in JSONata", () => {
    expect(validateAsl(JSON.parse(text))).toMatchObject({ isValid: true, errors: [] });
    expect(JSON.parse(text)).toMatchObject({ QueryLanguage: "JSONata" });
    expect(text).not.toContain('"JSONPath"');
  });

  test("has every state by which the console tells where a run stands, and every task is told", () => {
    const told = Object.values(statesOfStep).flat();
    const names = states.map(([name]) => name);
    expect(told.filter((name) => !names.includes(name))).toEqual([]);
    expect(tasks.map(([name]) => name).filter((name) => !told.includes(name))).toEqual([]);
  });

  test("holds no expression that JSONata can't parse", () => {
    const expressions = strings(machine).filter((each) => each.startsWith("{%"));
    expect(expressions.length).toBeGreaterThan(50);
    for (const each of expressions) jsonata(each.slice(2, -2));
  });

  test("names only errors that core exports, or that AWS documents", () => {
    const ours = Object.keys(errors);
    const aws = [
      "Lambda.AWSLambdaException",
      "Lambda.ClientExecutionTimeoutException",
      "Lambda.SdkClientException",
      "Lambda.ServiceException",
      "Lambda.TooManyRequestsException",
      "Lambda.Unknown",
      "Runtime.ExitError",
      "Sandbox.Timedout",
      "States.ALL",
      "States.Timeout",
    ];
    const named = states.flatMap(([, { Retry = [], Catch = [] }]) =>
      [...Retry, ...Catch].flatMap((each) => each.ErrorEquals),
    );
    expect([...new Set(named)].filter((each) => ![...ours, ...aws].includes(each))).toEqual([]);
    expect(ours).toContain("EpochLost");
  });

  test("never tries a broken invariant or a lost epoch again", () => {
    const retried = tasks.flatMap(([, { Retry = [] }]) => Retry.flatMap((r) => r.ErrorEquals));
    expect(retried).not.toContain("InvariantViolated");
    expect(retried).not.toContain("EpochLost");
    expect(retried).not.toContain("States.ALL");
  });

  test("bounds every task in time and in attempts, and catches what is left", () => {
    for (const [name, { TimeoutSeconds, Retry = [], Catch = [] }] of tasks) {
      expect(TimeoutSeconds, name).toBeGreaterThan(0);
      expect(
        Retry.map((each) => each.MaxAttempts),
        name,
      ).toEqual([3]);
      expect(Catch.at(-1)?.ErrorEquals, name).toEqual(["States.ALL"]);
    }
  });

  test("has one way out, through RecordOutcome", () => {
    const terminal = ["Succeed", "Fail"];
    const ends = Object.keys(machine.States).filter((name) =>
      terminal.includes(machine.States[name]?.Type ?? ""),
    );
    const into = Object.entries(machine.States).flatMap(([from, state]) => {
      const catches = (state.Catch ?? []).map((each) => each.Next);
      const choices = (state.Choices ?? []).map((each) => each.Next);
      return [state.Next, state.Default, ...catches, ...choices]
        .filter((to) => to !== undefined && ends.includes(to))
        .map(() => from);
    });
    expect([...new Set(into)].sort()).toEqual(["Ended", "RecordOutcome"]);
    expect(ends.sort()).toEqual([
      "DryRun",
      "Held",
      "NotApproved",
      "Superseded",
      "SwitchFailed",
      "SwitchUndone",
      "Switched",
    ]);
  });

  test("sets no variable of its own inside a Parallel branch, which AWS refuses", () => {
    const outer = Object.values(machine.States).flatMap(assigned);
    const inner = Object.values(machine.States)
      .flatMap((state) => state.Branches ?? [])
      .flatMap(statesOf)
      .flatMap(([, state]) => assigned(state));
    expect(inner.length).toBeGreaterThan(0);
    expect(inner.filter((name) => outer.includes(name))).toEqual([]);
  });

  test("logs everything with its data, keeps it a year, and traces", () => {
    synthesized.hasResourceProperties("AWS::StepFunctions::StateMachine", {
      StateMachineName: "orders-region-switch",
      StateMachineType: "STANDARD",
      LoggingConfiguration: { Level: "ALL", IncludeExecutionData: true },
      TracingConfiguration: { Enabled: true },
    });
    synthesized.hasResource("AWS::Logs::LogGroup", {
      Properties: { RetentionInDays: 365 },
      DeletionPolicy: "Retain",
    });
  });

  test("may invoke its ten steps, and no other function", () => {
    synthesized.hasResourceProperties("AWS::IAM::Policy", {
      PolicyDocument: Match.objectLike({
        Statement: Match.arrayWith([
          Match.objectLike({ Action: "lambda:InvokeFunction", Resource: Match.anyValue() }),
        ]),
      }),
    });
    const policies = JSON.stringify(synthesized.findResources("AWS::IAM::Policy"));
    expect(policies.match(/:function:orders-[a-z-]+/g)).toHaveLength(10);
    expect(policies).not.toContain(":function:orders-decide:*");
  });
});

function assigned({ Assign, Choices = [], Catch = [] }: State): string[] {
  return [{ Assign }, ...Choices, ...Catch].flatMap((each) => Object.keys(each.Assign ?? {}));
}
