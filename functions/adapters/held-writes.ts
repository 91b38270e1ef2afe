// Counts the writes that this Region begins to hold, in windows of 8 s: at most so many a window,
// so that at most twice as many are held at once. A held write occupies a container, and reads,
// health and the looks need some, too. Only begun ones are counted: a count that had to be taken
// back would stay wrong for each container that dies.
import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { Config, Region } from "../../core/config/schema.ts";
import { applicationKeys } from "../../core/contracts/records.ts";
import { applicationTableName } from "../../core/names.ts";
import { bounded, dynamoOnceIn } from "./clients.ts";

const windowSeconds = 8;
const countSeconds = 1;
const keptSeconds = 86_400;

/** Counts one; false: there are as many already, or it could not be counted. */
export async function countHeld(config: Config, region: Region, now: number): Promise<boolean> {
  const seconds = Math.floor(now / 1_000);
  const command = new UpdateCommand({
    TableName: applicationTableName(config),
    Key: applicationKeys.held(region, Math.floor(seconds / windowSeconds)),
    UpdateExpression: "SET expiresAt = :expiresAt ADD held :one",
    ConditionExpression: "attribute_not_exists(held) OR held < :max",
    ExpressionAttributeValues: {
      ":expiresAt": seconds + keptSeconds,
      ":one": 1,
      ":max": config.heldWritesMax,
    },
  });
  if (config.heldWritesMax === 0) return false;
  return await bounded(countSeconds, (options) => dynamoOnceIn(region).send(command, options)).then(
    () => true,
    () => false,
  );
}
