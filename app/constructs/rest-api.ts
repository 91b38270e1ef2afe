// The orders API: a REST API in one Region, in front of orders-api. Customers' routes are open, as
// the sample's customers have no identity; the canaries' route takes signed requests only. The
// default execute-api endpoint is off: whatever calls it would bypass the records and the custom
// domain names that checks and looks vouch for.
import { RemovalPolicy, Stack } from "aws-cdk-lib";
import {
  AccessLogFormat,
  AuthorizationType,
  EndpointType,
  type IResource,
  LambdaIntegration,
  LogGroupLogDestination,
  MethodLoggingLevel,
  type MethodOptions,
  ResponseType,
  RestApi,
  type StageOptions,
} from "aws-cdk-lib/aws-apigateway";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import type { Config } from "../../core/config/schema.ts";
import { regionHeader } from "../../core/contracts/orders.ts";
import { canaryMethods, stageName } from "./access.ts";
import { acknowledge } from "./acknowledge.ts";

// Above what the sample needs, below the account's 10,000 a second, which other APIs share: a
// flood here can't throttle the looks of another application's API.
const requestsPerSecond = 1000;
const burst = 2000;

export class OrdersApi extends Construct {
  readonly api: RestApi;

  constructor(
    scope: Construct,
    id: string,
    private readonly config: Config,
    orders: LambdaFunction,
  ) {
    super(scope, id);
    this.api = new RestApi(this, "Api", {
      restApiName: `${config.application}-api`,
      description: `${config.application}: orders, health and the canaries' own orders`,
      endpointTypes: [EndpointType.REGIONAL],
      disableExecuteApiEndpoint: true,
      deployOptions: this.stage(),
      // API Gateway writes logs only with a role of the account; kept, as other APIs may use it.
      cloudWatchRole: true,
      cloudWatchRoleRemovalPolicy: RemovalPolicy.RETAIN,
    });
    this.routes(new LambdaIntegration(orders, { allowTestInvoke: false }));
    this.ownAnswers();
    this.acknowledgements();
  }

  private routes(integration: LambdaIntegration): void {
    const open = { authorizationType: AuthorizationType.NONE };
    const signed = { authorizationType: AuthorizationType.IAM };
    const add = (resource: IResource, methods: readonly string[], options: MethodOptions) => {
      for (const name of methods) {
        const method = resource.addMethod(name, integration, options);
        acknowledge(method, "COG4", "The sample has no user pool: open, or signed by IAM");
        if (options !== open) continue;
        acknowledge(method, "APIG4", "Customers of the sample have no identity to check");
      }
    };
    add(this.api.root.addResource("health"), ["GET"], open);
    const orders = this.api.root.addResource("orders");
    add(orders, ["GET", "POST"], open);
    add(orders.addResource("canary"), canaryMethods, signed);
    add(orders.addResource("{id}"), ["GET"], open);
  }

  /** What API Gateway answers by itself names its Region, too. */
  private ownAnswers(): void {
    const responseHeaders = { [regionHeader]: `'${Stack.of(this).region}'` };
    for (const type of [ResponseType.DEFAULT_4XX, ResponseType.DEFAULT_5XX]) {
      this.api.addGatewayResponse(type.responseType, { type, responseHeaders });
    }
  }

  private acknowledgements(): void {
    acknowledge(
      this.api,
      "APIG2",
      "orders-api parses every request by one schema and answers problem+json; a second schema " +
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
      stageName,
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
