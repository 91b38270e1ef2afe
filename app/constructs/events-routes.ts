// POST /events and POST /events/canary: API Gateway puts the event on its Region's bus by itself.
// A body that the model refuses is a 400 of API Gateway's, with X-Region as on all of those. Reads
// are answered by the API's function from the table.
import { Duration, Stack } from "aws-cdk-lib";
import {
  AuthorizationType,
  AwsIntegration,
  type IModel,
  type IntegrationResponse,
  type IResource,
  JsonSchemaType,
  JsonSchemaVersion,
  LambdaIntegration,
  type MethodOptions,
  PassthroughBehavior,
  type RequestValidator,
  type RestApi,
} from "aws-cdk-lib/aws-apigateway";
import type { EventBus } from "aws-cdk-lib/aws-events";
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import type { Config } from "../../core/config/schema.ts";
import { eventIdPattern, eventTypeLengthMax, vantagePattern } from "../../core/contracts/events.ts";
import { regionHeader } from "../../core/contracts/orders.ts";
import { acknowledge } from "./acknowledge.ts";
import {
  canaryAnswer,
  canaryRequest,
  customerAnswer,
  customerRequest,
  failedAnswer,
} from "./events-templates.ts";

export interface EventsRoutesProps {
  readonly config: Config;
  readonly api: RestApi;
  /** Answers the reads. */
  readonly reads: LambdaFunction;
  readonly bus: EventBus;
}

// Clients give up after 10 s: a bus that hangs is a 504 of this Region before that.
const busTimeout = Duration.seconds(8);

const id = { type: JsonSchemaType.STRING, pattern: eventIdPattern };
/** The same as newEventSchema and newCanaryEventSchema. */
const newEvent = {
  id,
  type: { type: JsonSchemaType.STRING, minLength: 1, maxLength: eventTypeLengthMax },
  data: { type: JsonSchemaType.OBJECT },
};
const newCanaryEvent = { id, vantage: { type: JsonSchemaType.STRING, pattern: vantagePattern } };

export class EventsRoutes extends Construct {
  private readonly role: Role;
  private readonly validator: RequestValidator;

  constructor(
    scope: Construct,
    constructId: string,
    private readonly props: EventsRoutesProps,
  ) {
    super(scope, constructId);
    const { api, config, reads } = props;
    this.role = this.mayPut(props.bus);
    this.validator = api.addRequestValidator("EventsValidator", {
      validateRequestBody: true,
      validateRequestParameters: true,
    });
    const read = new LambdaIntegration(reads, { allowTestInvoke: false });
    const events = api.root.resourceForPath("/events");
    const canary = api.root.resourceForPath("/events/canary");
    const post = (on: IResource, access: AuthorizationType, templates: Templates, model: IModel) =>
      this.method(on, "POST", this.put(templates), {
        authorizationType: access,
        requestModels: { "application/json": model },
        methodResponses: ["202", "503"].map((statusCode) => ({
          statusCode,
          responseParameters: declaredHeaders,
        })),
      });
    const { NONE: open, IAM: signed } = AuthorizationType;
    const customers = { request: customerRequest(config), answer: customerAnswer };
    post(events, open, customers, this.model("NewEvent", newEvent));
    const canaries = { request: canaryRequest(config), answer: canaryAnswer };
    post(canary, signed, canaries, this.model("NewCanaryEvent", newCanaryEvent));
    const byId = api.root.resourceForPath("/events/{id}");
    this.method(byId, "GET", read, { authorizationType: open });
    this.method(canary, "GET", read, { authorizationType: signed });
  }

  private method(
    resource: IResource,
    name: string,
    integration: AwsIntegration | LambdaIntegration,
    options: MethodOptions,
  ): void {
    const validated = name === "POST" ? { requestValidator: this.validator } : {};
    const made = resource.addMethod(name, integration, { ...options, ...validated });
    acknowledge(made, "COG4", "No user pool here: open, or signed by IAM, as its route says");
    if (options.authorizationType !== AuthorizationType.NONE) return;
    acknowledge(made, "APIG4", "The route is open on purpose: its callers have no identity");
  }

  private put({ request, answer }: Templates): AwsIntegration {
    return new AwsIntegration({
      service: "events",
      action: "PutEvents",
      integrationHttpMethod: "POST",
      options: {
        credentialsRole: this.role,
        timeout: busTimeout,
        // Another content type would pass the model by: 415.
        passthroughBehavior: PassthroughBehavior.NEVER,
        requestParameters: {
          "integration.request.header.X-Amz-Target": "'AWSEvents.PutEvents'",
          "integration.request.header.Content-Type": "'application/x-amz-json-1.1'",
        },
        requestTemplates: { "application/json": request },
        integrationResponses: this.responses(answer),
      },
    });
  }

  /** What no pattern expects is a failure. */
  private responses(answer: string): IntegrationResponse[] {
    const headers = (contentType: string) => ({
      [`method.response.header.${regionHeader}`]: `'${Stack.of(this).region}'`,
      "method.response.header.Cache-Control": "'no-store'",
      "method.response.header.Content-Type": `'${contentType}'`,
    });
    return [
      {
        statusCode: "202",
        selectionPattern: "200",
        responseParameters: headers("application/json"),
        responseTemplates: { "application/json": answer },
      },
      {
        statusCode: "503",
        responseParameters: headers("application/problem+json"),
        responseTemplates: { "application/json": failedAnswer },
      },
    ];
  }

  private model(name: string, properties: Properties): IModel {
    return this.props.api.addModel(name, {
      modelName: name,
      contentType: "application/json",
      schema: {
        schema: JsonSchemaVersion.DRAFT4,
        type: JsonSchemaType.OBJECT,
        properties,
        required: Object.keys(properties),
        additionalProperties: false,
      },
    });
  }

  private mayPut(bus: EventBus): Role {
    const put = new PolicyStatement({
      actions: ["events:PutEvents"],
      resources: [bus.eventBusArn],
    });
    return new Role(this, "Role", {
      assumedBy: new ServicePrincipal("apigateway.amazonaws.com"),
      description: "API Gateway: puts clients' events on the application's bus",
      inlinePolicies: { access: new PolicyDocument({ statements: [put] }) },
    });
  }
}

interface Templates {
  readonly request: string;
  readonly answer: string;
}
type Properties = Readonly<Record<string, { readonly type: JsonSchemaType }>>;

const declaredHeaders = Object.fromEntries(
  [regionHeader, "Cache-Control", "Content-Type", "Retry-After"].map((name) => [
    `method.response.header.${name}`,
    true,
  ]),
);
