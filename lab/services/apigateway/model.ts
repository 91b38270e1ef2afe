// What the templates deploy of API Gateway, as the Region's front door looks it up: APIs with
// their resources, methods and stages, and custom domain names with their mappings.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_ApiGateway.html
import type { Region } from "../../../core/config/schema.ts";
import type { RequestModel } from "./request-model.ts";
import type { Template } from "./velocity.ts";

/** A Lambda proxy integration: the function answers the client. */
export interface ProxyIntegration {
  readonly kind: "proxy";
  readonly functionArn: string;
  readonly timeoutMilliseconds: number;
}

/** How an answer of the service becomes the client's. */
export interface IntegrationResponse {
  readonly status: number;
  /** On the whole of the service's status; null: for what no other one takes. */
  readonly pattern: RegExp | null;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Null: the service's body as it is. */
  readonly template: { readonly contentType: string; readonly render: Template } | null;
}

/** An AWS service integration: API Gateway calls the service itself, with a role's credentials. */
export interface ServiceIntegration {
  readonly kind: "service";
  readonly service: string;
  readonly region: Region;
  readonly httpMethod: string;
  readonly roleArn: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** By content type. */
  readonly templates: ReadonlyMap<string, Template>;
  readonly passthrough: "WHEN_NO_MATCH" | "WHEN_NO_TEMPLATES" | "NEVER";
  readonly responses: readonly IntegrationResponse[];
  readonly timeoutMilliseconds: number;
}

/** API Gateway's own answer, with nothing behind it. */
export interface MockIntegration {
  readonly kind: "mock";
  /** As the request template says. */
  readonly status: number;
  readonly responses: readonly IntegrationResponse[];
}

/** What a request must be before the integration is asked. */
export interface Validation {
  /** By content type, or "$default"; none: bodies are not validated. */
  readonly models: ReadonlyMap<string, RequestModel>;
  readonly querystring: readonly string[];
  readonly headers: readonly string[];
}

export interface Method {
  readonly authorization: "NONE" | "AWS_IAM";
  readonly validation: Validation;
  readonly integration: ProxyIntegration | ServiceIntegration | MockIntegration;
}

export interface ApiResource {
  readonly id: string;
  /** Null: the root. */
  readonly parentId: string | null;
  readonly pathPart: string;
  readonly methods: Map<string, Method>;
}

export interface Throttle {
  readonly ratePerSecond: number;
  readonly burst: number;
}

export interface Stage {
  readonly name: string;
  /** Null: the account's limits alone, which a drill does not reach. */
  readonly throttle: Throttle | null;
  /** Taken away by a fault; healing brings it back. */
  isDeleted: boolean;
}

export interface Api {
  readonly id: string;
  readonly region: Region;
  readonly name: string;
  readonly resources: Map<string, ApiResource>;
  readonly stages: Map<string, Stage>;
  readonly models: Map<string, RequestModel>;
  /** By id: what each of them looks at. */
  readonly validators: Map<string, { readonly body: boolean; readonly parameters: boolean }>;
  /** Headers on what API Gateway answers by itself, by class of status. */
  readonly ownHeaders: Map<"4" | "5", Readonly<Record<string, string>>>;
}

export interface Mapping {
  /** First segment of the path; empty: all paths. */
  readonly basePath: string;
  readonly apiId: string;
  readonly stage: string;
  isDeleted: boolean;
}

export interface Domain {
  readonly name: string;
  readonly region: Region;
  /** Where aliases point: d-….execute-api.REGION.amazonaws.com. */
  readonly regionalName: string;
  readonly hostedZoneId: string;
  readonly addresses: { readonly A: readonly string[]; readonly AAAA: readonly string[] };
  readonly mappings: Mapping[];
}

export interface Route {
  readonly api: Api;
  readonly stage: Stage;
  readonly resource: ApiResource;
  readonly method: Method;
  /** Template of the path, e.g. /orders/{id}. */
  readonly resourcePath: string;
  /** The path below the mapping, e.g. /orders/7. */
  readonly path: string;
  readonly pathParameters: { readonly [name: string]: string };
}

/** The method that serves a path; null: API Gateway says "Missing Authentication Token". */
export function findRoute(api: Api, stage: Stage, httpMethod: string, path: string): Route | null {
  const root = [...api.resources.values()].find(({ parentId }) => parentId === null);
  const pathParameters: { [name: string]: string } = {};
  let resource = root;
  let resourcePath = "";
  for (const segment of path.split("/").filter(Boolean)) {
    resource = resource && childFor(api, resource.id, segment);
    if (resource === undefined) return null;
    resourcePath += `/${resource.pathPart}`;
    const [, name] = /^\{(.+)\}$/.exec(resource.pathPart) ?? [];
    if (name !== undefined) pathParameters[name] = decodeURIComponent(segment);
  }
  const method = resource?.methods.get(httpMethod) ?? resource?.methods.get("ANY");
  if (resource === undefined || method === undefined) return null;
  return { api, stage, resource, method, resourcePath: resourcePath || "/", path, pathParameters };
}

/** A literal path part wins over a {variable} one. */
function childFor(api: Api, parentId: string, segment: string): ApiResource | undefined {
  const children = [...api.resources.values()].filter((each) => each.parentId === parentId);
  return (
    children.find(({ pathPart }) => pathPart === segment) ??
    children.find(({ pathPart }) => pathPart.startsWith("{"))
  );
}
