// AWS Lambda in the lab: functions as their templates say, who may invoke them, throttling, and
// the death of a Region. The Invoke API is in invoke-api.ts, one function in function.ts.
import type { Region } from "../../../core/config/schema.ts";
import type { LabIam } from "../../iam.ts";
import type { DeployedResource, Json, Lab, Lambda, ResourceModels } from "../../kernel.ts";
import { type Answer, type FunctionPorts, type FunctionSettings, LabFunction } from "./function.ts";
import type { Environment } from "./lab-process.ts";
import { functionSettings, invokePermission } from "./resources.ts";

export interface LambdaPorts extends FunctionPorts {
  readonly lab: FunctionPorts["lab"] & Pick<Lab, "account" | "network">;
  readonly iam: LabIam;
  /** Folder of the resource's code asset; null: its code is inline or not JavaScript. */
  codeOf(resource: DeployedResource): string | null;
}

export interface LabLambda extends Lambda {
  readonly models: ResourceModels;
  /** Name or ARN, with or without a version, to the function's ARN; null: there is none. */
  arnOf(nameOrArn: string, region: Region): string | null;
  /** As deployed. Throws when there is no such function. */
  settingsOf(functionArn: string): FunctionSettings;
  /** What the function printed lately, oldest first. */
  linesOf(functionArn: string): readonly string[];
  setVariables(functionArn: string, variables: Environment): void;
  /** A fault: requests of that function run into their timeout without doing anything. */
  hang(region: Region, name: string, hung: boolean): void;
  /** A fault: that invocation, counted from now on, dies after its effects, before it answers. */
  crash(functionArn: string, invocation: number): void;
}

/** Refusals of the service itself; `code` and `status` as in the Invoke API. */
export class LambdaRefused extends Error {
  override readonly name = "LambdaRefused";
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status: number) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** Concurrent executions of an account in a Region, AWS's default quota. */
const concurrencyLimit = 1000;

export function createLambda(ports: LambdaPorts): LabLambda {
  return new LambdaService(ports);
}

class LambdaService implements LabLambda {
  readonly models: ResourceModels;
  readonly #ports: LambdaPorts;
  readonly #functions = new Map<string, LabFunction>();
  /** Statements of the functions' resource policies, by function ARN. */
  readonly #permissions = new Map<string, Json[]>();
  /** Callers that those let in: asking IAM would cost a copy of the policy for each request. */
  readonly #letIn = new Set<string>();

  constructor(ports: LambdaPorts) {
    this.#ports = ports;
    this.models = {
      "AWS::Lambda::Function": (resource) => this.#deploy(resource),
      "AWS::Lambda::Permission": (resource) => this.#permit(resource),
    };
    ports.lab.network.onRegion((region, down) => {
      if (down) for (const each of this.#in(region)) each.kill();
    });
  }

  async invoke(
    functionArn: string,
    payload: string,
    options?: { invokedBy: string; sourceArn?: string },
  ): Promise<Answer> {
    const found = this.#functions.get(withoutVersion(functionArn));
    if (found === undefined) {
      const message = `Function not found: ${functionArn}`;
      throw new LambdaRefused("ResourceNotFoundException", message, 404);
    }
    const { region } = found.settings;
    if (this.#ports.lab.network.isDown(region)) return await new Promise<Answer>(() => {});
    if (options !== undefined) await this.#checkPermission(found.settings.arn, options);
    const running = this.#in(region).reduce((sum, each) => sum + each.running, 0);
    if (running >= concurrencyLimit) {
      found.measure("Throttles", 1);
      throw new LambdaRefused("TooManyRequestsException", "Rate Exceeded.", 429);
    }
    return await found.invoke(payload);
  }

  arnOf(nameOrArn: string, region: Region): string | null {
    const arn = nameOrArn.startsWith("arn:")
      ? withoutVersion(nameOrArn)
      : `arn:aws:lambda:${region}:${this.#ports.lab.account}:function:${nameOrArn.split(":")[0]}`;
    return this.#functions.has(arn) ? arn : null;
  }

  settingsOf(functionArn: string): FunctionSettings {
    return this.#known(functionArn).settings;
  }

  linesOf(functionArn: string): readonly string[] {
    return this.#functions.get(functionArn)?.lines ?? [];
  }

  setVariables(functionArn: string, variables: Environment): void {
    this.#known(functionArn).setVariables(variables);
  }

  hang(region: Region, name: string, hung: boolean): void {
    for (const each of this.#in(region)) if (each.settings.name === name) each.hang(hung);
  }

  crash(functionArn: string, invocation: number): void {
    this.#known(functionArn).crash(invocation);
  }

  #known(functionArn: string): LabFunction {
    const found = this.#functions.get(functionArn);
    if (found === undefined) throw new Error(`there is no function ${functionArn}`);
    return found;
  }

  #in(region: Region): LabFunction[] {
    return [...this.#functions.values()].filter(({ settings }) => settings.region === region);
  }

  async #deploy(resource: DeployedResource) {
    const { lab, iam } = this.#ports;
    const settings = functionSettings(resource, lab.account, this.#ports.codeOf(resource));
    if (!(await iam.trusts(settings.roleArn, "lambda.amazonaws.com"))) {
      throw new Error(`Lambda may not assume ${settings.roleArn}, the role of ${settings.name}`);
    }
    this.#functions.set(settings.arn, new LabFunction(this.#ports, settings));
    return { ref: settings.name, attributes: { Arn: settings.arn } };
  }

  #permit(resource: DeployedResource) {
    const arn = this.arnOf(String(resource.properties.FunctionName), resource.region);
    if (arn === null) throw new Error(`${resource.logicalId} permits nothing that is deployed`);
    const statements = this.#permissions.get(arn) ?? [];
    statements.push(invokePermission(resource, arn));
    this.#permissions.set(arn, statements);
    return { ref: resource.logicalId, attributes: { Id: resource.logicalId } };
  }

  /** AWS services are judged by the function's resource policy. A caller that does not say for
   * which of its resources it calls is judged without the conditions on that. */
  async #checkPermission(arn: string, by: { invokedBy: string; sourceArn?: string }) {
    const { lab, iam } = this.#ports;
    const caller = `${by.invokedBy} ${by.sourceArn ?? ""} ${arn}`;
    if (this.#letIn.has(caller)) return;
    const given = this.#permissions.get(arn) ?? [];
    const statements = by.sourceArn === undefined ? given.map(withoutCondition) : given;
    const context = by.sourceArn === undefined ? {} : { "aws:SourceArn": by.sourceArn };
    const allowed = await iam.allows(
      { kind: "service", arn: by.invokedBy },
      {
        action: "lambda:InvokeFunction",
        resource: arn,
        context: { ...context, "aws:SourceAccount": lab.account },
      },
      { Version: "2012-10-17", Statement: statements },
    );
    if (allowed) {
      this.#letIn.add(caller);
      return;
    }
    const message = `${by.invokedBy} is not authorized to perform: lambda:InvokeFunction on ${arn}`;
    throw new LambdaRefused("AccessDeniedException", message, 403);
  }
}

/** arn:aws:lambda:region:account:function:name[:version] */
function withoutVersion(arn: string): string {
  return arn.split(":").slice(0, 7).join(":");
}

function withoutCondition(statement: Json): Json {
  if (statement === null || typeof statement !== "object" || Array.isArray(statement)) return null;
  const { Condition: _, ...rest } = statement;
  return rest;
}
