// Starts a run of region-switch in this Region. The name carries what makes the run worth having,
// so that many wake-ups of the same moment become one execution.
import { StartExecutionCommand } from "@aws-sdk/client-sfn";
import type { Config, Region } from "../../core/config/schema.ts";
import type { SwitchRequest } from "../../core/contracts/steps.ts";
import { stateMachineName } from "../../core/names.ts";
import { faultName } from "../faults.ts";
import { bounded, stepFunctionsIn } from "./clients.ts";

export interface StateMachine {
  /** False: an execution of that name exists already, which is as good. */
  start(name: string, request: SwitchRequest): Promise<boolean>;
}

const startSeconds = 5;

export function stateMachine(config: Config, region: Region, account: string): StateMachine {
  const arn = `arn:aws:states:${region}:${account}:stateMachine:${stateMachineName(config)}`;
  return {
    async start(name, request) {
      const command = new StartExecutionCommand({
        stateMachineArn: arn,
        name,
        input: JSON.stringify(request),
      });
      try {
        await bounded(startSeconds, (options) => stepFunctionsIn(region).send(command, options));
        return true;
      } catch (error) {
        if (faultName(error) === "ExecutionAlreadyExists") return false;
        throw error;
      }
    },
  };
}
