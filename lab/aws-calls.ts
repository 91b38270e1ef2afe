// The door to every service: the network, then what a fault has to say, then IAM, then the
// service. A call that no service models is refused by name and logged, since a lab that answers
// what it does not know would prove nothing.
import type { Internet } from "./internet.ts";
import type {
  AwsRequest,
  AwsResponse,
  AwsService,
  Clock,
  Demand,
  EventLog,
  Iam,
  Network,
} from "./kernel.ts";

/** A fault in front of a service: an answer of its own; silence; an endpoint whose name does not
 * resolve; the service's answer, later; or null, not concerned. */
export type Interception = AwsResponse | "hang" | "no-dns" | { delayMilliseconds: number } | null;
export type Interceptor = (request: AwsRequest, service: AwsService) => Interception;

export interface AwsCalls {
  /** `arrived` is told when the packets reach the service: the caller has a connection then. */
  call(request: AwsRequest, arrived?: () => void): Promise<AwsResponse>;
  register(service: AwsService): void;
  /** Adds a fault; answers how to remove it. Where several are concerned the worst
   * decides: silence, an answer, no name; delays add up. */
  intercept(interceptor: Interceptor): () => void;
  /** Told of each answer where it was given, whether by the service or by a fault before it. */
  onAnswer(listener: (request: AwsRequest, answer: AwsResponse) => void): void;
}

export interface AwsCallPorts {
  readonly clock: Pick<Clock, "now" | "sleep">;
  readonly network: Network;
  readonly internet: Internet;
  readonly iam: Iam;
  readonly log: EventLog;
}

/** Services with one endpoint for the whole world, and where it stands. */
const globalServices: { readonly [service: string]: string } = { route53: "us-east-1" };

/** Services whose endpoint stands in a Region, dies with it, and is reached by the internet. */
const publicServices: readonly string[] = ["health"];

/** How a service's protocol says that a policy doesn't allow the call (JSON: 400 otherwise). */
const denials: { readonly [service: string]: { code: string; status: number } } = {
  lambda: { code: "AccessDeniedException", status: 403 },
  route53: { code: "AccessDenied", status: 403 },
  s3: { code: "AccessDenied", status: 403 },
  sns: { code: "AuthorizationError", status: 403 },
};
const jsonDenial = { code: "AccessDeniedException", status: 400 };

export function createAwsCalls(ports: AwsCallPorts): AwsCalls {
  const services = new Map<string, AwsService>();
  const interceptors = new Set<Interceptor>();
  const listeners: ((request: AwsRequest, answer: AwsResponse) => void)[] = [];

  async function serve(sent: AwsRequest, arrived?: () => void): Promise<AwsResponse> {
    const service = services.get(sent.service);
    if (service === undefined) throw notModelled(ports.log, sent);
    const home = globalServices[sent.service];
    const request = home === undefined ? sent : { ...sent, region: home };
    const fault = intercepted(interceptors, request, service);
    if (fault === "hang") return await new Promise(() => {});
    if (fault === "no-dns") throw noDns(request);
    arrived?.();
    if (fault !== null && "delayMilliseconds" in fault) {
      await ports.clock.sleep(fault.delayMilliseconds);
    }
    const said = isAnswer(fault) ? fault : await answer(service, request);
    for (const listener of listeners) listener(request, said);
    return said;
  }

  async function answer(service: AwsService, request: AwsRequest): Promise<AwsResponse> {
    const demands = service.demands(request);
    if (demands === null) {
      const { message } = notModelled(ports.log, request);
      return service.error(request, "UnknownOperationException", message, 400);
    }
    try {
      const refused = await firstRefused(ports.iam, request, demands);
      if (refused !== null) return denied(service, request, refused);
      return await service.handle(request);
    } catch (error) {
      // A service that throws is a defect of the lab. Its caller must not be able to hide that.
      const why = error instanceof Error ? error.message : String(error);
      ports.log.emit("lab-defect", request.region, { service: service.name, why });
      throw error;
    }
  }

  return {
    intercept(interceptor) {
      interceptors.add(interceptor);
      return () => interceptors.delete(interceptor);
    },
    onAnswer(listener) {
      listeners.push(listener);
    },
    register(service) {
      services.set(service.name, service);
    },
    call(asked, arrived) {
      const request = { ...asked, sentAt: ports.clock.now() };
      const home = globalServices[request.service];
      const far = () => serve(request, arrived);
      if (publicServices.includes(request.service)) {
        const aliveOnly = () =>
          ports.network.isDown(request.region) ? new Promise<never>(() => {}) : far();
        return ports.internet.roundTrip(request.from, request.region, aliveOnly);
      }
      return home === undefined
        ? ports.network.roundTrip(request.from, request.region, far)
        : ports.internet.roundTrip(request.from, home, far);
    },
  };
}

function intercepted(
  interceptors: Iterable<Interceptor>,
  request: AwsRequest,
  service: AwsService,
): Interception {
  const faults = [...interceptors].map((interceptor) => interceptor(request, service));
  if (faults.includes("hang")) return "hang";
  const said =
    faults.find((fault) => isAnswer(fault)) ?? faults.find((fault) => fault === "no-dns");
  if (said !== undefined) return said;
  const delays = faults.flatMap((fault) =>
    fault !== null && typeof fault === "object" && "delayMilliseconds" in fault
      ? [fault.delayMilliseconds]
      : [],
  );
  if (delays.length === 0) return null;
  return { delayMilliseconds: delays.reduce((sum, delay) => sum + delay) };
}

function isAnswer(fault: Interception): fault is AwsResponse {
  return fault !== null && typeof fault === "object" && "status" in fault;
}

function noDns({ service, region }: AwsRequest): Error {
  const host = `${service}.${region}.amazonaws.com`;
  return Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: "ENOTFOUND" });
}

async function firstRefused(iam: Iam, request: AwsRequest, demands: Demand[]) {
  for (const { resourcePolicy, ...demand } of demands) {
    const context = {
      "aws:RequestedRegion": request.region,
      ...source(request),
      ...demand.context,
    };
    if (!(await iam.allows(request.principal, { ...demand, context }, resourcePolicy))) {
      return demand;
    }
  }
  return null;
}

/** The conditions by which a resource's policy tells one caller of a service from another. */
function source({ sourceArn }: AwsRequest): { [key: string]: string } {
  if (sourceArn === undefined) return {};
  return { "aws:SourceArn": sourceArn, "aws:SourceAccount": sourceArn.split(":")[4] ?? "" };
}

function denied(service: AwsService, request: AwsRequest, { action, resource }: Demand) {
  const { code, status } = denials[request.service] ?? jsonDenial;
  const message =
    `User: ${request.principal.arn} is not authorized to perform: ${action} ` +
    `on resource: ${resource} because no identity-based policy allows the ${action} action`;
  return service.error(request, code, message, status);
}

function notModelled(log: EventLog, request: AwsRequest): Error {
  const target = request.headers["x-amz-target"];
  const operation = target ?? `${request.method} ${request.path}`;
  log.emit("not-modelled", request.region, { service: request.service, operation });
  return new Error(`The lab does not model ${operation} of ${request.service}.`);
}
