// All health checks, and the status that the name servers hold of each. A check's own verdict and
// that status are two things: between them lie the delays of timing.ts, so a lever that was
// accepted is not yet effective. Order: verdict, disabled counts as healthy, then inversion.
import type { Region } from "../../../core/config/schema.ts";
import type { Lab } from "../../kernel.ts";
import {
  type CheckConfig,
  type CheckUpdate,
  type MetricConfig,
  updatedConfig,
} from "./check-config.ts";
import { EndpointCheck, type ProbeParts } from "./endpoint-check.ts";
import { aggregationMilliseconds, metricPollMilliseconds, updateMilliseconds } from "./timing.ts";

export type MetricVerdict = "OK" | "ALARM" | "INSUFFICIENT_DATA";
export type AskMetric = (region: Region, alarmName: string) => MetricVerdict;

export type HealthCheckParts = ProbeParts &
  Pick<Lab, "log"> & {
    /** What the alarm's metric data says now, by Route 53's own evaluation. */
    readonly metricVerdict: AskMetric;
  };

/** As GetHealthCheck shows it. */
export interface HealthCheck {
  readonly id: string;
  readonly name: string;
  readonly callerReference: string;
  readonly version: number;
  readonly config: CheckConfig;
}

interface Kept extends HealthCheck {
  version: number;
  config: CheckConfig;
  /** What the checkers and name servers work with: `config` as of some seconds ago. */
  applied: CheckConfig;
  appliedVersion: number;
  endpoint: EndpointCheck | null;
  /** Alarm-based: newest verdict that was one; null: none yet. */
  lastKnown: boolean | null;
  metric: MetricVerdict | null;
  /** The status that DNS answers follow. */
  healthy: boolean;
  settling: boolean;
}

export type UpdateResult =
  | { readonly kind: "updated"; readonly check: HealthCheck }
  | { readonly kind: "unknown-check" }
  | { readonly kind: "version-mismatch" }
  | { readonly kind: "invalid"; readonly why: string };

export class HealthChecks {
  readonly #parts: HealthCheckParts;
  readonly #checks = new Map<string, Kept>();
  readonly #listeners: ((check: HealthCheck, healthy: boolean) => void)[] = [];

  constructor(parts: HealthCheckParts) {
    this.#parts = parts;
  }

  /** `listener` runs when the status that DNS answers follow has changed. */
  onStatus(listener: (check: HealthCheck, healthy: boolean) => void): void {
    this.#listeners.push(listener);
  }

  /** Throws on what CreateHealthCheck refuses. Returns the new check. */
  create(name: string, config: CheckConfig): HealthCheck {
    const fault = this.#faultOf(config);
    if (fault !== null) throw new Error(`health check ${name}: ${fault}`);
    const { random } = this.#parts;
    const check: Kept = {
      id: random.uuid("health-check-ids"),
      name,
      callerReference: random.uuid("health-check-ids"),
      version: 1,
      config,
      applied: config,
      appliedVersion: 1,
      endpoint: null,
      lastKnown: null,
      metric: null,
      healthy: !config.Inverted,
      settling: false,
    };
    this.#checks.set(check.id, check);
    this.#watch(check);
    return check;
  }

  get(id: string): HealthCheck | null {
    return this.#checks.get(id) ?? null;
  }

  list(): HealthCheck[] {
    return [...this.#checks.values()];
  }

  /** The status that DNS answers follow. Throws for a check that doesn't exist. */
  healthy(id: string): boolean {
    const check = this.#checks.get(id);
    if (check === undefined) throw new Error(`no health check ${id}`);
    return check.healthy;
  }

  /** The update is accepted at once and takes effect some seconds later. */
  update(id: string, update: CheckUpdate, by: string): UpdateResult {
    const check = this.#checks.get(id);
    if (check === undefined) return { kind: "unknown-check" };
    const expected = update.HealthCheckVersion ?? check.version;
    if (expected !== check.version) return { kind: "version-mismatch" };
    const config = updatedConfig(check.config, update);
    const fault = config === null ? "not a valid configuration" : this.#faultOf(config);
    if (config === null || fault !== null) return { kind: "invalid", why: fault ?? "" };
    check.config = config;
    check.version += 1;
    const { id: checkId, name, version } = check;
    const detail = { id: checkId, name, inverted: config.Inverted, version, by };
    this.#parts.log.emit("health-check-updated", null, detail);
    this.#applyLater(check, config, version);
    return { kind: "updated", check: { ...check } };
  }

  #applyLater(check: Kept, config: CheckConfig, version: number): void {
    const { clock, random } = this.#parts;
    const { low, high } = updateMilliseconds;
    clock.after(random.between("health-check-updates", low, high), () => {
      if (version < check.appliedVersion) return;
      check.applied = config;
      check.appliedVersion = version;
      this.#ask(check);
      this.#settle(check);
    });
  }

  #faultOf(config: CheckConfig): string | null {
    if (config.Type !== "CALCULATED") return null;
    const children = config.ChildHealthChecks.map((id) => this.#checks.get(id));
    if (children.some((child) => child === undefined)) return "a child does not exist";
    const nested = children.some((child) => child?.config.Type === "CALCULATED");
    return nested ? "a calculated check can't monitor another one" : null;
  }

  #watch(check: Kept): void {
    const { applied } = check;
    switch (applied.Type) {
      case "HTTPS":
      case "HTTPS_STR_MATCH": {
        const config = () => (check.applied.Type === applied.Type ? check.applied : applied);
        check.endpoint = new EndpointCheck(this.#parts, config, () => this.#changed(check));
        return;
      }
      case "CALCULATED":
        this.#changed(check);
        return;
      case "CLOUDWATCH_METRIC":
        this.#pollFirst(check);
        return;
    }
  }

  #pollFirst(check: Kept): void {
    const { clock, random } = this.#parts;
    const poll = () => {
      this.#ask(check);
      if (this.#verdict(check) !== check.healthy) this.#changed(check);
      clock.after(metricPollMilliseconds, poll);
    };
    clock.after(random.between("health-check-polls", 0, metricPollMilliseconds), poll);
  }

  /** Looks at the metric's data. A Region that is down gives none. */
  #ask(check: Kept): void {
    if (check.applied.Type !== "CLOUDWATCH_METRIC") return;
    const { Region: region, Name: alarmName } = check.applied.AlarmIdentifier;
    const { network, metricVerdict } = this.#parts;
    const silent = network.isDown(region);
    check.metric = silent ? "INSUFFICIENT_DATA" : metricVerdict(region, alarmName);
    if (check.metric !== "INSUFFICIENT_DATA") check.lastKnown = check.metric === "OK";
  }

  #verdict(check: Kept): boolean {
    const { applied } = check;
    return (applied.Disabled || this.#rawVerdict(check)) !== applied.Inverted;
  }

  #rawVerdict(check: Kept): boolean {
    const { applied } = check;
    switch (applied.Type) {
      case "HTTPS":
      case "HTTPS_STR_MATCH":
        return check.endpoint?.healthy() ?? true;
      case "CALCULATED": {
        const healthy = applied.ChildHealthChecks.filter((id) => this.healthy(id)).length;
        return healthy >= applied.HealthThreshold;
      }
      case "CLOUDWATCH_METRIC":
        return metricHealthy(check.metric, check.lastKnown, applied);
    }
  }

  /** Something that the verdict rests on changed: the status follows after aggregation. */
  #changed(check: Kept): void {
    if (check.settling) return;
    check.settling = true;
    const { clock, random } = this.#parts;
    const { low, high } = aggregationMilliseconds;
    clock.after(random.between("health-check-aggregation", low, high), () => {
      check.settling = false;
      this.#settle(check);
    });
  }

  #settle(check: Kept): void {
    const healthy = this.#verdict(check);
    if (healthy === check.healthy) return;
    check.healthy = healthy;
    const { id, name } = check;
    this.#parts.log.emit("health-check-status", null, { id, name, healthy });
    for (const listener of this.#listeners) listener(check, healthy);
    for (const parent of this.#checks.values()) {
      const { applied } = parent;
      if (applied.Type === "CALCULATED" && applied.ChildHealthChecks.includes(id)) {
        this.#changed(parent);
      }
    }
  }
}

/** Null: not looked at yet, and a new check is healthy until there is enough data. */
function metricHealthy(
  verdict: MetricVerdict | null,
  lastKnown: boolean | null,
  config: MetricConfig,
): boolean {
  if (verdict === null) return true;
  if (verdict !== "INSUFFICIENT_DATA") return verdict === "OK";
  switch (config.InsufficientDataHealthStatus) {
    case "Healthy":
      return true;
    case "Unhealthy":
      return false;
    case "LastKnownStatus":
      return lastKnown ?? true;
  }
}
