// What the checkers remember of a drill, put together from the lab's log alone. Each event changes
// it before any checker looks.
import { z } from "zod";
import type { Region } from "../../core/config/schema.ts";
import { type LedgerEntry, ledgerEntrySchema } from "../../core/contracts/ledger.ts";
import {
  type LeverPair,
  type LeverPosition,
  planSchema,
  type RoutingState,
  routingStateSchema,
} from "../../core/contracts/routing-state.ts";
import { lossBoundSchema } from "../../core/contracts/steps.ts";
import type { LabEvent } from "../kernel.ts";
import { ClockOffsets, regionOfArn } from "../report/true-times.ts";
import { Vouching } from "./vouching.ts";

export interface Lease {
  readonly executionArn: string;
  readonly from: number;
  until: number;
}

const claimEvent = z.object({
  epoch: z.int(),
  plan: planSchema,
  intent: z.enum(["switch", "take-over", "undo"]).default("switch"),
  /** As it was found right after the claim, and as it was decided on. */
  lossBound: lossBoundSchema,
  decided: lossBoundSchema.optional(),
  waived: z.array(z.string()),
});
export type ClaimSeen = z.infer<typeof claimEvent>;

export class Observations {
  routing: RoutingState | null = null;
  previousRouting: RoutingState | null = null;
  readonly ledger: LedgerEntry[] = [];
  readonly leases: Lease[] = [];
  /** When the current epoch was claimed, ms since 1970. */
  epochSince = 0;
  /** What each claim stated, in order: those of which somebody lived to hear the answer. */
  readonly claims: ClaimSeen[] = [];
  /** Epochs under which switches began, in order. */
  readonly switchEpochs: number[] = [];
  /** Actual positions of the levers, by Region. */
  readonly levers: Record<Region, LeverPair> = {};
  /** Executions in whose name each role wrote to the ledger, and when, newest last. */
  readonly #actedFor = new Map<string, { readonly at: number; readonly execution: string }[]>();
  /** Since when switches have been forced, and since when not, newest last. */
  readonly #forced: { readonly at: number; readonly isForced: boolean }[] = [];
  readonly #faults = new Set<string>();
  /** By execution, ms since 1970. */
  readonly #endedAt = new Map<string, number>();
  readonly clocks = new ClockOffsets();
  readonly vouching = new Vouching((at, region) => this.clocks.trueTime(at, region));
  /** When each entry was made: its own time is by its writer's clock. */
  readonly #madeAt = new Map<LedgerEntry, number>();
  #healedAt: number;

  constructor(startedAt: number) {
    this.#healedAt = startedAt;
  }

  /** When the last fault healed; null while one stands. */
  get healedAt(): number | null {
    return this.#faults.size > 0 ? null : this.#healedAt;
  }

  /** Whether the switch that was under way then was forced. */
  wasForced(then: number): boolean {
    return this.#forced.findLast(({ at }) => at <= then)?.isForced ?? false;
  }

  /** Execution that a role acted for then: every move of a lever is announced in the ledger first.
   * The role itself while it had announced nothing. */
  actsFor(role: string, then: number): string {
    return this.#actedFor.get(role)?.findLast(({ at }) => at <= then)?.execution ?? role;
  }

  take(event: LabEvent): void {
    const { kind, at, detail } = event;
    this.clocks.take(event);
    this.vouching.take(event);
    if (kind === "execution-ended") this.#endedAt.set(String(detail.arn), at);
    if (kind === "execution-ended" || kind === "clocks-set") this.#cutShort();
    if (kind === "fault") this.#faults.add(String(detail.id));
    if (kind === "heal" && this.#faults.delete(String(detail.id))) this.#healedAt = at;
    if (kind === "lever") this.#lever(event);
    if (kind === "claim") this.claims.push(claimEvent.parse(detail));
    if (kind !== "item-written") return;
    if (detail.sk === "routing") this.#routing(event);
    const entry = ledgerEntrySchema.safeParse(detail.item).data;
    if (!entry) return;
    this.ledger.push(entry);
    this.#madeAt.set(entry, this.clocks.trueTime(entry.at, regionOfArn(entry.execution)));
    const role = String(detail.by);
    const before = this.#actedFor.get(role) ?? [];
    if (before.at(-1)?.execution === entry.execution) return;
    this.#actedFor.set(role, [...before, { at, execution: entry.execution }]);
  }

  /** As writeAheadLedger asks for them. */
  inTrueTime(entries: readonly LedgerEntry[]): LedgerEntry[] {
    return entries.map((entry) => ({ ...entry, at: this.#madeAt.get(entry) ?? entry.at }));
  }

  /** Where clocks differ, if only since its holder ended, a lease may lapse sooner for others than
   * for its holder: what matters then is that its holder has ended. */
  #cutShort(): void {
    const last = this.leases.at(-1);
    if (last === undefined || !this.clocks.differ) return;
    last.until = Math.min(last.until, this.#endedAt.get(last.executionArn) ?? last.until);
  }

  #lever({ detail }: LabEvent): void {
    const region = String(detail.region);
    const pair = this.levers[region] ?? { switch: "released", drain: "released" };
    const position: LeverPosition = detail.position === "pulled" ? "pulled" : "released";
    this.levers[region] =
      detail.lever === "switch" ? { ...pair, switch: position } : { ...pair, drain: position };
  }

  #routing({ at, detail }: LabEvent): void {
    this.previousRouting = this.routing;
    this.routing = routingStateSchema.safeParse(detail.item).data ?? null;
    const isForced = this.routing?.plan?.mode === "forced";
    if (this.#forced.at(-1)?.isForced !== isForced) this.#forced.push({ at, isForced });
    if (this.routing?.epoch !== this.previousRouting?.epoch) this.epochSince = at;
    if (this.routing?.phase === "switching" && this.previousRouting?.phase === "steady") {
      this.switchEpochs.push(this.routing.epoch);
    }
    const lease = this.#leaseIn(this.routing);
    const last = this.leases.at(-1);
    if (lease && last?.executionArn === lease.executionArn) last.until = lease.until;
    else if (lease) this.leases.push({ ...lease, from: at });
    // Given back: nobody holds it from now on. A lease that another took stays as it was granted.
    else if (last) last.until = Math.min(last.until, at);
  }

  /** A lease runs by its holder's clock. */
  #leaseIn(routing: RoutingState | null) {
    const lease = routing?.lease ?? null;
    if (lease === null) return null;
    const { executionArn, until } = lease;
    return { executionArn, until: this.clocks.trueTime(until, regionOfArn(executionArn)) };
  }
}
