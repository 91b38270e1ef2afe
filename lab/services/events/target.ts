// What a rule's target is sent: the event, a part of it, a constant, or a template's text filled in
// from it. Source: "Amazon EventBridge input transformation". Paths: dotted names only.
import { z } from "zod";
import type { Json } from "../../kernel.ts";

/** Defaults: 24 hours and 185 times. Source: "How EventBridge retries delivering events". */
const retryPolicySchema = z
  .strictObject({
    MaximumEventAgeInSeconds: z.coerce.number().min(60).max(86_400).default(86_400),
    MaximumRetryAttempts: z.coerce.number().int().min(0).max(185).default(185),
  })
  .prefault({});

/** A Region's default bus, as a target: the event goes there as it is, as that role. */
const busTargetSchema = z.strictObject({
  Id: z.string(),
  Arn: z.string().regex(/^arn:aws:events:[^:]+:\d+:event-bus\/default$/),
  RoleArn: z.string(),
  RetryPolicy: retryPolicySchema,
  DeadLetterConfig: z.unknown().optional(),
});
export type BusTarget = z.infer<typeof busTargetSchema>;

const inputs = {
  Input: z.string().optional(),
  InputPath: z.string().optional(),
  InputTransformer: z
    .strictObject({
      InputPathsMap: z.record(z.string(), z.string()).optional(),
      InputTemplate: z.string(),
    })
    .optional(),
};

const functionTargetSchema = z.strictObject({
  Id: z.string(),
  Arn: z
    .string()
    .regex(/^arn:aws:lambda:/, "the lab models only Lambda, SQS and default bus targets"),
  ...inputs,
  // Where events go that were given up: the app's rules name none.
  RetryPolicy: retryPolicySchema,
  DeadLetterConfig: z.unknown().optional(),
});
export type FunctionTarget = z.infer<typeof functionTargetSchema>;

/** A standard queue; what can't be delivered goes to the dead-letter queue, where there is one. */
const queueTargetSchema = z.strictObject({
  Id: z.string(),
  Arn: z.string().regex(/^arn:aws:sqs:/),
  ...inputs,
  RetryPolicy: retryPolicySchema,
  DeadLetterConfig: z.strictObject({ Arn: z.string() }).optional(),
});
export type QueueTarget = z.infer<typeof queueTargetSchema>;

/** A target of AWS::Events::Rule: a function, a queue or a Region's default bus; the rest is
 * refused at deployment. */
export const targetSchema = z.union([busTargetSchema, queueTargetSchema, functionTargetSchema]);
export type Target = z.infer<typeof targetSchema>;

export const isBus = (target: Target): target is BusTarget => "RoleArn" in target;
export const isQueue = (target: Target): target is QueueTarget =>
  target.Arn.startsWith("arn:aws:sqs:");

/** JSON text of the payload. */
export function payloadFor(target: FunctionTarget | QueueTarget, event: Json): string {
  if (target.Input !== undefined) return target.Input;
  if (target.InputPath !== undefined) return JSON.stringify(at(event, target.InputPath) ?? null);
  if (target.InputTransformer === undefined) return JSON.stringify(event);
  const { InputPathsMap = {}, InputTemplate } = target.InputTransformer;
  return InputTemplate.replace(/"?<([^>]+)>"?/g, (_whole, name: string) => {
    const path = InputPathsMap[name];
    return JSON.stringify(path === undefined ? null : (at(event, path) ?? null));
  });
}

function at(event: Json, path: string): Json | undefined {
  const names = path
    .replace(/^\$\.?/, "")
    .split(".")
    .filter(Boolean);
  let value: Json | undefined = event;
  for (const name of names) {
    if (value === null || typeof value !== "object" || Array.isArray(value)) return undefined;
    value = value[name];
  }
  return value;
}
