// The tables of a team's own, beside the application table: their names and the keys they have
// anyway. Keys are strings; everything else of an item is the team's business, but for the stamp
// that every write puts on it.
import * as z from "zod";
import { stampSchema } from "../contracts/records.ts";
import { type Check, when } from "./finding.ts";

const attribute = z
  .string()
  .regex(
    /^[A-Za-z][A-Za-z0-9_-]{0,63}$/,
    "must be an attribute name like userId: 1 to 64 of A-Z, a-z, 0-9, _ and -, letter first",
  );

/** Each table costs a beat four small writes, and a drain a reading of its own. */
const tablesMax = 10;

export const ownTablesSchema = z
  .array(
    z.strictObject({
      name: z
        .string()
        .regex(/^[a-z][a-z0-9-]{0,39}$/, "must be 1 to 40 of a-z, 0-9 and -, letter first")
        .describe("The table is named after application and name, for example shop-carts."),
      partitionKey: attribute.describe("Name of the partition key, a string."),
      sortKey: attribute.optional().describe("Name of the sort key, a string; default: none."),
    }),
  )
  .max(tablesMax)
  .default([])
  .describe(
    "Global tables of your own, whose items your functions write through the write gate. They " +
      "get heartbeats, are journalled, and are drained like the application table.",
  );

export type OwnTable = z.infer<typeof ownTablesSchema>[number];

const taken: readonly string[] = ["application", "control"];
const stamped: readonly string[] = [...Object.keys(stampSchema.shape), "expiresAt"];

/** What a list of tables must satisfy besides. */
export const tableFaults: Check = ({ tables }) =>
  tables.flatMap((table, index) => {
    const path = `$.tables[${index}]`;
    const { name, partitionKey, sortKey } = table;
    const first = tables.findIndex((other) => other.name === name);
    return [
      ...when(taken.includes(name), `${path}.name`, `"${name}" is one of Switchback's own`),
      ...when(
        first < index,
        `${path}.name`,
        `"${name}" is a table already`,
        `$.tables[${first}].name`,
      ),
      ...when(
        sortKey === partitionKey,
        `${path}.sortKey`,
        `"${sortKey}" is the partition key already`,
        `${path}.partitionKey`,
      ),
      ...stampedByGate(`${path}.partitionKey`, partitionKey),
      ...stampedByGate(`${path}.sortKey`, sortKey),
    ];
  });

const stampedByGate = (path: string, attribute: string | undefined) =>
  when(
    attribute !== undefined && stamped.includes(attribute),
    path,
    `"${attribute}" is written by the write gate itself`,
  );
