// Setting automation: through which replicas, and, where it is for a while, what it returns to and
// when. A second setting for a while returns to what held before the first one, or a pause that was
// prolonged would never end.
import type { Config, Region } from "./config/schema.ts";
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

/** Regions through whose replica automation may be set, by the epoch that each shows (null: it did
 * not answer). With eventual coordination the last writer wins a whole item, not an attribute: set
 * on a replica that is behind, it would put a past epoch over a claim. So then every replica must
 * have answered, and the newest take it; none: not now. */
export function replicasToSet(
  { coordination }: Pick<Config, "coordination">,
  epochs: Readonly<Record<Region, number | null>>,
): Region[] {
  const shown = Object.entries(epochs);
  const answered = shown.flatMap(([region, epoch]) => (epoch === null ? [] : [{ region, epoch }]));
  if (coordination === "strong") return answered.map(({ region }) => region);
  if (answered.length < shown.length) return [];
  const newest = Math.max(...answered.map(({ epoch }) => epoch));
  return answered.filter(({ epoch }) => epoch === newest).map(({ region }) => region);
}
