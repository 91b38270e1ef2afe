// The Amazon States Language that the lab runs: JSONata only, the states and fields that the app
// uses. Strict on purpose: a field nobody models would be silently ignored, and a drill would then
// prove something else than what AWS runs.
// Source: https://states-language.net/spec.html and the Step Functions developer guide.
import { z } from "zod";
import type { Json } from "../../kernel.ts";
import { compileExpression, expressionIn } from "./expressions.ts";

const template: z.ZodType<Json> = z.json();
const assign = z.record(z.string(), template).optional();
/** A number, or a JSONata expression that answers one. */
const numeric = z.union([z.number(), z.string()]).optional();
const described = {
  Comment: z.string().optional(),
  QueryLanguage: z.literal("JSONata").optional(),
};
const flow = { Next: z.string().optional(), End: z.boolean().optional() };

const retrierSchema = z.strictObject({
  ErrorEquals: z.array(z.string()).min(1),
  IntervalSeconds: z.number().min(1).optional(),
  MaxAttempts: z.int().min(0).optional(),
  BackoffRate: z.number().min(1).optional(),
  MaxDelaySeconds: z.number().min(1).optional(),
  JitterStrategy: z.enum(["FULL", "NONE"]).optional(),
  Comment: z.string().optional(),
});
const catcherSchema = z.strictObject({
  ErrorEquals: z.array(z.string()).min(1),
  Next: z.string(),
  Output: template.optional(),
  Assign: assign,
  Comment: z.string().optional(),
});
const guarded = {
  Retry: z.array(retrierSchema).optional(),
  Catch: z.array(catcherSchema).optional(),
};
const result = { Output: template.optional(), Assign: assign };

const passSchema = z.strictObject({ Type: z.literal("Pass"), ...described, ...flow, ...result });
const taskSchema = z.strictObject({
  Type: z.literal("Task"),
  ...described,
  ...flow,
  ...result,
  ...guarded,
  Resource: z.string(),
  Arguments: template.optional(),
  TimeoutSeconds: numeric,
  HeartbeatSeconds: numeric,
});
const choiceSchema = z.strictObject({
  Type: z.literal("Choice"),
  ...described,
  ...result,
  Choices: z
    .array(
      z.strictObject({
        Condition: z.union([z.boolean(), z.string()]),
        Next: z.string(),
        ...result,
        Comment: z.string().optional(),
      }),
    )
    .min(1),
  Default: z.string().optional(),
});
const waitSchema = z.strictObject({
  Type: z.literal("Wait"),
  ...described,
  ...flow,
  ...result,
  Seconds: numeric,
  Timestamp: z.string().optional(),
});
const succeedSchema = z.strictObject({
  Type: z.literal("Succeed"),
  ...described,
  Output: template.optional(),
});
const failSchema = z.strictObject({
  Type: z.literal("Fail"),
  ...described,
  Error: z.string().optional(),
  Cause: z.string().optional(),
});
const branchSchema: z.ZodType<Branch> = z.lazy(() =>
  z.strictObject({
    StartAt: z.string(),
    Comment: z.string().optional(),
    QueryLanguage: z.literal("JSONata").optional(),
    ProcessorConfig: z.strictObject({ Mode: z.literal("INLINE") }).optional(),
    States: z.record(z.string(), stateSchema),
  }),
);
const parallelSchema = z.strictObject({
  Type: z.literal("Parallel"),
  ...described,
  ...flow,
  ...result,
  ...guarded,
  Arguments: template.optional(),
  Branches: z.array(branchSchema).min(1),
});
const mapSchema = z.strictObject({
  Type: z.literal("Map"),
  ...described,
  ...flow,
  ...result,
  ...guarded,
  Items: template.optional(),
  ItemSelector: template.optional(),
  MaxConcurrency: numeric,
  ToleratedFailureCount: numeric,
  ToleratedFailurePercentage: numeric,
  ItemProcessor: branchSchema,
});
const stateSchema = z.discriminatedUnion("Type", [
  passSchema,
  taskSchema,
  choiceSchema,
  waitSchema,
  succeedSchema,
  failSchema,
  parallelSchema,
  mapSchema,
]);
const definitionSchema = z.strictObject({
  Comment: z.string().optional(),
  Version: z.literal("1.0").optional(),
  QueryLanguage: z.literal("JSONata"),
  TimeoutSeconds: z.int().positive().optional(),
  StartAt: z.string(),
  States: z.record(z.string(), stateSchema),
});

export type Retrier = z.infer<typeof retrierSchema>;
export type Catcher = z.infer<typeof catcherSchema>;
export type TaskState = z.infer<typeof taskSchema>;
export type ChoiceState = z.infer<typeof choiceSchema>;
export type WaitState = z.infer<typeof waitSchema>;
export type FailState = z.infer<typeof failSchema>;
export type ParallelState = z.infer<typeof parallelSchema>;
export type MapState = z.infer<typeof mapSchema>;
export type GuardedState = TaskState | ParallelState | MapState;
export type State = z.infer<typeof stateSchema>;
export interface Branch {
  readonly StartAt: string;
  readonly States: { readonly [name: string]: State };
}
export type Definition = z.infer<typeof definitionSchema>;

/** The definition can't run here; each fault is one line with its path. */
export class DefinitionRefused extends Error {
  override readonly name = "DefinitionRefused";
}

/** Parses, checks names of next states and compiles every expression.
 * @throws DefinitionRefused with every fault */
export function parseDefinition(text: string): Definition {
  const parsed = definitionSchema.safeParse(parseJson(text));
  if (!parsed.success) {
    const faults = parsed.error.issues.map((i) => `${i.path.join(".") || "$"}: ${i.message}`);
    throw new DefinitionRefused(faults.join("\n"));
  }
  const faults = [...branchFaults(parsed.data, "$"), ...expressionFaults(parsed.data, "$")];
  if (faults.length > 0) throw new DefinitionRefused(faults.join("\n"));
  return parsed.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new DefinitionRefused(`$: not JSON: ${String(error)}`);
  }
}

function branchFaults(branch: Branch, path: string): string[] {
  const faults = branch.States[branch.StartAt] ? [] : [`${path}: StartAt ${branch.StartAt}?`];
  for (const [name, state] of Object.entries(branch.States)) {
    const at = `${path}.States.${name}`;
    for (const next of nextStates(state)) {
      if (!branch.States[next]) faults.push(`${at}: no state named ${next} in this scope`);
    }
    if ("End" in state && Boolean(state.End) === Boolean(state.Next)) {
      faults.push(`${at}: needs either Next or End`);
    }
    for (const [index, inner] of innerBranches(state).entries()) {
      faults.push(...branchFaults(inner, `${at}[${index}]`));
    }
  }
  return faults;
}

function nextStates(state: State): string[] {
  const names: string[] = [];
  if ("Next" in state && state.Next !== undefined) names.push(state.Next);
  if ("Catch" in state) names.push(...(state.Catch ?? []).map((c) => c.Next));
  if (state.Type === "Choice") {
    names.push(...state.Choices.map((c) => c.Next));
    if (state.Default !== undefined) names.push(state.Default);
  }
  return names;
}

function innerBranches(state: State): readonly Branch[] {
  if (state.Type === "Parallel") return state.Branches;
  return state.Type === "Map" ? [state.ItemProcessor] : [];
}

function expressionFaults(value: unknown, path: string): string[] {
  if (typeof value === "string") {
    const expression = expressionIn(value);
    const fault = expression === null ? null : compileExpression(expression).fault;
    return fault === null ? [] : [`${path}: JSONata: ${fault}`];
  }
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([key, member]) =>
    expressionFaults(member, `${path}.${key}`),
  );
}
