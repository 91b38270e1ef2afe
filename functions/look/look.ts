// Fresh looks from this vantage point. Looks start at their own times and may overlap: a look that
// fails takes up to a step's timeout, and three of them must not take three times as long.
import type { Config, Region } from "../../core/config/schema.ts";
import type { Look } from "../../core/contracts/evidence.ts";
import type { LookAnswer, LookRequest } from "../../core/contracts/steps.ts";
import { servingRegions } from "../../core/names.ts";
import type { JourneyPorts } from "../journey/asking.ts";
import { askPublicName, walk } from "../journey/journey.ts";

export async function look(
  request: LookRequest,
  where: { readonly config: Config; readonly vantage: Region },
  ports: JourneyPorts,
): Promise<LookAnswer> {
  const { config, vantage } = where;
  if (request.publicName === true) {
    const publicName = await askPublicName(config, ports.http);
    return { vantage, at: ports.now(), looks: [], publicName };
  }
  const walks: Promise<Look>[] = [];
  for (let number = 0; number < request.looks; number += 1) {
    if (number > 0) await ports.sleep(request.spacingSeconds * 1_000);
    for (const serving of servingRegions(config)) {
      walks.push(walk({ config, vantage, serving }, ports));
    }
  }
  const looks = await Promise.all(walks);
  return { vantage, at: ports.now(), looks, publicName: null };
}
