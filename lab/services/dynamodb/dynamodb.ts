// DynamoDB of all Regions: dynalite's actions over stores in memory, global tables on top. The
// clients' calls, the templates' tables, the checkers' view of the data and the faults come
// together here.
import type { Region } from "../../../core/config/schema.ts";
import type { AwsService, DeployedResource, Lab, ResourceModels } from "../../kernel.ts";
import { type PlainItem, plainItem } from "./attribute-values.ts";
import { runAction } from "./dynalite.ts";
import { GlobalTable, globalTableProperties } from "./global-table.ts";
import { type Change, type ReplicationFault, Replicator } from "./replication.ts";
import { createService } from "./service.ts";

/** Expired items go within this time; AWS: typically within a few days, free to be sooner. */
const sweepMilliseconds = 600_000;

/** One replica's item changed. */
export interface TableWrite {
  readonly table: string;
  readonly region: Region;
  /** Virtual ms since 1970 at which this replica changed. */
  readonly at: number;
  /** Partition key, and sort key where there is one. */
  readonly key: PlainItem;
  /** As it is now; null: deleted. Computed when asked. */
  item(): PlainItem | null;
  /** What the replica holds now: of a replicated change that lost, the newer item. */
  stored(): PlainItem | null;
  /** ARN of the caller, "replication" or "ttl". */
  readonly by: string;
  /** Of a replicated change: where it was written. */
  readonly origin: Region;
}

export interface DynamoDb {
  readonly service: AwsService;
  readonly models: ResourceModels;
  /** Every item of that replica; of an MRSC table: the authoritative ones, whatever the Region. */
  readAll(table: string, region: Region): PlainItem[];
  /** Listeners run synchronously, after each change of each replica (MRSC: once a write). */
  onWrite(listener: (write: TableWrite) => void): void;
  /** Hinders the replication of MREC tables; answers how to stop that. */
  addReplicationFault(from: Region, to: Region, fault: ReplicationFault): () => void;
}

/** `logged`: tables that hold what is decided, by name. */
export interface DynamoDbSettings {
  readonly logged: readonly string[];
}

export type DynamoDbLab = Pick<
  Lab,
  "account" | "clock" | "random" | "log" | "network" | "hindrance"
>;

export function createDynamoDb(lab: DynamoDbLab, { logged }: DynamoDbSettings): DynamoDb {
  const tables = new Map<string, GlobalTable>();
  const listeners: ((write: TableWrite) => void)[] = [];
  const tell = (change: Change, region: Region, by: string) => {
    const write = writeOf(change, region, by, lab.clock.now());
    if (logged.includes(write.table) && by !== "replication") logWrite(lab, write);
    for (const listener of listeners) listener(write);
  };
  const replicator = new Replicator(lab, (change, to) => {
    if (!change.table.strong) tell(change, to, "replication");
  });
  const written = (change: Change, by: string) => {
    tell(change, change.region, by);
    replicator.ship(change);
  };
  const createTable = (resource: DeployedResource) => {
    const table = new GlobalTable(globalTableProperties.parse(resource.properties));
    if (tables.has(table.name)) throw new Error(`there is a table ${table.name} already`);
    tables.set(table.name, table);
    sweepForever(lab, table, (change) => tell(change, change.region, "ttl"));
    const arn = `arn:aws:dynamodb:${resource.region}:${lab.account}:table/${table.name}`;
    const attributes = { Arn: arn, TableId: resource.logicalId, StreamArn: `${arn}/stream/lab` };
    return { ref: table.name, attributes };
  };
  return {
    service: createService({ lab, tables, replicator, written }),
    models: { "AWS::DynamoDB::GlobalTable": createTable },
    readAll: (name, region) => {
      const table = tables.get(name);
      if (table === undefined) throw new Error(`there is no table ${name}`);
      return [...table.truth(region).items.between({})].map(plainItem);
    },
    onWrite: (listener) => listeners.push(listener),
    addReplicationFault: (...fault) => replicator.addFault(...fault),
  };
}

function writeOf(change: Change, region: Region, by: string, at: number): TableWrite {
  const { item, table, key } = change;
  return {
    table: table.name,
    region,
    at,
    key: plainItem(change.keyAttributes),
    item: () => (item ? plainItem(item) : null),
    stored: () => {
      const held = table.truth(region).items.peek(key);
      return held === undefined ? null : plainItem(held);
    },
    by,
    origin: change.region,
  };
}

/** Of the tables that hold what is decided, where it was written: the routing state and the ledger
 * whole but for the key, of all else the key. Customers' writes would drown the log. */
function logWrite(lab: DynamoDbLab, write: TableWrite): void {
  const { pk = null, sk = null } = write.key;
  const whole = sk === "routing" || String(pk).startsWith("ledger#");
  const detail = { table: write.table, pk, sk, by: write.by };
  const { pk: _pk, sk: _sk, ...item } = write.item() ?? {};
  lab.log.emit("item-written", write.region, whole ? { ...detail, item } : detail);
}

/** TTL: each replica deletes for itself; a newer version on its way still wins. */
function sweepForever(
  lab: DynamoDbLab,
  table: GlobalTable,
  deleted: (change: Change) => void,
): void {
  const attribute = table.ttlAttribute;
  if (attribute === null) return;
  const sweep = () => {
    const now = lab.clock.now();
    for (const region of table.replicas) {
      for (const change of expired(table, attribute, region, now)) {
        const body = { TableName: table.name, Key: change.keyAttributes };
        const result = runAction("DeleteItem", table.replica(region), body);
        if (!result.ok) throw new Error(`TTL failed: ${JSON.stringify(result.body)}`);
        deleted(change);
      }
    }
    lab.clock.after(sweepMilliseconds, sweep);
  };
  lab.clock.after(sweepMilliseconds, sweep);
}

function expired(table: GlobalTable, attribute: string, region: Region, at: number): Change[] {
  return [...table.replica(region).items.between({})]
    .filter((item) => Number(item[attribute]?.N ?? Infinity) * 1000 < at)
    .map((item) => ({
      table,
      key: table.key(item),
      keyAttributes: table.keyAttributes(item),
      item: null,
      at,
      region,
    }));
}
