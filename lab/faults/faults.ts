// Turns a fault of a scenario on, and gives back how to heal it. Each kind is one entry: it only
// flips what the services already offer (reachability, refusals, answers), so that no scenario can
// be special-cased here.
import type { Config, Region } from "../../core/config/schema.ts";
import { functionName } from "../../core/names.ts";
import type { Interception, Interceptor } from "../aws-calls.ts";
import type {
  AwsRequest,
  AwsService,
  Clock,
  HinderedService,
  Hindrance,
  Network,
  Random,
} from "../kernel.ts";
import type { Fault } from "../scenarios/fault-schema.ts";
import type { ReplicationFault } from "../services/dynamodb/replication.ts";
import type { StandingFault } from "./hindrances.ts";

export interface EndpointFault {
  readonly mode: "error" | "slow" | "wrong-body";
  readonly share: number;
  readonly seconds: number;
  readonly path: string | null;
}

/** What faults act on. */
export interface FaultPorts {
  readonly config: Config;
  readonly clock: Clock;
  readonly random: Random;
  readonly network: Network;
  /** Adds a fault to the application's answers in a Region; returns how to remove it. */
  addEndpointFault(region: Region, fault: EndpointFault): () => void;
  /** Invocations of that function run into their timeout without doing anything. */
  hangFunction(region: Region, name: string, hung: boolean): void;
  /** The Region's canaries don't run. */
  silenceCanaries(region: Region, silent: boolean): void;
  intercept(check: Interceptor): () => void;
  /** Hinders a service in a Region; returns how to stop that. */
  addServiceFault(region: Region, service: HinderedService, fault: StandingFault): () => void;
  /** Takes the API's stages, or the mappings of its domain names, away, or gives them back. */
  setStagesDeleted(region: Region, deleted: boolean): void;
  setMappingsDeleted(region: Region, deleted: boolean): void;
  /** The Region's event buses deliver late, and so many times more; returns how to stop that. */
  addEventDelay(region: Region, delay: { seconds: number; duplicates: number }): () => void;
  /** Of MREC tables, in that direction; returns how to stop it. */
  addReplicationFault(from: Region, to: Region, fault: ReplicationFault): () => void;
  /** Sets the Region's clocks that much off; returns how to set them right. */
  skewClocks(region: Region, milliseconds: number): () => void;
}

/** Of the mode "slow", where the scenario doesn't say. */
const slowSeconds = 10;

/** Starts the fault; the answer heals it. Regions may be roles: `regionOf` resolves them. */
export function startFault(
  fault: Fault,
  regionOf: (name: string) => Region,
  ports: FaultPorts,
): () => void {
  switch (fault.kind) {
    case "region-down":
      return regionDown(regionOf(fault.region), ports);
    case "endpoint":
      return ports.addEndpointFault(regionOf(fault.region), {
        mode: fault.mode,
        share: fault.share ?? 1,
        seconds: fault.seconds ?? 15,
        path: fault.path ?? null,
      });
    case "partition":
      return partition(
        regionOf(fault.between[0]),
        regionOf(fault.between[1]),
        !!fault.oneWay,
        ports,
      );
    case "canary-silent":
      return silence(regionOf(fault.region), ports);
    case "route53-control-plane":
      return controlPlane(fault, ports);
    case "service":
      return ports.addServiceFault(regionOf(fault.region), fault.service, {
        mode: fault.mode,
        share: fault.share ?? 1,
        seconds: fault.seconds ?? slowSeconds,
      });
    case "health-api":
      return healthApi(fault, ports);
    case "delete-stage":
      return deleted("stages", regionOf(fault.region), ports);
    case "delete-base-path-mapping":
      return deleted("mappings", regionOf(fault.region), ports);
    case "event-delay": {
      const { seconds, duplicates = 0 } = fault;
      return ports.addEventDelay(regionOf(fault.region), { seconds, duplicates });
    }
    case "replication": {
      const { mode, seconds = slowSeconds } = fault;
      const how = mode === "paused" ? { mode } : { mode, seconds };
      return ports.addReplicationFault(regionOf(fault.from), regionOf(fault.to), how);
    }
    case "clock-skew":
      return ports.skewClocks(regionOf(fault.region), fault.seconds * 1000);
    default:
      return fault satisfies never;
  }
}

/** Overlapping faults of one kind count: the last one to heal brings the thing back. */
const counts = new WeakMap<object, Map<string, number>>();

function counted(owner: object, key: string, on: () => void, off: () => void): () => void {
  const map = counts.get(owner) ?? new Map<string, number>();
  counts.set(owner, map);
  const before = map.get(key) ?? 0;
  map.set(key, before + 1);
  if (before === 0) on();
  return () => {
    const now = (map.get(key) ?? 1) - 1;
    map.set(key, now);
    if (now === 0) off();
  };
}

function regionDown(region: Region, { network }: FaultPorts): () => void {
  return counted(
    network,
    `down ${region}`,
    () => network.setDown(region, true),
    () => network.setDown(region, false),
  );
}

function partition(a: Region, b: Region, oneWay: boolean, { network }: FaultPorts): () => void {
  network.block(a, b);
  if (!oneWay) network.block(b, a);
  return () => {
    network.unblock(a, b);
    if (!oneWay) network.unblock(b, a);
  };
}

function silence(region: Region, ports: FaultPorts): () => void {
  const set = (silent: boolean) => {
    ports.silenceCanaries(region, silent);
    for (const name of ["watch", "look"]) {
      ports.hangFunction(region, functionName(ports.config, name), silent);
    }
  };
  return counted(
    ports.network,
    `silent ${region}`,
    () => set(true),
    () => set(false),
  );
}

/** API Gateway then answers 403 "Forbidden", as for a domain name that leads nowhere. */
function deleted(what: "stages" | "mappings", region: Region, ports: FaultPorts): () => void {
  const set = (isDeleted: boolean) =>
    what === "stages"
      ? ports.setStagesDeleted(region, isDeleted)
      : ports.setMappingsDeleted(region, isDeleted);
  return counted(
    ports.network,
    `${what} ${region}`,
    () => set(true),
    () => set(false),
  );
}

type Refuse = (request: AwsRequest, service: AwsService) => Interception;

function controlPlane(
  fault: Extract<Fault, { kind: "route53-control-plane" }>,
  ports: FaultPorts,
): () => void {
  const message = "We encountered an internal error. Please try again.";
  return onApi("route53", fault, ports, {
    error: (request, service) => service.error(request, "InternalError", message, 500),
    // Route 53 throttles with HTTP 400, not 429.
    throttle: (request, service) => service.error(request, "Throttling", "Rate exceeded", 400),
  });
}

/** Source: Health user guide, "Accessing the AWS Health API" (SubscriptionRequiredException). */
function healthApi(fault: Extract<Fault, { kind: "health-api" }>, ports: FaultPorts): () => void {
  const noPlan = fault.mode === "no-support-plan";
  const mode = fault.mode === "no-support-plan" ? "error" : fault.mode;
  const code = noPlan ? "SubscriptionRequiredException" : "InternalFailure";
  return onApi("health", { ...fault, mode }, ports, {
    error: (request, service) => service.error(request, code, code, noPlan ? 400 : 500),
    throttle: (request, service) =>
      service.error(request, "ThrottlingException", "Rate exceeded", 400),
  });
}

interface ApiFault {
  readonly mode: Hindrance["mode"];
  readonly share?: number | undefined;
  readonly seconds?: number | undefined;
}

/** A fault of one global API, whichever Region its callers name. */
function onApi(
  api: string,
  { mode, share, seconds }: ApiFault,
  ports: FaultPorts,
  refuse: { readonly error: Refuse; readonly throttle: Refuse },
): () => void {
  return ports.intercept((request, service) => {
    if (request.service !== api) return null;
    if (share !== undefined && ports.random.next(`${api}-fault`) >= share) return null;
    switch (mode) {
      case "unreachable":
        return "hang";
      case "no-dns":
        return "no-dns";
      case "slow":
        return { delayMilliseconds: (seconds ?? slowSeconds) * 1000 };
      case "error":
      case "throttle":
        return refuse[mode](request, service);
      default:
        return mode satisfies never;
    }
  });
}
