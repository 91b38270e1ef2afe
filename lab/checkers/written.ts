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

/** When each was written, ms since 1970 on its writer's clock, by writtenKey(). */
export function writtenIn(config: Config, readAll: ReadAll, region: Region): Map<string, number> {
  const [application, ...own] = replicatedTables(config).map(({ fullName }) => fullName);
  const written = readAll(application ?? "", region).flatMap((item) => {
    const { pk, writtenAt } = inApplication.safeParse(item).data ?? {};
    return pk === undefined || writtenAt === undefined ? [] : [[pk, writtenAt] as const];
  });
  const items = own
    .flatMap((table) => readAll(table, region))
    .flatMap((item) => {
      const known = inOwn.safeParse(item).data;
      return known === undefined ? [] : [[itemKey(known.version), known.writtenAt] as const];
    });
  return new Map([...written, ...items]);
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
