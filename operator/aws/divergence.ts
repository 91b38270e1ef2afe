// Divergence reports as operators read and acknowledge them, and the contents that they name, read
// where they stand: in either Region's table, or in the journal. What can't be read is null, with
// why; a report holds no customer's data itself.
import { GetCommand, QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { z } from "zod";
import type { Config, Region } from "../../core/config/schema.ts";
import {
  type Divergence,
  type DivergentItem,
  divergencePageSchema,
  divergenceSchema,
  type WrittenVersion,
} from "../../core/contracts/divergence.ts";
import { controlKeys } from "../../core/contracts/records.ts";
import { applicationTableName, controlTableName, groupOf } from "../../core/names.ts";
import { replicatedTable } from "../../core/tables.ts";
import { within } from "./asking.ts";
import type { Clients } from "./clients.ts";
import { AwsFault } from "./faults.ts";

interface Where {
  readonly clients: Clients;
  readonly config: Config;
}

const reportsListed = 20;
/** A page of a report is 400 KB at most, and one answer 1 MB. */
const answersMax = 200;

/** The newest, the oldest of them first, as that Region's replica shows them. */
export async function readReports(where: Where, region: Region): Promise<Divergence[]> {
  const { pk } = controlKeys.divergence(groupOf(where.config), 0);
  const newest = { Limit: reportsListed, ScanIndexForward: false };
  const { Items = [] } = await ask(where, region, pk, newest);
  return Items.map((item) => divergenceSchema.parse(item)).reverse();
}

export async function readItems(
  where: Where,
  region: Region,
  epoch: number,
): Promise<DivergentItem[]> {
  const { pk } = controlKeys.divergencePage(groupOf(where.config), epoch, 0);
  const found: DivergentItem[] = [];
  let start: Record<string, unknown> | undefined;
  for (let answer = 0; answer < answersMax; answer += 1) {
    const more = start === undefined ? {} : { ExclusiveStartKey: start };
    const { Items = [], LastEvaluatedKey } = await ask(where, region, pk, more);
    found.push(...Items.flatMap((item) => divergencePageSchema.parse(item).items));
    start = LastEvaluatedKey;
    if (start === undefined) return found;
  }
  throw new Error(`The report of epoch ${epoch} has more than ${answersMax} MB.`);
}

function ask({ clients, config }: Where, region: Region, pk: string, more: object) {
  const command = new QueryCommand({
    TableName: controlTableName(config),
    ConsistentRead: true,
    KeyConditionExpression: "pk = :pk",
    ExpressionAttributeValues: { ":pk": pk },
    ...more,
  });
  return within(region, (options) => clients.tables(region).send(command, options));
}

/** False: it says something else by now, or somebody has acknowledged it already. */
export async function acknowledge(
  { clients, config }: Where,
  region: Region,
  { epoch, hash }: Divergence,
  { by, at }: { readonly by: string; readonly at: number },
): Promise<boolean> {
  const command = new UpdateCommand({
    TableName: controlTableName(config),
    Key: controlKeys.divergence(groupOf(config), epoch),
    UpdateExpression: "SET acknowledged = :acknowledged",
    ConditionExpression: "#hash = :hash AND acknowledged = :nobody",
    ExpressionAttributeNames: { "#hash": "hash" },
    ExpressionAttributeValues: {
      ":acknowledged": { by, at, hash },
      ":hash": hash,
      ":nobody": null,
    },
  });
  try {
    await within(region, (options) => clients.tables(region).send(command, options));
    return true;
  } catch (error) {
    if (error instanceof AwsFault && error.code === "ConditionalCheckFailedException") return false;
    throw error;
  }
}

/** What somebody wrote, or why nobody can say. */
export type Content =
  | { readonly from: string; readonly value: unknown }
  | { readonly from: null; readonly why: string };

const versioned = z.looseObject({ version: z.string().optional() });
const entry = z.looseObject({ copy: z.string().optional() });

/** One version of an item: as it stands in a Region that still holds it, else from the journal. */
export async function readContent(
  where: Where,
  { source, target }: Pick<Divergence, "source" | "target">,
  { table, key }: Pick<DivergentItem, "table" | "key">,
  written: WrittenVersion,
): Promise<Content> {
  const faults: string[] = [];
  const read = (region: Region, name: string, at: Record<string, string>) =>
    readItem(where, region, name, at).catch((fault: unknown) => {
      faults.push(fault instanceof Error ? fault.message : String(fault));
      return undefined;
    });
  const { fullName } = replicatedTable(where.config, table);
  for (const region of [target, source]) {
    const item = versioned.safeParse(await read(region, fullName, key)).data;
    if (item?.version === written.version) return { from: region, value: item };
  }
  const name = applicationTableName(where.config);
  const at = written.entry;
  for (const region of at === undefined ? [] : [written.region ?? source, target, source]) {
    const copy = entry.safeParse(await read(region, name, at ?? {})).data?.copy;
    if (copy !== undefined) return { from: "the journal", value: z.json().parse(JSON.parse(copy)) };
  }
  const [fault] = faults;
  const gone = "it was too large for the journal's copy, or that has expired";
  return { from: null, why: fault ?? gone };
}

async function readItem(
  { clients }: Where,
  region: Region,
  TableName: string,
  Key: Record<string, string>,
): Promise<unknown> {
  const command = new GetCommand({ TableName, Key, ConsistentRead: true });
  const { Item } = await within(region, (options) => clients.tables(region).send(command, options));
  return Item;
}
