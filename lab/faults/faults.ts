// Turns a fault of a scenario on, and gives back how to heal it. Each kind is one entry: it only
// flips what the services already offer (reachability, refusals, answers), so that no scenario can
// be special-cased here.
import type { Config, Region } from "../../core/config/schema.ts";
import { functionName } from "../../core/names.ts";
import type { AwsRequest, AwsResponse, Clock, Network, Random } from "../kernel.ts";
import type { Fault } from "../scenarios/schema.ts";

/** What an interceptor says to a call of the Route 53 API; null: let it pass. */
export type Interception = "hang" | "no-dns" | AwsResponse | { delayMilliseconds: number } | null;

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
  intercept(check: (request: AwsRequest) => Interception): () => void;
}

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

function controlPlane(
  fault: Extract<Fault, { kind: "route53-control-plane" }>,
  ports: FaultPorts,
): () => void {
  return ports.intercept((request) => {
    if (request.service !== "route53") return null;
    if (fault.share !== undefined && ports.random.next("route53-fault") >= fault.share) return null;
    switch (fault.mode) {
      case "unreachable":
        return "hang";
      case "no-dns":
        return "no-dns";
      case "slow":
        return { delayMilliseconds: (fault.seconds ?? 10) * 1000 };
      case "error":
        return refusal(500, "InternalError", "We encountered an internal error. Please try again.");
      case "throttle":
        // Route 53 throttles with HTTP 400, not 429.
        return refusal(400, "Throttling", "Rate exceeded");
      default:
        return fault.mode satisfies never;
    }
  });
}

function refusal(status: number, code: string, message: string): AwsResponse {
  const body =
    `<?xml version="1.0"?>\n<ErrorResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/">` +
    `<Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error>` +
    "<RequestId>00000000-0000-0000-0000-000000000000</RequestId></ErrorResponse>";
  return { status, headers: { "content-type": "text/xml" }, body };
}
