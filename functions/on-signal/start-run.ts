// Starts region-switch when there is reason to: for signals and for reconcile alike. A Region only
// ever starts a run that leaves the other one, whose machine may not exist in an outage; a switch
// whose holder is gone may be taken over from either. Starting is cheap: the run gathers its own
// evidence.
import type { Config, Region } from "../../core/config/schema.ts";
import type { RoutingState } from "../../core/contracts/routing-state.ts";
import type { Signal } from "../../core/contracts/signal.ts";
import { peerOf } from "../../core/names.ts";
import { abandonedPlan, liveLease, servingNow } from "../../core/plan.ts";
import type { ControlTable } from "../adapters/control-table.ts";
import type { StateMachine } from "../adapters/state-machine.ts";

export interface StartPorts {
  readonly config: Config;
  readonly region: Region;
  readonly control: Pick<ControlTable, "findRouting">;
  readonly machine: StateMachine;
  /** ms since 1970. */
  readonly now: () => number;
}

export interface WakeUp {
  readonly kind: Signal["kind"];
  /** Region that it speaks against; null: it doesn't say. */
  readonly against: Region | null;
  /** One clause: who saw what. */
  readonly words: string;
  /** When, ms since 1970; null: it doesn't say. */
  readonly at: number | null;
}

export type Started =
  | { readonly started: true; readonly name: string }
  | { readonly started: false; readonly why: string };

export async function startRun(ports: StartPorts, wakeUp: WakeUp): Promise<Started> {
  const routing = await ports.control.findRouting();
  if (routing === null) return { started: false, why: "There is no routing state yet." };
  const now = ports.now();
  const why = reasonNotToStart(ports, routing, wakeUp, now);
  if (why !== null) return { started: false, why };
  const name = runName(routing, wakeUp.kind, now);
  const fresh = await ports.machine.start(name, {
    mode: "automatic",
    requestedBy: `signal:${wakeUp.kind}`,
    signal: wakeUp.words,
    signalAt: wakeUp.at ?? now,
  });
  return fresh ? { started: true, name } : { started: false, why: `${name} runs or has run.` };
}

function reasonNotToStart(
  { config, region }: Pick<StartPorts, "config" | "region">,
  routing: RoutingState,
  wakeUp: WakeUp,
  now: number,
): string | null {
  const lease = liveLease(routing, now);
  if (lease !== null) return `${lease.executionArn} is switching already.`;
  if (abandonedPlan(routing, now) !== null) return null;
  const accused = peerOf(config, region);
  if (!servingNow(config, routing).includes(accused)) {
    return `${accused} does not serve: there is nothing to leave from here.`;
  }
  if (wakeUp.against !== null && wakeUp.against !== accused) {
    return `Whether ${wakeUp.against} is left is decided in ${accused}.`;
  }
  return null;
}

/** One run a minute and epoch for what our own eyes saw; Health events and canary alarms have
 * their own, since they may bring a vote that the minute's run did not have yet. */
function runName(routing: RoutingState, kind: Signal["kind"], now: number): string {
  const minute = Math.floor(now / 60_000);
  const suffix = kind === "health" || kind === "canary" ? `-${kind}` : "";
  return `${routing.group}-${routing.epoch}-${minute}${suffix}`;
}
