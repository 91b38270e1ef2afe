// Step Functions of all Regions: the API at its endpoint, and the template's state machines.
// Wire protocol: awsJson1_0, target AWSStepFunctions.<Operation>.
import { z } from "zod";
import type {
  AwsRequest,
  AwsResponse,
  AwsService,
  CreatedResource,
  DeployedResource,
  ResourceModels,
} from "../../kernel.ts";
import { ApiFault } from "./api-fault.ts";
import { parseDefinition } from "./definition.ts";
import { Executions, type StatesLab } from "./executions.ts";
import { operationsOf } from "./operations.ts";

const stateMachineSchema = z.strictObject({
  DefinitionString: z.string(),
  DefinitionSubstitutions: z.record(z.string(), z.string()).optional(),
  RoleArn: z.string(),
  StateMachineName: z.string().optional(),
  StateMachineType: z.literal("STANDARD").optional(),
  // Where logs and traces go changes nothing of what a machine does.
  LoggingConfiguration: z.json().optional(),
  TracingConfiguration: z.json().optional(),
  EncryptionConfiguration: z.json().optional(),
  Tags: z.json().optional(),
});

export interface States {
  readonly service: AwsService;
  readonly models: ResourceModels;
  readonly executions: Executions;
}

export function createStates(lab: StatesLab): States {
  const executions = new Executions(lab);
  return {
    executions,
    service: createService(executions, () => lab.random.uuid("states:name")),
    models: {
      "AWS::StepFunctions::StateMachine": (resource) => createMachine(lab, executions, resource),
    },
  };
}

/** @throws when the definition or a property can't be modelled */
function createMachine(
  lab: StatesLab,
  executions: Executions,
  resource: DeployedResource,
): CreatedResource {
  const properties = stateMachineSchema.parse(resource.properties);
  const substitutions = Object.entries(properties.DefinitionSubstitutions ?? {});
  const definitionText = substitutions.reduce(
    (text, [key, value]) => text.replaceAll(`\${${key}}`, value),
    properties.DefinitionString,
  );
  const { region } = resource;
  const name = properties.StateMachineName ?? `${resource.stack}-${resource.logicalId}`;
  const arn = `arn:aws:states:${region}:${lab.account}:stateMachine:${name}`;
  executions.machines.set(arn, {
    arn,
    name,
    region,
    roleArn: properties.RoleArn,
    definition: parseDefinition(definitionText),
    definitionText,
    createdAt: lab.clock.now(),
  });
  return { ref: arn, attributes: { Arn: arn, Name: name, StateMachineRevisionId: "INITIAL" } };
}

function createService(executions: Executions, newName: () => string): AwsService {
  const operations = operationsOf(executions, newName);
  const operationOf = (request: AwsRequest) => {
    const target = request.headers["x-amz-target"] ?? "";
    return operations.get(target.replace(/^AWSStepFunctions\./, ""));
  };
  return {
    name: "states",
    demands: (request) => {
      const operation = operationOf(request);
      return operation ? [operation.demand(parseBody(request.body), request)] : null;
    },
    handle: async (request) => {
      const operation = operationOf(request);
      if (!operation) return failure("UnknownOperationException", "not modelled by the lab", 400);
      try {
        return answer(200, operation.run(parseBody(request.body), request));
      } catch (fault) {
        if (fault instanceof ApiFault) return failure(fault.code, fault.message, 400);
        throw fault;
      }
    },
    error: (_request, code, message, status) => failure(code, message, status),
  };
}

function parseBody(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

const answer = (status: number, body: object): AwsResponse => ({
  status,
  headers: { "content-type": "application/x-amz-json-1.0" },
  body: JSON.stringify(body),
});

const failure = (code: string, message: string, status: number) =>
  answer(status, { __type: `com.amazonaws.swf.service.v2.model#${code}`, message });
