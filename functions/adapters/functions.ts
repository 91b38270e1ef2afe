// Calls the look function of a vantage point, in whichever Region. An answer that doesn't come in
// time, or isn't one, is an error here; what it means is the caller's business. Two Regions' clocks
// may differ, and how old a look is decides: so its times are put on the asker's clock, the first
// look at the moment of asking, since it can't have begun earlier: no look seems too young.
import { InvokeCommand } from "@aws-sdk/client-lambda";
import type { Config, Region } from "../../core/config/schema.ts";
import { type LookAnswer, type LookRequest, lookAnswerSchema } from "../../core/contracts/steps.ts";
import { functionName } from "../../core/names.ts";
import { bounded, lambdaIn } from "./clients.ts";

/** Times on the asker's clock. */
export type SeenLooks = LookAnswer & {
  /** The vantage point's clock is at most so many ms ahead of the asker's; below zero: behind.
   * Absent: it was not measured. */
  readonly clockAhead?: number;
};

export interface Looks {
  /** Fails when the vantage point's function fails or does not answer within `seconds`. */
  look(vantage: Region, request: LookRequest, seconds: number): Promise<SeenLooks>;
}

/** `now`: the asker's clock, ms since 1970. */
export function looksOf(config: Config, now: () => number): Looks {
  return {
    async look(vantage, request, seconds) {
      const command = new InvokeCommand({
        FunctionName: functionName(config, "look"),
        InvocationType: "RequestResponse",
        Payload: new TextEncoder().encode(JSON.stringify(request)),
      });
      const askedAt = now();
      const answer = await bounded(seconds, (options) => lambdaIn(vantage).send(command, options));
      const text = new TextDecoder().decode(answer.Payload);
      if (answer.FunctionError !== undefined) throw new Error(`look in ${vantage}: ${text}`);
      return onClockOf(askedAt, lookAnswerSchema.parse(JSON.parse(text)));
    },
  };
}

export function onClockOf(askedAt: number, answer: LookAnswer): SeenLooks {
  if (answer.looks.length === 0) return answer;
  const clockAhead = Math.min(...answer.looks.map(({ startedAt }) => startedAt)) - askedAt;
  const looks = answer.looks.map((look) => ({ ...look, startedAt: look.startedAt - clockAhead }));
  return { ...answer, at: answer.at - clockAhead, looks, clockAhead };
}
