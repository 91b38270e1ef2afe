// The application's REST API in one Region, in front of its function: its own routes, /health, and
// the canaries' and the other Region's routes, which take signed requests only. The default
// execute-api endpoint is off: whatever calls it would bypass the records and the custom domain
// names that checks and looks vouch for.
import { Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import {
  AccessLogFormat,
  AuthorizationType,
  EndpointType,
  LambdaIntegration,
  LogGroupLogDestination,
  MethodLoggingLevel,
  ResponseType,
  RestApi,
  type StageOptions,
} from "aws-cdk-lib/aws-apigateway";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import type { Config } from "../../core/config/schema.ts";
import { crossOriginHeaders, crossOriginOf } from "../../core/contracts/cross-origin.ts";
import { regionHeader } from "../../core/contracts/orders.ts";
import { apiName, apiStageName, forwardedPath } from "../../core/names.ts";
import { isForwarding } from "../../core/writer.ts";
import type { ApiDefinition, ApiRoute } from "../api-definition.ts";
import { canaryMethods } from "./access.ts";
import { acknowledge } from "./acknowledge.ts";

// Above what the sample needs, below the account's 10,000 a second, which other APIs share: a
// flood here can't throttle the looks of another application's API.
const requestsPerSecond = 1000;
const burst = 2000;

/** What looks, canaries, Route 53's checks and the other Region's function call. */
const ownRoutes = (config: Config): ApiRoute[] => [
  { method: "GET", path: "/health", access: "open" },
  ...canaryMethods.map(
    (method) => ({ method, path: config.canaryPath, access: "signed" }) as const,
  ),
  ...(isForwarding(config)
    ? ([{ method: "POST", path: forwardedPath(config), access: "signed" }] as const)
    : []),
];

export class ApplicationApi extends Construct {
  readonly api: RestApi;

  constructor(
    scope: Construct,
    id: string,
    private readonly config: Config,
    definition: ApiDefinition,
    answers: LambdaFunction,
  ) {
    super(scope, id);
    this.api = new RestApi(this, "Api", {
      restApiName: apiName(config),
      description: `${config.application}: its own routes, health and the canaries' items`,
      endpointTypes: [EndpointType.REGIONAL],
      disableExecuteApiEndpoint: true,
      deployOptions: this.stage(),
      // API Gateway writes logs only with a role of the account; kept, as other APIs may use it.
      cloudWatchRole: true,
      cloudWatchRoleRemovalPolicy: RemovalPolicy.RETAIN,
    });
    const integration = new LambdaIntegration(answers, { allowTestInvoke: false });
    const routes = config.workloads.includes("api") ? definition.routes : [];
    for (const route of [...routes, ...ownRoutes(config)]) this.route(route, integration);
    this.preflights(routes);
    this.ownAnswers();
    this.acknowledgements();
  }

  private route({ method, path, access }: ApiRoute, integration: LambdaIntegration): void {
    const authorizationType = access === "open" ? AuthorizationType.NONE : AuthorizationType.IAM;
    const made = this.api.root
      .resourceForPath(path)
      .addMethod(method, integration, { authorizationType });
    acknowledge(made, "COG4", "No user pool here: open, or signed by IAM, as its route says");
    if (access === "open") {
      acknowledge(made, "APIG4", "The route is open on purpose: its callers have no identity");
    }
  }

  /** Browsers ask before a page of another name may call; API Gateway answers without a function,
   * for the website alone. */
  private preflights(routes: readonly ApiRoute[]): void {
    const allowed = crossOriginOf(this.config);
    if (allowed === null) return;
    const open = routes.filter(({ access }) => access === "open");
    for (const path of new Set(open.map((route) => route.path))) {
      const made = this.api.root.resourceForPath(path).addCorsPreflight({
        allowOrigins: [allowed.origin],
        allowMethods: open.filter((route) => route.path === path).map(({ method }) => method),
        allowHeaders: [...allowed.allowedHeaders],
        maxAge: Duration.seconds(allowed.preflightSecondsMax),
      });
      acknowledge(made, "COG4", "A browser sends no credentials with the question whether it may");
      acknowledge(made, "APIG4", "A browser sends no credentials with the question whether it may");
    }
  }

  /** What API Gateway answers by itself names its Region, too. */
  private ownAnswers(): void {
    const headers = { [regionHeader]: Stack.of(this).region, ...crossOriginHeaders(this.config) };
    const responseHeaders = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, `'${value}'`]),
    );
    for (const type of [ResponseType.DEFAULT_4XX, ResponseType.DEFAULT_5XX]) {
      this.api.addGatewayResponse(type.responseType, { type, responseHeaders });
    }
  }

  private acknowledgements(): void {
    acknowledge(
      this.api,
      "APIG2",
      "The function parses every request by one schema and answers problem+json; a second schema " +
        "in API Gateway would drift from it",
    );
    acknowledge(
      this.api.deploymentStage,
      "APIG3",
      "A web ACL belongs to the application's owner; throttling bounds a flood",
    );
    acknowledge(
      this.api,
      "IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/" +
        "AmazonAPIGatewayPushToCloudWatchLogs]",
      "AWS's own policy for the account's API Gateway log role, which it documents for this use",
    );
  }

  private stage(): StageOptions {
    const accessLog = new LogGroup(this, "AccessLog", {
      logGroupName: `/switchback/${this.config.application}/access`,
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    return {
      stageName: apiStageName,
      accessLogDestination: new LogGroupLogDestination(accessLog),
      accessLogFormat: AccessLogFormat.jsonWithStandardFields(),
      // Bodies hold customers' orders: errors are logged, data is not.
      loggingLevel: MethodLoggingLevel.ERROR,
      dataTraceEnabled: false,
      throttlingRateLimit: requestsPerSecond,
      throttlingBurstLimit: burst,
    };
  }
}
