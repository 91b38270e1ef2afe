// The Synthetics canary of one vantage point: the same journey as the looks, as independent
// evidence with its own artifacts and alarms. Both serving Regions are walked to their end even if
// one fails; a step that failed fails the run, with every failure in its message.
import { synthetics } from "@aws/synthetics-core";
import { servingRegions } from "../core/names.ts";
import { environment } from "../functions/env.ts";
import { journeySteps } from "../functions/journey/journey.ts";
import { livePorts } from "../functions/journey/live.ts";

export async function handler(): Promise<string> {
  const { config, region: vantage } = environment();
  const failures: string[] = [];
  for (const serving of servingRegions(config)) {
    try {
      for (const step of journeySteps({ config, vantage, serving }, livePorts)) {
        await synthetics.executeStep(`${serving} ${step.name}`, step.run);
      }
    } catch (error) {
      failures.push(`${serving}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  if (failures.length > 0) throw new Error(failures.join("; "));
  return `${vantage} found both Regions well.`;
}
