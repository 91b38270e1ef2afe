// What every part of the lab is handed: time, chance, the log, the network, identity, and a door
// to each service. Types only; the parts are in the files beside this one.
import type { Region } from "../core/config/schema.ts";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Virtual time. `now` is ms since 1970; `zero` is the instant that scenarios call 0s. */
export interface Clock {
  readonly zero: number;
  now(): number;
  /** Seconds since 0s, negative while the lab warms up. */
  seconds(): number;
  /** Runs `run` at `now() + milliseconds`; fractions are kept. Returns a cancel function. */
  after(milliseconds: number, run: () => void): () => void;
  /** Resolves after so many virtual ms. */
  sleep(milliseconds: number): Promise<void>;
  /** A real-async operation (dynalite, IAM data, files): time stands still until it settles. */
  track<T>(operation: Promise<T>): Promise<T>;
  /** Runs event by event until that virtual instant (ms since 1970). */
  runUntil(instant: number): Promise<void>;
}

/** What the clocks of a Region show, to its code and in what its services stamp. */
export interface RegionTimes {
  /** ms since 1970. */
  now(region: Region): number;
  /** ms that they are fast; below zero: slow. */
  offset(region: Region): number;
}

/** Seeded chance. A stream is named, so that a new consumer does not shift the others. */
export interface Random {
  /** [0, 1) */
  next(stream: string): number;
  between(stream: string, low: number, high: number): number;
  /** Lower-case hex of that length. */
  hex(stream: string, length: number): string;
  uuid(stream: string): string;
}

/** One thing that happened in the lab. `region` is null for what has none (Route 53, clients). */
export interface LabEvent {
  readonly at: number;
  readonly kind: string;
  readonly region: Region | null;
  readonly detail: { readonly [key: string]: Json };
}

/** Append-only; hashed as it grows (`logSha256`). Listeners run synchronously, in order. */
export interface EventLog {
  emit(kind: string, region: Region | null, detail: { [key: string]: Json }): LabEvent;
  on(listener: (event: LabEvent) => void): void;
  readonly events: readonly LabEvent[];
  sha256(): string;
}

/** Where a packet starts: inside a Region, or a place on the internet (by Region code). */
export type Place = { readonly region: Region } | { readonly internet: Region };

export interface Network {
  /** Can packets go from here to that Region now (and answers come back)? */
  reachable(from: Place, to: Region): boolean;
  /** Can packets go from here to that Region now, whether answers come back or not? */
  delivers(from: Place, to: Region): boolean;
  /** Seeded one-way delay, ms. */
  delay(from: Place, to: Region): number;
  /** Request leg, `serve` at the far side, answer leg, each its own event in virtual time. Never
   * settles when a packet is lost: the caller has its own timeout. */
  roundTrip<T>(from: Place, to: Region, serve: () => Promise<T>): Promise<T>;
  isDown(region: Region): boolean;
  setDown(region: Region, down: boolean): void;
  /** Blocks packets from a to b only; partitions block both ways. Counted: unblock as often. */
  block(from: Region, to: Region): void;
  unblock(from: Region, to: Region): void;
  /** Called when a Region goes down or comes back. */
  onRegion(listener: (region: Region, down: boolean) => void): void;
}

/** Who calls: a role with its synthesized policies, the lab's operator role, or AWS itself. */
export interface Principal {
  readonly arn: string;
  readonly kind: "role" | "service" | "anonymous";
  /** Of a role: the session's name, which STS tells. */
  readonly session?: string;
}

export interface AwsRequest {
  readonly service: string;
  readonly region: Region;
  readonly method: string;
  /** Path without query, as sent. */
  readonly path: string;
  readonly query: { readonly [key: string]: string };
  readonly headers: { readonly [key: string]: string };
  readonly body: string;
  readonly principal: Principal;
  readonly from: Place;
  /** Where an AWS service calls: for which of its resources (aws:SourceArn). */
  readonly sourceArn?: string;
  /** ms since 1970, said by the door that it came through: a slow service does it later. */
  readonly sentAt?: number;
}

export interface AwsResponse {
  readonly status: number;
  readonly headers: { readonly [key: string]: string };
  readonly body: string;
}

/** One permission that a request needs. All of them must be allowed. */
export interface Demand {
  readonly action: string;
  readonly resource: string;
  readonly context?: { readonly [key: string]: string | string[] };
  /** Of the thing called, where it has one. */
  readonly resourcePolicy?: Json;
}

/** A service at its endpoint. Speaks the service's own wire protocol. */
export interface AwsService {
  /** SigV4 service name: dynamodb, states, lambda, events, monitoring, sns, ssm, route53. */
  readonly name: string;
  /** Which permissions the request needs; null: the action isn't modelled (refused by name). */
  demands(request: AwsRequest): Demand[] | null;
  handle(request: AwsRequest): Promise<AwsResponse>;
  /** The service's way of saying an error. */
  error(request: AwsRequest, code: string, message: string, status: number): AwsResponse;
}

/** AWS services that a scenario can hinder, by its words. */
export type HinderedService =
  | "dynamodb"
  | "lambda"
  | "apigateway"
  | "states"
  | "events"
  | "cloudwatch"
  | "synthetics"
  | "sns"
  | "sqs"
  | "ssm"
  | "sts"
  | "scheduler";

/** What a fault of one service in one Region does to one piece of its work. `no-dns`: whoever
 * calls it fails at once, and what it does by itself goes on. */
export interface Hindrance {
  readonly mode: "unreachable" | "error" | "throttle" | "slow" | "no-dns";
  /** For slow: how much later. */
  readonly seconds: number;
}

/** Identity: roles as deployed, and the decision on each demand. */
export interface Iam {
  addRole(arn: string, policies: Json[], trust: Json): void;
  addPolicy(roleArn: string, policy: Json): void;
  /** Memoised. `resourcePolicy`: of the thing called, where it has one. */
  allows(principal: Principal, demand: Demand, resourcePolicy?: Json): Promise<boolean>;
}

/** A resource of a template with its intrinsics resolved. */
export interface DeployedResource {
  readonly stack: string;
  readonly region: Region;
  readonly logicalId: string;
  readonly type: string;
  readonly properties: { readonly [key: string]: Json };
}

/** What Ref and Fn::GetAtt of it answer. */
export interface CreatedResource {
  readonly ref: string;
  readonly attributes: { readonly [name: string]: Json };
}

/** Which service models which CloudFormation type. */
export type ResourceModels = {
  readonly [type: string]: (
    resource: DeployedResource,
  ) => CreatedResource | Promise<CreatedResource>;
};

/** A Region's functions, called by API Gateway, EventBridge, Step Functions, the Invoke API. */
export interface Lambda {
  /** Resolves when the function answered or failed; a dead Region never answers. `payload` and
   * the answer are JSON texts. `functionError` as in the Invoke API: the payload is then
   * {errorType, errorMessage, trace}. */
  invoke(
    functionArn: string,
    payload: string,
    /** The service that calls, and for which of its resources (judged by the function's resource
     * policy). Without options: the caller was judged already. */
    options?: { invokedBy: string; sourceArn?: string },
  ): Promise<{ payload: string; functionError: string | null }>;
}

/** An HTTPS server by host name: API Gateway's domain names. */
export interface HttpRequest {
  readonly method: string;
  /** Host header, e.g. api.example.com. */
  readonly host: string;
  readonly path: string;
  readonly query: { readonly [key: string]: string };
  readonly headers: { readonly [key: string]: string };
  readonly body: string;
}
export interface HttpResponse {
  readonly status: number;
  readonly headers: { readonly [key: string]: string };
  readonly body: string;
}
/** Which Region serves an IP address of the lab, and its HTTP answer. */
export interface Web {
  /** Registers an address; `serve` runs in that Region. */
  listen(
    address: string,
    region: Region,
    serve: (request: HttpRequest) => Promise<HttpResponse>,
  ): void;
  /** An address that the machine nearest the caller answers, wherever that is: CloudFront's. No
   * fault of a Region reaches it. `place`: the Region code nearest that machine. */
  listenAtEdges(
    address: string,
    serve: (request: HttpRequest, place: Region) => Promise<HttpResponse>,
  ): void;
  /** One HTTPS exchange over the network; never settles when packets are lost. Rejects with
   * ECONNREFUSED when nobody listens at the address. */
  exchange(from: Place, address: string, request: HttpRequest): Promise<HttpResponse>;
  /** What a connection costs before its first request: TCP's and TLS 1.3's handshakes, a round trip
   * each. Only for those who keep connections; settles and rejects as `exchange`. */
  connect(from: Place, address: string): Promise<void>;
}

export type DnsType = "A" | "AAAA" | "TXT" | "NS" | "CNAME";
export interface DnsAnswer {
  readonly status: "NOERROR" | "NXDOMAIN" | "SERVFAIL";
  /** A/AAAA: addresses; TXT: strings; NS: host names. Empty: no such type. */
  readonly values: readonly string[];
  readonly ttlSeconds: number;
}
/** Route 53's data plane: anycast name servers that no fault of a Region silences. */
export interface NameServers {
  /** Host names and addresses of the zone's name servers. */
  readonly servers: readonly { readonly name: string; readonly address: string }[];
  /** The zone's answer now. `from`: for latency records. */
  answer(name: string, type: DnsType, from: Region): DnsAnswer;
}
/** A caching resolver. */
export interface Resolver {
  resolve(name: string, type: DnsType): Promise<DnsAnswer>;
}

/** The lab's parts, as each of them sees the others. Filled in by lab/lab.ts. */
export interface Lab {
  readonly account: string;
  readonly clock: Clock;
  readonly clocks: RegionTimes;
  readonly random: Random;
  readonly log: EventLog;
  readonly network: Network;
  readonly iam: Iam;
  readonly lambda: Lambda;
  readonly web: Web;
  readonly nameServers: NameServers;
  /** The Region's resolver, as Lambda functions there use it. */
  resolverIn(region: Region): Resolver;
  /** Puts an event on a Region's default bus, as AWS services do (no permission asked). */
  putAwsEvent(region: Region, event: { [key: string]: Json }): void;
  /** One signed AWS call from somewhere to a service, as the SDK makes it: network, then IAM, then
   * the service. The Route 53 API lives in us-east-1 behind the internet. */
  call(request: AwsRequest): Promise<AwsResponse>;
  /** The fault that the next piece of that service's work meets there; its share is drawn anew at
   * each question. Null: none. Calls of the service's endpoint meet theirs at the door. */
  hindrance(region: Region, service: HinderedService): Hindrance | null;
  /** CloudWatch: a datapoint from a service itself (API Gateway, Lambda, canaries). */
  putMetric(
    region: Region,
    namespace: string,
    name: string,
    dimensions: { [name: string]: string },
    value: number,
  ): void;
}
