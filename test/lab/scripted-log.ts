// The lab's real log with events written by hand, at instants of the test's choice: what services
// and the observer log, in their words. Ledger entries get a true hash chain for each execution.
import { createHash } from "node:crypto";
import { firstPrevious, type LedgerEntry, ledgerBytes } from "../../core/contracts/ledger.ts";
import type { Plan, RoutingState } from "../../core/contracts/routing-state.ts";
import { initialState } from "../../core/plan.ts";
import { planOf } from "../../core/plan-for.ts";
import type { Json, LabEvent } from "../../lab/kernel.ts";
import { createEventLog } from "../../lab/log.ts";
import { config, now as zero } from "../core/world.ts";

export { config, zero };
export const primary = "us-east-1";
export const secondary = "us-west-2";
export const witness = "us-east-2";
export const run = "arn:aws:states:us-west-2:123456789012:execution:orders-region-switch:run";
/** Who touches the levers for that execution. */
export const role = "arn:aws:iam::123456789012:role/shift-traffic";
export const failover = planOf(config, "failover", "automatic");
export const atSecond = (seconds: number) => zero + seconds * 1000;

/** The routing state before anything happened. */
export const steady: RoutingState = initialState(config, zero);
/** As the claim of epoch 2 leaves it. */
export const switching: RoutingState = {
  ...steady,
  epoch: 2,
  writer: null,
  phase: "switching",
  levers: { [primary]: { switch: "pulled", drain: "pulled" } },
  plan: failover,
  lease: { executionArn: run, until: atSecond(300) },
};
/** As the promotion leaves it, and as the record does. */
export const promoted: RoutingState = { ...switching, active: secondary, writer: secondary };
export const settled: RoutingState = { ...promoted, phase: "steady", plan: null, lease: null };

type Entry = Pick<LedgerEntry, "kind" | "epoch"> & Partial<LedgerEntry>;

export function scriptedLog() {
  let now = zero;
  const log = createEventLog({ now: () => now });
  const last = new Map<string, LedgerEntry>();
  const emit = (
    seconds: number,
    kind: string,
    detail: { [key: string]: Json },
    region: string | null = null,
  ): LabEvent => {
    now = atSecond(seconds);
    return log.emit(kind, region, detail);
  };
  const item = (seconds: number, sk: string, written: unknown, by = role) =>
    emit(seconds, "item-written", { sk, by, item: toJson(written) }, secondary);
  return {
    log,
    emit,
    look: (seconds: number, vantage: string, serving: string, passed = true) =>
      emit(seconds, "look", { vantage, serving, passed }, vantage),
    /** A pull of the drain lever by the run, right after a strong read; `change` what differs. */
    lever: (seconds: number, change: { [key: string]: Json } = {}) =>
      emit(seconds, "lever", {
        lever: "drain",
        region: primary,
        position: "pulled",
        republished: false,
        sender: role,
        readAt: atSecond(seconds),
        holder: run,
        ...change,
      }),
    routing: (seconds: number, state: RoutingState) => item(seconds, "routing", state),
    claim: (
      seconds: number,
      change: {
        plan?: Plan;
        intent?: string;
        lossBound?: Json;
        decided?: Json;
        waived?: string[];
        epoch?: number;
      } = {},
    ) =>
      emit(seconds, "claim", {
        epoch: 2,
        plan: failover,
        intent: "switch",
        lossBound: {
          seconds: 20,
          estimatedWrites: 20,
          newestAtTarget: atSecond(-5),
          stopBound: atSecond(15),
        },
        waived: [],
        ...change,
      }),
    /** Appends to the execution's chain. A `change` that is given wins over what would be true. */
    ledger(seconds: number, change: Entry, by = role): LedgerEntry {
      const execution = change.execution ?? run;
      const before = last.get(execution);
      const covered = {
        execution,
        sequence: (before?.sequence ?? 0) + 1,
        at: atSecond(seconds),
        sentence: "A sentence.",
        detail: {},
        previous: before?.hash ?? firstPrevious,
        ...change,
      };
      const hash = createHash("sha256").update(ledgerBytes(covered)).digest("hex");
      const entry = { ...covered, hash, ...change };
      last.set(execution, entry);
      item(seconds, String(entry.sequence).padStart(6, "0"), entry, by);
      return entry;
    },
  };
}
export type ScriptedLog = ReturnType<typeof scriptedLog>;

const toJson = (value: unknown): Json => JSON.parse(JSON.stringify(value));
