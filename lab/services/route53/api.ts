// Route 53's API (restXml, one endpoint for the world). Its control plane lives in us-east-1, but
// it fails by a fault of its own, which stands between the caller and this file.
import type { Zone } from "../../dns/zone.ts";
import type { AwsRequest, AwsResponse, AwsService, Clock, Demand } from "../../kernel.ts";
import { checkUpdateSchema } from "./check-config.ts";
import type { HealthCheck, HealthChecks } from "./health-checks.ts";
import { listRecords } from "./list-records.ts";
import { Throttle } from "./throttle.ts";
import { readXml, type XmlValue, xmlDocument } from "./xml.ts";

export interface ApiParts {
  readonly clock: Clock;
  readonly checks: HealthChecks;
  readonly zone: Zone;
}

interface Call {
  readonly action: string;
  readonly resource: string;
  run(request: AwsRequest): AwsResponse;
}

const versionPath = "/2013-04-01";

export class Route53Api implements AwsService {
  readonly name = "route53";
  readonly #parts: ApiParts;
  readonly #throttle: Throttle;

  constructor(parts: ApiParts) {
    this.#parts = parts;
    this.#throttle = new Throttle(parts.clock);
  }

  demands(request: AwsRequest): Demand[] | null {
    const call = this.#callOf(request);
    if (call === null) return null;
    return [{ action: `route53:${call.action}`, resource: call.resource }];
  }

  async handle(request: AwsRequest): Promise<AwsResponse> {
    const call = this.#callOf(request);
    if (call === null) {
      const what = `${request.method} ${request.path} is not modelled`;
      return refusal("InvalidAction", what, 400);
    }
    if (!this.#throttle.admits(call.action)) return refusal("Throttling", "Rate exceeded", 400);
    return call.run(request);
  }

  error(_request: AwsRequest, code: string, message: string, status: number): AwsResponse {
    return refusal(code, message, status);
  }

  #callOf(request: AwsRequest): Call | null {
    if (!request.path.startsWith(`${versionPath}/`)) return null;
    const parts = request.path.slice(versionPath.length + 1).split("/");
    const [kind, id, part] = parts.map(decodeURIComponent);
    const shape = `${request.method} ${kind}${id ? "/id" : ""}${part ? `/${part}` : ""}`;
    const check = `arn:aws:route53:::healthcheck/${id}`;
    const zone = `arn:aws:route53:::hostedzone/${id}`;
    switch (shape) {
      case "GET healthcheck/id":
        return { action: "GetHealthCheck", resource: check, run: () => this.#get(id ?? "") };
      case "POST healthcheck/id": {
        const run = (asked: AwsRequest) => this.#update(id ?? "", asked);
        return { action: "UpdateHealthCheck", resource: check, run };
      }
      case "GET healthcheck":
        return { action: "ListHealthChecks", resource: "*", run: (asked) => this.#list(asked) };
      case "GET hostedzone/id":
        return { action: "GetHostedZone", resource: zone, run: () => this.#zone(id ?? "") };
      case "GET hostedzone/id/rrset": {
        const run = (asked: AwsRequest) => this.#records(id ?? "", asked);
        return { action: "ListResourceRecordSets", resource: zone, run };
      }
      default:
        return null;
    }
  }

  #get(id: string): AwsResponse {
    const check = this.#parts.checks.get(id);
    if (check === null) return noSuchCheck(id);
    return answer("GetHealthCheckResponse", { HealthCheck: checkXml(check) });
  }

  #update(id: string, request: AwsRequest): AwsResponse {
    const update = checkUpdateSchema.safeParse(readXml(request.body));
    if (!update.success) {
      const why = update.error.issues.map((one) => `${one.path.join(".")}: ${one.message}`);
      return refusal("InvalidInput", why.join("; "), 400);
    }
    const result = this.#parts.checks.update(id, update.data, request.principal.arn);
    switch (result.kind) {
      case "updated":
        return answer("UpdateHealthCheckResponse", { HealthCheck: checkXml(result.check) });
      case "unknown-check":
        return noSuchCheck(id);
      case "version-mismatch": {
        const why =
          "The value of HealthCheckVersion in the request doesn't match the value of " +
          "HealthCheckVersion in the health check.";
        return refusal("HealthCheckVersionMismatch", why, 409);
      }
      case "invalid":
        return refusal("InvalidInput", result.why, 400);
    }
  }

  #list(request: AwsRequest): AwsResponse {
    const all = this.#parts.checks.list();
    const marker = request.query.marker;
    const most = Math.min(Number(request.query.maxitems ?? 100), 100);
    const start = marker === undefined ? 0 : all.findIndex((check) => check.id === marker);
    if (start < 0) return refusal("InvalidInput", `no such marker: ${marker}`, 400);
    const page = all.slice(start, start + most);
    const next = all[start + most];
    return answer("ListHealthChecksResponse", {
      HealthChecks: page.map(checkXml),
      Marker: marker ?? "",
      IsTruncated: next !== undefined,
      ...(next === undefined ? {} : { NextMarker: next.id }),
      MaxItems: most,
    });
  }

  #zone(id: string): AwsResponse {
    const { zone } = this.#parts;
    if (id !== zone.id) return noSuchZone(id);
    const count = zone.sets().flat().length;
    return answer("GetHostedZoneResponse", {
      HostedZone: {
        Id: `/hostedzone/${zone.id}`,
        Name: `${zone.name}.`,
        CallerReference: zone.id,
        Config: { PrivateZone: false },
        ResourceRecordSetCount: count,
      },
      DelegationSet: { NameServers: zone.answer(zone.name, "NS", "us-east-1").values },
    });
  }

  #records(id: string, request: AwsRequest): AwsResponse {
    const { zone } = this.#parts;
    if (id !== zone.id) return noSuchZone(id);
    return answer("ListResourceRecordSetsResponse", listRecords(zone, request.query));
  }
}

function answer(root: string, content: { readonly [name: string]: XmlValue }): AwsResponse {
  const headers = { "content-type": "text/xml" };
  return { status: 200, headers, body: xmlDocument(root, content) };
}

function refusal(code: string, message: string, status: number): AwsResponse {
  const body = xmlDocument("ErrorResponse", {
    Error: { Type: status < 500 ? "Sender" : "Receiver", Code: code, Message: message },
    RequestId: "00000000-0000-0000-0000-000000000000",
  });
  return { status, headers: { "content-type": "text/xml" }, body };
}

const noSuchCheck = (id: string) =>
  refusal("NoSuchHealthCheck", `No health check exists with the specified ID: ${id}`, 404);
const noSuchZone = (id: string) =>
  refusal("NoSuchHostedZone", `No hosted zone found with ID: ${id}`, 404);

function checkXml(check: HealthCheck): XmlValue {
  return {
    Id: check.id,
    CallerReference: check.callerReference,
    HealthCheckConfig: check.config,
    HealthCheckVersion: check.version,
  };
}
