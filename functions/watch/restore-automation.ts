// Automation that an operator set until a time returns to what it was: once a minute, ledger first,
// and only if it is still that very setting. Either Region does it, so that the loss of one doesn't
// prolong a pause; the other one's condition then fails, and its ledger entry stands for nothing.
import { automationOver } from "../../core/automation.ts";
import type { Region } from "../../core/config/schema.ts";
import type { RoutingState } from "../../core/contracts/routing-state.ts";
import type { ControlTable } from "../adapters/control-table.ts";
import type { Ledger } from "../adapters/ledger.ts";

export interface AutomationPorts {
  readonly region: Region;
  readonly control: Pick<ControlTable, "writeRouting">;
  readonly ledger: Ledger;
  readonly now: () => number;
  readonly say: (sentence: string) => void;
}

/** `isCurrent`: asked only where something is to be changed. */
export async function restoreAutomation(
  ports: AutomationPorts,
  routing: RoutingState,
  isCurrent: () => Promise<boolean>,
): Promise<void> {
  const now = ports.now();
  const next = automationOver(routing, now);
  const until = routing.automationChange?.until;
  if (next === null || until === undefined || !(await isCurrent())) return;
  const { automation } = routing;
  const sentence = `Automation returns to ${next.automation}: ${next.automationChange?.reason}.`;
  await ports.ledger.append({
    execution: `reconcile/${ports.region}/${Math.floor(now / 60_000)}`,
    epoch: routing.epoch,
    kind: "automation",
    sentence,
    detail: { from: automation, to: next.automation, set: routing.automationChange },
  });
  const also = { automation, automationUntil: until };
  if ((await ports.control.writeRouting(routing, next, also)) !== null) ports.say(sentence);
}
