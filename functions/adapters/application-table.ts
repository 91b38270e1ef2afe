// The application table as its callers speak of it: orders, the canaries' items and the journal of
// every table, and with it what shows how far replication has come. Reads are strongly consistent
// *within the replica asked*: the tables are MREC. A journal entry is one attempt, so that none is
// sent later than the caller means; what it does when it fails is its business.
import { PutCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import type { Config, Region } from "../../core/config/schema.ts";
import {
  type CanaryItem,
  canaryItemSchema,
  type Order,
  orderSchema,
} from "../../core/contracts/orders.ts";
import {
  applicationKeys,
  type JournalEntry,
  journalEntrySchema,
  type Replacement,
  type ReplacementItem,
  replacementSchema,
} from "../../core/contracts/records.ts";
import { applicationTableName, customerIndexName } from "../../core/names.ts";
import { bounded, dynamoIn, dynamoOnceIn } from "./clients.ts";
import { type ReplicatedTables, replicatedTablesIn } from "./replicated-tables.ts";
import { tableIn } from "./table.ts";

export interface ApplicationTable extends ReplicatedTables {
  readOrder(id: string): Promise<Order | null>;
  /** Newest first; eventually consistent, as indexes are. */
  ordersOf(customer: string, limit: number): Promise<Order[]>;
  readCanary(vantage: Region, serving: Region): Promise<CanaryItem | null>;
  putJournal(entry: JournalEntry | ReplacementItem, seconds: number): Promise<void>;
  /** Entries of one partition with from <= at <= to (ms since 1970), oldest first, but for those
   * that were withdrawn. */
  readJournal(partition: string, from: number, to: number): Promise<JournalEntry[]>;
  /** What a Region's writes of one item replaced. */
  readReplacements(partition: string): Promise<Replacement[]>;
}

/** Sorts as text in the order of time. 15 digits last beyond the year 30000. */
export const journalSortKey = (at: number, version = "") =>
  `${String(at).padStart(15, "0")}#${version}`;

const readSeconds = 5;
/** Pages of one journal partition (an hour of one shard): 1 MB holds about 4,000 entries. */
const journalPagesMax = 200;

export function applicationTable(config: Config, region: Region): ApplicationTable {
  const name = applicationTableName(config);
  return {
    ...readsIn(region, name),
    ...replicatedTablesIn(config, region),
    putJournal: (entry, seconds) => putOnce(region, name, entry, seconds),
    readJournal: (partition, from, to) => readPartition(region, name, partition, from, to),
    readReplacements: (pk) => tableIn(region, name).list({ pk }, replacementSchema),
  };
}

type Reads = Pick<ApplicationTable, "readOrder" | "ordersOf" | "readCanary">;

function readsIn(region: Region, name: string): Reads {
  const table = tableIn(region, name);
  return {
    readOrder: (id) => table.read(applicationKeys.order(id), orderSchema),
    async ordersOf(customer, limit) {
      const command = new QueryCommand({
        TableName: name,
        IndexName: customerIndexName,
        KeyConditionExpression: "customer = :customer",
        ExpressionAttributeValues: { ":customer": customer },
        ScanIndexForward: false,
        Limit: limit,
      });
      const answer = await bounded(readSeconds, (o) => dynamoIn(region).send(command, o));
      return (answer.Items ?? []).map((item) => orderSchema.parse(item));
    },
    readCanary: (vantage, serving) =>
      table.read(applicationKeys.canary(vantage, serving), canaryItemSchema),
  };
}

async function putOnce(region: Region, name: string, item: object, seconds: number): Promise<void> {
  const command = new PutCommand({ TableName: name, Item: { ...item } });
  await bounded(seconds, (options) => dynamoOnceIn(region).send(command, options));
}

async function readPartition(
  region: Region,
  name: string,
  partition: string,
  from: number,
  to: number,
): Promise<JournalEntry[]> {
  const found: JournalEntry[] = [];
  let start: Record<string, unknown> | undefined;
  for (let page = 0; page < journalPagesMax; page += 1) {
    const command = new QueryCommand({
      TableName: name,
      ConsistentRead: true,
      KeyConditionExpression: "pk = :pk AND sk BETWEEN :from AND :to",
      ExpressionAttributeValues: {
        ":pk": partition,
        ":from": journalSortKey(from),
        // "~" sorts after every version.
        ":to": journalSortKey(to, "~"),
      },
      ...(start === undefined ? {} : { ExclusiveStartKey: start }),
    });
    const answer = await bounded(readSeconds, (options) => dynamoIn(region).send(command, options));
    const entries = (answer.Items ?? []).map((item) => journalEntrySchema.parse(item));
    found.push(...entries.filter(({ withdrawn }) => withdrawn !== true));
    start = answer.LastEvaluatedKey;
    if (start === undefined) return found;
  }
  throw new Error(`${partition} of ${name} has more than ${journalPagesMax} pages.`);
}
