// API Gateway's data plane in each Region: from a Host header to a method, whether the caller may
// use it, the function behind it, and API Gateway's own words when something is missing. Signatures
// are taken at their word: the key id says who, the scope what for; nobody here can forge them.
import type { Region } from "../../../core/config/schema.ts";
import { type AccessKeys, credentialScope } from "../../access-keys.ts";
import type {
  DnsType,
  HttpRequest,
  HttpResponse,
  Lab,
  Principal,
  ResourceModels,
} from "../../kernel.ts";
import { type EndpointFault, EndpointFaults } from "./endpoint-faults.ts";
import { hinderedDoor } from "./hindered.ts";
import { type IntegrationLab, integrate } from "./integrations.ts";
import { type Api, type Domain, findRoute, type Mapping, type Route, type Stage } from "./model.ts";
import { badRequest, missingToken, Refused } from "./refused.ts";
import { apiGatewayModels, domainKey, type Registry } from "./resources.ts";
import { TokenBuckets } from "./token-buckets.ts";
import { invalidRequest } from "./validation.ts";

export interface ApiGatewayPorts {
  readonly lab: IntegrationLab & Pick<Lab, "iam" | "web" | "putMetric" | "network" | "hindrance">;
  readonly accessKeys: AccessKeys;
}

export interface ApiGateway {
  readonly models: ResourceModels;
  /** Spoils the application's answers in a Region; answers how to stop that. */
  addEndpointFault(region: Region, fault: EndpointFault): () => void;
  /** Takes the stages of the Region's APIs away, or gives them back. */
  setStagesDeleted(region: Region, deleted: boolean): void;
  /** Takes the mappings of the Region's domain names away, or gives them back. */
  setMappingsDeleted(region: Region, deleted: boolean): void;
  /** Addresses behind a regional domain name; none: there is no such name. */
  addresses(regionalName: string, type: DnsType): readonly string[];
  /** Is API Gateway there to answer at that name? What Evaluate Target Health looks at. */
  available(regionalName: string): boolean;
}

export function createApiGateway(ports: ApiGatewayPorts): ApiGateway {
  const { clock, random, network } = ports.lab;
  const registry: Registry = { apis: new Map(), domains: new Map() };
  const faults = new EndpointFaults(clock, random);
  const door = new FrontDoor(ports, registry, faults);
  const named = (regionalName: string): Domain | undefined =>
    [...registry.domains.values()].find((domain) => domain.regionalName === regionalName);
  const onDomain = ({ addresses, region }: Domain) => {
    for (const address of [...addresses.A, ...addresses.AAAA]) {
      const serve = hinderedDoor(ports.lab, region, (request) => door.serve(region, request));
      ports.lab.web.listen(address, region, serve);
    }
  };
  return {
    models: apiGatewayModels({ account: ports.lab.account, random, registry, onDomain }),
    addEndpointFault: (region, fault) => faults.add(region, fault),
    setStagesDeleted(region, deleted) {
      for (const api of registry.apis.values()) {
        if (api.region !== region) continue;
        for (const stage of api.stages.values()) stage.isDeleted = deleted;
      }
    },
    setMappingsDeleted(region, deleted) {
      for (const domain of registry.domains.values()) {
        if (domain.region !== region) continue;
        for (const mapping of domain.mappings) mapping.isDeleted = deleted;
      }
    },
    addresses(regionalName, type) {
      const domain = named(regionalName);
      if (domain === undefined || (type !== "A" && type !== "AAAA")) return [];
      if (ports.lab.hindrance(domain.region, "apigateway")?.mode === "no-dns") return [];
      return domain.addresses[type];
    },
    available(regionalName) {
      const domain = named(regionalName);
      return domain !== undefined && !network.isDown(domain.region);
    },
  };
}

/** Which API and stage a request is for, and the path below the mapping. */
interface Found {
  readonly api: Api;
  readonly stage: Stage;
  readonly below: string;
}

class FrontDoor {
  readonly #ports: ApiGatewayPorts;
  readonly #registry: Registry;
  readonly #faults: EndpointFaults;
  readonly #buckets: TokenBuckets;

  constructor(ports: ApiGatewayPorts, registry: Registry, faults: EndpointFaults) {
    this.#ports = ports;
    this.#registry = registry;
    this.#faults = faults;
    this.#buckets = new TokenBuckets(ports.lab.clock);
  }

  async serve(region: Region, request: HttpRequest): Promise<HttpResponse> {
    try {
      const since = this.#ports.lab.clock.now();
      const found = this.#api(region, request);
      const answer = await this.#answer(found, request);
      this.#measure(found, answer.status, since);
      return withOwnHeaders(found.api, answer);
    } catch (fault) {
      if (fault instanceof Refused) return fault.response;
      throw fault;
    }
  }

  async #answer({ api, stage, below }: Found, request: HttpRequest): Promise<HttpResponse> {
    try {
      const route = findRoute(api, stage, request.method, below);
      if (route === null) throw missingToken();
      this.#throttle(route);
      const caller = await this.#caller(route, request);
      const wrong = invalidRequest(route.method.validation, request);
      if (wrong !== null) throw badRequest(wrong);
      const sourceArn = this.#methodArn(route, request.method, route.resourcePath);
      const call = { route, request, caller, sourceArn };
      const serve = () => integrate(this.#ports.lab, call);
      // A gray failure is the application's; what API Gateway answers by itself isn't.
      if (route.method.integration.kind === "mock") return await serve();
      return await this.#faults.apply(api.region, route.path, serve);
    } catch (fault) {
      if (fault instanceof Refused) return fault.response;
      throw fault;
    }
  }

  #api(region: Region, request: HttpRequest): Found {
    const domain = this.#registry.domains.get(domainKey(region, request.host));
    const mapping = domain && mappingFor(domain, request.path);
    const api = mapping && this.#registry.apis.get(mapping.apiId);
    const stage = mapping && api?.stages.get(mapping.stage);
    if (mapping === undefined || api === undefined || stage === undefined || stage.isDeleted) {
      throw new Refused(403, "ForbiddenException", "Forbidden");
    }
    const below = request.path.slice(mapping.basePath === "" ? 0 : mapping.basePath.length + 1);
    return { api, stage, below: below || "/" };
  }

  #throttle({ api, stage }: Route): void {
    if (stage.throttle === null) return;
    if (this.#buckets.take(`${api.id}/${stage.name}`, stage.throttle)) return;
    throw new Refused(429, "TooManyRequestsException", "Too Many Requests");
  }

  /** Who signed the request, for methods that ask; null for those that don't. */
  async #caller(route: Route, request: HttpRequest) {
    if (route.method.authorization === "NONE") return null;
    const scope = credentialScope(request.headers.authorization);
    if (scope === null) throw missingToken();
    const { accessKeyId } = scope;
    if (scope.region !== route.api.region || scope.service !== "execute-api") {
      const message = "Credential should be scoped to a valid region and to execute-api.";
      throw new Refused(403, "InvalidSignatureException", message);
    }
    const principal = this.#ports.accessKeys.principalOf(accessKeyId);
    if (principal === null) {
      const message = "The security token included in the request is invalid.";
      throw new Refused(403, "UnrecognizedClientException", message);
    }
    await this.#authorize(route, request.method, principal);
    return { principal, accessKeyId };
  }

  async #authorize(route: Route, method: string, principal: Principal): Promise<void> {
    const resource = this.#methodArn(route, method, route.path);
    const demand = { action: "execute-api:Invoke", resource };
    if (await this.#ports.lab.iam.allows(principal, demand)) return;
    const message =
      `User: ${principal.arn} is not authorized to perform: execute-api:Invoke ` +
      `on resource: ${resource}`;
    throw new Refused(403, "AccessDeniedException", message);
  }

  #methodArn({ api, stage }: Route, method: string, path: string): string {
    const { account } = this.#ports.lab;
    return `arn:aws:execute-api:${api.region}:${account}:${api.id}/${stage.name}/${method}${path}`;
  }

  /** Every answer of the API counts, its own and the application's. Source: "Amazon API Gateway
   * dimensions and metrics". */
  #measure({ api, stage }: Found, status: number, since: number): void {
    const { clock, putMetric } = this.#ports.lab;
    const dimensions = { ApiName: api.name, Stage: stage.name };
    const put = (name: string, value: number) =>
      putMetric(api.region, "AWS/ApiGateway", name, dimensions, value);
    put("Count", 1);
    put("4XXError", status >= 400 && status < 500 ? 1 : 0);
    put("5XXError", status >= 500 ? 1 : 0);
    put("Latency", clock.now() - since);
  }
}

/** Gateway responses: headers on what API Gateway answers by itself, once it knows which API. */
function withOwnHeaders(api: Api, answer: HttpResponse): HttpResponse {
  if (answer.headers["x-amzn-errortype"] === undefined) return answer;
  const own = api.ownHeaders.get(answer.status >= 500 ? "5" : "4");
  if (own === undefined) return answer;
  const lower = Object.entries(own).map(([name, value]) => [name.toLowerCase(), value]);
  return { ...answer, headers: { ...answer.headers, ...Object.fromEntries(lower) } };
}

/** The mapping whose base path is the path's first segment, else the one for all paths. */
function mappingFor(domain: Domain, path: string): Mapping | undefined {
  const [first = ""] = path.split("/").filter(Boolean);
  const standing = domain.mappings.filter(({ isDeleted }) => !isDeleted);
  const exact = standing.find(({ basePath }) => basePath !== "" && basePath === first);
  return exact ?? standing.find(({ basePath }) => basePath === "");
}
