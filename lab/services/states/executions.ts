// The state machines and executions of all Regions: what the API reads, starts and stops. An
// execution lives in its Region: while that is down it takes no step, and goes on when it heals.
import type { Json, Lab } from "../../kernel.ts";
import type { Definition } from "./definition.ts";
import { HeldTimers } from "./held-timers.ts";
import type { HistoryEvent } from "./history.ts";
import { type Ending, type Execution, startExecution } from "./interpreter.ts";
import { LambdaCalls } from "./lambda-calls.ts";
import type { PendingTask, World } from "./run.ts";

export type StatesLab = Pick<
  Lab,
  | "account"
  | "clock"
  | "clocks"
  | "iam"
  | "lambda"
  | "log"
  | "network"
  | "putAwsEvent"
  | "putMetric"
  | "random"
  | "hindrance"
>;

/** Source: "Monitoring Step Functions metrics using CloudWatch", execution metrics. A redriven one
 * counts under the same names with "Redriven" before them as well. */
const endingMetrics = {
  SUCCEEDED: "ExecutionsSucceeded",
  FAILED: "ExecutionsFailed",
  TIMED_OUT: "ExecutionsTimedOut",
  ABORTED: "ExecutionsAborted",
} as const;

export interface Machine {
  readonly arn: string;
  readonly name: string;
  readonly region: string;
  readonly roleArn: string;
  readonly definition: Definition;
  readonly definitionText: string;
  /** ms since 1970. */
  readonly createdAt: number;
}

export interface ExecutionRecord {
  readonly arn: string;
  readonly name: string;
  readonly machine: Machine;
  /** JSON text, as sent. */
  readonly input: string;
  readonly startedAt: number;
  /** The newest attempt: the first, or what a redrive went on with. */
  execution: Execution;
  /** Null while it runs. */
  ended: { readonly ending: Ending; readonly at: number } | null;
  /** When it was redriven, oldest first, and by which client token. */
  readonly redrives: { readonly at: number; readonly clientToken: string | null }[];
}

/** A token as Step Functions remembers it; `task` null: answered, timed out or stopped. */
interface Token {
  readonly machineArn: string;
  task: PendingTask | null;
}

/** Milliseconds from one state to the next. AWS states no latency; drawn from this range. */
const transitionMilliseconds = { low: 10, high: 40 };

export class Executions {
  readonly machines = new Map<string, Machine>();
  readonly records = new Map<string, ExecutionRecord>();
  readonly tokens = new Map<string, Token>();
  readonly #lab: StatesLab;
  readonly #regions = new Map<string, { timers: HeldTimers; lambda: LambdaCalls }>();

  constructor(lab: StatesLab) {
    this.#lab = lab;
    lab.network.onRegion((region, down) => {
      const { timers, lambda } = this.#region(region);
      if (down) {
        timers.hold();
        return;
      }
      timers.release();
      lab.clock.after(0, () => lambda.loseConnections());
    });
  }

  /** As Step Functions of that Region stamps it. */
  now(region: string): number {
    return this.#lab.clocks.now(region);
  }

  start(machine: Machine, name: string, inputText: string, input: Json): ExecutionRecord {
    const { clocks, log } = this.#lab;
    const arn = `${machine.arn.replace(":stateMachine:", ":execution:")}:${name}`;
    const startedAt = clocks.now(machine.region);
    log.emit("execution-started", machine.region, { arn, name, input });
    const info = {
      executionArn: arn,
      name,
      stateMachineArn: machine.arn,
      stateMachineName: machine.name,
      roleArn: machine.roleArn,
      input,
      startTime: new Date(startedAt).toISOString(),
    };
    const events: HistoryEvent[] = [];
    const execution = startExecution(machine.definition, info, this.#world(machine), (event) =>
      this.#heard(machine, arn, event, events),
    );
    const record: ExecutionRecord = {
      arn,
      name,
      machine,
      input: inputText,
      startedAt,
      execution,
      ended: null,
      redrives: [],
    };
    this.records.set(arn, record);
    this.#attend(record);
    return record;
  }

  /** @throws RedriveRefused */
  redrive(record: ExecutionRecord, clientToken: string | null): void {
    const { arn, name, machine } = record;
    record.execution = record.execution.redrive();
    record.ended = null;
    record.redrives.push({ at: this.now(machine.region), clientToken });
    const count = record.redrives.length;
    this.#lab.log.emit("execution-redriven", machine.region, { arn, name, count });
    this.#count(machine, "ExecutionsRedriven");
    this.#attend(record);
  }

  #attend(record: ExecutionRecord): void {
    this.#announce(record);
    record.execution.done.then((ending) => this.#end(record, ending));
  }

  #count({ region, arn }: Machine, metric: string): void {
    this.#lab.putMetric(region, "AWS/States", metric, { StateMachineArn: arn }, 1);
  }

  #region(region: string) {
    const known = this.#regions.get(region);
    if (known) return known;
    const trouble = () => this.#lab.hindrance(region, "states");
    const timers = new HeldTimers(this.#lab.clock, trouble);
    if (this.#lab.network.isDown(region)) timers.hold();
    const created = { timers, lambda: new LambdaCalls(this.#lab, region) };
    this.#regions.set(region, created);
    return created;
  }

  #world(machine: Machine): World {
    const { clocks, random } = this.#lab;
    const { timers, lambda } = this.#region(machine.region);
    const { low, high } = transitionMilliseconds;
    return {
      region: machine.region,
      now: () => clocks.now(machine.region),
      random: () => random.next("states:jitter"),
      uuid: () => random.uuid("states:uuid"),
      after: (milliseconds, run) => timers.after(milliseconds, run),
      transitionMilliseconds: () => random.between("states:transition", low, high),
      invokeLambda: (parameters) => lambda.invoke(parameters, machine.roleArn),
      newToken: () => {
        const token = random.hex("states:token", 64);
        this.tokens.set(token, { machineArn: machine.arn, task: null });
        return token;
      },
      expect: (token, task) => this.tokens.set(token, { machineArn: machine.arn, task }),
      forget: (token) => this.tokens.set(token, { machineArn: machine.arn, task: null }),
    };
  }

  #heard(machine: Machine, arn: string, event: HistoryEvent, events: HistoryEvent[]): void {
    events[event.id] = event;
    const { log } = this.#lab;
    if (event.type.endsWith("StateEntered")) {
      log.emit("state-entered", machine.region, { arn, state: nameIn(event) });
    }
    if (event.type === "TaskFailed" || event.type === "TaskTimedOut") {
      const details =
        event.details.taskFailedEventDetails ?? event.details.taskTimedOutEventDetails;
      const state = stateOf(event, events);
      log.emit("task-failed", machine.region, { arn, state, details: details ?? null });
    }
  }

  #end(record: ExecutionRecord, ending: Ending): void {
    const { arn, name, machine } = record;
    record.ended = { ending, at: this.now(machine.region) };
    const { status } = ending;
    const detail = { arn, name, status, ...endingFields(ending) };
    this.#lab.log.emit("execution-ended", machine.region, detail);
    this.#count(machine, endingMetrics[status]);
    if (record.redrives.length > 0) this.#count(machine, `Redriven${endingMetrics[status]}`);
    this.#announce(record);
  }

  /** Source: "Automating Step Functions event delivery with EventBridge". Dates in ms. */
  #announce(record: ExecutionRecord): void {
    const { arn, name, machine, input, startedAt, ended } = record;
    const { random, account } = this.#lab;
    this.#lab.putAwsEvent(machine.region, {
      version: "0",
      id: random.uuid("states:event"),
      "detail-type": "Step Functions Execution Status Change",
      source: "aws.states",
      account,
      time: new Date(this.now(machine.region)).toISOString(),
      region: machine.region,
      resources: [arn],
      detail: {
        executionArn: arn,
        stateMachineArn: machine.arn,
        name,
        status: ended ? ended.ending.status : "RUNNING",
        startDate: Math.floor(startedAt),
        stopDate: ended ? Math.floor(ended.at) : null,
        input,
        output: null,
        error: null,
        cause: null,
        ...(ended ? endingFields(ended.ending) : {}),
      },
    });
  }
}

/** Output, or error and cause, where the ending has them. */
export function endingFields(ending: Ending): { [key: string]: string } {
  switch (ending.status) {
    case "SUCCEEDED":
      return { output: ending.output };
    case "FAILED":
    case "ABORTED":
      return {
        ...(ending.error === null ? {} : { error: ending.error }),
        ...(ending.cause === null ? {} : { cause: ending.cause }),
      };
    case "TIMED_OUT":
      return {};
    default:
      return ending satisfies never;
  }
}

function nameIn(event: HistoryEvent): string {
  const details = event.details.stateEnteredEventDetails;
  if (details === undefined || details === null || typeof details !== "object") return "";
  return Array.isArray(details) ? "" : String(details.name);
}

/** The state that a task event belongs to: the last entered on its line of events. */
function stateOf(event: HistoryEvent, events: readonly HistoryEvent[]): string {
  let at: HistoryEvent | undefined = event;
  while (at && !at.type.endsWith("StateEntered")) at = events[at.previousEventId];
  return at ? nameIn(at) : "";
}
