// Automation that was set for a while: what it returns to, and when. A second setting for a while
// returns to what held before the first one, or a pause that was prolonged would never end.
import type { Automation, RoutingState } from "./contracts/routing-state.ts";

/** What a setting that ends by itself returns to. */
export function heldBefore({ automation, automationChange }: RoutingState): Automation {
  return automationChange?.afterwards ?? automation;
}

/** The state with what held before, once its time is over; null: it lasts, or has time left.
 * `now`: ms since 1970. */
export function automationOver(state: RoutingState, now: number): RoutingState | null {
  const { automationChange: change, automation } = state;
  if (change?.until === undefined || change.afterwards === undefined || now < change.until)
    return null;
  const reason = `${automation} by ${change.by} was until ${new Date(change.until).toISOString()}`;
  return {
    ...state,
    automation: change.afterwards,
    automationChange: { by: "reconcile", at: now, reason },
  };
}
