// The machine that every failover and every failback runs through. One definition for both
// directions: the plan that Decide made says which Region is source and which is target.
// Parts: question (evidence, decision, approval), forward (claim to verification), undo, ending.
import { Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import { Effect, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import {
  DefinitionBody,
  LogLevel,
  QueryLanguage,
  StateMachine,
  StateMachineType,
} from "aws-cdk-lib/aws-stepfunctions";
import { Construct } from "constructs";
import type { Config } from "../core/config/schema.ts";
import { stateMachineName } from "../core/names.ts";
import { runSecondsMost } from "../core/run-length.ts";
import { Ending } from "./region-switch/ending.ts";
import { Forward } from "./region-switch/forward.ts";
import { Question } from "./region-switch/question.ts";
import type { StepFunctions } from "./region-switch/step-task.ts";
import { Undo } from "./region-switch/undo.ts";

export interface RegionSwitchProps {
  readonly config: Config;
  readonly functions: StepFunctions;
}

export class RegionSwitch extends Construct {
  readonly machine: StateMachine;
  readonly role: Role;

  constructor(scope: Construct, id: string, props: RegionSwitchProps) {
    super(scope, id);
    this.role = this.machineRole(props.functions);
    const logs = this.logGroup(props.config);
    this.machine = new StateMachine(this, "Machine", {
      stateMachineName: stateMachineName(props.config),
      stateMachineType: StateMachineType.STANDARD,
      queryLanguage: QueryLanguage.JSONATA,
      definitionBody: DefinitionBody.fromChainable(this.definition(props)),
      comment: "Moves the group's traffic and writes from one Region to the other",
      timeout: Duration.seconds(runSecondsMost(props.config)),
      // CDK would add `arn:*` of each function; the machine calls unqualified functions only.
      role: this.role.withoutPolicyUpdates(),
      // The history is the account of a switch, and AWS drops it 90 days after the end.
      logs: { destination: logs, level: LogLevel.ALL, includeExecutionData: true },
      tracingEnabled: true,
    });
  }

  private definition(props: RegionSwitchProps) {
    const { config, functions } = props;
    const end = new Ending(this, functions);
    const undo = new Undo(this, functions, config, end);
    const { approvalTimeoutSeconds } = config.policy;
    const question = new Question(this, functions, approvalTimeoutSeconds, end);
    question.goOn(new Forward(this, functions, config, undo, end, question.gather).start);
    return question.start;
  }

  private logGroup(config: Config): LogGroup {
    return new LogGroup(this, "Logs", {
      // The prefix that AWS lets services deliver to without growing a resource policy a machine.
      logGroupName: `/aws/vendedlogs/states/${stateMachineName(config)}`,
      retention: RetentionDays.ONE_YEAR,
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }

  private machineRole(functions: StepFunctions): Role {
    const role = new Role(this, "Role", {
      assumedBy: new ServicePrincipal("states.amazonaws.com", {
        conditions: { StringEquals: { "aws:SourceAccount": Stack.of(this).account } },
      }),
      description: "Calls the steps of region-switch",
    });
    const allow = (actions: string[], resources: string[]) =>
      role.addToPolicy(new PolicyStatement({ effect: Effect.ALLOW, actions, resources }));
    allow(
      ["lambda:InvokeFunction"],
      Object.values(functions).map((step) => step.functionArn),
    );
    // Neither log delivery nor tracing knows resources: AWS documents "*" for both.
    allow(
      [
        "logs:CreateLogDelivery",
        "logs:GetLogDelivery",
        "logs:UpdateLogDelivery",
        "logs:DeleteLogDelivery",
        "logs:ListLogDeliveries",
        "logs:PutResourcePolicy",
        "logs:DescribeResourcePolicies",
        "logs:DescribeLogGroups",
      ],
      ["*"],
    );
    allow(
      [
        "xray:PutTraceSegments",
        "xray:PutTelemetryRecords",
        "xray:GetSamplingRules",
        "xray:GetSamplingTargets",
      ],
      ["*"],
    );
    return role;
  }
}
