// A public hosted zone and its answers at this instant. Health comes from outside as a function,
// so that the algorithm can be tested without checkers; nothing here knows the wire format.
// Names under a record's name that hold no record themselves still exist (empty answer).
import type { Region } from "../../core/config/schema.ts";
import type { DnsAnswer, DnsType } from "../kernel.ts";
import { type AliasTargets, normalName, regionOfRecord, type ZoneRecord } from "./records.ts";
import { selectRecord } from "./selection.ts";

/** TTL of an alias to API Gateway: AWS states none, 60 s is what is observed. */
export const apiAliasTtlSeconds = 60;
/** Route 53's SOA has TTL 900 and minimum 86,400: a "no" is kept for the smaller (RFC 2308). */
export const negativeTtlSeconds = 900;
/** Aliases may point at records of the same zone, which may be aliases again. */
const aliasDepthMax = 5;

export interface ZoneSettings {
  readonly id: string;
  readonly name: string;
  readonly targets: AliasTargets;
  /** Status of a health check as Route 53's name servers hold it now. */
  readonly healthy: (healthCheckId: string) => boolean;
  readonly serverNames: readonly string[];
}

export class Zone {
  readonly id: string;
  readonly name: string;
  readonly #settings: ZoneSettings;
  readonly #sets = new Map<string, ZoneRecord[]>();

  constructor(settings: ZoneSettings) {
    this.id = settings.id;
    this.name = normalName(settings.name);
    this.#settings = settings;
  }

  /** Throws on what Route 53 refuses: mixed policies, duplicates, names outside the zone. */
  add(record: ZoneRecord): void {
    const refuse = (why: string) => {
      throw new Error(`record ${record.name} ${record.type}: ${why}`);
    };
    if (!this.holds(record.name)) refuse(`not in the zone ${this.name}`);
    const set = this.records(record.name, record.type);
    if (set.some((one) => one.setIdentifier === record.setIdentifier)) refuse("exists already");
    if (set.some((one) => one.routing.kind !== record.routing.kind)) refuse("mixes policies");
    this.#sets.set(keyOf(record.name, record.type), [...set, record]);
  }

  holds(name: string): boolean {
    return name === this.name || name.endsWith(`.${this.name}`);
  }

  records(name: string, type: DnsType): readonly ZoneRecord[] {
    return this.#sets.get(keyOf(name, type)) ?? [];
  }

  /** Every set of records, in the order they were added. */
  sets(): (readonly ZoneRecord[])[] {
    return [...this.#sets.values()];
  }

  /** SERVFAIL for a name outside the zone: these servers are not the ones to ask. */
  answer(askedName: string, type: DnsType, from: Region): DnsAnswer {
    const name = normalName(askedName);
    if (!this.holds(name)) return { status: "SERVFAIL", values: [], ttlSeconds: 0 };
    if (name === this.name && type === "NS") {
      return { status: "NOERROR", values: this.#settings.serverNames, ttlSeconds: 172_800 };
    }
    return this.#resolve(name, type, from, 0) ?? this.#nothing(name);
  }

  /** The record that is answered now; null where there is none. */
  select(name: string, type: DnsType, from: Region): ZoneRecord | null {
    const set = this.records(name, type);
    return selectRecord(set, (record) => this.#recordHealthy(record, from, 0), from);
  }

  /** Where callers are sent now, by Region code; null for records that name no Region. */
  regionAnswered(name: string, type: DnsType, from: Region): Region | null {
    const record = this.select(name, type, from);
    if (record === null) return null;
    if (record.alias !== null && this.holds(record.alias.dnsName)) {
      return this.regionAnswered(record.alias.dnsName, type, from);
    }
    return regionOfRecord(record);
  }

  #resolve(name: string, type: DnsType, from: Region, depth: number): DnsAnswer | null {
    const record = this.select(name, type, from);
    if (record === null) return null;
    if (record.alias === null) {
      return { status: "NOERROR", values: record.values, ttlSeconds: record.ttlSeconds ?? 0 };
    }
    const { dnsName } = record.alias;
    if (this.holds(dnsName)) {
      return depth < aliasDepthMax ? this.#resolve(dnsName, type, from, depth + 1) : null;
    }
    const values = this.#settings.targets.addresses(dnsName, type);
    return { status: "NOERROR", values, ttlSeconds: apiAliasTtlSeconds };
  }

  #nothing(name: string): DnsAnswer {
    const exists =
      name === this.name ||
      this.sets().some(([first]) => first?.name === name || first?.name.endsWith(`.${name}`));
    return {
      status: exists ? "NOERROR" : "NXDOMAIN",
      values: [],
      ttlSeconds: negativeTtlSeconds,
    };
  }

  /** Health check and, with Evaluate Target Health, the target: both must pass. */
  #recordHealthy(record: ZoneRecord, from: Region, depth: number): boolean {
    const checked = record.healthCheckId === null || this.#settings.healthy(record.healthCheckId);
    if (!checked || record.alias === null || !record.alias.evaluateTargetHealth) return checked;
    const { dnsName } = record.alias;
    if (!this.holds(dnsName)) return this.#settings.targets.available(dnsName);
    if (depth >= aliasDepthMax) return false;
    return this.records(dnsName, record.type).some((child) =>
      this.#recordHealthy(child, from, depth + 1),
    );
  }
}

const keyOf = (name: string, type: DnsType) => `${name} ${type}`;
