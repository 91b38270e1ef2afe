// The items of the events workload in the application table. An event is inserted once by its id,
// and never changed: so Regions that both insert it agree whatever the order, and none of them has
// to be the writer. One attempt each: what failed is delivered again by the queue.
import { PutCommand, type PutCommandInput } from "@aws-sdk/lib-dynamodb";
import type { Config, Region } from "../../core/config/schema.ts";
import {
  type CanaryEventItem,
  canaryEventItemSchema,
  type EventItem,
  storedEventSchema,
} from "../../core/contracts/events.ts";
import { applicationKeys } from "../../core/contracts/records.ts";
import { applicationTableName } from "../../core/names.ts";
import { bounded, dynamoOnceIn } from "./clients.ts";
import { tableIn, unlessRefused } from "./table.ts";

export interface EventItems {
  /** False: an event of that id is there already, in this Region's replica. */
  insert(item: EventItem): Promise<boolean>;
  read(id: string): Promise<EventItem | null>;
  /** Over an older one alone: queues deliver late, and out of order. */
  putCanary(item: CanaryEventItem): Promise<void>;
  readCanary(vantage: Region, serving: Region): Promise<CanaryEventItem | null>;
}

const writeSeconds = 3;
const readSeconds = 3;

export function eventItems(config: Config, region: Region): EventItems {
  const name = applicationTableName(config);
  const table = tableIn(region, name);
  const put = (item: object, condition: Partial<PutCommandInput>) => {
    const command = new PutCommand({ TableName: name, Item: { ...item }, ...condition });
    const sent = bounded(writeSeconds, (options) => dynamoOnceIn(region).send(command, options));
    return unlessRefused(sent);
  };
  return {
    insert(item) {
      const once = { ConditionExpression: "attribute_not_exists(pk)" };
      const stored = { ...item, data: JSON.stringify(item.data) };
      return put({ ...applicationKeys.event(item.id), ...stored }, once);
    },
    read: (id) => table.read(applicationKeys.event(id), storedEventSchema, readSeconds),
    async putCanary(item) {
      const newer = {
        ConditionExpression: "attribute_not_exists(pk) OR acceptedAt <= :acceptedAt",
        ExpressionAttributeValues: { ":acceptedAt": item.acceptedAt },
      };
      await put({ ...applicationKeys.canaryEvent(item.vantage, item.serving), ...item }, newer);
    },
    readCanary: (vantage, serving) =>
      table.read(applicationKeys.canaryEvent(vantage, serving), canaryEventItemSchema, readSeconds),
  };
}
