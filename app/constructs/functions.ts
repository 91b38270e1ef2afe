// The functions of one Region. Each has a role of its own, a log group of its own and its whole
// configuration in one variable; names are the same in every Region.
import { Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Architecture, Code, Function as LambdaFunction, Runtime } from "aws-cdk-lib/aws-lambda";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import type { Config, Region } from "../../core/config/schema.ts";
import { functionName } from "../../core/names.ts";
import type { ApiDefinition } from "../api-definition.ts";
import type { Bundles } from "../bundles.ts";
import { Access } from "./access.ts";
import { acknowledgeWildcards } from "./acknowledge.ts";
import { forwardAccess } from "./forward-access.ts";
import {
  apiFunctionSize,
  type FunctionFolder,
  type FunctionSize,
  functionCatalogue,
} from "./function-catalogue.ts";
import { replicaAccess } from "./replica-access.ts";
import { wildcardReason } from "./wildcard-reasons.ts";

export interface FunctionsProps {
  readonly config: Config;
  readonly region: Region;
  readonly bundles: Bundles;
  readonly folders: readonly FunctionFolder[];
}

export class Functions extends Construct {
  private readonly access: Access;
  private readonly made = new Map<FunctionFolder, LambdaFunction>();

  constructor(
    scope: Construct,
    id: string,
    private readonly props: FunctionsProps,
  ) {
    super(scope, id);
    this.access = new Access(this, props.config, props.region);
    for (const folder of props.folders) {
      const size = functionCatalogue[folder];
      this.made.set(folder, this.make(folder, size, this.statementsOf(folder)));
    }
  }

  private statementsOf(folder: FunctionFolder): PolicyStatement[] {
    const { config, region } = this.props;
    return [...this.access.of(folder), ...replicaAccess(this, config, region, folder)];
  }

  /** The function that answers the application's API; evidence reads its metrics by its name. */
  api(api: ApiDefinition): LambdaFunction {
    const name = functionName(this.props.config, api.functionName);
    this.of("gather-evidence").addEnvironment("API_FUNCTION", name);
    const { config, region } = this.props;
    const statements = [...this.access.api(api), ...forwardAccess(this, config, region)];
    return this.make(api.functionName, apiFunctionSize, statements);
  }

  of(folder: FunctionFolder): LambdaFunction {
    const made = this.made.get(folder);
    if (made === undefined) throw new Error(`${folder} is not deployed in ${this.props.region}`);
    return made;
  }

  private make(folder: string, size: FunctionSize, statements: PolicyStatement[]): LambdaFunction {
    const { config, bundles } = this.props;
    const name = functionName(config, folder);
    const scope = new Construct(this, folder);
    const { timeoutSeconds, memoryMegabytes } = size;
    const logGroup = new LogGroup(scope, "Logs", {
      logGroupName: `/aws/lambda/${name}`,
      retention: RetentionDays.ONE_MONTH,
      // What must be kept of a switch is in the ledger and in the machine's own log.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    return new LambdaFunction(scope, "Function", {
      functionName: name,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: "index.handler",
      code: Code.fromAsset(bundles.folderOf(folder)),
      role: this.role(scope, logGroup, statements),
      logGroup,
      timeout: Duration.seconds(timeoutSeconds),
      memorySize: memoryMegabytes,
      environment: {
        SWITCHBACK_CONFIG: configJson(config),
        POWERTOOLS_SERVICE_NAME: folder,
      },
    });
  }

  /** Not AWS's managed policy: that one may write every log group of the account. */
  private role(scope: Construct, logGroup: LogGroup, statements: PolicyStatement[]): Role {
    const log = new PolicyStatement({
      actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
      resources: [logGroup.logGroupArn],
    });
    const role = new Role(scope, "Role", {
      assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
      description: `${Stack.of(this).stackName}: ${scope.node.id}`,
      inlinePolicies: { access: new PolicyDocument({ statements: [log, ...statements] }) },
    });
    acknowledgeWildcards(role, statements, wildcardReason);
    return role;
  }
}

/** The checked configuration as functions are given it; editors' $schema stays behind. */
export function configJson(config: Config): string {
  const { $schema, ...rest } = config;
  return JSON.stringify(rest);
}
