// One deployed function: its containers and one invocation in one of them. Documented behaviour:
// a request a container at a time, a container kept for later requests, "Task timed out" and a new
// container after a timeout; how long a start takes is drawn from a stated range.
import { z } from "zod";
import type { Region } from "../../../core/config/schema.ts";
import type { AccessKeys } from "../../access-keys.ts";
import type { Json, Lab } from "../../kernel.ts";
import type { Evaluate } from "./bundle.ts";
import { Container, type ContainerPorts } from "./container.ts";
import type { Environment } from "./lab-process.ts";

export interface FunctionSettings {
  readonly arn: string;
  readonly name: string;
  readonly region: Region;
  readonly roleArn: string;
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
  /** Export of the bundle, e.g. "handler". */
  readonly handlerName: string;
  /** Null: the lab can't run it (no JavaScript); an invocation then fails by name. */
  readonly evaluate: Evaluate | null;
  readonly env: Environment;
}

export interface FunctionPorts extends ContainerPorts {
  readonly lab: ContainerPorts["lab"] & Pick<Lab, "putMetric">;
  readonly accessKeys: AccessKeys;
}

export interface Answer {
  readonly payload: string;
  readonly functionError: string | null;
}

/** ms. Node.js functions of this size start in a few hundred ms; a warm one answers in a few. */
const coldStart = { low: 150, high: 400 };
const computing = { low: 1, high: 4 };
const keptIdleMilliseconds = 10 * 60_000;
const linesKept = 500;

type Handler = (event: unknown, context: object) => unknown;

interface Warm {
  readonly container: Container;
  readonly configuration: number;
  handler: Handler | null;
}

export class LabFunction {
  readonly settings: FunctionSettings;
  readonly lines: string[] = [];
  readonly #ports: FunctionPorts;
  readonly #idle: Warm[] = [];
  readonly #busy = new Set<Warm>();
  #env: Environment;
  /** Grows with each new configuration: containers of an older one take no further request. */
  #configuration = 0;
  #isHung = false;
  /** Of each planned death: how many invocations begin until it, itself included. */
  #deaths: number[] = [];

  constructor(ports: FunctionPorts, settings: FunctionSettings) {
    this.#ports = ports;
    this.settings = settings;
    this.#env = settings.env;
  }

  get running(): number {
    return this.#busy.size;
  }

  /** Kills every container: the Region died. What runs in them never answers. */
  kill(): void {
    for (const { container } of [...this.#idle, ...this.#busy]) container.gate.kill();
    this.#idle.length = 0;
    this.#busy.clear();
  }

  /** While hung, whatever runs stops where it is, and each request runs into its timeout. */
  hang(hung: boolean): void {
    this.#isHung = hung;
    if (hung) for (const { container } of this.#busy) container.gate.freeze();
  }

  /** The so-manieth invocation from now on dies between its last effect and its answer. */
  crash(invocation: number): void {
    this.#deaths.push(invocation);
  }

  /** As UpdateFunctionConfiguration: later requests get containers with the new variables. */
  setVariables(variables: Environment): void {
    this.#env = { ...this.#env, ...variables };
    this.#configuration += 1;
    for (const { container } of this.#idle.splice(0)) container.gate.kill();
  }

  /** In AWS/Lambda. Source: "Types of metrics for Lambda functions". */
  measure(name: "Invocations" | "Errors" | "Throttles" | "Duration", value: number): void {
    const { region, name: FunctionName } = this.settings;
    this.#ports.lab.putMetric(region, "AWS/Lambda", name, { FunctionName }, value);
  }

  invoke(payload: string): Promise<Answer> {
    const warm = this.#takeContainer();
    this.#busy.add(warm);
    const wait = this.#draw(computing) + (warm.handler === null ? this.#draw(coldStart) : 0);
    return new Promise((resolve) => {
      this.#ports.lab.clock.after(wait, () => {
        if (!warm.container.gate.isDead) this.#run(warm, payload, resolve);
      });
    });
  }

  #draw({ low, high }: { low: number; high: number }): number {
    return this.#ports.lab.random.between(`lambda:${this.settings.arn}`, low, high);
  }

  /** The one used last, as long as it is not too old. */
  #takeContainer(): Warm {
    const oldest = this.#ports.lab.clock.now() - keptIdleMilliseconds;
    const kept = this.#idle.filter(({ container }) => container.idleSince > oldest);
    for (const warm of this.#idle.splice(0)) {
      if (!kept.includes(warm)) warm.container.gate.kill();
    }
    this.#idle.push(...kept);
    const configuration = this.#configuration;
    return this.#idle.pop() ?? { container: this.#newContainer(), configuration, handler: null };
  }

  #newContainer(): Container {
    const { name, arn, region, roleArn, memoryMegabytes } = this.settings;
    const principal = { kind: "role", arn: roleArn } as const;
    return new Container(this.#ports, {
      region,
      principal,
      credentials: this.#ports.accessKeys.issue(principal),
      env: {
        AWS_LAMBDA_FUNCTION_NAME: name,
        AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMegabytes),
        AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
        AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
        ...this.#env,
      },
      stream: `function:${arn}`,
      line: (text) => this.#print(text),
    });
  }

  #print(text: string): void {
    this.lines.push(text);
    if (this.lines.length > linesKept) this.lines.splice(0, linesKept / 2);
  }

  #run(warm: Warm, payload: string, answer: (answer: Answer) => void): void {
    const { clock, random } = this.#ports.lab;
    const { arn, timeoutSeconds } = this.settings;
    this.measure("Invocations", 1);
    const requestId = random.uuid(`lambda:${arn}`);
    const begunAt = clock.now();
    const deadline = begunAt + timeoutSeconds * 1000;
    let isOver = false;
    const finish = (result: Answer, keep: boolean) => {
      if (isOver || warm.container.gate.isDead) return;
      isOver = true;
      cancel();
      this.#release(warm, keep);
      this.measure("Duration", clock.now() - begunAt);
      this.measure("Errors", result.functionError === null ? 0 : 1);
      if (result.functionError !== null) this.#reportError(result.payload);
      answer(result);
    };
    const cancel = clock.after(timeoutSeconds * 1000, () =>
      finish(timedOut(requestId, timeoutSeconds), false),
    );
    const dies = this.#diesNow();
    if (this.#isHung) return;
    const context = this.#context(requestId, () => Math.max(0, deadline - clock.now()));
    this.#handle(warm, payload, context)
      .then(
        (text) => ({ result: { payload: text, functionError: null }, keep: true }),
        (fault: unknown) => ({ result: unhandled(fault), keep: warm.handler !== null }),
      )
      .then(({ result, keep }) => finish(dies ? killed(requestId) : result, keep && !dies));
  }

  /** One more invocation begins: is it one whose death is planned? */
  #diesNow(): boolean {
    const left = this.#deaths.map((invocations) => invocations - 1);
    this.#deaths = left.filter((invocations) => invocations > 0);
    return this.#deaths.length < left.length;
  }

  async #handle(warm: Warm, payload: string, context: object): Promise<string> {
    warm.container.gate.thaw();
    warm.handler ??= this.#load(warm.container);
    const event: unknown = payload === "" ? {} : JSON.parse(payload);
    return JSON.stringify((await warm.handler(event, context)) ?? null);
  }

  #load(container: Container): Handler {
    const { evaluate, handlerName, name } = this.settings;
    if (evaluate === null) throw new Error(`The lab cannot run the code of ${name}.`);
    const found = z
      .record(z.string(), z.unknown())
      .parse({ ...asObject(container.load(evaluate)) });
    const handler = found[handlerName];
    if (typeof handler !== "function") throw new Error(`${handlerName} is not a function`);
    return (event, context) => handler(event, context);
  }

  #release(warm: Warm, keep: boolean): void {
    this.#busy.delete(warm);
    if (!keep || warm.configuration !== this.#configuration) {
      warm.container.gate.kill();
      return;
    }
    warm.container.gate.freeze();
    warm.container.idleSince = this.#ports.lab.clock.now();
    this.#idle.push(warm);
  }

  #context(requestId: string, remaining: () => number): object {
    const { name, arn, memoryMegabytes } = this.settings;
    return {
      functionName: name,
      functionVersion: "$LATEST",
      invokedFunctionArn: arn,
      memoryLimitInMB: String(memoryMegabytes),
      awsRequestId: requestId,
      logGroupName: `/aws/lambda/${name}`,
      logStreamName: requestId,
      callbackWaitsForEmptyEventLoop: true,
      getRemainingTimeInMillis: remaining,
    };
  }

  #reportError(payload: string): void {
    const { lab } = this.#ports;
    const { name, region } = this.settings;
    const { errorType, errorMessage } = errorSchema.parse(JSON.parse(payload));
    lab.log.emit("function-error", region, { function: name, errorType, errorMessage });
  }
}

const errorSchema = z.object({ errorType: z.string(), errorMessage: z.string() });
const asObject = (value: unknown): object =>
  typeof value === "object" && value !== null ? value : {};

function failed(errorType: string, errorMessage: string, trace: Json[]): Answer {
  const payload = JSON.stringify({ errorType, errorMessage, trace });
  return { payload, functionError: "Unhandled" };
}

/** Frames outside the bundle name paths of this machine, and would make two machines' logs of one
 * seed differ. */
function unhandled(fault: unknown): Answer {
  if (!(fault instanceof Error)) return failed("Error", JSON.stringify(fault) ?? "undefined", []);
  const frames = (fault.stack ?? "").split("\n").filter((line) => line.includes("/var/task/"));
  return failed(fault.name, fault.message, [`${fault.name}: ${fault.message}`, ...frames]);
}

/** Source: Lambda's troubleshooting guide, of a runtime whose process was killed. */
function killed(requestId: string): Answer {
  const message = "Runtime exited with error: signal: killed";
  return failed("Runtime.ExitError", `RequestId: ${requestId} Error: ${message}`, []);
}

function timedOut(requestId: string, seconds: number): Answer {
  const late = `Task timed out after ${seconds.toFixed(2)} seconds`;
  return failed("Sandbox.Timedout", `RequestId: ${requestId} Error: ${late}`, []);
}
