// The ten invariants, checked after every event that changes state. The predicates are core's;
// here is only what each of them has to be shown, taken from the log and from the data itself.
import { createHash } from "node:crypto";
import type { Config, Region } from "../../core/config/schema.ts";
import { evidenceSchema } from "../../core/contracts/evidence.ts";
import type { LedgerEntry } from "../../core/contracts/ledger.ts";
import type { RoutingState } from "../../core/contracts/routing-state.ts";
import { decisionSchema } from "../../core/contracts/steps.ts";
import {
  controlPlaneFree,
  converges,
  fitTarget,
  ledgerChainVerifies,
  neverLeavesHealthy,
  oneSwitchAtATime,
  oneWriterPerEpoch,
  someRegionServes,
  writeAheadLedger,
} from "../../core/invariants.ts";
import { servingRegions, vantageRegions } from "../../core/names.ts";
import { servingNow } from "../../core/plan.ts";
import type { EventLog, LabEvent } from "../kernel.ts";
import { InvariantBook } from "./book.ts";
import { Knowledge } from "./knowledge.ts";
import { LossCheck, type LossPorts } from "./loss.ts";
import { Observations } from "./observations.ts";

export interface CheckerPorts extends Omit<LossPorts, "knowledge"> {
  readonly config: Config;
  readonly log: EventLog;
  /** ms since 1970. */
  readonly startedAt: number;
  /** Regions that the zone's name servers send clients to, sorted; null: nothing they say. */
  dnsAnswers(): Region[] | null;
  /** Approvals that are open now. */
  pendingApprovals(): number;
}

type Checked = (event: LabEvent) => void;

const fromOutside = new Set(["fault", "heal", "operator", "variables-set"]);
const switchesMax = 3;

/** Starts to listen; `finish` makes the checks that belong to the end. */
export class Checkers {
  readonly book: InvariantBook;
  readonly #ports: CheckerPorts;
  readonly #seen: Observations;
  readonly #loss: LossCheck;
  readonly #knowledge: Knowledge;
  readonly #writes: { region: Region; epoch: number }[] = [];
  /** Ledger entries that a lever's move has used up: each announces one move. */
  readonly #used = new Set<LedgerEntry>();
  /** Last time that people or a new switch stirred what had come to rest. */
  #stirredAt: number;
  /** Switches begun since anything last came from outside: a fault, a heal, a person. */
  #switchesSince = 0;
  /** As `converge` last found them, ms since 1970; null: somebody stirs, or it is not at rest. */
  #quietSince: number | null = null;
  #restsSince: number | null = null;

  constructor(ports: CheckerPorts) {
    this.#ports = ports;
    this.#seen = new Observations(ports.startedAt);
    this.#stirredAt = ports.startedAt;
    this.book = new InvariantBook(ports.log);
    this.#knowledge = new Knowledge(ports.config);
    this.#loss = new LossCheck({ ...ports, knowledge: this.#knowledge }, this.book);
    const checks: Record<string, Checked> = {
      lever: (event) => this.#lever(event),
      "item-written": (event) => this.#itemWritten(event),
      decision: (event) => this.#decision(event),
      operator: ({ at }) => {
        this.#stirredAt = at;
      },
      "variables-set": ({ at }) => {
        this.#stirredAt = at;
      },
    };
    ports.log.on((event) => {
      const before = event.kind === "lever" ? structuredClone(this.#seen.levers) : null;
      this.#seen.take(event);
      if (before) this.#moved(event, before);
      if (fromOutside.has(event.kind)) this.#switchesSince = 0;
      checks[event.kind]?.(event);
    });
  }

  /** A customer's write was applied where it was accepted. Where any Region may write there is no
   * writer, no promise of what a switch finds, and nothing to judge. */
  customerWrite(write: { region: Region; epoch: number; at: number }): void {
    if (this.#ports.config.writes === "any-region") return;
    const { coordination } = this.#ports.config;
    // What a Region that is cut off accepts is nobody's taking over.
    if (this.#isCutOff(write)) return;
    const last = this.#writes.at(-1);
    if (last?.region !== write.region || last.epoch !== write.epoch) {
      this.#writes.push({ region: write.region, epoch: write.epoch });
      this.#loss.firstWrite(write, this.#seen);
    }
    this.book.record("one-writer-per-epoch", oneWriterPerEpoch(this.#writes, coordination));
  }

  /** A replica of the control table shows the routing state of that epoch. */
  replicaShows(region: Region, epoch: number, at: number): void {
    this.#knowledge.shows(region, epoch, at);
  }

  #isCutOff({ region, epoch, at }: { region: Region; epoch: number; at: number }): boolean {
    const newer = this.#knowledge.newest() > epoch;
    return newer && this.#knowledge.isCutOff(region, epoch + 1, at);
  }

  /** Called now and then: state that must come to rest is looked at although nothing happens. */
  converge(now: number): void {
    const { routing, healedAt, levers } = this.#seen;
    if (routing === null) return;
    const open = this.#ports.pendingApprovals() > 0;
    if (open) this.#stirredAt = now;
    const quietSince = healedAt === null || open ? null : Math.max(healedAt, this.#stirredAt);
    const seen = {
      now,
      state: routing,
      levers: this.#allLevers(levers),
      serving: servingNow(this.#ports.config, routing),
      dnsAnswers: this.#ports.dnsAnswers(),
    };
    this.book.record("converges", converges({ ...seen, quietSince }));
    this.#quietSince = quietSince;
    const rests = converges({ ...seen, quietSince: Number.NEGATIVE_INFINITY }) === null;
    this.#restsSince = rests ? (this.#restsSince ?? now) : null;
  }

  /** ms for which nobody has stirred what had healed; and, of those, for which all is at rest. */
  quiet(now: number): { readonly forMilliseconds: number; readonly restMilliseconds: number } {
    if (this.#quietSince === null) return { forMilliseconds: 0, restMilliseconds: 0 };
    const rests = Math.max(this.#quietSince, this.#restsSince ?? now);
    return { forMilliseconds: now - this.#quietSince, restMilliseconds: now - rests };
  }

  finish(): void {
    const sha256 = (bytes: string) => createHash("sha256").update(bytes).digest("hex");
    const chains = new Map<string, LedgerEntry[]>();
    for (const entry of this.#seen.ledger) {
      chains.set(entry.execution, [...(chains.get(entry.execution) ?? []), entry]);
    }
    for (const chain of chains.values()) {
      this.book.record("write-ahead-ledger", ledgerChainVerifies(chain, sha256));
    }
    this.#loss.finish(this.#seen);
  }

  #allLevers(levers: Observations["levers"]): Observations["levers"] {
    const released = { switch: "released", drain: "released" } as const;
    const regions = Object.keys(this.#seen.routing?.levers ?? {});
    return Object.fromEntries(regions.map((region) => [region, levers[region] ?? released]));
  }

  /** 1 and 3: what the call does to traffic. A call that changes no Region's being in or out of
   * service moves nothing: it only re-asserts a latch. */
  #moved(event: LabEvent, before: Observations["levers"]): void {
    const { config } = this.#ports;
    const region = String(event.detail.region);
    const isOut = (levers: Observations["levers"]) =>
      levers[region]?.switch === "pulled" || levers[region]?.drain === "pulled";
    const [wasOut, out] = [isOut(before), isOut(this.#seen.levers)];
    const serving = servingRegions(config);
    const target = out ? (serving.find((one) => one !== region) ?? region) : region;
    const at = sentAtOf(event);
    const execution = this.#seen.actsFor(String(event.detail.sender), at);
    const vantages = vantageRegions(config);
    const asked = { serving: target, vantages, execution, asOf: at };
    const vouchedAt = this.#seen.vouching.vouchedAt(asked);
    const forced = this.#seen.wasForced(at);
    const fresh = vouchedAt !== null && at - vouchedAt <= 60_000;
    const pulling = out && !wasOut ? { region, otherVouched: fresh || forced } : null;
    this.book.record(
      "some-region-serves",
      someRegionServes({ serving, levers: this.#seen.levers, pulling }),
    );
    this.book.record(
      "fit-target",
      fitTarget({ target, at, vouchedAt, forced, reassertsLatch: wasOut === out }),
    );
  }

  /** 7 and 9: who touched it, and what was said before. */
  #lever(event: LabEvent): void {
    const { detail } = event;
    const at = sentAtOf(event);
    const { leases, routing } = this.#seen;
    const sender = this.#seen.actsFor(String(detail.sender), at);
    const readAt = typeof detail.readAt === "number" ? detail.readAt : null;
    const holder = typeof detail.holder === "string" ? detail.holder : null;
    const levers = [{ sender, at, readAt, holder }];
    this.book.record("one-switch-at-a-time", oneSwitchAtATime({ leases, levers }));
    if (detail.republished === true) return;
    const kind = detail.position === "pulled" ? "pull-lever" : "release-lever";
    const mine = (entry: LedgerEntry) =>
      entry.detail.region === detail.region && entry.detail.lever === detail.lever;
    this.#announced(kind, routing?.epoch ?? 0, at, mine);
  }

  #announced(
    kind: LedgerEntry["kind"],
    current: number,
    at: number,
    mine: (entry: LedgerEntry) => boolean,
  ): void {
    const entries = this.#seen.ledger.filter((entry) => mine(entry) && !this.#used.has(entry));
    const announced = entries.findLast((entry) => entry.kind === kind);
    if (announced) this.#used.add(announced);
    const execution = announced?.execution ?? "nobody";
    // A call may rest on a strong read that is up to 5 s old: its epoch may be the one before.
    const justClaimed = at - this.#seen.epochSince <= 5000 && announced?.epoch === current - 1;
    const epoch = justClaimed ? current - 1 : current;
    this.book.record(
      "write-ahead-ledger",
      writeAheadLedger({ execution, epoch, kind, at }, this.#seen.inTrueTime(entries)),
    );
  }

  #itemWritten(event: LabEvent): void {
    if (event.detail.sk !== "routing") return;
    const { routing, previousRouting: before, leases, levers } = this.#seen;
    if (routing === null || before === null) return;
    // A switch of its own has its own fifteen minutes; one that is only claimed again has not.
    if (before.phase === "steady" && routing.phase === "switching") this.#switchBegan(event.at);
    this.book.record("one-switch-at-a-time", oneSwitchAtATime({ leases, levers: [] }));
    const serving = servingRegions(this.#ports.config);
    this.book.record("some-region-serves", someRegionServes({ serving, levers, pulling: null }));
    for (const kinds of transitionKinds(before, routing)) this.#transition(kinds, event.at);
  }

  /** A few may follow on what happened; whoever goes on beginning them will never rest. */
  #switchBegan(at: number): void {
    this.#switchesSince += 1;
    if (this.#switchesSince <= switchesMax) this.#stirredAt = at;
  }

  #transition(kinds: readonly LedgerEntry["kind"][], at: number): void {
    const { routing, previousRouting, ledger } = this.#seen;
    const holder = routing?.lease?.executionArn ?? previousRouting?.lease?.executionArn;
    const entry = ledger.findLast((one) => kinds.includes(one.kind) && one.execution === holder);
    const transition = {
      execution: holder ?? "nobody",
      epoch: routing?.epoch ?? 0,
      kind: entry?.kind ?? kinds[0] ?? "claim",
      at,
    };
    this.book.record(
      "write-ahead-ledger",
      writeAheadLedger(transition, this.#seen.inTrueTime(ledger)),
    );
  }

  #decision({ detail }: LabEvent): void {
    const parsed = decisionEvent.safeParse(detail);
    if (!parsed.success || parsed.data.plan === null) return;
    const { evidence, kind, plan, intent } = parsed.data;
    const { config } = this.#ports;
    this.book.record(
      "never-leaves-healthy",
      neverLeavesHealthy({ config, evidence, kind, plan, intent }),
    );
  }

  /** 8. Each switch that was decided for and claimed, when it ended (or when the drill did). */
  claimEnded(run: Parameters<typeof controlPlaneFree>[0]): void {
    this.book.record("control-plane-free", controlPlaneFree(run));
  }
}

const decisionEvent = decisionSchema
  .pick({ kind: true, plan: true, intent: true })
  .extend({ evidence: evidenceSchema.pick({ reports: true }) });

/** A slow service moves a lever long after it was asked to: what the caller knew counts. */
function sentAtOf({ at, detail }: LabEvent): number {
  return typeof detail.sentAt === "number" ? detail.sentAt : at;
}

/** Which kinds of ledger entry may announce what changed in the routing state. */
function transitionKinds(before: RoutingState, after: RoutingState): LedgerEntry["kind"][][] {
  const kinds: LedgerEntry["kind"][][] = [];
  if (after.epoch !== before.epoch) kinds.push(["claim", "undo"]);
  if (after.writer !== before.writer && after.writer !== null) kinds.push(["promote"]);
  if (after.phase === "steady" && before.phase === "switching") kinds.push(["outcome"]);
  return kinds;
}
