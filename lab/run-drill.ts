// One drill: the lab is started and warmed up, the scenario played, everything measured, and the
// process given its own time back.

import type { Region } from "../core/config/schema.ts";
import {
  applicationKeys,
  approvalSchema,
  controlKeys,
  stampSchema,
} from "../core/contracts/records.ts";
import { routingStateSchema } from "../core/contracts/routing-state.ts";
import {
  applicationTableName,
  controlTableName,
  deadEventQueueName,
  groupOf,
  servingRegions,
} from "../core/names.ts";
import { initialState, servingNow } from "../core/plan.ts";
import { Checkers } from "./checkers/checkers.ts";
import { DivergenceCheck } from "./checkers/divergence.ts";
import { EventEffects } from "./checkers/event-effects.ts";
import { holdsWrite, isCustomers, writtenIn } from "./checkers/written.ts";
import type { Fleet } from "./clients/fleet.ts";
import type { ClientHistory } from "./clients/history.ts";
import { regionsAnswered } from "./dns/markers.ts";
import type { LabEvent } from "./kernel.ts";
import { type RunningLab, startLab } from "./lab.ts";
import { people } from "./people.ts";
import {
  fleetOf,
  functionArn,
  settleMilliseconds,
  timelinePorts,
  warmUpMilliseconds,
  zeroOf,
} from "./play.ts";
import { type Facts, routingAtEnd } from "./report/gather.ts";
import type { Progress } from "./report/progress.ts";
import type { DrillResult } from "./report/result.ts";
import { defectsOf, drillResult } from "./report/verdict.ts";
import { type LoadedScenario, ScenarioRefused } from "./scenarios/load.ts";
import { Operator } from "./scenarios/operator.ts";
import { playTimeline } from "./scenarios/timeline.ts";

export interface DrillSettings {
  readonly seed: number;
  /** Cloud assembly. */
  readonly folder: string;
  readonly progress: Pick<Progress, "say">;
  /** After the last step, so much time at rest ends the drill. Default: it goes on to its end. */
  readonly restSeconds?: number;
  /** Called once, when the lab is deployed and virtual time is about to start. */
  readonly onStart?: (lab: RunningLab) => void;
}

export interface DrillRun {
  readonly loaded: LoadedScenario;
  readonly result: DrillResult;
  readonly events: readonly LabEvent[];
  /** ms since 1970 of 0s. */
  readonly zero: number;
  readonly histories: readonly ClientHistory[];
  /** What the lab itself could not do, a sentence each; they are among the result's failures. */
  readonly defects: readonly string[];
  /** ms since 1970. */
  readonly endedAt: number;
  /** At the end. */
  readonly quiet: ReturnType<Checkers["quiet"]>;
}

const sliceSeconds = 20;

export async function runDrill(loaded: LoadedScenario, settings: DrillSettings): Promise<DrillRun> {
  const zero = zeroOf(loaded);
  const lab = await startLab({
    config: loaded.config,
    seed: settings.seed,
    folder: settings.folder,
    zero,
    warmUpMilliseconds,
  });
  try {
    settings.onStart?.(lab);
    return await new Drill(loaded, settings, lab, zero).run();
  } finally {
    lab.clock.uninstall();
  }
}

const epochSchema = routingStateSchema.pick({ epoch: true }).strip();

class Drill {
  readonly #loaded: LoadedScenario;
  readonly #settings: DrillSettings;
  readonly #lab: RunningLab;
  readonly #zero: number;
  readonly #fleet: Fleet;
  readonly #checkers: Checkers;
  readonly #effects: EventEffects;
  readonly #divergence: DivergenceCheck;
  readonly #startedAt = performance.now();

  constructor(loaded: LoadedScenario, settings: DrillSettings, lab: RunningLab, zero: number) {
    this.#loaded = loaded;
    this.#settings = settings;
    this.#lab = lab;
    this.#zero = zero;
    this.#fleet = fleetOf(loaded, lab, zero + loaded.scenario.until * 1000);
    this.#checkers = this.#newCheckers();
    this.#divergence = new DivergenceCheck({
      config: loaded.config,
      readAll: lab.dynamoDb.readAll,
      acknowledged: () => this.#fleet.acknowledged(),
    });
    this.#effects = new EventEffects({
      config: loaded.config,
      log: lab.log,
      readAll: lab.dynamoDb.readAll,
      acknowledged: () => this.#fleet.acknowledged(),
      deadLetters: (region) => {
        const name = deadEventQueueName(loaded.config);
        const queue = lab.sqs.queue(`arn:aws:sqs:${region}:${lab.account}:${name}`);
        return queue?.messages().map(({ body }) => body) ?? [];
      },
    });
  }

  async run(): Promise<DrillRun> {
    const { clock, log } = this.#lab;
    this.#refuseWhatIsNotDeployed();
    this.#hearWrites();
    this.#play();
    this.#fleet.start();
    const end = await this.#playOut();
    const quiet = this.#checkers.quiet(end);
    const atEnd = routingAtEnd(log.events);
    const pendingApprovals = this.#pendingApprovals();
    await clock.runUntil(end + settleMilliseconds);
    this.#checkers.finish();
    const { config } = this.#loaded;
    const serving = servingNow(config, atEnd ?? initialState(config, this.#zero));
    const missing = await this.#missing(serving);
    const facts: Facts = {
      config,
      zero: this.#zero,
      events: log.events,
      histories: this.#fleet.histories(),
      missing,
    };
    const result = drillResult(this.#loaded, facts, {
      seed: this.#settings.seed,
      endedAt: end,
      routing: atEnd,
      serving,
      pendingApprovals,
      counts: this.#fleet.counts(),
      book: this.#checkers.book,
      wrongEffects: [...this.#effects.sentences(clock.now()), ...this.#divergence.finish()],
      claimEnded: (run) => this.#checkers.claimEnded(run),
      wallMilliseconds: Math.round(performance.now() - this.#startedAt),
      logSha256: log.sha256(),
    });
    return {
      loaded: this.#loaded,
      result,
      events: log.events,
      zero: this.#zero,
      histories: facts.histories,
      defects: defectsOf(facts),
      endedAt: end,
      quiet,
    };
  }

  /** To the scenario's end, or to when all has been at rest for long enough. Answers when. */
  async #playOut(): Promise<number> {
    const { timeline, until } = this.#loaded.scenario;
    const { clock } = this.#lab;
    const { restSeconds, progress } = this.#settings;
    const end = this.#zero + until * 1000;
    const lastStep = this.#zero + Math.max(0, ...timeline.map(({ at }) => at)) * 1000;
    for (let at = clock.now(); at < end; ) {
      at = Math.min(end, at + sliceSeconds * 1000);
      await clock.runUntil(at);
      this.#checkers.converge(at);
      const percent = Math.round((100 * (at - this.#zero)) / (end - this.#zero));
      progress.say(`${Math.max(0, percent)} %`);
      const { restMilliseconds } = this.#checkers.quiet(at);
      if (restSeconds === undefined || at <= lastStep) continue;
      if (restMilliseconds >= restSeconds * 1000) return at;
    }
    return end;
  }

  #newCheckers(): Checkers {
    const { config } = this.#loaded;
    const { log, clock, dynamoDb, lab } = this.#lab;
    return new Checkers({
      config,
      log,
      startedAt: clock.now(),
      readAll: dynamoDb.readAll,
      acknowledged: () => this.#fleet.acknowledged(),
      dnsAnswers: () => regionsAnswered(lab.nameServers, config),
      pendingApprovals: () => this.#pendingApprovals(),
    });
  }

  /** Orders as each Region applied its own customers' writes; events as they came to be. */
  #hearWrites(): void {
    const { dynamoDb } = this.#lab;
    const control = controlTableName(this.#loaded.config);
    dynamoDb.onWrite((write) => {
      if (write.table !== control || write.key.sk !== "routing") return;
      const state = epochSchema.safeParse(write.item()).data;
      if (state) this.#checkers.replicaShows(write.region, state.epoch, write.at);
    });
    const table = applicationTableName(this.#loaded.config);
    dynamoDb.onWrite((write) => this.#divergence.written(write));
    const events = applicationKeys.event("").pk;
    dynamoDb.onWrite((write) => {
      if (write.table === table && String(write.key.pk).startsWith(events)) {
        this.#effects.written(write);
      }
      if (write.by === "replication" || write.by === "ttl") return;
      if (!isCustomers(this.#loaded.config, write)) return;
      const stamp = stampSchema.safeParse(write.item()).data;
      if (!stamp) return;
      const { region, at } = write;
      this.#checkers.customerWrite({ region, epoch: stamp.writerEpoch, at });
    });
  }

  #pendingApprovals(): number {
    const { config } = this.#loaded;
    const { clock, dynamoDb } = this.#lab;
    const { pk } = controlKeys.approval(groupOf(config), "");
    // With eventual coordination a question may have reached one replica, its answer the other.
    const known = servingRegions(config).flatMap((region) =>
      dynamoDb
        .readAll(controlTableName(config), region)
        .filter((item) => item.pk === pk)
        .flatMap((item) => approvalSchema.safeParse(item).data ?? []),
    );
    const answered = new Set(known.flatMap(({ id, status }) => (status === "pending" ? [] : [id])));
    const pending = known.filter(
      ({ id, expiresAt }) => !answered.has(id) && expiresAt > clock.now(),
    );
    return new Set(pending.map(({ id }) => id)).size;
  }

  /** Acknowledged writes that not every Region has that serves at the end. */
  async #missing(serving: readonly Region[]) {
    const { dynamoDb } = this.#lab;
    const replicas = serving.map((region) =>
      writtenIn(this.#loaded.config, dynamoDb.readAll, region),
    );
    return this.#fleet.missing((write) => replicas.every((written) => holdsWrite(written, write)));
  }

  #play(): void {
    const { scenario, config } = this.#loaded;
    const { clock, log, random } = this.#lab;
    const { account, desk } = people(config, this.#lab);
    const operator = new Operator({ config, account, clock, random, log, ...desk });
    playTimeline(scenario, {
      ...timelinePorts(this.#loaded, this.#lab),
      operate: (command) => void operator.carryOut(command),
    });
  }

  /** Which Region runs which function only the assembly tells. */
  #refuseWhatIsNotDeployed(): void {
    const { scenario, config, regionOf } = this.#loaded;
    const faults = scenario.timeline.flatMap(({ set, crash }, index) => {
      const named = set ?? (crash === "region-switch" ? undefined : crash);
      if (named === undefined) return [];
      const region = regionOf(named.region);
      const arn = functionArn(config, region, named.function);
      if (this.#lab.lambda.arnOf(arn, region) !== null) return [];
      const path = `$.timeline[${index}].${set === undefined ? "crash" : "set"}`;
      return [`${path}: ${named.function} is not deployed in ${region}`];
    });
    if (faults.length > 0) throw new ScenarioRefused(scenario.name, faults);
  }
}
