// The log of one function: structured lines with the execution and the epoch on each, so that
// one query shows a whole switch across functions and Regions.
import { Logger } from "@aws-lambda-powertools/logger";
import * as z from "zod";
import type { ControlTable } from "./adapters/control-table.ts";

export interface Log {
  info(sentence: string, detail?: Record<string, unknown>): void;
  warn(sentence: string, detail?: Record<string, unknown>): void;
  error(sentence: string, detail?: Record<string, unknown>): void;
}

export interface InvocationLog extends Log {
  /** On every later line of this invocation. */
  keep(keys: LogKeys): void;
}

/** What every line of an invocation carries. */
export type LogKeys = Record<string, string | number>;

export function createLog(name: string): { log: InvocationLog; begin(keys: LogKeys): void } {
  const logger = new Logger({ persistentKeys: { function: name } });
  return {
    log: {
      info: (sentence, detail = {}) => logger.info(sentence, detail),
      warn: (sentence, detail = {}) => logger.warn(sentence, detail),
      error: (sentence, detail = {}) => logger.error(sentence, detail),
      keep: (keys) => logger.appendKeys(keys),
    },
    // Keys of the invocation before must not leak into this one: containers are reused.
    begin(keys) {
      logger.resetKeys();
      logger.appendKeys(keys);
    },
  };
}

const epochHolder = z.object({ epoch: z.number() });
const traced = z.object({
  run: z.object({ executionArn: z.string() }).optional(),
  claim: epochHolder.optional().catch(undefined),
  decision: epochHolder.optional().catch(undefined),
  evidence: z.object({ routing: epochHolder }).optional().catch(undefined),
});

/** Execution and epoch of a step's input: the newest epoch that the input knows. */
export function keysOf(input: unknown): LogKeys {
  const found = traced.safeParse(input);
  if (!found.success) return {};
  const { run, claim, decision, evidence } = found.data;
  const epoch = claim?.epoch ?? decision?.epoch ?? evidence?.routing.epoch;
  return {
    ...(run === undefined ? {} : { executionArn: run.executionArn }),
    ...(epoch === undefined ? {} : { epoch }),
  };
}

type RoutingReader = Pick<ControlTable, "findRouting">;

/** For functions that learn the epoch by reading it: on the lines after each reading. */
export function epochKept<C extends RoutingReader>(
  control: C,
  log: Pick<InvocationLog, "keep">,
): C {
  return {
    ...control,
    async findRouting() {
      const routing = await control.findRouting();
      if (routing !== null) log.keep({ epoch: routing.epoch });
      return routing;
    },
  };
}
