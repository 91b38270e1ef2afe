// The health-check ids, as the routing stack wrote them into the witness Region's parameter store.
import { GetParameterCommand } from "@aws-sdk/client-ssm";
import type { Config } from "../../core/config/schema.ts";
import { type CheckIds, checkIdsSchema } from "../../core/contracts/records.ts";
import { checksParameterName } from "../../core/names.ts";
import { faultName } from "../faults.ts";
import { bounded, ssmIn } from "./clients.ts";

const readSeconds = 4;

/** Null: the routing stack has not been deployed yet. */
export async function readCheckIds(config: Config): Promise<CheckIds | null> {
  const command = new GetParameterCommand({ Name: checksParameterName(config) });
  try {
    const answer = await bounded(readSeconds, (options) =>
      ssmIn(config.regions.witness).send(command, options),
    );
    return checkIdsSchema.parse(JSON.parse(answer.Parameter?.Value ?? "null"));
  } catch (error) {
    if (faultName(error) === "ParameterNotFound") return null;
    throw error;
  }
}
