// Tells a fault that may pass (throttled, timed out, unreachable, 5xx) from one that will not.
// Judged by shape and name, not by class: errors of the SDK come from many packages, and Route 53
// throttles with HTTP 400.
import * as z from "zod";
import { TransientFault } from "../core/errors.ts";

const throttles = new Set([
  "Throttling",
  "ThrottlingException",
  "ThrottledException",
  "TooManyRequestsException",
  "RequestLimitExceeded",
  "ProvisionedThroughputExceededException",
  "PriorRequestNotComplete",
  "ReplicatedWriteConflictException",
  "RequestThrottled",
  "RequestThrottledException",
  "SlowDown",
]);
const timeouts = new Set(["TimeoutError", "AbortError", "RequestTimeout", "TimeoutException"]);
const networkCodes = new Set([
  "ECONNRESET",
  "ECONNREFUSED",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
]);

const shape = z.object({
  name: z.string(),
  message: z.string().catch(""),
  code: z.string().optional().catch(undefined),
  $metadata: z.object({ httpStatusCode: z.number().optional() }).optional().catch(undefined),
});

/** A TransientFault with its cause kept, or null for a fault that a retry won't mend. */
export function asTransientFault(error: unknown): TransientFault | null {
  const read = shape.safeParse(error);
  if (!read.success) return null;
  const { name, message, code, $metadata } = read.data;
  if (name === "TransientFault") return new TransientFault(message, { cause: error });
  const passing =
    throttles.has(name) ||
    timeouts.has(name) ||
    networkCodes.has(code ?? "") ||
    ($metadata?.httpStatusCode ?? 0) >= 500;
  return passing ? new TransientFault(`${name}: ${message}`, { cause: error }) : null;
}

/** The error's name as AWS gives it; "" for what is no error. */
export function faultName(error: unknown): string {
  const read = shape.safeParse(error);
  return read.success ? read.data.name : "";
}

/** One clause for a log line or a detail field. */
export function faultWords(error: unknown): string {
  const read = shape.safeParse(error);
  return read.success ? `${read.data.name}: ${read.data.message}` : String(error);
}
