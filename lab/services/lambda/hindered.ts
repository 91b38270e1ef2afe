// Lambda as other services of its Region call it (API Gateway, EventBridge, Step Functions, SQS'
// pollers) while a fault hinders it. Errors are those of the Invoke API; what runs already goes on.
import { delayOf } from "../../faults/hindrances.ts";
import type { Lab, Lambda } from "../../kernel.ts";
import { LambdaRefused } from "./lambda.ts";

/** How long a caller waits for a connection. AWS doesn't say; longer than API Gateway's timeout and
 * any step's, so that those are what clients and executions see. */
const patienceMilliseconds = 60_000;

export function hinderedLambda(lambda: Lambda, lab: Pick<Lab, "clock" | "hindrance">): Lambda {
  return {
    async invoke(functionArn, payload, options) {
      const region = functionArn.split(":")[3] ?? "";
      const fault = lab.hindrance(region, "lambda");
      if (fault === null) return await lambda.invoke(functionArn, payload, options);
      switch (fault.mode) {
        case "slow":
          await lab.clock.sleep(delayOf(fault));
          return await lambda.invoke(functionArn, payload, options);
        case "unreachable":
          await lab.clock.sleep(patienceMilliseconds);
          throw new LambdaRefused("SdkClientException", "Unable to execute HTTP request", 503);
        case "no-dns":
          throw new LambdaRefused("SdkClientException", "Unknown host", 503);
        case "error":
          throw new LambdaRefused(
            "ServiceException",
            "Service encountered an internal error.",
            500,
          );
        case "throttle":
          throw new LambdaRefused("TooManyRequestsException", "Rate Exceeded.", 429);
        default:
          return fault.mode satisfies never;
      }
    },
  };
}
