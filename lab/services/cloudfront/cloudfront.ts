// CloudFront's edges: everywhere, so that no fault of a Region silences them. They ask the first
// origin of the group for every request, and the next one when it can't be reached, is too slow, or
// answers with one of the group's statuses. Nothing is cached: each request shows what the origins
// are worth, and a cache could only hide it.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/high_availability_origin_failover.html
import type { Region } from "../../../core/config/schema.ts";
import { within } from "../../give-up.ts";
import type { DnsType, HttpRequest, HttpResponse, Lab, ResourceModels } from "../../kernel.ts";
import type { S3 } from "../s3/s3.ts";
import type { Distribution, Origin } from "./model.ts";
import { cloudFrontModels } from "./resources.ts";

export interface CloudFrontPorts {
  readonly lab: Pick<Lab, "account" | "clock" | "random" | "log" | "network" | "web">;
  readonly s3: Pick<S3, "read">;
}

export interface CloudFront {
  readonly models: ResourceModels;
  /** Addresses behind a distribution's own domain name; none: there is no such name. */
  addresses(domainName: string, type: DnsType): readonly string[];
}

/** For S3 origins, "Response timeout" in the developer guide: it can't be set. */
const responseTimeoutMilliseconds = 30_000;

export function createCloudFront(ports: CloudFrontPorts): CloudFront {
  const distributions = new Map<string, Distribution>();
  const onDistribution = (distribution: Distribution) => {
    distributions.set(distribution.domainName, distribution);
    const edge = new Edge(ports, distribution);
    for (const address of [...distribution.addresses.A, ...distribution.addresses.AAAA]) {
      ports.lab.web.listenAtEdges(address, (request, place) => edge.serve(request, place));
    }
  };
  const { account, random } = ports.lab;
  return {
    models: cloudFrontModels({ account, random, onDistribution }),
    addresses(domainName, type) {
      const found = distributions.get(domainName);
      return found === undefined || (type !== "A" && type !== "AAAA") ? [] : found.addresses[type];
    },
  };
}

class Edge {
  readonly #ports: CloudFrontPorts;
  readonly #distribution: Distribution;

  constructor(ports: CloudFrontPorts, distribution: Distribution) {
    this.#ports = ports;
    this.#distribution = distribution;
  }

  async serve(request: HttpRequest, place: Region): Promise<HttpResponse> {
    const { hosts, methods, rootObject, headers } = this.#distribution;
    if (!hosts.includes(request.host.toLowerCase())) return ownWords(403, "Bad request.");
    if (!methods.includes(request.method)) {
      return ownWords(403, "This distribution is not configured to allow the HTTP request method.");
    }
    const key = decodeURIComponent(request.path).replace(/^\//, "") || rootObject;
    const answer = await this.#ask(key, request.method, place);
    return { ...answer, headers: { ...answer.headers, ...headers } };
  }

  /** The last origin's answer stands, whatever it is. */
  async #ask(key: string, method: string, place: Region): Promise<HttpResponse> {
    const { origins, failoverStatuses } = this.#distribution;
    let answer: HttpResponse | null = null;
    for (const origin of origins) {
      answer = await this.#fetch(origin, key, method, place);
      this.#ports.lab.log.emit("edge-fetch", origin.region, {
        key,
        status: answer?.status ?? null,
      });
      if (answer !== null && !failoverStatuses.includes(answer.status)) break;
    }
    return answer ?? ownWords(504, "CloudFront wasn't able to connect to the origin.");
  }

  /** Null: no connection, or no answer in time. */
  async #fetch(origin: Origin, key: string, method: string, place: Region) {
    const { clock, network } = this.#ports.lab;
    const { region, bucket, connectionAttempts, connectionTimeoutSeconds } = origin;
    const from = { internet: place };
    for (let attempt = 1; attempt <= connectionAttempts; attempt += 1) {
      if (network.reachable(from, region)) {
        const read = () => this.#read(region, bucket, key, method);
        const exchange = network.roundTrip(from, region, read);
        const waited = await within(clock, responseTimeoutMilliseconds, exchange);
        return waited.outcome === "answered" ? waited.value : null;
      }
      await clock.sleep(connectionTimeoutSeconds * 1000);
    }
    return null;
  }

  #read(region: Region, bucket: string, key: string, method: string): Promise<HttpResponse> {
    return this.#ports.s3.read({
      region,
      bucket,
      key,
      withBody: method !== "HEAD",
      // Origin access control: each request is signed for CloudFront, and says for which of its
      // distributions.
      principal: { kind: "service", arn: "cloudfront.amazonaws.com" },
      sourceArn: this.#distribution.arn,
    });
  }
}

function ownWords(status: number, message: string): HttpResponse {
  const headers = { "content-type": "text/html", server: "CloudFront" };
  return { status, headers, body: `<h1>The request could not be satisfied</h1><p>${message}</p>` };
}
