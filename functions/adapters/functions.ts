// Calls the look function of a vantage point, in whichever Region. An answer that doesn't come in
// time, or isn't one, is an error here; what it means is the caller's business.
import { InvokeCommand } from "@aws-sdk/client-lambda";
import type { Config, Region } from "../../core/config/schema.ts";
import { type LookAnswer, type LookRequest, lookAnswerSchema } from "../../core/contracts/steps.ts";
import { functionName } from "../../core/names.ts";
import { bounded, lambdaIn } from "./clients.ts";

export interface Looks {
  /** Fails when the vantage point's function fails or does not answer within `seconds`. */
  look(vantage: Region, request: LookRequest, seconds: number): Promise<LookAnswer>;
}

export function looksOf(config: Config): Looks {
  return {
    async look(vantage, request, seconds) {
      const command = new InvokeCommand({
        FunctionName: functionName(config, "look"),
        InvocationType: "RequestResponse",
        Payload: new TextEncoder().encode(JSON.stringify(request)),
      });
      const answer = await bounded(seconds, (options) => lambdaIn(vantage).send(command, options));
      const text = new TextDecoder().decode(answer.Payload);
      if (answer.FunctionError !== undefined) throw new Error(`look in ${vantage}: ${text}`);
      return lookAnswerSchema.parse(JSON.parse(text));
    },
  };
}
