// Route 53 put together: zone, checks, name servers, API and resource models. One zone, imported
// by id as the app does; it exists before anything is deployed.
import type { Region } from "../../../core/config/schema.ts";
import { ZoneNameServers, zoneServers } from "../../dns/name-servers.ts";
import type { AliasTargets } from "../../dns/records.ts";
import { Zone } from "../../dns/zone.ts";
import type { AwsService, DnsType, Lab, NameServers, ResourceModels } from "../../kernel.ts";
import { Route53Api } from "./api.ts";
import { type AskMetric, HealthChecks } from "./health-checks.ts";
import { route53Models } from "./resources.ts";

export interface Route53Parts extends Pick<Lab, "clock" | "random" | "log" | "network" | "web"> {
  readonly zone: { readonly id: string; readonly name: string };
  /** Addresses of API Gateway's regional domain names. */
  readonly aliasAddresses: AliasTargets["addresses"];
  readonly metricVerdict: AskMetric;
}

export interface Route53 {
  readonly service: AwsService;
  readonly models: ResourceModels;
  readonly nameServers: NameServers;
  readonly zone: Zone;
  readonly checks: HealthChecks;
}

export function createRoute53(parts: Route53Parts): Route53 {
  const zone: Zone = new Zone({
    ...parts.zone,
    targets: { addresses: parts.aliasAddresses, available: () => true },
    healthy: (id) => checks.healthy(id),
    serverNames: zoneServers.map((server) => server.name),
  });
  const checks = new HealthChecks({ ...parts, zone });
  const answers = new AnswerWatch(parts, zone);
  checks.onStatus(() => answers.compare());
  return {
    service: new Route53Api({ clock: parts.clock, checks, zone }),
    models: route53Models(zone, checks, () => answers.remember()),
    nameServers: new ZoneNameServers(zone),
    zone,
    checks,
  };
}

/** Says in the log when a routed name is answered differently than before. */
class AnswerWatch {
  readonly #log: Lab["log"];
  readonly #zone: Zone;
  #answers = new Map<string, string>();

  constructor(parts: Pick<Lab, "log">, zone: Zone) {
    this.#log = parts.log;
    this.#zone = zone;
  }

  /** After a change of records, which is a deployment and not a switch. */
  remember(): void {
    this.#answers = this.#now();
  }

  compare(): void {
    for (const [key, answer] of this.#now()) {
      if (this.#answers.get(key) === answer) continue;
      this.#answers.set(key, answer);
      const [name = "", type = ""] = key.split(" ");
      this.#log.emit("dns-answer-changed", null, { name, type, answer });
    }
  }

  #now(): Map<string, string> {
    const routed = this.#zone.sets().flatMap(([first]) => {
      return first === undefined || first.routing.kind === "simple" ? [] : [first];
    });
    return new Map(
      routed.map(({ name, type }) => [`${name} ${type}`, this.#answered(name, type)] as const),
    );
  }

  /** Latency records answer by place: every Region that some place is answered, in order. */
  #answered(name: string, type: DnsType): string {
    const places = this.#zone.records(name, type).flatMap((record): Region[] => {
      return record.routing.kind === "latency" ? [record.routing.region] : [];
    });
    const asked = places.length > 0 ? places : ["us-east-1"];
    const answered = asked.map((from) => this.#zone.regionAnswered(name, type, from) ?? "none");
    return [...new Set(answered)].sort().join(",");
  }
}
