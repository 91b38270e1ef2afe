// The shape of a hosted zone's records, as the zone answers from them. Only the routing policies
// that the app uses exist here; the resource model refuses every other one by name.
import type { Region } from "../../core/config/schema.ts";
import type { DnsType } from "../kernel.ts";

export type Routing =
  | { readonly kind: "simple" }
  | { readonly kind: "failover"; readonly role: "PRIMARY" | "SECONDARY" }
  | { readonly kind: "latency"; readonly region: Region };

export interface Alias {
  /** Lower case, without the trailing dot. */
  readonly dnsName: string;
  /** Of the target; the API shows it, answers don't need it. */
  readonly hostedZoneId: string;
  readonly evaluateTargetHealth: boolean;
}

export interface ZoneRecord {
  /** Lower case, without the trailing dot. */
  readonly name: string;
  readonly type: DnsType;
  /** Tells records of one name and type apart; null for simple ones. */
  readonly setIdentifier: string | null;
  readonly routing: Routing;
  readonly healthCheckId: string | null;
  /** Null for an alias: its target's TTL counts. */
  readonly ttlSeconds: number | null;
  readonly values: readonly string[];
  readonly alias: Alias | null;
}

/** What stands behind an alias to something outside the zone: API Gateway's regional domains. */
export interface AliasTargets {
  addresses(dnsName: string, type: DnsType): readonly string[];
  /** The service at that name is available in its Region; only Evaluate Target Health asks. */
  available(dnsName: string): boolean;
}

export const normalName = (name: string) => name.toLowerCase().replace(/\.$/, "");

/** The Region in an API Gateway domain name, `d-….execute-api.REGION.amazonaws.com`. */
export function regionOfDnsName(dnsName: string): Region | null {
  return /\.execute-api\.([a-z0-9-]+)\.amazonaws\.com$/.exec(dnsName)?.[1] ?? null;
}

/** Which Region a record sends callers to: an alias by its target, a TXT marker by its value. */
export function regionOfRecord(record: ZoneRecord): Region | null {
  if (record.alias !== null) return regionOfDnsName(record.alias.dnsName);
  return record.type === "TXT" ? (record.values[0] ?? null) : null;
}
