// Runs of region-switch in this Region that have ended, as Step Functions lists them: eventually
// consistent, newest starts first.
import { ListExecutionsCommand } from "@aws-sdk/client-sfn";
import type { Config, Region } from "../../core/config/schema.ts";
import { stateMachineName } from "../../core/names.ts";
import { runSecondsMost } from "../../core/run-length.ts";
import { bounded, stepFunctionsIn } from "./clients.ts";

export interface EndedRun {
  readonly executionArn: string;
  /** ms since 1970. */
  readonly endedAt: number;
}

export interface EndedRuns {
  /** Those that ended after `at` (ms since 1970), in no order. */
  since(at: number): Promise<EndedRun[]>;
}

const listSeconds = 5;
/** A run a minute for most of a day. */
const pagesMax = 10;

/** One that began so long before `at` has ended before it, too, unless it was redriven: then it
 * archives itself. */
const longestRun = (config: Config) => 1_000 * runSecondsMost(config);

export function endedRuns(config: Config, region: Region, account: string): EndedRuns {
  const arn = `arn:aws:states:${region}:${account}:stateMachine:${stateMachineName(config)}`;
  return { since: (at) => listed(region, arn, at, at - longestRun(config)) };
}

async function listed(
  region: Region,
  stateMachineArn: string,
  endedAfter: number,
  startedAfter: number,
): Promise<EndedRun[]> {
  const found: EndedRun[] = [];
  let nextToken: string | undefined;
  for (let page = 0; page < pagesMax; page += 1) {
    const command = new ListExecutionsCommand({
      stateMachineArn,
      maxResults: 100,
      ...(nextToken === undefined ? {} : { nextToken }),
    });
    const answer = await bounded(listSeconds, (o) => stepFunctionsIn(region).send(command, o));
    const runs = answer.executions ?? [];
    for (const { executionArn, stopDate } of runs) {
      const endedAt = stopDate?.getTime() ?? 0;
      if (executionArn !== undefined && endedAt > endedAfter) found.push({ executionArn, endedAt });
    }
    nextToken = answer.nextToken;
    const oldest = runs.at(-1)?.startDate?.getTime() ?? 0;
    if (nextToken === undefined || oldest < startedAfter) break;
  }
  return found;
}
