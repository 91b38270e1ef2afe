import { expect, test } from "vitest";
import { asTransientFault } from "../../functions/faults.ts";

const named = (name: string, more: object = {}) =>
  Object.assign(new Error("words"), { name, ...more });

test.each([
  ["a throttled call", named("ThrottlingException")],
  [
    "Route 53's throttling, which is HTTP 400",
    named("Throttling", { $metadata: { httpStatusCode: 400 } }),
  ],
  ["a timeout", named("TimeoutError")],
  ["an aborted call", named("AbortError")],
  ["an unreachable host", named("Error", { code: "ENOTFOUND" })],
  ["a service that fails", named("InternalError", { $metadata: { httpStatusCode: 500 } })],
  ["a concurrent write elsewhere", named("ReplicatedWriteConflictException")],
])("%s may pass", (_, fault) => {
  const transient = asTransientFault(fault);
  expect(transient?.name).toBe("TransientFault");
  expect(transient?.cause).toBe(fault);
});

test.each([
  ["a refused permission", named("AccessDeniedException", { $metadata: { httpStatusCode: 400 } })],
  ["a lost epoch", named("EpochLost")],
  ["a broken invariant", named("InvariantViolated")],
  ["what is no error", "text"],
])("%s will not", (_, fault) => {
  expect(asTransientFault(fault)).toBeNull();
});
