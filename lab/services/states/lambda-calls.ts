// The Lambda call of a task: over the Region's network, as the machine's role, and Lambda's errors
// under the names that Step Functions gives them ("Lambda." before the exception's name).
// Source: Step Functions developer guide, "Call Lambda", "Handle transient Lambda exceptions".
import { z } from "zod";
import type { Json, Lab } from "../../kernel.ts";
import { StateFailure } from "./failure.ts";
import { invokeResult } from "./task.ts";

const parametersSchema = z.strictObject({
  FunctionName: z.string(),
  Payload: z.json().optional(),
});
const functionErrorSchema = z.looseObject({ errorType: z.string() });

export type LambdaCallPorts = Pick<Lab, "account" | "iam" | "lambda" | "network" | "random">;

export class LambdaCalls {
  readonly #ports: LambdaCallPorts;
  readonly #region: string;
  /** Calls under way: how each is told that its connection is gone. */
  readonly #underWay = new Set<(failure: StateFailure) => void>();

  constructor(ports: LambdaCallPorts, region: string) {
    this.#ports = ports;
    this.#region = region;
  }

  /** The result of lambda:invoke. @throws StateFailure */
  invoke(parameters: Json, roleArn: string): Promise<Json> {
    const call = parametersSchema.safeParse(parameters);
    if (!call.success) {
      const cause = `The lab models no such Arguments of lambda:invoke: ${call.error.message}`;
      return Promise.reject(new StateFailure("States.Runtime", cause));
    }
    return new Promise((resolve, reject) => {
      this.#underWay.add(reject);
      const here = { region: this.#region };
      const payload = JSON.stringify(call.data.Payload ?? {});
      const functionArn = this.#arnOf(call.data.FunctionName);
      this.#ports.network
        .roundTrip(here, this.#region, () => this.#serve(functionArn, payload, roleArn))
        .then(resolve, (thrown) => reject(asFailure(thrown)))
        .finally(() => this.#underWay.delete(reject));
    });
  }

  /** The Region was down and is back: what it was doing is lost, and Step Functions notices. */
  loseConnections(): void {
    const lost = [...this.#underWay];
    this.#underWay.clear();
    const cause = "The connection to Lambda was lost.";
    for (const reject of lost) reject(new StateFailure("Lambda.SdkClientException", cause));
  }

  #arnOf(name: string): string {
    if (name.startsWith("arn:")) return name;
    return `arn:aws:lambda:${this.#region}:${this.#ports.account}:function:${name}`;
  }

  async #serve(functionArn: string, payload: string, roleArn: string): Promise<Json> {
    const { iam, lambda, random } = this.#ports;
    const principal = { arn: roleArn, kind: "role" } as const;
    const context = { "aws:RequestedRegion": this.#region };
    const demand = { action: "lambda:InvokeFunction", resource: functionArn, context };
    if (!(await iam.allows(principal, demand))) {
      const cause =
        `User: ${roleArn} is not authorized to perform: lambda:InvokeFunction on resource: ` +
        `${functionArn} (Service: Lambda, Status Code: 403)`;
      throw new StateFailure("Lambda.AWSLambdaException", cause);
    }
    const answer = await lambda.invoke(functionArn, payload);
    if (answer.functionError === null) {
      return invokeResult(
        z.json().parse(JSON.parse(answer.payload)),
        random.uuid("states:request"),
      );
    }
    throw functionFailure(answer.payload);
  }
}

/** Error: the payload's errorType; cause: the payload. */
function functionFailure(payload: string): StateFailure {
  try {
    const { errorType } = functionErrorSchema.parse(JSON.parse(payload));
    return new StateFailure(errorType, payload);
  } catch {
    return new StateFailure("Lambda.Unknown", payload);
  }
}

const refusalSchema = z.object({ code: z.string() });

/** An exception of the Invoke API by its code; anything else is a service exception. */
function asFailure(thrown: unknown): StateFailure {
  if (thrown instanceof StateFailure) return thrown;
  const code = refusalSchema.safeParse(thrown).data?.code ?? "ServiceException";
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new StateFailure(`Lambda.${code}`, message);
}
