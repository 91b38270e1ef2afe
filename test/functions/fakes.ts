// Hand-written stand-ins for the adapters that the steps are given. Each keeps what it was told in
// order, so that a test can say what happened before what; what a test did not plan throws.

import type { Config, Region } from "../../core/config/schema.ts";
import type { Look } from "../../core/contracts/evidence.ts";
import type { LedgerEntry } from "../../core/contracts/ledger.ts";
import type { Abort, Mark, Page } from "../../core/contracts/records.ts";
import type { RoutingState } from "../../core/contracts/routing-state.ts";
import type { Claim, LookAnswer, Run } from "../../core/contracts/steps.ts";
import { claimed, initialState } from "../../core/plan.ts";
import { planOf } from "../../core/plan-for.ts";
import type { ControlTable } from "../../functions/adapters/control-table.ts";
import type { Looks } from "../../functions/adapters/functions.ts";
import type { Ledger, LedgerNote, ReadLedger } from "../../functions/adapters/ledger.ts";
import { now } from "../core/world.ts";

export const executionArn =
  "arn:aws:states:us-west-2:123456789012:execution:orders-region-switch:a";
export const run: Run = { executionArn, startedAt: "2026-01-15T08:59:30.000Z" };

/** Ten seconds before `now`, an unplanned failover was claimed by `run` as epoch 2. */
export function claimedState(config: Config, mode: "automatic" | "planned" = "automatic") {
  const steady = initialState(config, now - 86_400_000);
  const plan = planOf(config, "failover", mode);
  return claimed(config, steady, { plan, executionArn, now: now - 10_000 });
}

export function claimOn(state: RoutingState, difference: object = {}): Claim {
  if (state.plan === null) throw new Error("There is no plan to claim.");
  return {
    claimed: true,
    epoch: state.epoch,
    claimedAt: state.claimedAt,
    plan: state.plan,
    intent: "switch",
    next: "fence",
    promotes: true,
    promoted: false,
    lossBound: { seconds: 18, estimatedWrites: 27, stopBound: now, newestAtTarget: now - 18_000 },
    ...difference,
  };
}

export interface Told {
  readonly events: string[];
  readonly ledger: Ledger;
  readonly readLedger: ReadLedger;
  readonly notes: LedgerNote[];
}

/** A ledger that keeps its notes, and the list of what happened that other fakes add to. */
export function told(): Told {
  const events: string[] = [];
  const notes: LedgerNote[] = [];
  const entries: LedgerEntry[] = [];
  const ledger: Ledger = {
    async append(note) {
      events.push(`ledger ${note.kind}`);
      notes.push(note);
      const entry: LedgerEntry = {
        ...note,
        sequence: notes.length,
        at: now,
        previous: "",
        hash: `hash ${notes.length}`,
      };
      entries.push(entry);
      return entry;
    },
  };
  const readLedger: ReadLedger = async (execution) =>
    entries.filter((entry) => entry.execution === execution);
  return { events, ledger, readLedger, notes };
}

type RoutingDoor = Pick<ControlTable, "readRouting" | "writeRouting" | "findAbort"> & {
  state: RoutingState;
};

/** What an operator said of `run`; of every other execution nobody wants anything. */
export const wish: Abort = {
  execution: executionArn,
  by: "arn:aws:iam::123456789012:user/alice",
  reason: "customers call",
  at: now,
};
export const abortDoor = (abort: Abort | null = null): Pick<ControlTable, "findAbort"> => ({
  findAbort: async (execution) => (execution === abort?.execution ? abort : null),
});

/** The routing item with its condition on epoch and phase. `lose`: another run is always first. */
export function routingDoor(state: RoutingState, events: string[] = [], lose = false): RoutingDoor {
  return {
    state,
    ...abortDoor(),
    async readRouting() {
      events.push("read routing");
      return this.state;
    },
    async writeRouting(seen, next) {
      events.push("write routing");
      if (lose || seen.epoch !== this.state.epoch || seen.phase !== this.state.phase) return null;
      this.state = next;
      return next;
    },
  };
}

export function markDoor(mark: Mark | null): Pick<ControlTable, "readMark"> {
  return { readMark: async () => mark };
}

export function pageDoor(): Pick<ControlTable, "readPage" | "putPage"> {
  const pages = new Map<Region | null, Page>();
  return {
    readPage: async (source) => pages.get(source) ?? null,
    async putPage(source, page) {
      pages.set(source, page);
    },
  };
}

export function look(serving: Region, difference: Partial<Look> = {}): Look {
  return {
    ...{ serving, passed: true, startedAt: now, milliseconds: 200, failedStep: null, detail: "" },
    ...difference,
  };
}

export function lookAnswer(vantage: Region, difference: Partial<LookAnswer> = {}): LookAnswer {
  return { vantage, at: now, looks: [], publicName: null, ...difference };
}

/** Vantage points that aren't planned are silent: their call fails. */
export function looksOf(answers: Record<Region, LookAnswer>): Looks {
  return {
    async look(vantage) {
      const answer = answers[vantage];
      if (answer === undefined) throw new Error(`${vantage} does not answer.`);
      return answer;
    },
  };
}
