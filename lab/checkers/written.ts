// Which of the customers' writes a replica holds: orders and events by their keys in the
// application table, items of a team's own tables by the version that the write gate gave them.
import { z } from "zod";
import type { Config, Region } from "../../core/config/schema.ts";
import { applicationKeys } from "../../core/contracts/records.ts";
import { applicationTableKey, replicatedTables, reservedPrefix } from "../../core/tables.ts";
import type { AcknowledgedWrite } from "../clients/history.ts";

/** Items of a replica, as plain values. */
export type ReadAll = (
  table: string,
  region: Region,
) => readonly { readonly [name: string]: unknown }[];

const inApplication = z.object({
  pk: z.string(),
  sk: z.enum(["order", "event"]),
  writtenAt: z.number(),
});
const inOwn = z.object({ version: z.string(), writtenAt: z.number() });

export interface Written {
  /** When each was written, ms since 1970 on its writer's clock, by writtenKey(). */
  readonly at: ReadonlyMap<string, number>;
  /** Versions of items of a team's own tables, by the values of their key attributes. */
  readonly newest: ReadonlyMap<string, string>;
}

export function writtenIn(config: Config, readAll: ReadAll, region: Region): Written {
  const [application, ...own] = replicatedTables(config);
  const written = readAll(application?.fullName ?? "", region).flatMap((item) => {
    const { pk, writtenAt } = inApplication.safeParse(item).data ?? {};
    return pk === undefined || writtenAt === undefined ? [] : [[pk, writtenAt] as const];
  });
  const items = own.flatMap(({ fullName, partitionKey, sortKey = partitionKey }) =>
    readAll(fullName, region).flatMap((item) => {
      const known = inOwn.safeParse(item).data;
      const keys = [String(item[partitionKey]), String(item[sortKey])];
      return known === undefined ? [] : [{ ...known, keys }];
    }),
  );
  const times = items.map(({ version, writtenAt }) => [itemKey(version), writtenAt] as const);
  return {
    at: new Map([...written, ...times]),
    newest: new Map(
      items.flatMap(({ keys, version }) => keys.map((key) => [key, version] as const)),
    ),
  };
}

/** The write itself is there, or a later one of the same id. */
export function holdsWrite({ at, newest }: Written, write: AcknowledgedWrite): boolean {
  if (at.has(writtenKey(write))) return true;
  if (write.kind !== "item" || write.version === undefined) return false;
  return (newest.get(write.id) ?? "") > write.version;
}

const itemKey = (version: string) => `item#${version}`;

export function writtenKey({ kind, id, version }: AcknowledgedWrite): string {
  return kind === "item" ? itemKey(version ?? "") : applicationKeys[kind](id).pk;
}

/** An order, or an item of a team's own table that isn't a heartbeat. */
export function isCustomers(
  config: Config,
  { table, key }: { readonly table: string; readonly key: { readonly [name: string]: unknown } },
): boolean {
  const known = replicatedTables(config).find(({ fullName }) => fullName === table);
  if (known === undefined) return false;
  const partition = String(key[known.partitionKey]);
  return known.name === applicationTableKey
    ? partition.startsWith(applicationKeys.order("").pk)
    : !partition.startsWith(reservedPrefix);
}
