// A scenario without its controller, in a lab of its own: the same assembly, seed, clients, faults
// and chances. It ends when the last fault has healed and clients have had time to come back.
import { z } from "zod";
import { initialState, servingNow } from "../../core/plan.ts";
import type { ClientHistory } from "../clients/history.ts";
import type { LabEvent } from "../kernel.ts";
import { type RunningLab, startLab } from "../lab.ts";
import { fleetOf, settleMilliseconds, timelinePorts, warmUpMilliseconds, zeroOf } from "../play.ts";
import type { LoadedScenario } from "../scenarios/load.ts";
import type { Scenario } from "../scenarios/schema.ts";
import { playTimeline, withIds } from "../scenarios/timeline.ts";
import { disarmed } from "./disarm.ts";
import { tailSeconds } from "./measure.ts";
import type { BaselineRecord, Disturbance } from "./record.ts";

/** Virtual seconds. What a variable did ends with nothing that could be seen in the file. */
export function endOf({ timeline, until }: Scenario): number {
  const standing = new Set<string>();
  let [healedAt, sets] = [0, 0];
  for (const { step, id } of withIds(timeline).sort((a, b) => a.step.at - b.step.at)) {
    if (step.fault) standing.add(id);
    if (step.set) sets += 1;
    if (!step.heal) continue;
    const healed = step.heal === "all" ? [...standing] : [step.heal].flat();
    for (const one of healed) standing.delete(one);
    healedAt = step.at;
  }
  return standing.size > 0 || sets > 0 ? until : Math.min(until, healedAt + tailSeconds);
}

export async function runBaseline(
  loaded: LoadedScenario,
  { seed, folder }: { readonly seed: number; readonly folder: string },
): Promise<BaselineRecord> {
  const zero = zeroOf(loaded);
  const { config } = loaded;
  const remodelled = disarmed.bind(null, config);
  const settings = { config, seed, folder, zero, warmUpMilliseconds, remodelled };
  const running = await startLab(settings);
  try {
    const endedAt = zero + endOf(loaded.scenario) * 1000;
    const histories = await play(loaded, running, endedAt);
    refuseArmed(running.log.events);
    return { zero, endedAt, ...noted(loaded, running.log.events), histories };
  } finally {
    running.clock.uninstall();
  }
}

async function play(
  loaded: LoadedScenario,
  running: RunningLab,
  endedAt: number,
): Promise<ClientHistory[]> {
  const fleet = fleetOf(loaded, running, endedAt);
  playTimeline(loaded.scenario, { ...timelinePorts(loaded, running), operate: () => {} });
  fleet.start();
  await running.clock.runUntil(endedAt + settleMilliseconds);
  return fleet.histories();
}

/** Route 53 alone is Route 53 alone: a yardstick that the controller has touched is none. */
function refuseArmed(events: readonly LabEvent[]): void {
  const ours = ["lever", "health-check-updated", "execution-started", "denied", "lab-defect"];
  const found = events.find(({ kind }) => ours.includes(kind));
  if (found === undefined) return;
  throw new Error(
    `without the controller there was ${found.kind}: ${JSON.stringify(found.detail)}`,
  );
}

const faultDetail = z.object({ id: z.string(), regions: z.array(z.string()) });
const answerDetail = z.object({ name: z.string(), type: z.literal("A"), answer: z.string() });

export function noted(
  { config }: Pick<LoadedScenario, "config">,
  events: readonly LabEvent[],
): Pick<BaselineRecord, "disturbances" | "answers"> {
  const disturbances: Disturbance[] = [];
  const open = new Map<string, Disturbance>();
  const end = (id: string, at: number) => {
    const one = open.get(id);
    if (one !== undefined) one.until = at;
    open.delete(id);
  };
  const begin = (id: string, at: number, regions: string[]) => {
    end(id, at);
    const one = { at, until: null, regions };
    disturbances.push(one);
    open.set(id, one);
  };
  const first = servingNow(config, initialState(config, 0));
  const answers = [{ at: 0, regions: first }];
  for (const { kind, at, region, detail } of events) {
    const fault = kind === "fault" ? faultDetail.safeParse(detail).data : undefined;
    if (fault !== undefined) begin(fault.id, at, fault.regions);
    if (kind === "heal") end(String(detail.id), at);
    // The next setting of the same function ends what the one before did.
    if (kind === "variables-set" && region !== null) {
      begin(`${region} ${String(detail.function)}`, at, [region]);
    }
    const told = kind === "dns-answer-changed" ? answerDetail.safeParse(detail).data : undefined;
    if (told?.name !== config.domain.name) continue;
    answers.push({ at, regions: told.answer.split(",") });
  }
  return { disturbances, answers };
}
