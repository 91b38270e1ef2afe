// The lab in live mode: virtual time follows real time, and real programs on this machine reach it
// by sockets on loopback. Also the handle by which a console steers it. Chance stays seeded, but
// what comes from outside comes when it comes: no two live runs are alike.
import type { Config } from "../../core/config/schema.ts";
import type { Credentials } from "../access-keys.ts";
import type { Fleet } from "../clients/fleet.ts";
import type { ClientHistory } from "../clients/history.ts";
import type { LabEvent, Place } from "../kernel.ts";
import { type RunningLab, startLab } from "../lab.ts";
import { type LabRole, labRoles, people } from "../people.ts";
import { fleetOf, timelinePorts, warmUpMilliseconds } from "../play.ts";
import type { Fault } from "../scenarios/fault-schema.ts";
import type { LoadedScenario } from "../scenarios/load.ts";
import { Operator } from "../scenarios/operator.ts";
import { Player, playTimeline, type TimelinePorts } from "../scenarios/timeline.ts";
import { apiDoor } from "./api-door.ts";
import { awsEndpoint } from "./aws-endpoint.ts";
import { listenDns } from "./dns-server.ts";
import { type Listening, listenHttp, loopback } from "./listening.ts";
import { Pacer } from "./pacer.ts";

// Taken before the lab replaces it.
const realTimeout = setTimeout;

export interface LiveSettings {
  readonly loaded: LoadedScenario;
  readonly seed: number;
  readonly speed: number;
  /** Cloud assembly. */
  readonly folder: string;
  /** Virtual ms since 1970 of 0s. */
  readonly zero: number;
  readonly onBehind: (virtualSeconds: number) => void;
}

export interface Addresses {
  readonly awsEndpoint: string;
  readonly dns: { readonly host: string; readonly port: number };
  readonly api: string;
}

/** What its clients saw: from 0s on, and share of good answers in the last virtual minute (null:
 * no request ended in it). */
export interface ClientsSeen {
  readonly requests: number;
  readonly failed: number;
  readonly acknowledgedWrites: number;
  readonly successShareLastMinute: number | null;
}

/** A scenario or a fault that the running lab can't take. */
export class NotHere extends Error {
  override readonly name = "NotHere";
}

/** Once a process: the lab takes over its time. */
export async function startLiveLab(settings: LiveSettings): Promise<LiveLab> {
  const { loaded, seed, folder, zero } = settings;
  const { config } = loaded;
  const lab = await startLab({ config, seed, folder, zero, warmUpMilliseconds });
  const doors: Listening[] = [];
  try {
    const { from, desk, keysOf } = people(config, lab);
    const keys = new Map(labRoles.map((role) => [role, keysOf({ role, name: "you" })]));
    const operator = new Operator({ ...lab, config, ...desk });
    const fleet = fleetOf(loaded, lab, Number.POSITIVE_INFINITY);
    await lab.clock.runUntil(zero);
    // Not before: what fails while the application warms up is nobody's outage.
    fleet.start();
    const addresses = await openDoors(lab, loaded, { from, doors });
    return new LiveLab({ settings, lab, fleet, operator, keys, addresses, doors });
  } catch (error) {
    for (const door of doors) door.close();
    lab.clock.uninstall();
    throw error;
  }
}

/** Opened doors are added to `doors`. `from`: where operators sit. */
async function openDoors(
  lab: RunningLab,
  { config, scenario, regionOf }: LoadedScenario,
  { from, doors }: { readonly from: Place; readonly doors: Listening[] },
): Promise<Addresses> {
  const opened = (door: Listening) => {
    doors.push(door);
    return door.port;
  };
  const client = regionOf(scenario.traffic.regions[0] ?? config.regions.primary);
  const aws = opened(await listenHttp(awsEndpoint(lab, from)));
  const api = opened(await listenHttp(apiDoor(lab, config.domain.name, { internet: client })));
  const { nameServers } = lab.lab;
  const zoneName = config.domain.hostedZoneName;
  const dns = opened(await listenDns({ zoneName, nameServers, from: client }));
  return {
    awsEndpoint: `http://${loopback}:${aws}`,
    dns: { host: loopback, port: dns },
    api: `http://${loopback}:${api}`,
  };
}

interface LiveParts {
  readonly settings: LiveSettings;
  readonly lab: RunningLab;
  readonly fleet: Fleet;
  readonly operator: Operator;
  readonly keys: ReadonlyMap<LabRole, Credentials>;
  readonly addresses: Addresses;
  readonly doors: readonly Listening[];
}

export class LiveLab {
  readonly addresses: Addresses;
  readonly #parts: LiveParts;
  readonly #doors: Listening[];
  readonly #pacer: Pacer;
  readonly #ports: TimelinePorts;
  /** The console's own faults first, then those of each scenario that was played. */
  readonly #players: Player[];
  readonly #speedListeners: ((speed: number) => void)[] = [];
  #faults = 0;

  constructor(parts: LiveParts) {
    const { lab, settings, operator } = parts;
    this.#parts = parts;
    this.#doors = [...parts.doors];
    this.addresses = parts.addresses;
    this.#ports = {
      ...timelinePorts(settings.loaded, lab),
      operate: (command) => void operator.carryOut(command),
    };
    this.#players = [new Player(this.#ports)];
    this.#pacer = new Pacer(
      {
        clock: lab.clock,
        realNow: () => performance.now(),
        later: (run, milliseconds) => void realTimeout(run, milliseconds),
        onBehind: settings.onBehind,
      },
      settings.speed,
    );
  }

  /** Plays the timeline of the scenario it was started with, and lets time pass; resolves once
   * stopped, rejects with what broke in the lab. */
  async run(): Promise<void> {
    const { scenario } = this.#parts.settings.loaded;
    this.#players.push(playTimeline(scenario, this.#ports));
    await this.#pacer.run();
  }

  stop(): void {
    this.#pacer.stop();
    for (const door of this.#doors.splice(0)) door.close();
  }

  /** Keys of that role. */
  credentialsOf(role: LabRole): Credentials {
    const keys = this.#parts.keys.get(role);
    if (keys === undefined) throw new Error(`the lab has no role ${role}`);
    return keys;
  }

  /** Of whoever is alone on call: they may start, pause and answer. */
  get credentials(): Credentials {
    return this.credentialsOf("on-call");
  }

  get config(): Config {
    return this.#parts.settings.loaded.config;
  }

  /** Virtual ms since 1970. */
  get now(): number {
    return this.#parts.lab.clock.now();
  }

  /** Virtual seconds a real one. */
  get speed(): number {
    return this.#pacer.speed;
  }

  /** Throws RangeError. */
  setSpeed(speed: number): void {
    this.#pacer.speed = speed;
    for (const listener of this.#speedListeners) listener(speed);
  }

  /** Told of each new speed. */
  onSpeed(listener: (speed: number) => void): void {
    this.#speedListeners.push(listener);
  }

  /** Starts a fault of the scenario format now; the answer is its id. Throws NotHere. */
  inject(fault: Fault, id = `live-${this.#faults + 1}`): string {
    if (this.standingFaults().includes(id)) throw new NotHere(`a fault "${id}" stands already`);
    this.#faults += 1;
    this.#players[0]?.play({ at: 0, fault }, id);
    return id;
  }

  /** One fault, or "all". Throws NotHere. */
  heal(id: string): void {
    if (id !== "all" && !this.standingFaults().includes(id)) {
      throw new NotHere(`no fault "${id}" stands; there are: ${this.standingFaults().join(", ")}`);
    }
    for (const player of this.#players) player.play({ at: 0, heal: id }, id);
  }

  standingFaults(): string[] {
    return this.#players.flatMap((player) => player.standing);
  }

  /** Plays a scenario's timeline from now on; the lab's clients stay as they are. Throws NotHere
   * where it was written for another configuration. */
  play({ scenario, config }: LoadedScenario): void {
    if (JSON.stringify(config) !== JSON.stringify(this.config)) {
      throw new NotHere(
        `${scenario.name} needs another configuration: npm run lab -- --scenario ${scenario.name}`,
      );
    }
    this.#players.push(playTimeline(scenario, this.#ports, this.now));
  }

  clients(): ClientsSeen {
    const { fleet } = this.#parts;
    const { requests, failed, acknowledgedWrites } = fleet.counts();
    const since = this.now - 60_000;
    const late = fleet.histories().flatMap((one) => {
      const first = one.requests.findLastIndex(({ endedAt }) => endedAt < since) + 1;
      return one.requests.slice(first);
    });
    const good = late.filter(({ outcome }) => outcome === "ok").length;
    const successShareLastMinute = late.length === 0 ? null : good / late.length;
    return { requests, failed, acknowledgedWrites, successShareLastMinute };
  }

  /** What each client remembers. */
  histories(): ClientHistory[] {
    return this.#parts.fleet.histories();
  }

  /** Everything that happened from that index on, and the index to go on from. */
  eventsSince(index: number): { readonly events: readonly LabEvent[]; readonly next: number } {
    const { events } = this.#parts.lab.log;
    return { events: events.slice(index), next: events.length };
  }

  /** Told of everything that happens, when it does. */
  onEvent(listener: (event: LabEvent) => void): void {
    this.#parts.lab.log.on(listener);
  }
}
