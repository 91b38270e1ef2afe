// CloudWatch Synthetics of all Regions: canaries that run their deployed script by their schedule,
// in their Region. The fault canary-silent skips runs; a Region that is down runs none, and those
// under way die with it.
import type { Region } from "../../../core/config/schema.ts";
import { delayOf, fails, stops } from "../../faults/hindrances.ts";
import type { DeployedResource, Lab, ResourceModels } from "../../kernel.ts";
import { keepTicking } from "../events/events.ts";
import { readSchedule } from "../events/schedule.ts";
import { Canary, type CanaryPorts } from "./canary.ts";

export interface SyntheticsPorts extends CanaryPorts {
  readonly lab: CanaryPorts["lab"] & Pick<Lab, "hindrance">;
  /** Folder of the resource's code asset; null: there is none. */
  codeOf(resource: DeployedResource): string | null;
}

export interface Synthetics {
  readonly models: ResourceModels;
  /** While silent, the Region's canaries don't run. */
  silence(region: Region, silent: boolean): void;
}

/** ms from creation to the first run: Synthetics takes about a minute to make a canary's function,
 * as its state CREATING shows. AWS states no time. */
const firstRun = { low: 65_000, high: 95_000 };

export function createSynthetics(ports: SyntheticsPorts): Synthetics {
  const { lab } = ports;
  // Synthetics starts a canary's own Lambda function, and both may be in trouble.
  const wait = (region: Region): number | null => {
    const faults = [lab.hindrance(region, "synthetics"), lab.hindrance(region, "lambda")];
    if (stops(faults[0] ?? null) || fails(faults[1] ?? null)) return null;
    return faults.reduce((sum, fault) => sum + delayOf(fault), 0);
  };
  const silent = new Set<Region>();
  const canaries: Canary[] = [];
  lab.network.onRegion((region, down) => {
    if (!down) return;
    for (const canary of canaries) if (canary.region === region) canary.kill();
  });
  const create = (resource: DeployedResource) => {
    const folder = ports.codeOf(resource);
    if (folder === null) throw new Error("its script is no asset of the assembly");
    const canary = new Canary(ports, resource, folder);
    canaries.push(canary);
    const { name, region, schedule } = canary;
    const run = () => {
      const late = wait(region);
      if (!silent.has(region) && late !== null) lab.clock.after(late, () => canary.run());
    };
    const first = lab.random.between(`synthetics:${region}:${name}`, firstRun.low, firstRun.high);
    const firstAt = lab.clock.now() + first;
    lab.clock.after(first, () => {
      if (!lab.network.isDown(region)) run();
      keepTicking(lab, region, readSchedule(schedule, firstAt), run);
    });
    return { ref: name, attributes: { Id: name, State: "RUNNING" } };
  };
  return {
    models: { "AWS::Synthetics::Canary": create },
    silence: (region, isSilent) => {
      if (isSilent) silent.add(region);
      else silent.delete(region);
    },
  };
}
