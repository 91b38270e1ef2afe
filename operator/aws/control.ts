// The control table as operators use it: one snapshot of each serving Region's replica, the change
// of `automation`, and an approval's answer. Reads are strongly consistent; writes are conditional
// on what was shown.
import { GetCommand, QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { z } from "zod";
import type { Config, Region } from "../../core/config/schema.ts";
import {
  type Abort,
  type Approval,
  abortSchema,
  approvalSchema,
  type CheckIds,
  checkIdsSchema,
  controlKeys,
  heartbeatSchema,
  type View,
  viewSchema,
} from "../../core/contracts/records.ts";
import {
  type Automation,
  type RoutingState,
  routingStateSchema,
} from "../../core/contracts/routing-state.ts";
import { controlTableName, groupOf, servingRegions } from "../../core/names.ts";
import { within } from "./asking.ts";
import type { Clients } from "./clients.ts";
import { AwsFault } from "./faults.ts";

/** What one Region's replica holds. */
export interface Snapshot {
  /** null: reconcile has not created it yet. */
  readonly routing: RoutingState | null;
  readonly views: readonly View[];
  readonly checks: CheckIds | null;
  /** Newest first. */
  readonly approvals: readonly Approval[];
  /** ms since 1970, each Region's own clock. */
  readonly heartbeats: Readonly<Record<Region, number | null>>;
}

const approvalsListed = 50;
const changeSeconds = 5;
/** A partition holds tens of items, a long switch's ledger some hundred: one page is 1 MB. */
const pagesMax = 20;
const checksItem = z.object({ ids: checkIdsSchema });
const routingItem = z.object({ pk: z.string(), sk: z.string() }).loose();

export async function readSnapshot(
  clients: Clients,
  config: Config,
  region: Region,
): Promise<Snapshot> {
  const group = groupOf(config);
  const [items, approvals, beats] = await Promise.all([
    partition(clients, config, region, controlKeys.routing(group).pk),
    partition(clients, config, region, controlKeys.approval(group, "").pk, approvalsListed),
    Promise.all(
      servingRegions(config).map(async (of) => {
        const item = await readItem(clients, config, region, controlKeys.heartbeat(group, of));
        return [of, heartbeatSchema.safeParse(item).data?.at ?? null] as const;
      }),
    ),
  ]);
  const found = (sk: string) => items.find((item) => item.sk === sk);
  return {
    routing: routingOf(found(controlKeys.routing(group).sk)),
    checks: checksItem.safeParse(found(controlKeys.checks(group).sk)).data?.ids ?? null,
    views: items.flatMap((item) =>
      item.sk.startsWith("view#") ? (viewSchema.safeParse(item).data ?? []) : [],
    ),
    approvals: approvals.flatMap((item) => approvalSchema.safeParse(item).data ?? []),
    heartbeats: Object.fromEntries(beats),
  };
}

/** Throws where the item is not what this version of Switchback writes. */
function routingOf(item: z.output<typeof routingItem> | undefined): RoutingState | null {
  if (item === undefined) return null;
  const { pk: _pk, sk: _sk, ...state } = item;
  return routingStateSchema.parse(state);
}

/** One execution's entries as that replica holds them, in order, parsed by nobody yet. */
export async function readLedger(
  clients: Clients,
  config: Config,
  region: Region,
  execution: string,
): Promise<unknown[]> {
  const items = await partition(clients, config, region, controlKeys.ledger(execution, 1).pk);
  return items.map(({ pk: _pk, sk: _sk, ...entry }) => entry);
}

async function partition(
  clients: Clients,
  config: Config,
  region: Region,
  pk: string,
  newest?: number,
) {
  const items: z.output<typeof routingItem>[] = [];
  let start: Record<string, unknown> | undefined;
  for (let pages = 0; pages < pagesMax; pages += 1) {
    const command = new QueryCommand({
      TableName: controlTableName(config),
      ConsistentRead: true,
      KeyConditionExpression: "pk = :pk",
      ExpressionAttributeValues: { ":pk": pk },
      ...(newest === undefined ? {} : { Limit: newest, ScanIndexForward: false }),
      ...(start === undefined ? {} : { ExclusiveStartKey: start }),
    });
    const answer = await within(region, (o) => clients.tables(region).send(command, o));
    items.push(...z.array(routingItem).parse(answer.Items ?? []));
    start = answer.LastEvaluatedKey;
    if (start === undefined || items.length >= (newest ?? Infinity)) return items;
  }
  throw new Error(`${pk} of ${controlTableName(config)} has more than ${pagesMax} pages.`);
}

async function readItem(
  clients: Clients,
  config: Config,
  region: Region,
  Key: { pk: string; sk: string },
): Promise<unknown> {
  const command = new GetCommand({
    TableName: controlTableName(config),
    Key,
    ConsistentRead: true,
  });
  const answer = await within(region, (options) => clients.tables(region).send(command, options));
  return answer.Item;
}

export interface AutomationChange {
  readonly automation: Automation;
  readonly by: string;
  readonly at: number;
  readonly reason: string;
  /** ms since 1970, and what holds from then on. Absent: it lasts. */
  readonly until?: number;
  readonly afterwards?: Automation;
  /** The epoch that was shown. */
  readonly epoch: number;
}

/** False: the epoch has changed meanwhile. */
export function changeAutomation(
  clients: Clients,
  config: Config,
  region: Region,
  { automation, epoch, ...change }: AutomationChange,
): Promise<boolean> {
  return update(clients, config, region, {
    Key: controlKeys.routing(groupOf(config)),
    UpdateExpression: "SET automation = :automation, automationChange = :change",
    ConditionExpression: "epoch = :epoch",
    ExpressionAttributeValues: {
      ":automation": automation,
      ":change": change,
      ":epoch": epoch,
    },
  });
}

/** The wish that this execution stop; null: there is none. */
export async function readAbort(
  clients: Clients,
  config: Config,
  region: Region,
  execution: string,
): Promise<Abort | null> {
  const key = controlKeys.abort(groupOf(config), execution);
  const item = await readItem(clients, config, region, key);
  return item === undefined ? null : abortSchema.parse(item);
}

/** A wish for one execution, once. False: somebody asked for it before. */
export function recordAbort(
  clients: Clients,
  config: Config,
  region: Region,
  { execution, by, reason, at }: Abort,
): Promise<boolean> {
  return update(clients, config, region, {
    Key: controlKeys.abort(groupOf(config), execution),
    UpdateExpression: "SET #execution = :execution, #by = :by, #reason = :reason, #at = :at",
    ConditionExpression: "attribute_not_exists(pk)",
    ExpressionAttributeNames: {
      ...{ "#execution": "execution", "#by": "by", "#reason": "reason", "#at": "at" },
    },
    ExpressionAttributeValues: {
      ...{ ":execution": execution, ":by": by, ":reason": reason, ":at": at },
    },
  });
}

export interface Mark {
  readonly status: "approved" | "rejected" | "pending";
  readonly by: string | null;
  readonly at: number | null;
}

/** Whether the very question that was shown stands so: a mark may have landed though its answer was
 * lost. Throws AwsFault. */
export async function isMarked(
  clients: Clients,
  config: Config,
  region: Region,
  shown: Approval,
  { status, by, at }: Mark,
): Promise<boolean> {
  const key = controlKeys.approval(groupOf(config), shown.id);
  const item = await readItem(clients, config, region, key);
  const stands = approvalSchema.safeParse(item).data;
  if (stands?.taskToken !== shown.taskToken || stands.epoch !== shown.epoch) return false;
  return stands.status === status && stands.answeredBy === by && stands.answeredAt === at;
}

/** Only the very question that was shown, and only from `from`. False: it has changed. */
export function markApproval(
  clients: Clients,
  config: Config,
  region: Region,
  shown: Approval,
  from: { readonly status: Approval["status"]; readonly by: string | null },
  to: Mark,
): Promise<boolean> {
  const mine = from.by === null ? "" : " AND answeredBy = :mine";
  return update(clients, config, region, {
    Key: controlKeys.approval(groupOf(config), shown.id),
    UpdateExpression: "SET #status = :status, answeredAt = :at, answeredBy = :by",
    ConditionExpression: `#status = :was AND taskToken = :token AND epoch = :epoch${mine}`,
    ExpressionAttributeNames: { "#status": "status" },
    ExpressionAttributeValues: {
      ":status": to.status,
      ":at": to.at,
      ":by": to.by,
      ":was": from.status,
      ...(from.by === null ? {} : { ":mine": from.by }),
      ":token": shown.taskToken,
      ":epoch": shown.epoch,
    },
  });
}

type Update = Omit<ConstructorParameters<typeof UpdateCommand>[0], "TableName">;

async function update(clients: Clients, config: Config, region: Region, change: Update) {
  const command = new UpdateCommand({ TableName: controlTableName(config), ...change });
  try {
    await within(region, (o) => clients.tables(region).send(command, o), changeSeconds);
    return true;
  } catch (error) {
    if (error instanceof AwsFault && error.code === "ConditionalCheckFailedException") return false;
    throw error;
  }
}
