// The operations of the Step Functions API that the app and its operators call: input, permission,
// answer. What is not listed is refused by name.
// Source: AWS Step Functions API Reference.
import { z } from "zod";
import type { AwsRequest, Demand } from "../../kernel.ts";
import { ApiFault } from "./api-fault.ts";
import { type ExecutionRecord, type Executions, endingFields } from "./executions.ts";
import { payloadBytesMax } from "./history.ts";
import { redriveRefusal } from "./redrive.ts";
import { redriveOnRequest } from "./redrive-request.ts";

export interface Operation {
  demand(body: unknown, request: AwsRequest): Demand;
  /** @throws ApiFault */
  run(body: unknown, request: AwsRequest): object;
}

/** `resource` tells the ARN that permission is asked for. */
function operation<T>(
  action: string,
  schema: z.ZodType<T>,
  resource: (input: T) => string,
  run: (input: T, request: AwsRequest) => object,
): [string, Operation] {
  return [
    action,
    {
      demand: (body) => {
        const input = schema.safeParse(body);
        const of = input.success ? resource(input.data) : "*";
        return { action: `states:${action}`, resource: of };
      },
      run: (body, request) => {
        const input = schema.safeParse(body);
        if (!input.success) throw new ApiFault("ValidationException", input.error.message);
        return run(input.data, request);
      },
    },
  ];
}

const seconds = (milliseconds: number) => Math.round(milliseconds) / 1000;
const machineArn = z.strictObject({ stateMachineArn: z.string() });
const executionArn = z.strictObject({ executionArn: z.string() });
const token = z.strictObject({ taskToken: z.string() });
const page = { maxResults: z.int().min(0).max(1000).optional(), nextToken: z.string().optional() };
const whole = { included: true };

export function operationsOf(
  executions: Executions,
  newName: () => string,
): ReadonlyMap<string, Operation> {
  return new Map([
    operation(
      "StartExecution",
      machineArn.extend({ name: z.string().optional(), input: z.string().optional() }),
      (input) => input.stateMachineArn,
      (input, request) => start(executions, input, input.name ?? newName(), request),
    ),
    operation(
      "DescribeExecution",
      executionArn,
      (input) => input.executionArn,
      (input, request) =>
        describe(recordOf(executions, input.executionArn, request), executions.now(request.region)),
    ),
    operation(
      "StopExecution",
      executionArn.extend({ error: z.string().optional(), cause: z.string().optional() }),
      (input) => input.executionArn,
      (input, request) => {
        const record = recordOf(executions, input.executionArn, request);
        record.execution.stop(input.error ?? null, input.cause ?? null);
        return { stopDate: seconds(record.ended?.at ?? executions.now(request.region)) };
      },
    ),
    operation(
      "RedriveExecution",
      executionArn.extend({ clientToken: z.string().min(1).max(64).optional() }),
      (input) => input.executionArn,
      (input, request) => {
        const record = recordOf(executions, input.executionArn, request);
        const at = redriveOnRequest(executions, record, input.clientToken ?? null);
        return { redriveDate: seconds(at) };
      },
    ),
    operation(
      "GetExecutionHistory",
      executionArn.extend({
        ...page,
        reverseOrder: z.boolean().optional(),
        includeExecutionData: z.literal(true).optional(),
      }),
      (input) => input.executionArn,
      (input, request) => history(recordOf(executions, input.executionArn, request), input),
    ),
    operation(
      "ListExecutions",
      machineArn.extend({ ...page, statusFilter: z.string().optional() }),
      (input) => input.stateMachineArn,
      (input, request) => list(executions, input, request),
    ),
    operation(
      "DescribeStateMachine",
      machineArn,
      (input) => input.stateMachineArn,
      (input, request) => describeMachine(machineOf(executions, input.stateMachineArn, request)),
    ),
    ...tokenOperations(executions),
  ]);
}

/** These know no resource: a policy names them with "*" (service authorization reference). */
function tokenOperations(executions: Executions): [string, Operation][] {
  const anything = () => "*";
  return [
    operation(
      "SendTaskSuccess",
      token.extend({ output: z.string() }),
      anything,
      ({ taskToken, output }) => {
        const value = parseText(output, "InvalidOutput");
        pendingTask(executions, taskToken).succeed(value);
        return {};
      },
    ),
    operation(
      "SendTaskFailure",
      token.extend({ error: z.string().optional(), cause: z.string().optional() }),
      anything,
      ({ taskToken, error, cause }) => {
        pendingTask(executions, taskToken).fail(error ?? null, cause ?? null);
        return {};
      },
    ),
    operation("SendTaskHeartbeat", token, anything, ({ taskToken }) => {
      pendingTask(executions, taskToken).heartbeat();
      return {};
    }),
  ];
}

function machineOf(executions: Executions, arn: string, request: AwsRequest) {
  const machine = executions.machines.get(arn);
  if (machine?.region === request.region) return machine;
  throw new ApiFault("StateMachineDoesNotExist", `State Machine Does Not Exist: '${arn}'`);
}

function recordOf(executions: Executions, arn: string, request: AwsRequest): ExecutionRecord {
  const record = executions.records.get(arn);
  if (record?.machine.region === request.region) return record;
  throw new ApiFault("ExecutionDoesNotExist", `Execution Does Not Exist: '${arn}'`);
}

function parseText(text: string, code: string) {
  if (Buffer.byteLength(text) > payloadBytesMax) throw new ApiFault(code, "more than 256 KiB");
  try {
    return z.json().parse(JSON.parse(text));
  } catch (error) {
    throw new ApiFault(code, `Invalid JSON: ${String(error)}`);
  }
}

/** Idempotent while it runs: same name and input answer the execution that there is. */
function start(
  executions: Executions,
  input: { stateMachineArn: string; input?: string | undefined },
  name: string,
  request: AwsRequest,
): object {
  const machine = machineOf(executions, input.stateMachineArn, request);
  if (!/^[0-9A-Za-z_.-]{1,80}$/.test(name)) {
    throw new ApiFault("InvalidName", `Invalid Name: '${name}'`);
  }
  const text = input.input ?? "{}";
  const value = parseText(text, "InvalidExecutionInput");
  const arn = `${machine.arn.replace(":stateMachine:", ":execution:")}:${name}`;
  const existing = executions.records.get(arn);
  if (existing && (existing.ended !== null || existing.input !== text)) {
    throw new ApiFault("ExecutionAlreadyExists", `Execution Already Exists: '${arn}'`);
  }
  const record = existing ?? executions.start(machine, name, text, value);
  return { executionArn: record.arn, startDate: seconds(record.startedAt) };
}

function summary(record: ExecutionRecord): object {
  const redriven = record.redrives.at(-1);
  return {
    executionArn: record.arn,
    stateMachineArn: record.machine.arn,
    name: record.name,
    status: record.ended?.ending.status ?? "RUNNING",
    startDate: seconds(record.startedAt),
    ...(record.ended ? { stopDate: seconds(record.ended.at) } : {}),
    redriveCount: record.redrives.length,
    ...(redriven === undefined ? {} : { redriveDate: seconds(redriven.at) }),
  };
}

function describe(record: ExecutionRecord, now: number): object {
  const { ended } = record;
  const refusal = redriveRefusal(record, now);
  return {
    ...summary(record),
    ...(refusal === null
      ? { redriveStatus: "REDRIVABLE" }
      : { redriveStatus: "NOT_REDRIVABLE", redriveStatusReason: refusal }),
    input: record.input,
    inputDetails: whole,
    ...(ended ? endingFields(ended.ending) : {}),
    ...(ended?.ending.status === "SUCCEEDED" ? { outputDetails: whole } : {}),
  };
}

function history(
  record: ExecutionRecord,
  input: {
    maxResults?: number | undefined;
    nextToken?: string | undefined;
    reverseOrder?: boolean | undefined;
  },
): object {
  const events = input.reverseOrder
    ? [...record.execution.history].reverse()
    : record.execution.history;
  const { items, next } = paged(events, input);
  return {
    events: items.map(({ id, previousEventId, at, type, details }) => ({
      id,
      previousEventId,
      timestamp: seconds(at),
      type,
      ...details,
    })),
    ...next,
  };
}

/** Newest first. */
function list(
  executions: Executions,
  input: {
    stateMachineArn: string;
    statusFilter?: string | undefined;
    maxResults?: number | undefined;
    nextToken?: string | undefined;
  },
  request: AwsRequest,
): object {
  const machine = machineOf(executions, input.stateMachineArn, request);
  const matching = [...executions.records.values()]
    .filter((record) => record.machine === machine)
    .filter((record) => {
      const status = record.ended?.ending.status ?? "RUNNING";
      return input.statusFilter === undefined || input.statusFilter === status;
    })
    .reverse();
  const { items, next } = paged(matching, input);
  return { executions: items.map(summary), ...next };
}

function paged<T>(
  all: readonly T[],
  input: { maxResults?: number | undefined; nextToken?: string | undefined },
): { items: readonly T[]; next: { nextToken?: string } } {
  const from = input.nextToken === undefined ? 0 : Number(input.nextToken);
  if (!Number.isInteger(from)) throw new ApiFault("InvalidToken", "Invalid token");
  const to = from + (input.maxResults || 100);
  const next = to < all.length ? { nextToken: String(to) } : {};
  return { items: all.slice(from, to), next };
}

function describeMachine(machine: ReturnType<typeof machineOf>): object {
  return {
    stateMachineArn: machine.arn,
    name: machine.name,
    status: "ACTIVE",
    type: "STANDARD",
    definition: machine.definitionText,
    roleArn: machine.roleArn,
    creationDate: seconds(machine.createdAt),
  };
}

function pendingTask(executions: Executions, taskToken: string) {
  const known = executions.tokens.get(taskToken);
  if (!known) throw new ApiFault("InvalidToken", "Invalid Token: 'Invalid token'");
  if (known.task) return known.task;
  const message = "Task Timed Out: 'Provided task does not exist anymore'";
  throw new ApiFault("TaskTimedOut", message);
}
