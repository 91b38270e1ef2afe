// RedriveExecution as it is asked for: idempotent by its client token, and refused for whatever is
// not redrivable.
// Source: API Reference, RedriveExecution.
import { ApiFault } from "./api-fault.ts";
import type { ExecutionRecord, Executions } from "./executions.ts";
import { RedriveRefused, redriveRefusal } from "./redrive.ts";

const tokensKept = 10;
const tokenMilliseconds = 15 * 60_000;

/** Answers when it was redriven, in ms since 1970.
 * @throws ApiFault */
export function redriveOnRequest(
  executions: Executions,
  record: ExecutionRecord,
  clientToken: string | null,
): number {
  const now = executions.now(record.machine.region);
  const same = record.redrives
    .slice(-tokensKept)
    .find((one) => one.clientToken === clientToken && now - one.at < tokenMilliseconds);
  if (same && clientToken !== null) return same.at;
  const refusal = redriveRefusal(record, now);
  if (refusal !== null) throw new ApiFault("ExecutionNotRedrivable", refusal);
  try {
    executions.redrive(record, clientToken);
  } catch (thrown) {
    if (!(thrown instanceof RedriveRefused)) throw thrown;
    throw new ApiFault("UnknownOperationException", thrown.message);
  }
  return now;
}
