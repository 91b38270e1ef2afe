// Every Lambda function of the controller, and the size of the API's: how long it may run and how
// much memory it has. Steps of the machine take their times from the machine, so that task and
// function agree.
import type { Config } from "../../core/config/schema.ts";
import { stepNames, stepTimeoutSeconds } from "../../workflows/region-switch/step-timeouts.ts";

export interface FunctionSize {
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
}

// Memory buys CPU: at 512 MB a cold start parses its bundle in about half the time of 256 MB.
const small = 256;
const quick = 512;

export const functionCatalogue = {
  // Works until its minute ends; the margin is for the walk that is under way then.
  watch: { timeoutSeconds: 75, memoryMegabytes: quick },
  // Three looks 3 s apart, each at most four steps of 5 s: 26 s. With events two steps more, of
  // which one may time out while the others answer; what is slow in all six is unknown, as it
  // should be.
  look: { timeoutSeconds: 30, memoryMegabytes: quick },
  "on-signal": { timeoutSeconds: 20, memoryMegabytes: small },
  // Ten events side by side, each one write and at most two reads of a few seconds.
  "process-events": { timeoutSeconds: 15, memoryMegabytes: quick },
  "gather-evidence": step("gather-evidence"),
  decide: step("decide"),
  "request-approval": step("request-approval"),
  "claim-epoch": step("claim-epoch"),
  "fence-source": step("fence-source"),
  "check-drain": step("check-drain"),
  "promote-target": step("promote-target"),
  "shift-traffic": step("shift-traffic"),
  "verify-shift": step("verify-shift"),
  "record-outcome": step("record-outcome"),
} as const satisfies Record<string, FunctionSize>;

/** The function behind the API. API Gateway waits 29 s, clients 10 s; a write that is held and then
 * forwarded is answered within 16 s (functions/write-gate/passage.ts). */
export const apiFunctionSize: FunctionSize = { timeoutSeconds: 20, memoryMegabytes: quick };

function step(name: keyof typeof stepTimeoutSeconds): FunctionSize {
  return { timeoutSeconds: stepTimeoutSeconds[name], memoryMegabytes: quick };
}

/** A folder below functions/. */
export type FunctionFolder = keyof typeof functionCatalogue;

export const witnessFolders: readonly FunctionFolder[] = ["watch", "look"];
export function servingFolders({ workloads }: Config): readonly FunctionFolder[] {
  const events = workloads.includes("events") ? (["process-events"] as const) : [];
  return ["watch", "look", "on-signal", ...stepNames, ...events];
}
