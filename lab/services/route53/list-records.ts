// ListResourceRecordSets: all records in Route 53's order (labels from the right), a page at a
// time, from a name, type and identifier on.
import type { ZoneRecord } from "../../dns/records.ts";
import { normalName } from "../../dns/records.ts";
import type { Zone } from "../../dns/zone.ts";
import type { XmlValue } from "./xml.ts";

const pageSizeMax = 300;

export function listRecords(
  zone: Zone,
  query: { readonly [key: string]: string },
): { readonly [name: string]: XmlValue } {
  const sorted = zone
    .sets()
    .flat()
    .sort((a, b) => compare(orderOf(a), orderOf(b)));
  const from = [reversed(normalName(query.name ?? "")), query.type ?? "", ""];
  from[2] = query.identifier ?? "";
  const rest = sorted.filter((record) => compare(orderOf(record), from) >= 0);
  const most = Math.min(Number(query.maxitems ?? pageSizeMax), pageSizeMax);
  const next = rest[most];
  return {
    ResourceRecordSets: rest.slice(0, most).map(recordXml),
    IsTruncated: next !== undefined,
    ...(next === undefined ? {} : nextXml(next)),
    MaxItems: most,
  };
}

const reversed = (name: string) => name.split(".").reverse().join(".");

const orderOf = (record: ZoneRecord) => [
  reversed(record.name),
  record.type,
  record.setIdentifier ?? "",
];

function compare(a: readonly string[], b: readonly string[]): number {
  const index = a.findIndex((text, at) => text !== b[at]);
  if (index < 0) return 0;
  return (a[index] ?? "") < (b[index] ?? "") ? -1 : 1;
}

function nextXml(next: ZoneRecord): { readonly [name: string]: XmlValue } {
  const identifier = next.setIdentifier;
  return {
    NextRecordName: `${next.name}.`,
    NextRecordType: next.type,
    ...(identifier === null ? {} : { NextRecordIdentifier: identifier }),
  };
}

function recordXml(record: ZoneRecord): XmlValue {
  const { alias, routing } = record;
  return {
    Name: `${record.name}.`,
    Type: record.type,
    ...(record.setIdentifier === null ? {} : { SetIdentifier: record.setIdentifier }),
    ...(routing.kind === "latency" ? { Region: routing.region } : {}),
    ...(routing.kind === "failover" ? { Failover: routing.role } : {}),
    ...(record.ttlSeconds === null ? {} : { TTL: record.ttlSeconds }),
    ...(alias === null ? { ResourceRecords: record.values.map(valueXml(record)) } : {}),
    ...(alias === null ? {} : { AliasTarget: aliasXml(alias) }),
    ...(record.healthCheckId === null ? {} : { HealthCheckId: record.healthCheckId }),
  };
}

const valueXml = (record: ZoneRecord) => (value: string) => ({
  Value: record.type === "TXT" ? JSON.stringify(value) : value,
});

const aliasXml = (alias: NonNullable<ZoneRecord["alias"]>): XmlValue => ({
  HostedZoneId: alias.hostedZoneId,
  DNSName: `${alias.dnsName}.`,
  EvaluateTargetHealth: alias.evaluateTargetHealth,
});
