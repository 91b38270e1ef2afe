// The Synthetics canary of one vantage point: the same journey as the looks, as independent
// evidence with its own artifacts and alarms. Both serving Regions are walked to their end even if
// one fails; a step that failed fails the run, with every failure in its message.
import { synthetics } from "@aws/synthetics-core";
import type { Config, Region } from "../core/config/schema.ts";
import { canaryVerdictStep, servingRegions } from "../core/names.ts";
import { journeySteps } from "../functions/journey/journey.ts";
import { livePorts, vantagePoint } from "../functions/journey/live.ts";

export async function handler(): Promise<string> {
  const { config, vantage } = vantagePoint();
  const failures: string[] = [];
  for (const serving of servingRegions(config)) {
    const failure = await walk(config, vantage, serving);
    if (failure !== null) failures.push(`${serving}: ${failure.message}`);
    await verdict(serving, failure);
  }
  if (failures.length > 0) throw new Error(failures.join("; "));
  return `${vantage} found both Regions well.`;
}

async function walk(config: Config, vantage: Region, serving: Region): Promise<Error | null> {
  try {
    for (const step of journeySteps({ config, vantage, serving }, livePorts)) {
      await synthetics.executeStep(`${serving} ${step.name}`, step.run);
    }
    return null;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** A step of its own for the walk as a whole: a walk ends at its first failing step, and an alarm
 * on one of the later ones would read silence. */
async function verdict(serving: Region, failure: Error | null): Promise<void> {
  const step = synthetics.executeStep(canaryVerdictStep(serving), async () => {
    if (failure !== null) throw failure;
  });
  await step.catch(() => undefined);
}
