// CloudWatch Synthetics of all Regions: canaries that run their deployed script by their schedule,
// in their Region. The fault canary-silent skips runs; a Region that is down runs none, and those
// under way die with it.
import type { Region } from "../../../core/config/schema.ts";
import type { DeployedResource, ResourceModels } from "../../kernel.ts";
import { keepTicking } from "../events/events.ts";
import { readSchedule } from "../events/schedule.ts";
import { Canary, type CanaryPorts } from "./canary.ts";

export interface SyntheticsPorts extends CanaryPorts {
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
      if (!silent.has(region)) canary.run();
    };
    const wait = lab.random.between(`synthetics:${region}:${name}`, firstRun.low, firstRun.high);
    const first = lab.clock.now() + wait;
    lab.clock.after(wait, () => {
      if (!lab.network.isDown(region)) run();
      keepTicking(lab, region, readSchedule(schedule, first), run);
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
