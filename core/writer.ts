// Who may write, as far as the configuration and a plan say it.
import type { Config, Region } from "./config/schema.ts";
import type { Plan } from "./contracts/routing-state.ts";

/** One Region writes at a time, so that a switch fences the old writer and promotes the new. */
export const hasWriter = (config: Config) => config.writes === "single-region";

/** Of the Regions that serve, the one that is called active: it writes, where one does. */
export function activeAmong(config: Config, serving: readonly Region[]): Region {
  const { primary, secondary } = config.regions;
  return serving.includes(primary) ? primary : secondary;
}

/** The writer changes with that plan, from its source to its target. Where both Regions serve and
 * one writes, taking out or bringing back the other one leaves the writer alone. */
export const movesWriter = (config: Config, plan: Pick<Plan, "before" | "after">) =>
  hasWriter(config) && activeAmong(config, plan.before) !== activeAmong(config, plan.after);

/** Whoever is not the writer hands customers' writes on to who is. Events pass no gate. */
export const isForwarding = (config: Config) =>
  hasWriter(config) && config.workloads.includes("api");

/** A planned switch reads back what the source's journal announced. */
export const isJournalled = (config: Config) => hasWriter(config) && config.drain === "verified";

/** A gate whose reading shows a planned claim coming rests on it no longer than this: such a
 * switch fences in 4 s, not in 8. Short, yet some in-Region reads long. */
export const noticedLeaseSeconds = 1;
