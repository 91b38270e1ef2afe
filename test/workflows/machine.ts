// The machine as it is synthesized, and a way to run it: the lab's interpreter, with each step's
// answers given as a list. A step that is called once more than was planned fails the test.
import { App, Stack } from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { z } from "zod";
import { type Config, configSchema } from "../../core/config/schema.ts";
import type { Json } from "../../lab/kernel.ts";
import { parseDefinition } from "../../lab/services/states/definition.ts";
import { type Ending, startExecution } from "../../lab/services/states/interpreter.ts";
import {
  createVirtualWorld,
  type FunctionAnswer,
} from "../../lab/services/states/virtual-world.ts";
import { type StepName, stepNames } from "../../workflows/region-switch/step-timeouts.ts";
import { RegionSwitch } from "../../workflows/region-switch.ts";

export const config: Config = configSchema.parse({
  application: "orders",
  domain: {
    name: "api.example.com",
    hostedZoneName: "example.com",
    hostedZoneId: "Z0123456789EXAMPLE",
  },
  regions: { primary: "us-east-1", secondary: "us-west-2", witness: "us-east-2" },
});

const functionArn = (step: string) =>
  `arn:aws:lambda:us-west-2:123456789012:function:orders-${step}`;

export function template(): Template {
  const stack = new Stack(new App(), "machine", { env: { region: "us-west-2" } });
  const of = (step: StepName) => LambdaFunction.fromFunctionArn(stack, step, functionArn(step));
  new RegionSwitch(stack, "RegionSwitch", {
    config,
    functions: {
      "gather-evidence": of("gather-evidence"),
      decide: of("decide"),
      "request-approval": of("request-approval"),
      "claim-epoch": of("claim-epoch"),
      "fence-source": of("fence-source"),
      "check-drain": of("check-drain"),
      "promote-target": of("promote-target"),
      "shift-traffic": of("shift-traffic"),
      "verify-shift": of("verify-shift"),
      "record-outcome": of("record-outcome"),
    },
  });
  return Template.fromStack(stack);
}

const definitionSchema = z.object({
  DefinitionString: z.object({
    "Fn::Join": z.tuple([
      z.literal(""),
      z.array(z.union([z.string(), z.object({ Ref: z.literal("AWS::Partition") })])),
    ]),
  }),
});

/** The Amazon States Language text, as CloudFormation would fill it in. */
export function definitionText(from: Template): string {
  const machines = from.findResources("AWS::StepFunctions::StateMachine", Match.anyValue());
  const [machine] = Object.values(machines);
  const properties = definitionSchema.parse(machine?.Properties);
  const [, parts] = properties.DefinitionString["Fn::Join"];
  return parts.map((part) => (typeof part === "string" ? part : "aws")).join("");
}

export type Answers = { readonly [step in StepName]?: readonly (Json | Failure)[] };
export class Failure {
  constructor(readonly errorType: string) {}
}

export interface Ran {
  readonly ending: Ending;
  /** States in the order in which they were entered. */
  readonly states: readonly string[];
  /** Payloads by step, in order. */
  readonly calls: { readonly [step: string]: readonly Json[] };
  readonly seconds: number;
}

const entered = z.object({ stateEnteredEventDetails: z.object({ name: z.string() }) });
const startsAt = Date.parse("2026-01-15T09:00:00Z");

export async function run(
  text: string,
  input: Json,
  answers: Answers,
  approve?: (token: string) => Json,
): Promise<Ran> {
  const calls: { [step: string]: Json[] } = {};
  const functions = Object.fromEntries(
    stepNames.map((step) => {
      const answer = (payload: Json, call: number): FunctionAnswer => {
        calls[step] = [...(calls[step] ?? []), payload];
        const planned = answers[step]?.[call - 1];
        if (planned === undefined) throw new Error(`call ${call} of ${step} was not planned`);
        if (!(planned instanceof Failure)) return { payload: planned };
        return { error: { errorType: planned.errorType, errorMessage: `${step} failed` } };
      };
      return [functionArn(step), answer];
    }),
  );
  const world = createVirtualWorld(functions, startsAt);
  const states: string[] = [];
  const execution = startExecution(parseDefinition(text), info(input), world, (event) => {
    const parsed = entered.safeParse(event.details);
    if (parsed.success) states.push(parsed.data.stateEnteredEventDetails.name);
  });
  let ending: Ending | null = null;
  void execution.done.then((ended) => {
    ending = ended;
  });
  await world.runUntil(() => {
    for (const [token, task] of approve === undefined ? [] : world.pending) {
      task.succeed(approve?.(token) ?? null);
    }
    return ending !== null;
  });
  return { ending: await execution.done, states, calls, seconds: (world.now() - startsAt) / 1000 };
}

const machineArn = "arn:aws:states:us-west-2:123456789012:stateMachine:orders-region-switch";
export const executionArn =
  "arn:aws:states:us-west-2:123456789012:execution:orders-region-switch:orders-1-29474460";

function info(input: Json) {
  return {
    executionArn,
    name: "orders-1-29474460",
    stateMachineArn: machineArn,
    stateMachineName: "orders-region-switch",
    roleArn: "arn:aws:iam::123456789012:role/machine",
    input,
    startTime: "2026-01-15T09:00:00.000Z",
  };
}
