// Plays a scenario's timeline on the lab's clock: faults start and heal, Health events arrive,
// operators act, each at its virtual time.
import type { Region } from "../../core/config/schema.ts";
import { type FaultPorts, startFault } from "../faults/faults.ts";
import type { Clock, EventLog, Json } from "../kernel.ts";
import {
  atToken,
  type Fault,
  type OperatorCommand,
  type Scenario,
  type SetStep,
  type Step,
} from "./schema.ts";

export interface TimelinePorts {
  readonly clock: Clock;
  readonly log: EventLog;
  readonly faults: FaultPorts;
  regionOf(name: string): Region;
  operate(command: OperatorCommand): void;
  deliverHealthEvent(region: Region, event: { [key: string]: Json }): void;
  /** `name`: the function's folder. */
  setVariables(region: Region, name: string, env: SetStep["env"]): void;
}

/** Plans every step of the scenario, from `startsAt` (ms since 1970) on; returns at once. */
export function playTimeline(
  scenario: Scenario,
  ports: TimelinePorts,
  startsAt: number = ports.clock.zero,
): Player {
  const { clock } = ports;
  const player = new Player(ports);
  scenario.timeline.forEach((step, index) => {
    const wait = startsAt + step.at * 1000 - clock.now();
    clock.after(wait, () => player.play(step, step.id ?? `step-${index}`));
  });
  return player;
}

export class Player {
  readonly #ports: TimelinePorts;
  readonly #active = new Map<string, () => void>();

  constructor(ports: TimelinePorts) {
    this.#ports = ports;
  }

  /** Ids of the faults that stand. */
  get standing(): string[] {
    return [...this.#active.keys()];
  }

  play(step: Step, id: string): void {
    if (step.fault) this.#start(step.fault, id, step.note);
    if (step.heal) this.#heal(step.heal);
    if (step.healthEvent) this.#health(step.healthEvent);
    if (step.operator) this.#operate(step.operator);
    if (step.set) this.#set(step.set, step.note);
  }

  #set({ function: name, region, env }: SetStep, note: string | undefined): void {
    const { log, regionOf, setVariables } = this.#ports;
    const code = regionOf(region);
    const said = note === undefined ? {} : { note };
    log.emit("variables-set", code, { function: name, env: { ...env }, ...said });
    setVariables(code, name, env);
  }

  #operate(command: OperatorCommand): void {
    const { region } = command;
    const named = region === undefined ? {} : { region: this.#ports.regionOf(region) };
    this.#ports.operate({ ...command, ...named });
  }

  #start(fault: Fault, id: string, note: string | undefined): void {
    const { log, faults, regionOf } = this.#ports;
    const regions = regionsOf(fault).map(regionOf);
    const { kind } = fault;
    const parameters = Object.entries(fault)
      .filter(([name]) => !["kind", "region", "between"].includes(name))
      .map(([name, value]) => `${name} ${String(value)}`);
    log.emit("fault", regions.length === 1 ? (regions[0] ?? null) : null, {
      id,
      kind,
      regions,
      parameters: parameters.join(", "),
      ...(note === undefined ? {} : { note }),
    });
    this.#active.set(id, startFault(fault, regionOf, faults));
  }

  #heal(ids: string | string[]): void {
    const named = ids === "all" ? [...this.#active.keys()] : [ids].flat();
    for (const id of named) {
      const heal = this.#active.get(id);
      if (!heal) continue;
      this.#active.delete(id);
      this.#ports.log.emit("heal", null, { id });
      heal();
    }
  }

  #health(event: Step["healthEvent"]): void {
    const { clock, deliverHealthEvent, regionOf } = this.#ports;
    const filled = fillTimes(event as Json, clock.now());
    if (filled === null || typeof filled !== "object" || Array.isArray(filled)) return;
    deliverHealthEvent(regionOf(String(filled.region)), filled);
  }
}

function regionsOf(fault: Fault): string[] {
  if (fault.kind === "partition") return fault.between;
  return "region" in fault ? [fault.region] : [];
}

/** Replaces every {"$at": …} by the virtual time in that format. */
function fillTimes(value: Json, instant: number): Json {
  const time = atToken(value, instant);
  if (time !== null) return time;
  if (Array.isArray(value)) return value.map((member) => fillTimes(member, instant));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, fillTimes(member, instant)]),
  );
}
