// One canary: its script run in a fresh container, as its role, and what it publishes. Metrics go
// through CloudWatch's API with the role's permissions, as the runtime library's do. A run that
// the Region's death cuts short publishes nothing.
import { join } from "node:path";
import { z } from "zod";
import type { Region } from "../../../core/config/schema.ts";
import type { AccessKeys } from "../../access-keys.ts";
import type { AwsRequest, DeployedResource, Json, Principal } from "../../kernel.ts";
import { type Evaluate, readBundle } from "../lambda/bundle.ts";
import { Container, type ContainerPorts } from "../lambda/container.ts";
import { type StepResult, syntheticsCore } from "./runtime.ts";

export interface CanaryPorts extends ContainerPorts {
  readonly accessKeys: AccessKeys;
}

const canaryProperties = z.looseObject({
  Name: z.string(),
  Code: z.looseObject({ Handler: z.string().regex(/^[\w-]+\.\w+$/) }),
  ExecutionRoleArn: z.string(),
  RuntimeVersion: z.string().regex(/^syn-nodejs-\d/, "the lab models only syn-nodejs"),
  Schedule: z.looseObject({ Expression: z.string() }),
  RunConfig: z
    .looseObject({
      TimeoutInSeconds: z.coerce.number().default(840),
      EnvironmentVariables: z.record(z.string(), z.string()).default({}),
    })
    .prefault({}),
});

/** ms until the script runs: a canary's Lambda function starts cold, with its library. */
const start = { low: 1000, high: 3000 };

type Outcome = { readonly passed: true } | { readonly passed: false; readonly why: string };

export class Canary {
  readonly name: string;
  readonly region: Region;
  readonly schedule: string;
  readonly #ports: CanaryPorts;
  readonly #settings: z.infer<typeof canaryProperties>;
  readonly #evaluate: Evaluate;
  readonly #running = new Set<Container>();

  /** `folder`: the unpacked code asset. */
  constructor(ports: CanaryPorts, resource: DeployedResource, folder: string) {
    const settings = canaryProperties.parse(resource.properties);
    const [moduleName = ""] = settings.Code.Handler.split(".");
    this.#ports = ports;
    this.#settings = settings;
    this.name = settings.Name;
    this.region = resource.region;
    this.schedule = settings.Schedule.Expression;
    // The layout that Synthetics demands of a Node.js canary.
    this.#evaluate = readBundle(join(folder, "nodejs", "node_modules"), moduleName);
  }

  kill(): void {
    for (const container of this.#running) container.gate.kill();
    this.#running.clear();
  }

  run(): void {
    const { clock, random } = this.#ports.lab;
    const steps: StepResult[] = [];
    const container = this.#container(steps);
    this.#running.add(container);
    const wait = random.between(`synthetics:${this.region}:${this.name}`, start.low, start.high);
    clock.after(wait, () => {
      if (!container.gate.isDead) this.#start(container, steps);
    });
  }

  #start(container: Container, steps: readonly StepResult[]): void {
    const { clock } = this.#ports.lab;
    const started = clock.now();
    const seconds = this.#settings.RunConfig.TimeoutInSeconds;
    const end = (outcome: Outcome) => {
      if (!this.#running.delete(container)) return;
      cancel();
      container.gate.kill();
      this.#report(outcome, steps, clock.now() - started);
    };
    const why = `Task timed out after ${seconds} seconds`;
    const cancel = clock.after(seconds * 1000, () => end({ passed: false, why }));
    this.#script(container).then(
      () => end({ passed: true }),
      (failure) => end({ passed: false, why: failure instanceof Error ? failure.message : "?" }),
    );
  }

  async #script(container: Container): Promise<void> {
    const { Handler } = this.#settings.Code;
    const [, handlerName = ""] = Handler.split(".");
    const exported = z.record(z.string(), z.unknown()).parse(container.load(this.#evaluate));
    const handler = exported[handlerName];
    if (typeof handler !== "function") throw new Error(`${Handler} is not a function`);
    await handler();
  }

  get #principal(): Principal {
    return { kind: "role", arn: this.#settings.ExecutionRoleArn };
  }

  #container(steps: StepResult[]): Container {
    const { lab, accessKeys } = this.#ports;
    return new Container(this.#ports, {
      region: this.region,
      principal: this.#principal,
      credentials: accessKeys.issue(this.#principal),
      env: { ...this.#settings.RunConfig.EnvironmentVariables },
      stream: `canary:${this.region}:${this.name}`,
      line: () => {},
      shims: { "@aws/synthetics-core": syntheticsCore(lab.clock, (step) => steps.push(step)) },
    });
  }

  #report(outcome: Outcome, steps: readonly StepResult[], milliseconds: number): void {
    const { lab, calls } = this.#ports;
    const { passed } = outcome;
    const detail = { canary: this.name, passed, why: outcome.passed ? null : outcome.why };
    lab.log.emit("canary-run", this.region, detail);
    const whole = { name: null, passed, milliseconds };
    const body = putMetricData(this.name, [whole, ...steps]);
    const lost = (why: { [key: string]: Json }) =>
      lab.log.emit("canary-metrics-lost", this.region, { canary: this.name, ...why });
    calls.call(this.#putMetrics(body)).then(
      ({ status }) => {
        if (status !== 200) lost({ status });
      },
      // A name that nobody resolves is no answer at all.
      (fault: unknown) => lost({ why: String(fault) }),
    );
  }

  #putMetrics(body: string): AwsRequest {
    return {
      service: "monitoring",
      region: this.region,
      method: "POST",
      path: "/",
      query: {},
      headers: { "x-amz-target": "GraniteServiceVersion20100801.PutMetricData" },
      body,
      principal: this.#principal,
      from: { region: this.region },
    };
  }
}

type Measured = Omit<StepResult, "name"> & { readonly name: string | null };

/** Source: "CloudWatch metrics published by canaries": SuccessPercent, Duration (ms) and Failed,
 * for the canary and, with StepName, for each step. */
function putMetricData(canary: string, measured: readonly Measured[]): string {
  const data = measured.flatMap(({ name, passed, milliseconds }) => {
    const step = name === null ? [] : [{ Name: "StepName", Value: name }];
    const Dimensions = [{ Name: "CanaryName", Value: canary }, ...step];
    return [
      { MetricName: "SuccessPercent", Dimensions, Value: passed ? 100 : 0, Unit: "Percent" },
      { MetricName: "Duration", Dimensions, Value: milliseconds, Unit: "Milliseconds" },
      { MetricName: "Failed", Dimensions, Value: passed ? 0 : 1, Unit: "Count" },
    ];
  });
  return JSON.stringify({ Namespace: "CloudWatchSynthetics", MetricData: data });
}
