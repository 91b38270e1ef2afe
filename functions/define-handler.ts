// Makes a Lambda handler of a plain function: parses what comes in and what goes out, puts the
// execution and the epoch on every log line, and names the errors that the machine retries.
// An answer that breaks its contract is thrown here, where the defect is, not in the next step.
import type { z } from "zod";
import { InputRefused, InvariantViolated } from "../core/errors.ts";
import { type Environment, environment } from "./env.ts";
import { asTransientFault } from "./faults.ts";
import { createLog, type InvocationLog, keysOf } from "./log.ts";

export interface Invocation {
  readonly env: Environment;
  readonly log: InvocationLog;
  /** ms that this invocation may still take. */
  remainingMilliseconds(): number;
  /** The function's own ARN, which names the account; "" where a test gave none. */
  readonly functionArn: string;
}

/** The part of Lambda's context object that is used. */
export interface LambdaContext {
  getRemainingTimeInMillis(): number;
  readonly invokedFunctionArn?: string;
}

export interface HandlerDefinition<I extends z.ZodType, O> {
  readonly name: string;
  readonly input: I;
  /** Left out by handlers whose answer AWS shapes (API Gateway, EventBridge). */
  readonly output?: z.ZodType<O>;
  run(input: z.output<I>, invocation: Invocation): Promise<O>;
}

export type Handler<O> = (event: unknown, context: LambdaContext) => Promise<O>;

export function defineHandler<I extends z.ZodType, O>(
  definition: HandlerDefinition<I, O>,
): Handler<O> {
  const { log, begin } = createLog(definition.name);
  return async (event, context) => {
    begin(keysOf(event));
    try {
      const input = parseInput(definition, event);
      const answer = await definition.run(input, {
        env: environment(),
        log,
        remainingMilliseconds: () => context.getRemainingTimeInMillis(),
        functionArn: context.invokedFunctionArn ?? "",
      });
      return parseOutput(definition, answer);
    } catch (error) {
      const fault = asTransientFault(error) ?? error;
      log.error(`${definition.name} failed: ${sentenceOf(fault)}`, { fault });
      throw fault;
    }
  };
}

function parseInput<I extends z.ZodType, O>(
  definition: HandlerDefinition<I, O>,
  event: unknown,
): z.output<I> {
  const parsed = definition.input.safeParse(event);
  if (parsed.success) return parsed.data;
  throw new InputRefused(`Input of ${definition.name}: ${issuesOf(parsed.error)}.`, {
    cause: parsed.error,
  });
}

function parseOutput<I extends z.ZodType, O>(definition: HandlerDefinition<I, O>, answer: O): O {
  const parsed = definition.output?.safeParse(answer);
  if (parsed === undefined) return answer;
  if (parsed.success) return parsed.data;
  throw new InvariantViolated(`Answer of ${definition.name}: ${issuesOf(parsed.error)}.`, {
    cause: parsed.error,
  });
}

function issuesOf(error: z.ZodError): string {
  return error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; ");
}

function sentenceOf(fault: unknown): string {
  return fault instanceof Error ? `${fault.name}: ${fault.message}` : String(fault);
}
