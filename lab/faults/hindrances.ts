// Faults of one AWS service in one Region: the one place that knows which stand, and draws their
// shares. Whoever calls the service's endpoint meets them at the door to the services
// (`atTheDoor`); what a service does by itself asks for its own (`meets`), where it does it.
import { z } from "zod";
import type { Region } from "../../core/config/schema.ts";
import type { Interception, Interceptor } from "../aws-calls.ts";
import type {
  AwsRequest,
  AwsResponse,
  AwsService,
  HinderedService,
  Hindrance,
  Random,
} from "../kernel.ts";
import { worstOf } from "./worst.ts";

export interface StandingFault extends Hindrance {
  /** Of the pieces of work, 0 to 1. */
  readonly share: number;
}

/** Of what hits the same piece of work. A name that does not resolve comes after errors: whoever
 * still holds an address meets those. */
const worstFirst = ["unreachable", "error", "throttle", "no-dns", "slow"] as const;

/** SigV4 names, where they differ from the scenarios' words. */
const wireNames: { readonly [wire: string]: HinderedService } = { monitoring: "cloudwatch" };

export class Hindrances {
  readonly #random: Pick<Random, "next">;
  readonly #standing = new Map<string, Set<StandingFault>>();

  constructor(random: Pick<Random, "next">) {
    this.#random = random;
  }

  /** Answers how to remove it. */
  add(region: Region, service: HinderedService, fault: StandingFault): () => void {
    const key = `${region} ${service}`;
    const standing = this.#standing.get(key) ?? new Set();
    this.#standing.set(key, standing);
    // A copy, so that two equal faults are two.
    const own = { ...fault };
    standing.add(own);
    return () => standing.delete(own);
  }

  /** The worst of the standing faults that hit; each one's share is drawn. What is slow adds up. */
  meets(region: Region, service: string): Hindrance | null {
    const standing = [...(this.#standing.get(`${region} ${service}`) ?? [])];
    const hits = standing.filter(
      ({ share }) => share === 1 || this.#random.next("service-fault") < share,
    );
    return worstOf(worstFirst, hits);
  }

  /** For calls of any service's endpoint. */
  readonly atTheDoor: Interceptor = (request, service) => {
    const fault = this.meets(request.region, wireNames[request.service] ?? request.service);
    return fault === null ? null : this.#answer(fault, request, service);
  };

  #answer({ mode, seconds }: Hindrance, request: AwsRequest, service: AwsService): Interception {
    switch (mode) {
      case "unreachable":
        return "hang";
      case "no-dns":
        return "no-dns";
      case "slow":
        return { delayMilliseconds: seconds * 1000 };
      case "error":
      case "throttle":
        return this.#refusal(mode, request, service);
      default:
        return mode satisfies never;
    }
  }

  /** PutEvents may also fail by the entry, in an answer that says 200: half of the time. */
  #refusal(mode: "error" | "throttle", request: AwsRequest, service: AwsService): AwsResponse {
    const { code, status } = (refusals[request.service] ?? usual)[mode];
    const message = mode === "error" ? "An internal error occurred." : "Rate exceeded";
    const entries = putEntries(request);
    if (entries === 0 || this.#random.next("service-fault-entries") < 0.5) {
      return service.error(request, code, message, status);
    }
    return failedEntries(entries, mode, message);
  }
}

interface Refusal {
  readonly error: { readonly code: string; readonly status: number };
  readonly throttle: { readonly code: string; readonly status: number };
}

/** Source: "Common errors" of the services' API references. */
const usual: Refusal = {
  error: { code: "InternalFailure", status: 500 },
  throttle: { code: "ThrottlingException", status: 400 },
};

/** As each service's own API reference names them. */
const refusals: { readonly [wire: string]: Refusal } = {
  dynamodb: { ...usual, error: { code: "InternalServerError", status: 500 } },
  ssm: { ...usual, error: { code: "InternalServerError", status: 500 } },
  events: { ...usual, error: { code: "InternalException", status: 500 } },
  monitoring: {
    error: { code: "InternalServiceFault", status: 500 },
    throttle: { code: "Throttling", status: 400 },
  },
  lambda: {
    error: { code: "ServiceException", status: 500 },
    throttle: { code: "TooManyRequestsException", status: 429 },
  },
  sns: {
    error: { code: "InternalError", status: 500 },
    throttle: { code: "Throttled", status: 429 },
  },
  sqs: { ...usual, throttle: { code: "RequestThrottled", status: 400 } },
};

const putEventsSchema = z.object({ Entries: z.array(z.unknown()) });

function putEntries({ service, headers, body }: AwsRequest): number {
  if (service !== "events" || !headers["x-amz-target"]?.endsWith(".PutEvents")) return 0;
  return putEventsSchema.safeParse(JSON.parse(body)).data?.Entries.length ?? 0;
}

/** Source: EventBridge API Reference, PutEventsResultEntry (ErrorCode). */
function failedEntries(count: number, mode: "error" | "throttle", message: string): AwsResponse {
  const ErrorCode = mode === "error" ? "InternalFailure" : "ThrottlingException";
  const Entries = Array.from({ length: count }, () => ({ ErrorCode, ErrorMessage: message }));
  return {
    status: 200,
    headers: { "content-type": "application/x-amz-json-1.1" },
    body: JSON.stringify({ FailedEntryCount: count, Entries }),
  };
}

/** Does the service do nothing by itself? */
export function stops(fault: Hindrance | null): boolean {
  return fault !== null && fault.mode !== "slow" && fault.mode !== "no-dns";
}

/** Does another service get nothing of it? */
export function fails(fault: Hindrance | null): boolean {
  return fault !== null && fault.mode !== "slow";
}

/** ms that a slow service takes longer. */
export function delayOf(fault: Hindrance | null): number {
  return fault?.mode === "slow" ? fault.seconds * 1000 : 0;
}
