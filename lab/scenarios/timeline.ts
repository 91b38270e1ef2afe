// Plays a scenario's timeline on the lab's clock: faults start and heal, Health events arrive,
// operators act, each at its virtual time.
import type { Region } from "../../core/config/schema.ts";
import { type FaultPorts, startFault } from "../faults/faults.ts";
import type { Clock, EventLog, Json } from "../kernel.ts";
import type { Fault } from "./fault-schema.ts";
import {
  atToken,
  type CrashStep,
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
  /** Stops the running execution of the switch; null: none runs. */
  stopSwitch(): { readonly arn: string; readonly region: Region } | null;
  /** `name`: the function's folder; `invocation` counts from now on. */
  crashFunction(region: Region, name: string, invocation: number): void;
}

/** Plans the scenario's steps, but those after its end, from `startsAt` (ms since 1970) on; returns
 * at once. */
export function playTimeline(
  scenario: Scenario,
  ports: TimelinePorts,
  startsAt: number = ports.clock.zero,
): Player {
  const { clock } = ports;
  const player = new Player(ports);
  for (const { step, id } of withIds(scenario.timeline)) {
    if (step.at > scenario.until) continue;
    const wait = startsAt + step.at * 1000 - clock.now();
    clock.after(wait, () => player.play(step, id));
  }
  return player;
}

/** A step without an id gets one: step-0, step-1 and so on by its place; where the file gave that
 * to another step, with a prime. */
export function withIds(timeline: readonly Step[]): { readonly step: Step; readonly id: string }[] {
  const given = new Set(timeline.map(({ id }) => id));
  return timeline.map((step, index) => {
    let own = `step-${index}`;
    while (given.has(own)) own += "'";
    return { step, id: step.id ?? own };
  });
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
    if (step.crash) this.#crash(step.crash, step.note);
    if (step.set) this.#set(step.set, step.note);
  }

  #crash(crash: CrashStep, note: string | undefined): void {
    const { log, regionOf, stopSwitch, crashFunction } = this.#ports;
    const said = note === undefined ? {} : { note };
    if (crash === "region-switch") {
      const stopped = stopSwitch();
      log.emit("crash", stopped?.region ?? null, { arn: stopped?.arn ?? null, ...said });
      return;
    }
    const { function: name, invocation } = crash;
    const region = regionOf(crash.region);
    log.emit("crash", region, { function: name, invocation, ...said });
    crashFunction(region, name, invocation);
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
      .filter(([name]) => !["kind", "region", "between", "from", "to"].includes(name))
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
    const region = regionOf(String(filled.region));
    deliverHealthEvent(region, { ...filled, region });
  }
}

function regionsOf(fault: Fault): string[] {
  if (fault.kind === "partition") return fault.between;
  if (fault.kind === "replication") return [fault.from, fault.to];
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
