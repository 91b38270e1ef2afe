// The control table as its callers speak of it. It is an MRSC table: reads here are linearizable
// and conditions hold across Regions. Writes of the routing state set only the attributes that
// change, so that an operator's pause in between is never overwritten by an older copy.
import * as z from "zod";
import type { Config, Region } from "../../core/config/schema.ts";
import { canonical } from "../../core/contracts/ledger.ts";
import {
  type Abort,
  abortSchema,
  type CheckIds,
  checkIdsSchema,
  controlKeys,
  heartbeatSchema,
  type Mark,
  markSchema,
  type Page,
  pageSchema,
  type View,
  viewSchema,
} from "../../core/contracts/records.ts";
import {
  type Automation,
  type RoutingState,
  routingStateSchema,
} from "../../core/contracts/routing-state.ts";
import { TransientFault } from "../../core/errors.ts";
import { controlTableName, groupOf, servingRegions } from "../../core/names.ts";
import { type Condition, type Table, tableIn } from "./table.ts";

/** What else must be as it was read. */
export interface AlsoSeen {
  readonly automation?: Automation;
  readonly lease?: RoutingState["lease"];
  /** Until when automation was set: the same setting, not another one to the same value. */
  readonly automationUntil?: number;
}

export interface ControlTable {
  /** Strongly consistent; null: nobody has created it yet. */
  findRouting(): Promise<RoutingState | null>;
  /** As findRouting; a missing item is a TransientFault, since reconcile creates it. */
  readRouting(): Promise<RoutingState>;
  /** False: there is one already. */
  createRouting(state: RoutingState): Promise<boolean>;
  /** Writes what differs between `seen` and `next`, if epoch, phase and (where given) automation
   * and lease are still as seen. Answers the state as it stands after the write; null: lost. A
   * condition that failed although the item already names the same execution at `next`'s epoch is
   * success, and then the stored item is answered, not `next`. */
  writeRouting(
    seen: RoutingState,
    next: RoutingState,
    also?: AlsoSeen,
  ): Promise<RoutingState | null>;
  beat(region: Region, at: number): Promise<void>;
  /** Of both serving Regions, each on its own clock; null: never seen. */
  readHeartbeats(): Promise<Record<Region, number | null>>;
  putView(view: View): Promise<void>;
  readViews(): Promise<View[]>;
  readChecks(): Promise<CheckIds | null>;
  putChecks(ids: CheckIds): Promise<void>;
  readMark(source: Region): Promise<Mark | null>;
  putMark(mark: Mark): Promise<void>;
  /** Tells the gates of that epoch that a claim is coming. */
  putNotice(epoch: number, at: number): Promise<void>;
  /** `source`: the Region that it was about to leave; null: no plan was made. */
  readPage(source: Region | null): Promise<Page | null>;
  putPage(source: Region | null, page: Page): Promise<void>;
  /** null: nobody wants that execution to stop. */
  findAbort(execution: string): Promise<Abort | null>;
  /** ms since 1970; null: nothing was archived yet. */
  readArchived(region: Region): Promise<number | null>;
  putArchived(region: Region, at: number): Promise<void>;
}

const archivedSchema = z.object({ at: z.number() });
const checksItemSchema = z.object({ ids: checkIdsSchema });

/** Through the replica in `region`. */
export function controlTable(config: Config, region: Region): ControlTable {
  return controlTableOn(tableIn(region, controlTableName(config)), config);
}

export function controlTableOn(table: Table, config: Config): ControlTable {
  return { ...routingOn(table, config), ...observationsOn(table, config) };
}

type RoutingPart = Pick<
  ControlTable,
  "findRouting" | "readRouting" | "createRouting" | "writeRouting"
>;

function routingOn(table: Table, config: Config): RoutingPart {
  const key = controlKeys.routing(groupOf(config));
  const findRouting = () => table.read(key, routingStateSchema);
  return {
    findRouting,
    async readRouting() {
      const state = await findRouting();
      if (state !== null) return state;
      throw new TransientFault("The routing state does not exist yet; reconcile creates it.");
    },
    createRouting: (state) => table.put(key, state, { expression: "attribute_not_exists(pk)" }),
    async writeRouting(seen, next, also) {
      const changes = changedAttributes(seen, next);
      if (Object.keys(changes).length === 0) return next;
      if (await table.set(key, changes, stillAsSeen(seen, also))) return next;
      const stored = await findRouting();
      return stored !== null && isSameWrite(stored, next, changes) ? stored : null;
    },
  };
}

function observationsOn(table: Table, config: Config): Omit<ControlTable, keyof RoutingPart> {
  const group = groupOf(config);
  const put = async (key: { pk: string; sk: string }, value: object) => {
    await table.put(key, value);
  };
  return {
    // Only ever later: the fence computes with the newest beat that any gate may have read.
    async beat(region, at) {
      await table.put(
        controlKeys.heartbeat(group, region),
        { region, at },
        {
          expression: "attribute_not_exists(pk) OR #at < :at",
          names: { at: "at" },
          values: { at },
        },
      );
    },
    async readHeartbeats() {
      const beats = await Promise.all(
        servingRegions(config).map(async (region) => {
          const beat = await table.read(controlKeys.heartbeat(group, region), heartbeatSchema);
          return [region, beat?.at ?? null] as const;
        }),
      );
      return Object.fromEntries(beats);
    },
    putView: (view) => put(controlKeys.view(group, view.vantage, view.serving), view),
    readViews: () => table.list({ pk: controlKeys.routing(group).pk, prefix: "view#" }, viewSchema),
    async readChecks() {
      const item = await table.read(controlKeys.checks(group), checksItemSchema);
      return item?.ids ?? null;
    },
    putChecks: (ids) => put(controlKeys.checks(group), { ids }),
    readMark: (source) => table.read(controlKeys.mark(group, source), markSchema),
    putNotice: (epoch, at) => put(controlKeys.notice(group), { epoch, at }),
    putMark: (mark) => put(controlKeys.mark(group, mark.source), mark),
    readPage: (source) => table.read(controlKeys.page(group, source), pageSchema),
    putPage: (source, page) => put(controlKeys.page(group, source), page),
    findAbort: (execution) => table.read(controlKeys.abort(group, execution), abortSchema),
    async readArchived(region) {
      return (await table.read(controlKeys.archived(group, region), archivedSchema))?.at ?? null;
    },
    putArchived: (region, at) => put(controlKeys.archived(group, region), { at }),
  };
}

function changedAttributes(seen: RoutingState, next: RoutingState): Record<string, unknown> {
  const before = new Map<string, unknown>(Object.entries(seen));
  return Object.fromEntries(
    Object.entries(next).filter(([name, value]) => !isEqual(before.get(name), value)),
  );
}

function stillAsSeen(seen: RoutingState, also: AlsoSeen = {}): Condition {
  const { automation, lease, automationUntil: until } = also;
  const parts = ["#epoch = :epoch AND #phase = :phase"];
  if (automation !== undefined) parts.push("#automation = :automation");
  if (until !== undefined) parts.push("#change.#until = :automationUntil");
  // Part by part: what a map compares equal to is better not relied on.
  if (lease) parts.push("#lease.#until = :until AND #lease.#executionArn = :executionArn");
  return {
    expression: parts.join(" AND "),
    names: {
      ...{ epoch: "epoch", phase: "phase" },
      ...(automation === undefined ? {} : { automation: "automation" }),
      ...(until === undefined ? {} : { change: "automationChange", until: "until" }),
      ...(lease ? { lease: "lease", until: "until", executionArn: "executionArn" } : {}),
    },
    values: {
      ...{ epoch: seen.epoch, phase: seen.phase },
      ...(automation === undefined ? {} : { automation }),
      ...(until === undefined ? {} : { automationUntil: until }),
      ...lease,
    },
  };
}

/** An earlier attempt of the same write got through although its answer was lost: the item names
 * the same execution at the same epoch (a claim's times may differ), or has all that was set. */
function isSameWrite(
  stored: RoutingState,
  next: RoutingState,
  changes: Record<string, unknown>,
): boolean {
  if (stored.epoch !== next.epoch) return false;
  const holder = stored.lease?.executionArn;
  if (holder !== undefined && holder === next.lease?.executionArn) return true;
  const now = new Map<string, unknown>(Object.entries(stored));
  return Object.entries(changes).every(([name, value]) => isEqual(now.get(name), value));
}

/** Key order and undefined members don't count. */
function isEqual(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}
