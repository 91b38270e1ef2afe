// What the write gate reads: routing state, own heartbeat and the notice of a coming claim, in one
// strongly consistent request to the control table. One attempt: the gate's ages run from sending,
// and a repetition inside the SDK would make an old sending look young.
import { BatchGetCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import type { Config, Region } from "../../core/config/schema.ts";
import { controlKeys, heartbeatSchema, noticeSchema } from "../../core/contracts/records.ts";
import { type RoutingState, routingStateSchema } from "../../core/contracts/routing-state.ts";
import { controlTableName, groupOf } from "../../core/names.ts";
import { bounded, dynamoOnceIn } from "./clients.ts";

export interface GateReading {
  readonly routing: RoutingState | null;
  readonly heartbeatAt: number | null;
  /** The epoch after which a planned claim comes; null: none was ever announced. */
  readonly noticedEpoch: number | null;
}

const readSeconds = 2;
/** A gate's beat, for which a request waits, too. */
export const gateBeatSeconds = 2;
const keyed = z.looseObject({ pk: z.string(), sk: z.string() });

/** Fails when any of them could not be read. */
export async function readGate(config: Config, region: Region): Promise<GateReading> {
  const name = controlTableName(config);
  const routingKey = controlKeys.routing(groupOf(config));
  const heartbeatKey = controlKeys.heartbeat(groupOf(config), region);
  const noticeKey = controlKeys.notice(groupOf(config));
  const Keys = [routingKey, heartbeatKey, noticeKey];
  const command = new BatchGetCommand({
    RequestItems: { [name]: { Keys, ConsistentRead: true } },
  });
  const answer = await bounded(readSeconds, (options) =>
    dynamoOnceIn(region).send(command, options),
  );
  if ((answer.UnprocessedKeys?.[name]?.Keys ?? []).length > 0) {
    throw new Error("the control table did not answer all that was asked");
  }
  const items = (answer.Responses?.[name] ?? []).map((item) => keyed.parse(item));
  const itemAt = (key: { pk: string; sk: string }) =>
    items.find((item) => item.pk === key.pk && item.sk === key.sk);
  const routing = itemAt(routingKey);
  const heartbeat = itemAt(heartbeatKey);
  const notice = itemAt(noticeKey);
  return {
    routing: routing === undefined ? null : routingStateSchema.parse(withoutKey(routing)),
    heartbeatAt: heartbeat === undefined ? null : heartbeatSchema.parse(heartbeat).at,
    noticedEpoch: notice === undefined ? null : noticeSchema.parse(notice).epoch,
  };
}

function withoutKey({ pk: _pk, sk: _sk, ...value }: z.output<typeof keyed>) {
  return value;
}
