// The tables that replicate between the serving Regions and whose items are journalled, beaten and
// read back: the application table and the team's own. One description for both, so that nothing
// that looks at replication needs to know whose table it is.
import type { Config } from "./config/schema.ts";
import { applicationKeys, type ItemAddress } from "./contracts/records.ts";
import { tableName } from "./names.ts";

/** Names of the key attributes; all keys are strings. */
export interface KeyNames {
  readonly partitionKey: string;
  readonly sortKey?: string | undefined;
}

export interface ReplicatedTable extends KeyNames {
  /** As journal entries and the configuration call it. */
  readonly name: string;
  /** As DynamoDB calls it. */
  readonly fullName: string;
}

/** What the application table is called beside the team's own. */
export const applicationTableKey = "application";

export function replicatedTables(config: Config): ReplicatedTable[] {
  const application = { name: applicationTableKey, partitionKey: "pk", sortKey: "sk" };
  return [application, ...config.tables].map((table) => ({
    ...table,
    fullName: tableName(config, table.name),
  }));
}

/** Throws for a name that the configuration doesn't have. */
export function replicatedTable(config: Config, name: string): ReplicatedTable {
  const tables = replicatedTables(config);
  const found = tables.find((table) => table.name === name);
  if (found !== undefined) return found;
  const known = tables.map((table) => table.name).join(", ");
  throw new Error(`There is no table "${name}" in the configuration: ${known}.`);
}

/** A key that DynamoDB would refuse, or that isn't the caller's to write: his mistake, not ours. */
export class KeyRefused extends Error {
  override readonly name = "KeyRefused";
}

/** DynamoDB's own limits, in bytes. */
const partitionBytesMax = 2_048;
const sortBytesMax = 1_024;

/** The key of an item of that table. Throws KeyRefused when it lacks a key attribute, or has one
 * that is empty or too long. */
export function addressOf(
  { name, partitionKey, sortKey }: ReplicatedTable,
  item: Readonly<Record<string, unknown>>,
): ItemAddress {
  const names = sortKey === undefined ? [partitionKey] : [partitionKey, sortKey];
  const key = names.map((attribute) => {
    const value = item[attribute];
    if (typeof value !== "string" || value === "") {
      throw new KeyRefused(`An item of ${name} needs a text in ${attribute}.`);
    }
    const bytesMax = attribute === partitionKey ? partitionBytesMax : sortBytesMax;
    if (new TextEncoder().encode(value).length <= bytesMax) return [attribute, value] as const;
    throw new KeyRefused(`${attribute} of ${name} must have at most ${bytesMax} bytes.`);
  });
  return { table: name, key: Object.fromEntries(key) };
}

/** One text an item, whatever order its key attributes come in. */
export function addressText({ table, key }: ItemAddress): string {
  return JSON.stringify([table, ...Object.entries(key).sort(([a], [b]) => (a < b ? -1 : 1))]);
}

/** Begins the keys that Switchback writes into a team's table. */
export const reservedPrefix = "switchback#";

/** Throws KeyRefused where a customer's request would write among Switchback's own items. */
export function refuseReserved({ key }: ItemAddress): void {
  if (!Object.values(key).some((value) => value.startsWith(reservedPrefix))) return;
  throw new KeyRefused(`Keys that begin with ${reservedPrefix} are Switchback's own.`);
}

/** Where a Region's heartbeat of a shard stands. In a team's table the prefix keeps it apart. */
export function heartbeatKey(
  { name, partitionKey, sortKey }: ReplicatedTable,
  region: string,
  shard: number,
): Record<string, string> {
  const { pk, sk } = applicationKeys.heartbeat(region, shard);
  const partition = name === applicationTableKey ? pk : `${reservedPrefix}${pk}`;
  return { [partitionKey]: partition, ...(sortKey === undefined ? {} : { [sortKey]: sk }) };
}
