// Which Regions the zone's name servers send callers to now, by the markers: one name for each
// Region with levers. Who asks, and from where, makes no difference to them.
import type { Config, Region } from "../../core/config/schema.ts";
import { leverRegions, markerName } from "../../core/names.ts";
import type { NameServers } from "../kernel.ts";

/** Distinct and sorted; null: a marker says nothing. */
export function regionsAnswered(
  nameServers: Pick<NameServers, "answer">,
  config: Config,
): Region[] | null {
  const values = leverRegions(config).map((region) => {
    const { values } = nameServers.answer(markerName(config, region), "TXT", region);
    return values[0];
  });
  const answered = values.filter((value) => value !== undefined);
  return answered.length === values.length ? [...new Set(answered)].sort() : null;
}
